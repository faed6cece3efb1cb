"""What happened in a chat, without the log: from its messages, our markers on them, and TaskRouter's events."""

import enum
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from function.chat import Author, Case, Evidence, Message, RawMessage, Snapshot, TaskFate, known_tasks
from function.policy import StepKind
from function.twilio_api import TwilioApi
from ops.chats import LISTING_LASTS, patient
from ops.twilio_reads import TaskHappening, TwilioReads
from ops.wording import duration_words

MAX_PAGES = 100
"""Maximum of pages of messages that are read: 2,000 messages, more than a chat of a day has."""

OUR_OUTCOME = "inactivity_timeout"
"""What an end writes into the task's attribute `conversations.outcome`."""

SHOWN_TASK_EVENTS = {
    "task.created": "queued",
    "reservation.accepted": "accepted",
    "task.wrapup": "put into wrapping",
    "task.completed": "completed",
    "task.canceled": "cancelled",
    "task.deleted": "deleted",
    "task.system-deleted": "deleted by TaskRouter",
}

BEGINNINGS = frozenset({"task.created", "reservation.accepted"})


class Who(enum.StrEnum):
    """Whose line of a history it is."""

    CUSTOMER = "customer"
    AGENT = "agent"
    BOT = "bot"
    WE = "we"
    GONE = "somebody who left"
    TASK = "task"
    TWILIO = "conversation"


@dataclass(frozen=True)
class Happening:
    """One line of a history, without any text of a message."""

    at: datetime
    who: Who
    what: str


class Verdict(enum.StrEnum):
    """How a chat ended."""

    OPEN = "open"
    ENDED_BY_US = "ended_by_us"
    CLOSED_BY_OTHERS = "closed_by_others"


@dataclass(frozen=True)
class History:
    """What happened in a chat.

    Attributes:
        conversation: CH...
        verdict: how it ended.
        sentence: the same for people, with what they may have to do.
        happened: oldest first.
        late_reply: whether the customer wrote after our closing notice.
    """

    conversation: str
    verdict: Verdict
    sentence: str
    happened: tuple[Happening, ...]
    late_reply: bool = False


def read_history(case: Case, api: TwilioApi, reads: TwilioReads) -> History:
    """Read the whole history of a chat.

    Raises:
        TwilioError: its messages cannot be read.
    """
    snapshot, sid = case.snapshot, case.snapshot.conversation.sid
    attempt = patient(LISTING_LASTS)
    page = api.newest_messages(attempt, sid)
    raw: list[RawMessage] = list(page.messages)
    for _ in range(MAX_PAGES):
        if not page.older_url:
            break
        page = api.older_messages(attempt, sid, page)
        raw += page.messages
    events = {task: reads.task_happenings(task, case.now) for task in known_tasks(snapshot)}
    identities = {each.identity for happened in events.values() for each in happened if each.identity}
    evidence = snapshot.authorship.evidence
    known = replace(evidence, worker_identities=evidence.worker_identities | identities)
    return history_of(case, raw, events, known)


def history_of(
    case: Case, raw: Sequence[RawMessage], tasks: dict[str, tuple[TaskHappening, ...]], evidence: Evidence
) -> History:
    """Return the history that these facts show.

    Args:
        case: the chat as it is now.
        raw: all its messages.
        tasks: the events of each of its tasks.
        evidence: shows who is an agent, also of those who have left.
    """
    snapshot = replace(case.snapshot, authorship=replace(case.snapshot.authorship, evidence=evidence))
    messages = sorted(snapshot.classify_all(raw), key=lambda each: each.index)
    by_index = {message.index: message for message in messages}
    of_tasks = [(event.kind, line) for sid, events in tasks.items() for event, line in _of_task(sid, events)]
    # Twilio's times are whole seconds: of what happened in the same second, this is the likely order.
    happened = [Happening(snapshot.conversation.created_at, Who.TWILIO, "created")]
    happened += [line for kind, line in of_tasks if kind in BEGINNINGS]
    happened += [_said(message, by_index) for message in messages]
    happened += [line for kind, line in of_tasks if kind not in BEGINNINGS]
    if case.closed:
        happened.append(Happening(case.closed_at, Who.TWILIO, "closed"))
    outcome_is_ours = any(each.outcome == OUR_OUTCOME for events in tasks.values() for each in events)
    verdict, sentence, late = _verdict(case, messages, by_index, outcome_is_ours=outcome_is_ours)
    ordered = tuple(sorted(happened, key=lambda each: each.at))
    return History(snapshot.conversation.sid, verdict, sentence, ordered, late)


