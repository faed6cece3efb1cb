"""The table, row by row, and what must hold for whatever a snapshot shows."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import partial

import pytest
from hypothesis import given
from hypothesis import strategies as st

from function.chat import (
    Channel,
    ChannelStatus,
    Conversation,
    ConversationState,
    Decision,
    End,
    Finish,
    Keep,
    Marker,
    Message,
    Notify,
    Rearm,
    Reason,
    Snapshot,
    Task,
    TaskStatus,
    Warn,
    Who,
)
from function.chat.dialogue import newest_counted, sent
from function.policy import Policy, parse_policy
from function.policy.treatments import StepKind, TaskEnding
from tests.function.deciding import decide

T0 = datetime(2026, 1, 5, 9, 0, tzinfo=UTC)
POLICY = parse_policy({})
WITHOUT_WARNING = parse_policy({"warnBefore": "PT0S"})
WARNING, CLOSING = POLICY.default.steps


def at(minutes: float) -> datetime:
    """So many minutes into the chat."""
    return T0 + timedelta(minutes=minutes)


def task(status: TaskStatus = TaskStatus.ASSIGNED, *, created: float = 0, number: int = 1) -> Task:
    """A task of the chat."""
    return Task(f"WT{number}", status, at(created), f'"{number}"', "{}", "KD", "UO")


def says(who: Who, index: int, minutes: float, *, present: bool = True, left: bool = False) -> Message:
    """Somebody's message."""
    return Message(index, at(minutes), who, present=present, left=left)


def ours(kind: StepKind, index: int, minutes: float, *, answers: int, step: int | None = None) -> Message:
    """A message of ours."""
    number = step or (1 if kind is StepKind.WARNING else 2)
    return Message(index, at(minutes), Who.OURS, marker=Marker(kind, number, answers))


def chat(
    *messages: Message,
    tasks: tuple[Task, ...] | None = None,
    channel: ChannelStatus | None = ChannelStatus.ACTIVE,
    kind: str = "web",
    state: ConversationState = ConversationState.INACTIVE,
) -> Snapshot:
    """A chat with an agent, messages in the order in which they were written."""
    return Snapshot(
        Conversation("CH", state, T0, None, "{}"),
        tuple(reversed(messages)),
        (task(),) if tasks is None else tasks,
        Channel("KD", "UO", channel, kind) if channel else None,
    )


def noted(snapshot: Snapshot) -> Snapshot:
    """The same, with a channel that no task proves."""
    assert snapshot.channel
    return replace(snapshot, channel=replace(snapshot.channel, proven=False))


HELLO = says(Who.CUSTOMER, 0, 0)
ANSWER = says(Who.AGENT, 1, 1)
QUEUED = (task(TaskStatus.PENDING),)
SECOND_WAITS = (task(), task(TaskStatus.PENDING, created=2, number=2))
WARNED = ours(StepKind.WARNING, 2, 9, answers=1)
SAID_GOODBYE = ours(StepKind.CLOSING, 3, 11, answers=1)

CLOSED = ConversationState.CLOSED
INACTIVE, PAUSE, TRANSFER, UNKNOWN, FAILED = (
    ChannelStatus(name) for name in ("inactive", "pause", "transfer", "unknown", "failed")
)
WARNED_LATE = ours(StepKind.WARNING, 2, 60, answers=1)
END = End(Reason.CUSTOMER_SILENT, CLOSING, 1)
END_WITHOUT_NOTICE = End(Reason.NOTICE_SENT, CLOSING, 1, notice=False)
customer, agent, bot = (partial(says, who) for who in (Who.CUSTOMER, Who.AGENT, Who.AUTOMATED))


def warn(answers: int, then: datetime) -> Warn:
    """The warning."""
    return Warn(Reason.CUSTOMER_SILENT, WARNING, answers, then)


