"""The results of replayed chats: one outcome for each, and the table that adds them up.

Pure. It shares no code with the function, because code that checks itself agrees with its mistakes. `blind` is computed
from the past alone.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import timedelta

from ops.what_if.history import PastChat, Sender


@dataclass(frozen=True, slots=True)
class PlayedChat:
    """The result of one past chat, as the simulator shows it.

    Attributes:
        past: the chat as the file has it.
        played: how many of its messages were sent before our end (all of them when it did not end).
        ended: whether we ended it.
        warnings: how many messages had been sent when each warning was posted, in order.
    """

    past: PastChat
    played: int
    ended: bool
    warnings: tuple[int, ...] = ()

    @property
    def warned(self) -> bool:
        """At least one warning."""
        return bool(self.warnings)

    @property
    def returned(self) -> bool:
        """A customer's message after a warning and before any end."""
        return self.warned and any(m.by is Sender.CUSTOMER for m in self.past.messages[self.warnings[0] : self.played])

    @property
    def cut(self) -> int:
        """How many messages the past still had after our end."""
        return len(self.past.messages) - self.played if self.ended else 0

    @property
    def ended_after_last(self) -> bool:
        """Ended, and nothing in the past came after it."""
        return self.ended and not self.cut

    @property
    def ended_early(self) -> bool:
        """Ended, and the past had more to come."""
        return self.ended and bool(self.cut)

    @property
    def customer_wrote_again(self) -> bool:
        """Whether a customer's message came after our end: that customer was cut off, and not only an agent."""
        return self.ended and any(message.by is Sender.CUSTOMER for message in self.past.messages[self.played :])

    @property
    def ended_customer_last(self) -> bool:
        """Ended although the last message before the end was the customer's: the promise that must hold."""
        return self.ended and self.last_sender is Sender.CUSTOMER

    @property
    def kept(self) -> bool:
        """Open at the end, the customer last."""
        return not self.ended and self.last_sender is Sender.CUSTOMER

    @property
    def missed(self) -> bool:
        """Open at the end, an agent last: a silent customer who was not released."""
        return not self.ended and self.last_sender is Sender.AGENT

    @property
    def last_sender(self) -> Sender | None:
        """Who wrote the newest message that was sent; None when none was."""
        return self.past.messages[self.played - 1].by if self.played else None


@dataclass(frozen=True)
class Table:
    """The columns of a replay. All count chats, except `messages` and `cut`, which count messages."""

    chats: int
    messages: int
    warned: int
    returned: int
    ended_after_last: int
    ended_early: int
    early_customer_again: int
    early_agent_only: int
    cut: int
    ended_customer_last: int
    kept: int
    missed: int
    blind_after_last: int
    blind_early: int
    blind_customer_last: int

    @property
    def promises_kept(self) -> bool:
        """Nobody who waited was cut off, nobody who went silent was left."""
        return not self.ended_customer_last and not self.missed


def tabulate(played: Sequence[PlayedChat], timeout: timedelta) -> Table:
    """Add up the outcomes; `timeout` is the silence after which a blind timer ends a chat."""
    blind = [blind_outcome(chat.past, timeout) for chat in played]
    early = [chat for chat in played if chat.ended_early]
    return Table(
        chats=len(played),
        messages=sum(len(chat.past.messages) for chat in played),
        warned=_count(chat.warned for chat in played),
        returned=_count(chat.returned for chat in played),
        ended_after_last=_count(chat.ended_after_last for chat in played),
        ended_early=len(early),
        early_customer_again=_count(chat.customer_wrote_again for chat in early),
        early_agent_only=_count(not chat.customer_wrote_again for chat in early),
        cut=sum(chat.cut for chat in early),
        ended_customer_last=_count(chat.ended_customer_last for chat in played),
        kept=_count(chat.kept for chat in played),
        missed=_count(chat.missed for chat in played),
        blind_after_last=_count(chat.ended_after_last for chat in blind),
        blind_early=_count(chat.ended_early for chat in blind),
        blind_customer_last=_count(chat.ended_customer_last for chat in blind),
    )


def blind_outcome(past: PastChat, timeout: timedelta) -> PlayedChat:
    """What a timer does that ignores whose turn it is: any gap longer than the timeout ends the chat.

    A message at the same instant as the timer is counted before it, as in the replay.
    """
    return PlayedChat(past, played=_first_gap(past, timeout, enders=(Sender.CUSTOMER, Sender.AGENT)), ended=True)


def expected_outcome(past: PastChat, timeout: timedelta) -> PlayedChat:
    """How a chat should end by the two promises alone, without warnings.

    An agent's message that stays unanswered for longer than the timeout ends it; a customer's message never does.
    """
    played = _first_gap(past, timeout, enders=(Sender.AGENT,))
    ended = played < len(past.messages) or past.messages[-1].by is Sender.AGENT
    return PlayedChat(past, played, ended)


def _first_gap(past: PastChat, timeout: timedelta, enders: tuple[Sender, ...]) -> int:
    """The number of messages before the first gap after a message of `enders`; of all where there is none."""
    for played, (message, following) in enumerate(zip(past.messages, past.messages[1:], strict=False), start=1):
        if message.by in enders and following.at - message.at > timeout:
            return played
    return len(past.messages)


def _count(truths: Iterable[bool]) -> int:
    return sum(1 for truth in truths if truth)
