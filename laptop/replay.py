"""Replays past chats through the deployed function, on the simulator's clock.

Messages play in the order of time, then of the file, and before a timer of the same instant. The result of a chat is
read from the simulator, never from the function's log; `replay_outcome` says what it means.
"""

import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import groupby

from laptop.ours import kind_of_ours
from laptop.replay_outcome import PlayedChat
from ops.what_if.history import PastChat, Sender
from simulator.client import SimulatorClient, SimulatorError
from simulator.facts import ChatTruth, Delivery

AFTERWARDS = timedelta(hours=24)
"""How far the clock advances after the last message."""

AFTERWARDS_STEP = timedelta(hours=1)
"""It advances in steps, so that progress is shown and Ctrl-C has an effect."""

Progress = Callable[[int, int], None]
"""Called with the number of messages played, and of all. It may raise to stop the replay."""


class ReplayError(RuntimeError):
    """The simulator's clock is past the first message."""


@dataclass(frozen=True)
class Pace:
    """The real time that a replay took, and the time per message in its first and its last tenth."""

    seconds: float
    first_tenth_ms: float
    last_tenth_ms: float


@dataclass
class _Chat:
    """One chat while it replays."""

    past: PastChat
    conversation: str = ""
    sent: int = 0
    accepted: bool = False
    ended: bool = False
    warnings: tuple[int, ...] = ()

    def learn(self, truth: ChatTruth) -> None:
        """Update this from what the simulator knows."""
        self.ended = truth.closed
        sent = 0
        warnings = []
        for message in truth.messages:
            kind = kind_of_ours(message)
            if kind == "warning":
                warnings.append(sent)
            elif not kind:
                sent += 1
        self.warnings = tuple(warnings)

    def outcome(self) -> PlayedChat:
        return PlayedChat(self.past, self.sent, self.ended, self.warnings)


@dataclass
class Replay:
    """One replay of one history.

    Attributes:
        simulator: its clock must not be past the first message.
        history: the past chats.
        progress: called after each instant.
    """

    simulator: SimulatorClient
    history: Sequence[PastChat]
    progress: Progress
    _chats: list[_Chat] = field(init=False)
    _by_conversation: dict[str, _Chat] = field(init=False, default_factory=dict)
    _milestones: list[float] = field(init=False, default_factory=list)

    def __post_init__(self) -> None:
        self._chats = [_Chat(past) for past in self.history]

    def run(self) -> tuple[list[PlayedChat], Pace]:
        """Replay everything; return the result of each chat in the order of the history, and the pace.

        Raises:
            SimulatorError: the simulator refused a step.
            ReplayError: its clock is past the first message.
        """
        sendings = sorted(
            ((sent.at, chat, sent.by) for chat in self._chats for sent in chat.past.messages),
            key=lambda sending: sending[0],  # the sort is stable: ties keep the file's order
        )
        started = time.monotonic()
        self._milestones = [started]
        now = self._begin(sendings[0][0])
        done = 0
        for at, instant in groupby(sendings, key=lambda sending: sending[0]):
            if at > now:
                self._learn(self.simulator.advance(at - now, before=True))
                now = at
            for _, chat, sender in instant:
                self._send(chat, sender)
                done += 1
                if done * 10 >= len(sendings) * len(self._milestones):
                    self._milestones.append(time.monotonic())
            self.progress(done, len(sendings))
        for _ in range(AFTERWARDS // AFTERWARDS_STEP):
            self._learn(self.simulator.advance(AFTERWARDS_STEP))
            self.progress(done, len(sendings))
        for chat in self._chats:
            if not chat.ended:
                chat.learn(self.simulator.truth(chat.conversation))
        return [chat.outcome() for chat in self._chats], self._pace(len(sendings), time.monotonic() - started)

    def _begin(self, first: datetime) -> datetime:
        now = self.simulator.now()
        if now > first:
            raise ReplayError(
                f"the simulator's clock is at {now.isoformat()}, past the first message at {first.isoformat()}; "
                "reset it to an earlier time"
            )
        return now

    def _send(self, chat: _Chat, sender: Sender) -> None:
        if chat.ended:
            return
        if not chat.conversation:
            past = chat.past
            chat.conversation = self.simulator.create_chat(
                channel=past.channel or "web", stage="queued", queue=past.queue or None, language=past.language or None
            ).conversation
            self._by_conversation[chat.conversation] = chat
        try:
            if sender is Sender.AGENT and not chat.accepted:
                self.simulator.do(chat.conversation, "accept")
                chat.accepted = True
            self.simulator.say(chat.conversation, sender, "...")
        except SimulatorError:
            chat.learn(self.simulator.truth(chat.conversation))
            if not chat.ended:  # a sweep ends a chat without a delivery
                raise
            return
        chat.sent += 1

    def _learn(self, deliveries: Iterable[Delivery]) -> None:
        """Read each chat that had a delivery from the simulator, once."""
        for conversation in dict.fromkeys(delivery.conversation for delivery in deliveries):
            if chat := self._by_conversation.get(conversation or ""):
                chat.learn(self.simulator.truth(chat.conversation))

    def _pace(self, messages: int, seconds: float) -> Pace:
        marks = self._milestones
        per_message = 10_000 / messages
        return Pace(seconds, (marks[1] - marks[0]) * per_message, (marks[-1] - marks[-2]) * per_message)