TABLE: list[tuple[str, Snapshot, float, Decision]] = [
    ("closed, an agent still holds it", chat(HELLO, state=CLOSED), 9, Finish(Reason.CLOSED)),
    ("closed, wrapping", chat(tasks=(task(TaskStatus.WRAPPING),), state=CLOSED), 9, Keep(Reason.CLOSED)),
    ("closed, nothing left", chat(HELLO, tasks=(), channel=ChannelStatus.CLOSED, state=CLOSED), 9, Keep(Reason.CLOSED)),
    ("closed, no interaction", chat(HELLO, tasks=(), channel=None, state=CLOSED), 9, Keep(Reason.CLOSED)),
    ("closed, only a task is left", chat(HELLO, channel=ChannelStatus.CLOSED, state=CLOSED), 9, Finish(Reason.CLOSED)),
    ("closed, only the channel is left", chat(HELLO, tasks=(), state=CLOSED), 9, Finish(Reason.CLOSED)),
    ("closed, a channel that only a note names", noted(chat(HELLO, tasks=(), state=CLOSED)), 9, Keep(Reason.CLOSED)),
    ("closed before anything else", chat(channel=INACTIVE, state=CLOSED), 9, Finish(Reason.CLOSED)),
    ("left", chat(HELLO, ANSWER, channel=INACTIVE), 99, Keep(Reason.LEFT)),
    ("left after our notice", chat(HELLO, ANSWER, SAID_GOODBYE, channel=INACTIVE), 99, Keep(Reason.LEFT)),
    ("paused", chat(HELLO, ANSWER, channel=PAUSE), 99, Keep(Reason.PAUSED)),
    ("email", chat(HELLO, ANSWER, kind="email"), 99, Keep(Reason.EMAIL)),
    ("channel unknown, queued", chat(HELLO, tasks=QUEUED, channel=UNKNOWN), 99, Keep(Reason.CHANNEL_UNKNOWN)),
    ("channel unknown, an agent has it", chat(HELLO, ANSWER, channel=UNKNOWN), 11, warn(1, at(12))),
    ("transfer, says the channel", chat(HELLO, ANSWER, channel=TRANSFER), 5, Rearm(Reason.TRANSFER, at(13))),
    ("transfer, overdue: not every minute", chat(HELLO, ANSWER, channel=TRANSFER), 50, Rearm(Reason.TRANSFER, at(58))),
    ("transfer, say the tasks", chat(HELLO, ANSWER, tasks=SECOND_WAITS), 5, Rearm(Reason.TRANSFER, at(13))),
    ("transfer, customer last", chat(HELLO, tasks=SECOND_WAITS), 5, Rearm(Reason.TRANSFER, at(13))),
    ("our notice stands", chat(HELLO, ANSWER, WARNED, SAID_GOODBYE), 11, END_WITHOUT_NOTICE),
    ("our notice stands, task gone", chat(HELLO, ANSWER, SAID_GOODBYE, tasks=()), 11, END_WITHOUT_NOTICE),
    ("a reply to our notice", chat(HELLO, ANSWER, SAID_GOODBYE, customer(4, 11)), 99, Keep(Reason.AGENT_SILENT)),
    ("agent gone, task gone", chat(HELLO, ANSWER, tasks=()), 99, Keep(Reason.NO_LIVE_TASK)),
    (
        "somebody has left",
        chat(HELLO, customer(1, 1, left=True), bot(2, 2), tasks=(), channel=None),
        99,
        Keep(Reason.NO_LIVE_TASK),
    ),
    ("wrapping", chat(HELLO, ANSWER, tasks=(task(TaskStatus.WRAPPING),)), 99, Keep(Reason.NO_LIVE_TASK)),
    ("wrapping, unanswered", chat(HELLO, tasks=(task(TaskStatus.WRAPPING),)), 99, Keep(Reason.NO_LIVE_TASK)),
    ("pending", chat(HELLO, tasks=QUEUED), 99, Keep(Reason.QUEUED)),
    ("reserved", chat(HELLO, tasks=(task(TaskStatus.RESERVED),)), 99, Keep(Reason.QUEUED)),
    (
        "queued again behind an agent who wraps up",
        chat(HELLO, ANSWER, tasks=(task(TaskStatus.WRAPPING), task(TaskStatus.PENDING, number=2))),
        99,
        Keep(Reason.QUEUED),
    ),
    ("no message yet", chat(), 99, Keep(Reason.AGENT_SILENT)),
    ("no message yet, bot", chat(tasks=(), channel=None), 99, Keep(Reason.AGENT_SILENT)),
    ("customer last", chat(HELLO, ANSWER, customer(2, 2)), 99, Keep(Reason.AGENT_SILENT)),
    ("a bot does not answer for the agent", chat(HELLO, bot(1, 1)), 99, Keep(Reason.AGENT_SILENT)),
    (
        "the first agent's words, after a transfer",
        chat(HELLO, ANSWER, tasks=(task(created=2),)),
        99,
        Keep(Reason.AGENT_SILENT),
    ),
    (
        "written in the task's first second, by one who left",
        chat(HELLO, agent(1, 2, present=False), tasks=(task(created=2),)),
        99,
        Keep(Reason.AGENT_SILENT),
    ),
    ("not yet", chat(HELLO, ANSWER), 4, Rearm(Reason.NOT_YET, at(9))),
    ("not yet, less than a minute", chat(HELLO, ANSWER), 8.5, Rearm(Reason.NOT_YET, at(9.5))),
    ("six seconds early", chat(HELLO, ANSWER), 8.9, Rearm(Reason.NOT_YET, at(9.9))),
    ("five seconds early", chat(HELLO, ANSWER), 9 - 5 / 60, warn(1, at(11))),
    (
        "written in the task's first second, by one who is here",
        chat(HELLO, agent(1, 2), tasks=(task(created=2),)),
        10,
        warn(1, at(12)),
    ),
    ("warning due", chat(HELLO, ANSWER), 9, warn(1, at(11))),
    ("warning late", chat(HELLO, ANSWER), 60, warn(1, at(61))),
    ("warning due, bot's chat", chat(HELLO, bot(1, 1), tasks=(), channel=None), 9, warn(1, at(11))),
    (
        "warned for an older message",
        chat(HELLO, agent(1, 1), WARNED, customer(3, 10), agent(4, 10)),
        18,
        warn(4, at(20)),
    ),
    ("warned, not yet", chat(HELLO, ANSWER, WARNED), 10, Rearm(Reason.NOT_YET, at(11))),
    ("warned late, a minute is left", chat(HELLO, ANSWER, WARNED_LATE), 60, Rearm(Reason.NOT_YET, at(61))),
    ("due", chat(HELLO, ANSWER, WARNED), 11, END),
    ("due, five seconds early", chat(HELLO, ANSWER, WARNED), 11 - 5 / 60, END),
    ("due, whatever a bot said meanwhile", chat(HELLO, ANSWER, WARNED, bot(3, 10)), 11, END),
    ("due, channel failed", chat(HELLO, ANSWER, WARNED, channel=FAILED), 11, END),
    ("due, no interaction", chat(HELLO, ANSWER, WARNED, channel=None), 11, END),
]


