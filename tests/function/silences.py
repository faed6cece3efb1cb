"""Chats in which somebody is silent: built by hand for the table, and drawn for the properties."""

import itertools
import json
from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any, NamedTuple

from hypothesis import strategies as st

from function.chat import (
    Author,
    Channel,
    ChannelStatus,
    Conversation,
    ConversationState,
    Decision,
    End,
    Marker,
    Message,
    Snapshot,
    Task,
    TaskStatus,
    Warn,
)
from function.chat.dialogue import newest_counted
from function.chat.subject import subject_of
from function.policy import Policy, StepKind, TimeoutPlan

T0 = datetime(2026, 1, 5, 9, 0, tzinfo=UTC)


def at(minutes: float) -> datetime:
    """Return the time some minutes into the chat."""
    return T0 + timedelta(minutes=minutes)


def task(status: TaskStatus = TaskStatus.ASSIGNED, *, created: float = 0, number: int = 1) -> Task:
    """Return a task of the chat."""
    return Task(f"WT{number}", status, at(created), f'"{number}"', "{}", "KD", "UO")


def says(who: Author, index: int, minutes: float, *, present: bool = True, left: bool = False) -> Message:
    """Return somebody's message."""
    return Message(index, at(minutes), who, present=present, left=left)


def ours(kind: StepKind, index: int, minutes: float, *, answered_index: int, step: int | None = None) -> Message:
    """Return a message of ours."""
    number = step or (1 if kind is StepKind.WARNING else 2)
    return Message(index, at(minutes), Author.OURS, marker=Marker(kind, number, answered_index))


def chat(
    *messages: Message,
    tasks: tuple[Task, ...] | None = None,
    channel: ChannelStatus | None = ChannelStatus.ACTIVE,
    kind: str = "web",
    state: ConversationState = ConversationState.INACTIVE,
) -> Snapshot:
    """Return a chat with an agent and these messages, in the order in which they were written."""
    return Snapshot(
        Conversation("CH", state, T0, None, "{}"),
        tuple(reversed(messages)),
        (task(),) if tasks is None else tasks,
        Channel("KD", "UO", channel, kind) if channel else None,
    )


def with_conversation(snapshot: Snapshot, **attributes: Any) -> Snapshot:
    """Return the snapshot with attributes on its conversation."""
    return replace(snapshot, conversation=replace(snapshot.conversation, attributes=json.dumps(attributes)))


# -- anything at all --------------------------------------------------------------------------------------------------

tasks = st.lists(st.tuples(st.sampled_from(TaskStatus), st.integers(0, 20)), max_size=3).map(
    lambda made: tuple(task(status, created=created, number=number) for number, (status, created) in enumerate(made))
)
minutes_later = st.floats(0, 500, allow_nan=False)


@st.composite
def histories(
    draw: st.DrawFn, *, most: int = 6, bots: bool = False, with_own_notes: tuple[bool, ...] = (False,)
) -> tuple[Message, ...]:
    """Any messages in order of time; with bots there is no agent among them and nobody who left.

    Those that have begun start with the customer's message; before it, nothing is posted.
    """
    messages: list[Message] = [says(Author.CUSTOMER, 0, 0)] if draw(st.sampled_from(with_own_notes)) else []
    minute = 0.0
    for index in range(len(messages), len(messages) + draw(st.integers(0, most))):
        minute += draw(st.sampled_from([0, 0.05, 1, 5, 8, 30]))
        who = draw(st.sampled_from([who for who in Author if not bots or who is not Author.AGENT]))
        if who is Author.OURS:
            kind = draw(st.sampled_from(StepKind))
            messages.append(ours(kind, index, minute, answered_index=draw(st.integers(-1, index - 1))))
        else:
            present = bots or draw(st.booleans())
            messages.append(says(who, index, minute, present=present, left=not present and who is not Author.AUTOMATED))
    return tuple(messages)


@st.composite
def snapshots(draw: st.DrawFn) -> Snapshot:
    """Any snapshot whose messages are in order of time."""
    channel = draw(st.none() | st.sampled_from(ChannelStatus))
    state = draw(st.sampled_from(ConversationState))
    return chat(*draw(histories()), tasks=draw(tasks), channel=channel, state=state)


