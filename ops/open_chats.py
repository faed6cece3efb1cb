"""The open chats of a deployment: what is next for each, and how many wait for whom."""

import enum
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from function.chat import Case, Decision, End, Keep, Notify, Rearm, Reason
from ops.chats import OPEN, ChatReader, DecidedChat, UnreadChat
from ops.explanation import agents_of, queue_name
from ops.terminal import Tell, columns
from ops.wording import due_in, duration_words


class Group(enum.StrEnum):
    """What an open chat waits for."""

    CUSTOMER = "the customer"
    AGENT = "an agent's answer"
    QUEUE = "an agent to accept"
    TRANSFER = "a colleague"
    LEFT = "left"
    PAUSED = "paused"
    PARKED = "parked"
    HELD = "held"
    EXEMPT = "exempt"
    FINISHED = "finished"
    UNCLEAR = "unclear"


_GROUPS = {
    Reason.NOT_YET: Group.CUSTOMER,
    Reason.CUSTOMER_SILENT: Group.CUSTOMER,
    Reason.NOTICE_SENT: Group.CUSTOMER,
    Reason.AGENT_SILENT: Group.AGENT,
    Reason.QUEUED: Group.QUEUE,
    Reason.TRANSFER: Group.TRANSFER,
    Reason.LEFT: Group.LEFT,
    Reason.PAUSED: Group.PAUSED,
    Reason.PARKED: Group.PARKED,
    Reason.DO_NOT_TIME_OUT: Group.HELD,
    Reason.EXEMPT: Group.EXEMPT,
    Reason.EMAIL: Group.EXEMPT,
    Reason.NO_LIVE_TASK: Group.FINISHED,
    Reason.LEFT_OVER: Group.FINISHED,
}


@dataclass(frozen=True)
class OpenChat:
    """One open chat.

    Attributes:
        conversation: CH...
        state: active or inactive.
        step: what is next: `warning 1`, `end`, `look again`; empty for nothing.
        due_at: when that is due; None if no time changes anything.
        due_in: the same from now; negative if it is overdue.
        waits_for: what it waits for.
        reason: the reason of the decision, as in the log.
        queue: of its newest task; empty without one.
        rule: the policy's rule that applies.
        agents: chat identities of the agents who take part.
        silent_for: since the newest counted message.
    """

    conversation: str
    state: str
    step: str
    due_at: datetime | None
    due_in: timedelta | None
    waits_for: Group
    reason: Reason
    queue: str
    rule: str
    agents: tuple[str, ...]
    silent_for: timedelta


@dataclass(frozen=True)
class OpenChats:
    """The open chats, what is due first at the top.

    Attributes:
        now: Twilio's time of the newest of them; None without any.
        chats: those that could be read.
        totals: how many wait for what.
        unread: those that could not be read, and rows of the lists that may be more.
    """

    now: datetime | None
    chats: tuple[OpenChat, ...]
    totals: dict[Group, int]
    unread: tuple[UnreadChat, ...]


def read_open_chats(reader: ChatReader, tell: Tell) -> OpenChats:
    """Read all open chats of a deployment.

    Raises:
        TwilioError: they cannot be listed.
    """
    listing = reader.listed(*OPEN)
    found = list(reader.decided_all(listing.sids, tell))
    decided = [each for each in found if isinstance(each, DecidedChat)]
    chats = [open_chat(each) for each in decided if not each.case.closed]
    last = max((each.now for each in decided), default=None)
    chats.sort(key=lambda each: (each.due_at is None, each.due_at or last, each.conversation))
    totals = Counter(each.waits_for for each in chats)
    return OpenChats(
        now=last,
        chats=tuple(chats),
        totals={group: totals[group] for group in Group if totals[group]},
        unread=(*listing.unread, *(each for each in found if isinstance(each, UnreadChat))),
    )


def open_chat(chat: DecidedChat) -> OpenChat:
    """What a list shows of a chat."""
    case, snapshot = chat.case, chat.case.snapshot
    task = snapshot.newest_live_task or snapshot.newest_task
    step, due_at = _next(case, chat.decision)
    return OpenChat(
        conversation=snapshot.conversation.sid,
        state=snapshot.conversation.state.value,
        step=step,
        due_at=due_at,
        due_in=due_at - chat.now if due_at else None,
        waits_for=_GROUPS.get(chat.decision.reason, Group.UNCLEAR),
        reason=chat.decision.reason,
        queue=queue_name(task.queue) if task else "",
        rule=case.applied.rule,
        agents=agents_of(case),
        silent_for=max(chat.now - case.newest.sent_at, timedelta()),
    )


def _next(case: Case, decision: Decision) -> tuple[str, datetime | None]:
    """What is next, and when it is due."""
    if decision.reason in {Reason.NOT_YET, Reason.CUSTOMER_SILENT}:
        step, due_at = case.next_step
        return "end" if isinstance(decision, End) or step.kind == "closing" else f"warning {step.number}", due_at
    match decision:
        case End() | Notify():
            return decision.kind.value, case.now
        case Rearm(target=target):
            return "look again", target
        case Keep(until=until) if until:
            return "look again", until
        case _:
            return "", None


def lines_of(found: OpenChats, now: datetime | None) -> Iterator[str]:
    """The open chats for people."""
    if found.chats and now:
        yield from columns([HEAD, *(_row(each, now) for each in found.chats)])
    counts = [
        f"{count} {'waiting for ' if group in WAITING else ''}{group.value}" for group, count in found.totals.items()
    ]
    yield f"{len(found.chats)} open{': ' if counts else ''}{', '.join(counts)}."
    yield from (f"{each.conversation} could not be read: {each.why}" for each in found.unread)


HEAD = ("conversation", "state", "next", "due", "silent for", "reason", "queue", "rule", "agent")
WAITING = (Group.CUSTOMER, Group.AGENT, Group.QUEUE, Group.TRANSFER)


def _row(chat: OpenChat, now: datetime) -> tuple[str, ...]:
    return (
        chat.conversation,
        chat.state,
        chat.step or "-",
        due_in(chat.due_at, now) if chat.due_at else "-",
        duration_words(chat.silent_for),
        chat.reason.value,
        chat.queue or "-",
        chat.rule,
        _shown(chat.agents),
    )


def _shown(agents: Sequence[str]) -> str:
    return ", ".join(agents) or "-"