@pytest.mark.parametrize(("snapshot", "minutes", "expected"), [row[1:] for row in TABLE], ids=[row[0] for row in TABLE])
def test_the_table(snapshot: Snapshot, minutes: float, expected: Decision) -> None:
    """Each row of the design's table, at its bounds."""
    assert expected == decide(snapshot, POLICY, at(minutes))


def test_without_a_warning_the_end_is_the_first_step() -> None:
    """`warnBefore: PT0S`."""
    snapshot = chat(HELLO, ANSWER)

    assert Rearm(Reason.NOT_YET, at(11)) == decide(snapshot, WITHOUT_WARNING, at(9))
    assert End(Reason.CUSTOMER_SILENT, WITHOUT_WARNING.default.steps[0], 1) == decide(snapshot, WITHOUT_WARNING, at(11))


def test_a_warning_from_before_a_change_of_policy_is_no_obstacle() -> None:
    """Warned under a policy with warnings, ended under one without: the minute after the warning holds."""
    snapshot = chat(HELLO, ANSWER, ours(StepKind.WARNING, 2, 11, answers=1))

    assert Rearm(Reason.NOT_YET, at(12.5)) == decide(snapshot, WITHOUT_WARNING, at(11.5))
    assert isinstance(decide(snapshot, WITHOUT_WARNING, at(12)), End)


def test_what_is_not_said_of_a_decision() -> None:
    """No time to look again; an end has its notice and completes the task."""
    assert Keep(Reason.LEFT, None) == Keep(Reason.LEFT)
    assert End(Reason.QUEUED, CLOSING, 1, True, None, TaskEnding.COMPLETE) == End(Reason.QUEUED, CLOSING, 1)


@pytest.mark.parametrize(
    "decision",
    [
        Keep(Reason.LEFT),
        Rearm(Reason.NOT_YET, at(9)),
        warn(1, at(11)),
        Notify(Reason.AGENT_SILENT, CLOSING, 1, at(2), say=True),
        END,
        Finish(Reason.CLOSED),
    ],
    ids=lambda decision: type(decision).__name__,
)
def test_a_decision_never_changes(decision: Decision) -> None:
    """Frozen: two that are equal are one in a set."""
    assert 1 == len({decision, replace(decision)})


def test_whoever_closed_is_named() -> None:
    """The closed timer, if the event says so."""
    snapshot = chat(HELLO, state=ConversationState.CLOSED)

    assert Finish(Reason.CLOSED_BY_TIMER) == decide(snapshot, POLICY, at(9), closed_by_timer=True)


# -- what always holds ------------------------------------------------------------------------------------------------

statuses = st.sampled_from(TaskStatus)
tasks = st.lists(st.tuples(statuses, st.integers(0, 20)), max_size=3).map(
    lambda made: tuple(task(status, created=created, number=number) for number, (status, created) in enumerate(made))
)
policies = st.tuples(st.integers(2, 60), st.integers(0, 58)).map(
    lambda made: parse_policy(
        {"timeout": f"PT{made[0]}M", "warnBefore": f"PT{made[1]}M" if 0 < made[1] < made[0] else "PT0S"}
    )
)