# -- silences in which something is due, or nearly --------------------------------------------------------------------

MINUTE = timedelta(minutes=1)
# Hypothesis likes to repeat the place of one choice in another list: what comes first is drawn more often.
ON_TIME = (0, -5, 60, 30, 1, 300, -4, 55, 3600)
AROUND = st.sampled_from([0, -5, 60, 30, -6, 1, 300, -4, 55, 3600, -20, *ON_TIME, -54, *ON_TIME, -7])
"""Seconds from the moment at which something is due: mostly from five before on."""
EARLIER = st.sampled_from([-6, -20, -54, 0, -61, -7, -600, -50, -56, -5, -3600, -10, -59, 60])
"""The same, mostly more than five before."""

GAPS = (0, 0.05, 1, 5, 30)
MOSTLY = (True, True, True, True, True, False)
KINDS = ("web", "sms", "chat", "web", "whatsapp", "sms", "web", "chat")
STATES = (ConversationState.INACTIVE, ConversationState.ACTIVE, ConversationState.INITIALIZING)
HARMLESS = (ChannelStatus.ACTIVE, None, ChannelStatus.SETUP, ChannelStatus.CLOSED, ChannelStatus.FAILED)
OVER = (TaskStatus.COMPLETED, TaskStatus.CANCELED, TaskStatus.COMPLETED)
NOT_THEIRS = (TaskStatus.ASSIGNED, *OVER, TaskStatus.WRAPPING)
PARKED = {"interactionSid": f"KD{'1' * 32}", "channelSid": f"UO{'2' * 32}"}


class Silence(NamedTuple):
    """A snapshot, a policy and a time to decide about."""

    snapshot: Snapshot
    policy: Policy
    now: datetime


def texts_customer(decision: Decision) -> bool:
    """Whether the decision posts something to the customer."""
    return isinstance(decision, Warn) or (isinstance(decision, End) and decision.notice)


def newest_counted_message(snapshot: Snapshot) -> Message | None:
    """Return the newest message that counts, without asking the snapshot."""
    counted = (
        {Author.CUSTOMER, Author.AGENT} if any(each.live for each in snapshot.tasks) else set(Author) - {Author.OURS}
    )
    return next((each for each in snapshot.messages if each.by in counted), None)


def said(snapshot: Snapshot, kind: StepKind) -> list[Message]:
    """Return our messages of this kind that answer the newest message, newest first, without asking the snapshot."""
    newest = newest_counted_message(snapshot)
    answered_index = newest.index if newest else -1
    marked = ((each, each.marker) for each in snapshot.messages if each.marker)
    return [each for each, marker in marked if (marker.kind, marker.answered_index) == (kind, answered_index)]


def written(snapshot: Snapshot, sent_at: datetime, by: Author, marker: Marker | None = None) -> Snapshot:
    """Return the snapshot with one message more."""
    before = snapshot.messages[0]
    more = Message(before.index + 1, max(sent_at, before.sent_at), by, present=by is Author.CUSTOMER, marker=marker)
    return replace(snapshot, messages=(more, *snapshot.messages))


def any_of_each(*choices: Iterable[Any]) -> st.SearchStrategy[Any]:
    """A tuple with one of each, in a single draw: draws are slow, and Hypothesis likes to repeat one in another."""
    return st.sampled_from(list(itertools.product(*choices)))


def minutes_of(messages: Sequence[Message]) -> float:
    """Return when the last of these was written, in minutes."""
    return (messages[-1].sent_at - T0) / MINUTE if messages else 0


agents_words = any_of_each(GAPS, (0.05, 1, 20), (True, False)) | any_of_each(GAPS, (0,), (True,))
agents_tasks = any_of_each(('{"vip": true}', "{}"), ((), ("WQ1", "Slow")))
agents_places = any_of_each((*HARMLESS, ChannelStatus.UNKNOWN), KINDS, STATES)
bots_places = any_of_each(HARMLESS, KINDS, STATES)
earlier_tasks = st.lists(any_of_each(NOT_THEIRS, (0, 1, 20)), max_size=2)
ended_tasks = st.lists(any_of_each(OVER, (0, 1, 20)), max_size=2)