def _said(message: Message, by_index: dict[int, Message]) -> Happening:
    marker = message.marker
    if message.by is Author.OURS and marker:
        names = {
            StepKind.WARNING: f"warning {marker.step}",
            StepKind.CLOSING: "closing notice",
            StepKind.AGENT_SILENT: "text about the agent's silence",
        }
        answered = by_index.get(marker.answered_index)
        after = _after(message, answered) if answered else ""
        return Happening(message.sent_at, Who.WE, f"{names[marker.kind]}{after}")
    who = {Author.AGENT: Who.AGENT, Author.AUTOMATED: Who.BOT, Author.OURS: Who.WE}.get(message.by, Who.CUSTOMER)
    if message.left and message.by is Author.CUSTOMER:
        who = Who.GONE
    failed = "" if message.arrived else ", not delivered"
    return Happening(message.sent_at, who, f"message {message.index}{failed}")


def _after(message: Message, answered: Message) -> str:
    return f", {duration_words(message.sent_at - answered.sent_at)} after message {answered.index}"


def _of_task(sid: str, events: tuple[TaskHappening, ...]) -> list[tuple[TaskHappening, Happening]]:
    lines = []
    for event in events:
        if event.kind in SHOWN_TASK_EVENTS:
            more = [event.queue and f"queue {event.queue}", event.worker and f"by {event.worker}"]
            more += [event.outcome and f"outcome {event.outcome}", event.why and f"reason {event.why!r}"]
            about = ", ".join(each for each in more if each)
            what = f"{sid} {SHOWN_TASK_EVENTS[event.kind]}"
            lines.append((event, Happening(event.at, Who.TASK, f"{what} ({about})" if about else what)))
    return lines


def _verdict(
    case: Case, messages: Sequence[Message], by_index: dict[int, Message], *, outcome_is_ours: bool
) -> tuple[Verdict, str, bool]:
    """Return how it ended, the sentence, and whether the customer wrote after the notice."""
    marked = [(each, each.marker) for each in messages if each.by is Author.OURS and each.marker]
    notices = [(each, marker) for each, marker in marked if marker.kind is StepKind.CLOSING]
    warned = any(marker.kind is StepKind.WARNING for _, marker in marked)
    if not case.closed:
        return Verdict.OPEN, "It is open. We have warned in it." if warned else "It is open.", False
    if notices:
        notice, marker = notices[-1]
        answered = by_index.get(marker.answered_index)
        silence = notice.sent_at - answered.sent_at if answered else timedelta()
        late = [each for each in messages if each.index > notice.index and each.by is Author.CUSTOMER and not each.left]
        about = f"{_silent(answered)} for {duration_words(silence)}" if answered else "after a silence"
        sentence = f"We ended it: {about}."
        if late:
            after = duration_words(late[0].sent_at - notice.sent_at)
            sentence += f" The customer wrote {after} after the notice (message {late[0].index}): contact them."
        return Verdict.ENDED_BY_US, sentence, bool(late)
    if outcome_is_ours:
        sentence = "We ended it without a notice, because no text reached the customer."
        return Verdict.ENDED_BY_US, sentence, False
    last, snapshot = case.snapshot.last_task, case.snapshot
    finished = last is not None and last.fate is TaskFate.FINISHED
    by = "an agent who finished it" if finished else "somebody else"
    after = " after our warning" if warned else ""
    return Verdict.CLOSED_BY_OTHERS, f"{_upper(by)} closed it{after}; {_nothing_of_ours(snapshot)}.", False


def _silent(answered: Message) -> str:
    if answered.by is Author.CUSTOMER and not answered.left:
        return f"nobody answered the customer's message {answered.index}"
    return f"the customer did not answer message {answered.index}"


def _nothing_of_ours(snapshot: Snapshot) -> str:
    return "it has no closing notice and no outcome of ours" if snapshot.messages else "it has no message"


def _upper(text: str) -> str:
    return text[:1].upper() + text[1:]
