"""What the function would have done in one past chat, by its own decision table. No I/O.

A silence begins with a message and ends with the next one, or with the chat. What is decided in it depends on a few
facts, the `Silence`, so its course is worked out once and looked up from then on.

As in a replay, a chat is queued at its first message and accepted at the agent's first, and a message comes before a
timer of the same instant. A sweep is taken to look at a chat as soon as a decision asks for it.
"""

import enum
import json
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

from function.chat import (
    SHORTEST_TIMER,
    WINDOW,
    AgentSilent,
    Author,
    Case,
    Channel,
    ChannelStatus,
    Conversation,
    ConversationState,
    End,
    Finish,
    Keep,
    Marker,
    Message,
    Notify,
    Rearm,
    Snapshot,
    Task,
    TaskStatus,
    Warn,
    decide,
)
from function.chat.dialogue import WINDOWED
from function.policy import Policy, WaitAction
from ops.what_if.history import PastChat, Sender

_NEWEST = datetime(2026, 1, 1, tzinfo=UTC)
"""When the newest message of every silence is taken to be sent: decisions compare times, and never look at a date."""

_ZERO = timedelta()

REMEMBERED = 2_000
"""Courses that one policy remembers at a time, so that memory does not grow with the file."""

AFTER_ALL = timedelta(hours=1)
"""More than anything in a silence comes later than the longest time of its policy."""


class What(enum.Enum):
    """What happens in a silence."""

    WARNED = enum.auto()
    NOTIFIED = enum.auto()
    TIMER_SET = enum.auto()
    ENDED = enum.auto()


@dataclass(frozen=True, slots=True)
class Happening:
    """One thing that the function does in a silence.

    Attributes:
        after: how long after the newest message.
        what: what it does.
        text: whether the customer gets a message.
        timer: the length of the conversation's timer from then on.
    """

    after: timedelta
    what: What
    text: bool
    timer: timedelta


@dataclass(frozen=True, slots=True)
class Silence:
    """What decides about a silence. A time that nothing in the policy asks for is left out, as zero.

    Attributes:
        channel: such as `sms`.
        queue: name of the task queue.
        language: the customer's language tag.
        by: who wrote the newest message.
        accepted: whether an agent has the chat.
        customer_wrote: whether the customer has ever written.
        notified: whether the silence of the agent, who has not written since, was reported.
        timer: length of the conversation's timer.
        task_age: how long before the newest message the task was created.
        waited: how long before the newest message the customer's first unanswered one was sent.
        customer_ago: how long before the newest message the customer's last one was sent.
    """

    channel: str
    queue: str
    language: str
    by: Author
    accepted: bool
    customer_wrote: bool
    notified: bool
    timer: timedelta
    task_age: timedelta
    waited: timedelta
    customer_ago: timedelta


@dataclass(frozen=True, slots=True)
class Played:
    """One chat after the policy was applied to it.

    Attributes:
        chat: the chat as the file has it.
        ended_at: when it was ended; None if it was not.
        played: how many of its messages came before the end; all if it was not ended.
        warnings: how many messages had been sent when each warning was posted.
        notified: how often an agent's silence was reported.
        texts: how many messages the customer got.
    """

    chat: PastChat
    ended_at: datetime | None
    played: int
    warnings: tuple[int, ...]
    notified: int
    texts: int

    @property
    def ended(self) -> bool:
        """Whether we ended it."""
        return self.ended_at is not None

    @property
    def cut_off(self) -> bool:
        """Whether we ended it, and the customer wrote later in that chat."""
        return self.returned_at is not None

    @property
    def only_agent_wrote(self) -> bool:
        """Whether we ended it, and later only the agent wrote in that chat."""
        return self.ended and self.played < len(self.chat.messages) and not self.cut_off

    @property
    def customer_last(self) -> bool:
        """Whether the customer's word was the last that was sent before our end, or at all."""
        return self.chat.messages[self.played - 1].by is Sender.CUSTOMER

    @property
    def wrote_after_warning(self) -> bool:
        """Whether the customer wrote between a warning and the end that it announced."""
        return any(
            number < self.played and self.chat.messages[number].by is Sender.CUSTOMER for number in self.warnings
        )

    @property
    def returned_at(self) -> datetime | None:
        """When a customer who was cut off wrote again; None if nobody was."""
        later = self.chat.messages[self.played :] if self.ended else ()
        return next((sent.at for sent in later if sent.by is Sender.CUSTOMER), None)

    @property
    def answered_before(self) -> bool:
        """Whether the customer had ever answered an agent by the time of our end, or of the last message."""
        agent = False
        for sent in self.chat.messages[: self.played]:
            if agent and sent.by is Sender.CUSTOMER:
                return True
            agent = agent or sent.by is Sender.AGENT
        return False