@st.composite
def answered_by_an_agent(draw: st.DrawFn) -> Snapshot:
    """Chats in which the agent who has them now wrote last; others may have had them before."""
    before = draw(histories(most=3, with_own_notes=MOSTLY))
    gap, after, present = draw(agents_words)
    minute = minutes_of(before) + gap
    attributes, queue = draw(agents_tasks)
    theirs = replace(task(created=minute - after, number=9), attributes=attributes, queue=queue)
    earlier = [
        task(status, created=minute - after - ago, number=number)
        for number, (status, ago) in enumerate(draw(earlier_tasks))
    ]
    channel, kind, state = draw(agents_places)
    word = says(Author.AGENT, len(before), minute, present=present, left=not present)
    return chat(*before, word, tasks=(*earlier, theirs), channel=channel, kind=kind, state=state)


@st.composite
def answered_by_a_bot(draw: st.DrawFn) -> Snapshot:
    """Chats in which a bot wrote last, and which no agent has or had."""
    before = draw(histories(most=3, bots=True, with_own_notes=MOSTLY))
    minute = minutes_of(before) + draw(st.sampled_from(GAPS))
    over = [task(status, created=ago, number=number) for number, (status, ago) in enumerate(draw(ended_tasks))]
    channel, kind, state = draw(bots_places)
    word = says(Author.AUTOMATED, len(before), minute, present=False)
    return chat(*before, word, tasks=tuple(over), channel=channel, kind=kind, state=state)


which_warnings = {
    planned: st.sampled_from([(first, last) for last in range(1, max(1, planned) + 1) for first in range(1, last + 1)])
    for planned in range(4)
}
"""First and last of those that were sent: without any in the policy, one from before a change of it."""
sent_late = any_of_each((False, True), ON_TIME)


@st.composite
def warned(draw: st.DrawFn, snapshot: Snapshot, moments: Sequence[datetime]) -> tuple[Snapshot, datetime]:
    """Such chats after one or more warnings, each on time or later than the next step was due, and its time."""
    answered_index = snapshot.messages[0].index
    first, last = draw(which_warnings[len(moments) - 1])
    following = moments[min(last, len(moments) - 1)]
    for number in range(first, last + 1):
        late, seconds = draw(sent_late)
        sent_at = (following if late else moments[number - 1]) + timedelta(seconds=seconds)
        snapshot = written(snapshot, sent_at, Author.OURS, Marker(StepKind.WARNING, number, answered_index))
    return snapshot, max(following, snapshot.messages[0].sent_at + MINUTE)


talk = st.lists(
    st.tuples(st.sampled_from([StepKind.WARNING, None, *StepKind]), st.sampled_from([0, 3, 120])), max_size=2
)


@st.composite
def talked(draw: st.DrawFn, snapshot: Snapshot, word: Message) -> Snapshot:
    """Such chats with messages that do not count: ours that answer another one, a bot's while an agent is there."""
    live = any(each.live for each in snapshot.tasks)
    for kind, seconds in draw(talk):
        sent_at = snapshot.messages[0].sent_at + timedelta(seconds=seconds)
        if kind:
            answered_index = word.index - (0 if kind is StepKind.AGENT_SILENT else 1)
            snapshot = written(snapshot, sent_at, Author.OURS, Marker(kind, 1, answered_index))
        elif live:
            snapshot = written(snapshot, sent_at, Author.AUTOMATED)
    return snapshot


replies = st.lists(st.sampled_from([0, 3, 60, 480]), min_size=1, max_size=2)
who_has_it = any_of_each(
    (False, False, False, True), (TaskStatus.ASSIGNED, TaskStatus.PENDING, TaskStatus.ASSIGNED, TaskStatus.RESERVED)
)