@st.composite
def snapshots(draw: st.DrawFn) -> Snapshot:
    """Any snapshot whose messages are in order of time."""
    messages: list[Message] = []
    minute = 0.0
    for index in range(draw(st.integers(0, 6))):
        minute += draw(st.sampled_from([0, 0.05, 1, 5, 8, 30]))
        who = draw(st.sampled_from(Who))
        if who is Who.OURS:
            kind = draw(st.sampled_from(StepKind))
            messages.append(ours(kind, index, minute, answers=draw(st.integers(-1, index - 1))))
        else:
            present = draw(st.booleans())
            messages.append(says(who, index, minute, present=present, left=not present and who is not Who.AUTOMATED))
    channel = draw(st.none() | st.sampled_from(ChannelStatus))
    state = draw(st.sampled_from(ConversationState))
    return chat(*messages, tasks=draw(tasks), channel=channel, state=state)


minutes_later = st.floats(0, 500, allow_nan=False)


@given(snapshots(), policies, minutes_later)
def test_a_customer_who_spoke_last_is_never_warned_nor_ended(
    snapshot: Snapshot, policy: Policy, minutes: float
) -> None:
    """Whatever else the snapshot shows: unless our notice stood already, with nothing said since."""
    newest = newest_counted(snapshot)

    decision = decide(snapshot, policy, newest.sent_at + timedelta(minutes=minutes))

    if newest.by is Who.CUSTOMER and not sent(snapshot, StepKind.CLOSING):
        assert not isinstance(decision, Warn | End)


@given(snapshots(), policies, minutes_later)
def test_nobody_is_told_anything_before_its_time(snapshot: Snapshot, policy: Policy, minutes: float) -> None:
    """A step is at most five seconds early, and the end at least 55 seconds behind its warning."""
    newest = newest_counted(snapshot)
    now = newest.sent_at + timedelta(minutes=minutes)

    decision = decide(snapshot, policy, now)

    if isinstance(decision, Warn) or (isinstance(decision, End) and decision.notice):
        assert now >= newest.sent_at + decision.step.after - timedelta(seconds=5)
        warning = sent(snapshot, StepKind.WARNING)
        assert warning is None or now >= warning.sent_at + timedelta(seconds=55)


@given(snapshots(), policies, minutes_later)
def test_nothing_is_said_twice(snapshot: Snapshot, policy: Policy, minutes: float) -> None:
    """As if our message were there: the same step does not come again."""
    now = newest_counted(snapshot).sent_at + timedelta(minutes=minutes)
    decision = decide(snapshot, policy, now)
    if not isinstance(decision, Warn | End) or (isinstance(decision, End) and not decision.notice):
        return
    index = snapshot.newest_index + 1
    said = Message(index, now, Who.OURS, marker=Marker(decision.step.kind, decision.step.number, decision.answers))

    again = decide(replace(snapshot, messages=(said, *snapshot.messages)), policy, now)

    if isinstance(decision, Warn):
        assert isinstance(again, Rearm)
    else:
        assert End(Reason.NOTICE_SENT, policy.default.steps[-1], decision.answers, notice=False) == again


@given(snapshots(), policies, minutes_later)
def test_a_timer_is_never_armed_for_less_than_a_minute(snapshot: Snapshot, policy: Policy, minutes: float) -> None:
    """Twilio refuses it, and it would fire for nothing."""
    now = newest_counted(snapshot).sent_at + timedelta(minutes=minutes)

    decision = decide(snapshot, policy, now)

    if isinstance(decision, Rearm):
        assert decision.target >= now + timedelta(minutes=1)
    if isinstance(decision, Warn):
        assert decision.then >= now + timedelta(minutes=1)


@given(policies, st.integers(0, 200))
def test_a_silent_customer_is_always_released(policy: Policy, late: int) -> None:
    """Fire whenever the decision asks for it: warning and end come, and nothing loops."""
    snapshot = chat(HELLO, ANSWER)
    now = ANSWER.sent_at + policy.earliest + timedelta(minutes=late)
    for _ in range(4):
        decision = decide(snapshot, policy, now)
        if isinstance(decision, End):
            break
        assert isinstance(decision, Warn)
        said = ours(StepKind.WARNING, 2, 0, answers=1)
        snapshot = replace(snapshot, messages=(replace(said, sent_at=now), *snapshot.messages))
        now = decision.then
    assert isinstance(decision, End)
    assert now <= ANSWER.sent_at + policy.default.timeout + timedelta(minutes=late + 1)