@dataclass(frozen=True, slots=True)
class Pause:
    """A time in which nobody writes, long enough for the shortest timer. The same under every policy.

    Attributes:
        sent: how many messages were sent before it.
        at: when it begins: when the newest of them was sent.
        lasts: until the next message or the recorded close; None if neither is known.
        by: who wrote the newest message.
        agents: how many of the messages are the agent's.
        task_age: how long before it the chat began.
        waited: how long before it the customer's first unanswered message was sent; zero after an agent's word.
        customer_ago: how long before it the customer's last message was sent; None if they have never written.
    """

    sent: int
    at: datetime
    lasts: timedelta | None
    by: Sender
    agents: int
    task_age: timedelta
    waited: timedelta
    customer_ago: timedelta | None


def pauses(chat: PastChat) -> tuple[Pause, ...]:
    """Return the pauses of a chat in which a timer could fire."""
    found: list[Pause] = []
    agents = 0
    unanswered_at = customer_at = None
    begun, last = chat.messages[0].at, len(chat.messages) - 1
    for place, message in enumerate(chat.messages):
        if message.by is Sender.AGENT:
            agents += 1
            unanswered_at = None
        else:
            customer_at, unanswered_at = message.at, unanswered_at or message.at
        until = chat.messages[place + 1].at if place < last else chat.closed_at
        lasts = None if until is None else until - message.at
        if lasts is None or lasts > SHORTEST_TIMER:
            waited = message.at - unanswered_at if unanswered_at else _ZERO
            customer_ago = message.at - customer_at if customer_at else None
            pause = Pause(place + 1, message.at, lasts, message.by, agents, message.at - begun, waited, customer_ago)
            found.append(pause)
    return tuple(found)