@st.composite
def replied(
    draw: st.DrawFn, snapshot: Snapshot, plan: TimeoutPlan, moments: Sequence[datetime]
) -> tuple[Snapshot, list[datetime]]:
    """Such chats after the customer wrote, and when a step is due for one who waits.

    Some wait in a queue, some were transferred since. If the policy has no step for them: when it would be due if an
    agent had written the message, or if it were ignored.
    """
    for seconds in draw(replies):
        snapshot = written(snapshot, snapshot.messages[0].sent_at + timedelta(seconds=seconds), Author.CUSTOMER)
    since, waiting = snapshot.messages[0].sent_at, plan.when_agent_silent
    anew, status = draw(who_has_it)
    if newest := snapshot.newest_live_task:
        theirs = replace(newest, created_at=since + MINUTE) if anew else newest
        tasks = (theirs if each is newest else each for each in snapshot.tasks)
        snapshot = replace(snapshot, tasks=tuple(replace(each, status=status) if each.live else each for each in tasks))
        since = max(since, theirs.created_at)
        if status is not TaskStatus.ASSIGNED:
            since, waiting = theirs.created_at, plan.when_queued
    if waiting.after:
        return snapshot, [since + waiting.after]
    return snapshot, [*(since + step.after for step in plan.steps), *moments]


@st.composite
def disturbed(draw: st.DrawFn, snapshot: Snapshot) -> Snapshot:
    """Such chats with something that may stop a timeout: a transfer, other tasks, our notice, ..."""
    match draw(st.sampled_from(["channel", "transfer", "tasks", "state", "parked", "notice"])):
        case "channel":
            status, kind = draw(any_of_each(ChannelStatus, ("email", "web")))
            return replace(snapshot, channel=Channel("KD", "UO", status, kind))
        case "transfer":
            another = task(TaskStatus.PENDING, created=draw(st.integers(0, 99)))
            return replace(snapshot, tasks=(*snapshot.tasks, another))
        case "tasks":
            return replace(snapshot, tasks=draw(tasks))
        case "state":
            return replace(snapshot, conversation=replace(snapshot.conversation, state=ConversationState.CLOSED))
        case "parked":
            return with_conversation(snapshot, **PARKED)
        case _:
            newest = newest_counted_message(snapshot)
            notice = Marker(StepKind.CLOSING, 2, newest.index if newest else -1)
            return written(snapshot, snapshot.messages[0].sent_at, Author.OURS, notice)


shapes = st.sampled_from(
    [
        *(("agent", "warned"), ("agent", "plain"), ("bot", "warned"), ("agent", "warned"), ("bot", "plain")) * 2,
        *(("anybody", "anything"), ("agent", "disturbed"), ("agent", "held")),
        *(("agent", "plain"), ("agent", "warned"), ("agent", "plain")) * 5,
    ]
)


@st.composite
def silences(
    draw: st.DrawFn,
    policies: st.SearchStrategy[Policy],
    *,
    reply: bool = False,
    seconds: st.SearchStrategy[int] = AROUND,
) -> Silence:
    """Chats at a time at which a step is due or nearly so, and seldom any chat at any time.

    Somebody answered the customer, who was warned in half of them. With a reply, the customer has written since.
    """
    policy = draw(policies)
    by, shape = draw(shapes)
    if shape == "anything":
        snapshot = draw(snapshots())
        return Silence(snapshot, policy, newest_counted(snapshot).sent_at + timedelta(minutes=draw(minutes_later)))
    snapshot = draw(answered_by_a_bot() if by == "bot" else answered_by_an_agent())
    word = snapshot.messages[0]
    plan = policy.apply(subject_of(snapshot)).plan
    moments = [word.sent_at + step.after for step in plan.steps]
    if shape == "warned":
        snapshot, due = draw(warned(snapshot, moments))
        moments = [due]
    if shape == "held":
        until = draw(st.sampled_from(moments)) + timedelta(seconds=draw(AROUND))
        snapshot = with_conversation(snapshot, doNotTimeOutUntil=until.isoformat())
        moments = [max(until, moment) for moment in moments]
    snapshot = draw(talked(snapshot, word))
    if reply:
        snapshot, moments = draw(replied(snapshot, plan, moments))
    if shape == "disturbed":
        snapshot = draw(disturbed(snapshot))
    return Silence(snapshot, policy, draw(st.sampled_from(moments)) + timedelta(seconds=draw(seconds)))