class Simulation:
    """Applies one policy to chats. It remembers the courses of the silences that it has met."""

    def __init__(self, policy: Policy) -> None:
        self._policy = policy
        self._timer = policy.earliest
        self._queue_ends = any(plan.when_queued.action is WaitAction.END for plan in policy.plans)
        self._notifies = any(plan.when_agent_silent.action is WaitAction.NOTIFY for plan in policy.plans)
        self._within_window = WINDOW - policy.longest_silence - AFTER_ALL
        self._courses: dict[Silence, tuple[Happening, ...]] = {}

    def play(self, chat: PastChat, found: Sequence[Pause] | None = None) -> Played:
        """Return what becomes of a chat.

        Args:
            chat: the chat.
            found: its pauses, if they are known already.
        """
        timer, warnings = self._timer, list[int]()
        texts = notified = 0
        reported: int | None = None
        for pause in pauses(chat) if found is None else found:
            if pause.lasts is not None and pause.lasts <= timer:
                continue
            silence = self._silence(chat, pause, timer, notified=reported == pause.agents)
            for happening in self.course(silence):
                if pause.lasts is not None and happening.after >= pause.lasts:
                    break
                timer = happening.timer
                texts += happening.text
                if happening.what is What.WARNED:
                    warnings.append(pause.sent)
                elif happening.what is What.NOTIFIED:
                    notified, reported = notified + 1, pause.agents
                elif happening.what is What.ENDED:
                    return Played(chat, pause.at + happening.after, pause.sent, tuple(warnings), notified, texts)
        return Played(chat, None, len(chat.messages), tuple(warnings), notified, texts)

    def course(self, silence: Silence) -> tuple[Happening, ...]:
        """Return what happens in a silence for as long as nobody writes."""
        found = self._courses.get(silence)
        if found is None:
            if len(self._courses) == REMEMBERED:
                self._courses.clear()
            found = self._courses[silence] = self._worked_out(silence)
        return found

    def _silence(self, chat: PastChat, pause: Pause, timer: timedelta, *, notified: bool) -> Silence:
        accepted = pause.agents > 0
        customer_ago = pause.customer_ago or _ZERO
        may_be_late = chat.channel in WINDOWED and customer_ago >= self._within_window
        return Silence(
            chat.channel,
            chat.queue,
            chat.language,
            Author.CUSTOMER if pause.by is Sender.CUSTOMER else Author.AGENT,
            accepted,
            pause.customer_ago is not None,
            notified,
            timer,
            pause.task_age if self._queue_ends and not accepted else _ZERO,
            pause.waited if self._notifies and accepted else _ZERO,
            customer_ago if may_be_late else _ZERO,
        )

    def _worked_out(self, silence: Silence) -> tuple[Happening, ...]:
        """Let the decision table decide whenever the function would look."""
        happenings: list[Happening] = []
        snapshot = _snapshot(silence)
        timer, after = silence.timer, silence.timer
        while True:
            now = _NEWEST + after
            case = Case.of(snapshot, self._policy, now)
            decision = decide(case)
            match decision:
                case Keep():
                    if decision.until is None:
                        return tuple(happenings)
                    after = decision.until - _NEWEST
                case Rearm():
                    timer = decision.target - now
                    happenings.append(Happening(after, What.TIMER_SET, text=False, timer=timer))
                    after = decision.target - _NEWEST
                case Warn():
                    timer = max(decision.then - now, SHORTEST_TIMER)
                    happenings.append(Happening(after, What.WARNED, text=True, timer=timer))
                    snapshot = _with_ours(snapshot, decision, now)
                    after += timer
                case Notify():
                    timer = case.plan.steps[0].after
                    happenings.append(Happening(after, What.NOTIFIED, decision.with_text, timer))
                    snapshot = _with_mark(snapshot, AgentSilent(decision.answered_index, decision.since))
                    snapshot = _with_ours(snapshot, decision, now) if decision.with_text else snapshot
                    after += timer
                case End():
                    happenings.append(Happening(after, What.ENDED, decision.notice, timer))
                    return tuple(happenings)
                case Finish():
                    raise AssertionError("the conversation is open")


def _snapshot(silence: Silence) -> Snapshot:
    """The conversation as the function would read it when the timer fires."""
    created_at = _NEWEST - max(silence.task_age, silence.waited, silence.customer_ago)
    messages: list[Message] = []
    if silence.customer_wrote:
        sent_at = _NEWEST - max(silence.waited, silence.customer_ago)
        messages.append(Message(0, sent_at, Author.CUSTOMER, present=True))
    messages.append(Message(1, _NEWEST, silence.by, present=True))
    attributes = json.dumps({"language": silence.language}) if silence.language else "{}"
    task = Task(
        "WT",
        TaskStatus.ASSIGNED if silence.accepted else TaskStatus.PENDING,
        created_at,
        "",
        attributes,
        queue=(silence.queue,) if silence.queue else (),
    )
    snapshot = Snapshot(
        Conversation("CH", ConversationState.INACTIVE, created_at, None, "{}"),
        tuple(reversed(messages)),
        (task,),
        Channel("KD", "UO", ChannelStatus.ACTIVE, silence.channel or "web"),
    )
    return _with_mark(snapshot, AgentSilent(0, created_at)) if silence.notified else snapshot


def _with_ours(snapshot: Snapshot, decision: Warn | Notify, now: datetime) -> Snapshot:
    marker = Marker(decision.step.kind, decision.step.number, decision.answered_index)
    ours = Message(snapshot.newest_index + 1, now, Author.OURS, marker=marker, signed=True)
    return replace(snapshot, messages=(ours, *snapshot.messages))


def _with_mark(snapshot: Snapshot, mark: AgentSilent) -> Snapshot:
    task = snapshot.tasks[0]
    return replace(snapshot, tasks=(replace(task, attributes=mark.written_into(task.attributes) or "{}"),))
