"""The decision table, row by row, and the properties that hold for every snapshot."""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from functools import partial

import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from function.chat import (
    Author,
    ChannelStatus,
    Claim,
    ConversationState,
    Decision,
    End,
    Finish,
    Keep,
    LastTask,
    Marker,
    Message,
    NoTextReason,
    Notify,
    Rearm,
    Reason,
    Share,
    Snapshot,
    Task,
    TaskFate,
    TaskStatus,
    Warn,
    Wrapped,
)
from function.chat.dialogue import newest_counted
from function.chat.subject import on_hold_until, subject_of
from function.policy import Policy, StepKind, TaskEnding, parse_policy
from tests.function.deciding import decide
from tests.function.reaching import Reached, reaching
from tests.function.silences import (
    EARLIER,
    Silence,
    at,
    chat,
    newest_counted_message,
    ours,
    said,
    says,
    silences,
    task,
    texts_customer,
)

POLICY = parse_policy({})
WITHOUT_WARNING = parse_policy({"warnBefore": "PT0S"})
WARNING, CLOSING = POLICY.default.steps


def noted(snapshot: Snapshot) -> Snapshot:
    """Return the snapshot with a channel that no task proves."""
    assert snapshot.channel
    return replace(snapshot, channel=replace(snapshot.channel, proven=False))


HELLO = says(Author.CUSTOMER, 0, 0)
ANSWER = says(Author.AGENT, 1, 1)
QUEUED = (task(TaskStatus.PENDING),)
SECOND_WAITS = (task(), task(TaskStatus.PENDING, created=2, number=2))
WARNED = ours(StepKind.WARNING, 2, 9, answered_index=1)
SAID_GOODBYE = ours(StepKind.CLOSING, 3, 11, answered_index=1)

CLOSED = ConversationState.CLOSED
INACTIVE, PAUSE, TRANSFER, UNKNOWN, FAILED = (
    ChannelStatus(name) for name in ("inactive", "pause", "transfer", "unknown", "failed")
)
WARNED_LATE = ours(StepKind.WARNING, 2, 60, answered_index=1)
END = End(Reason.CUSTOMER_SILENT, CLOSING, 1)
END_WITHOUT_NOTICE = End(Reason.NOTICE_SENT, CLOSING, 1, notice=False)
END_OF_ONE_WHO_NEVER_WROTE = End(Reason.CUSTOMER_SILENT, CLOSING, 0, notice=False, unsaid=NoTextReason.NEVER_WROTE)
PUT_INTO_WRAPPING = Finish(Reason.CLOSED, Share.WRAP, TaskEnding.WRAP)
CANCEL_WAITING = Finish(Reason.CLOSED, Share.WAITING)
customer, agent, bot = (partial(says, who) for who in (Author.CUSTOMER, Author.AGENT, Author.AUTOMATED))
UNDELIVERED = replace(ANSWER, arrived=False)
ANSWERED = chat(HELLO, ANSWER, tasks=())
LOST = LastTask("WT1", TaskFate.LOST, accepted=True, made_at=at(0))
LOST_IN_QUEUE = replace(LOST, accepted=False)
FINISHED = LastTask("WT1", TaskFate.FINISHED, accepted=True)
WHO_KNOWS = LastTask("WT1", TaskFate.UNKNOWN)


def wrapped(minutes: float, *, number: int = 1, of: int = 1) -> Task:
    """Return a task that we put into wrapping, or one with a copied mark."""
    marked = Wrapped(f"WT{of}", at(minutes)).written_into("{}")
    return replace(task(TaskStatus.WRAPPING, number=number), attributes=marked or "")


def claimed(step: int, answered_index: int) -> Task:
    """Return the agent's task with a claim of another attempt."""
    return replace(task(), attributes=Claim("us", step, answered_index, at(12), "WT1").written_into("{}") or "")


WRAPPED, LATER, COPY = wrapped(10), wrapped(15, number=2, of=2), wrapped(10, number=3)


def closed_at(minutes: float, snapshot: Snapshot) -> Snapshot:
    """Return the snapshot with the time at which the conversation was closed."""
    return replace(snapshot, conversation=replace(snapshot.conversation, updated_at=at(minutes)))


def ended(last: LastTask, snapshot: Snapshot) -> Snapshot:
    """Return the snapshot with this fate of its last task."""
    return replace(snapshot, tasks=(), last_task=last)


def last_task_unknown(snapshot: Snapshot) -> Snapshot:
    """Return the snapshot while TaskRouter does not show what became of the last task."""
    return ended(replace(WHO_KNOWS, asked_at=at(4)), snapshot)


def hinted(snapshot: Snapshot) -> Snapshot:
    """Return the snapshot with a waiting task that cannot be proven to be the chat's."""
    return replace(snapshot, hints=(task(TaskStatus.PENDING, created=2, number=2),))


def warn(answered_index: int, then: datetime) -> Warn:
    """Return the decision to warn."""
    return Warn(Reason.CUSTOMER_SILENT, WARNING, answered_index, then)


TABLE: list[tuple[str, Snapshot, float, Decision]] = [
    ("closed, an agent still holds it", chat(HELLO, state=CLOSED), 9, Keep(Reason.CLOSED, at(10))),
    ("closed, the agent has had it for long enough", chat(HELLO, state=CLOSED), 10, PUT_INTO_WRAPPING),
    ("closed, the same five seconds early", chat(HELLO, state=CLOSED), 10 - 5 / 60, PUT_INTO_WRAPPING),
    ("closed since its last change", closed_at(30, chat(HELLO, state=CLOSED)), 39, Keep(Reason.CLOSED, at(40))),
    ("closed since its last change, for long", closed_at(30, chat(HELLO, state=CLOSED)), 40, PUT_INTO_WRAPPING),
    ("closed, queued", chat(HELLO, tasks=QUEUED, state=CLOSED), 0, Finish(Reason.CLOSED)),
    ("closed, a colleague is asked", chat(HELLO, tasks=SECOND_WAITS, state=CLOSED), 9, CANCEL_WAITING),
    ("closed, put into wrapping by us", chat(tasks=(WRAPPED,), state=CLOSED), 19, Keep(Reason.CLOSED, at(20))),
    ("closed, put into wrapping long ago", chat(tasks=(WRAPPED,), state=CLOSED), 20, Finish(Reason.CLOSED)),
    ("closed, of two the older decides", chat(tasks=(LATER, WRAPPED), state=CLOSED), 20, Finish(Reason.CLOSED)),
    ("closed, a copy of our mark", chat(tasks=(COPY,), state=CLOSED), 99, Keep(Reason.CLOSED)),
    ("closed by us, says our notice", chat(HELLO, ANSWER, SAID_GOODBYE, state=CLOSED), 11, Finish(Reason.CLOSED)),
    (
        "closed by us, says our claim",
        chat(HELLO, ANSWER, tasks=(claimed(2, 1),), state=CLOSED),
        9,
        Finish(Reason.CLOSED),
    ),
    (
        "closed, claimed for a warning",
        chat(HELLO, ANSWER, tasks=(claimed(1, 1),), state=CLOSED),
        9,
        Keep(Reason.CLOSED, at(11)),
    ),
    (
        "closed, claimed for an older word",
        chat(HELLO, ANSWER, tasks=(claimed(2, 0),), state=CLOSED),
        9,
        Keep(Reason.CLOSED, at(11)),
    ),
    ("closed, exempt", chat(HELLO, ANSWER, kind="email", state=CLOSED), 99, Keep(Reason.EMAIL)),
    ("closed, wrapping", chat(tasks=(task(TaskStatus.WRAPPING),), state=CLOSED), 9, Keep(Reason.CLOSED)),
    ("closed, nothing left", chat(HELLO, tasks=(), channel=ChannelStatus.CLOSED, state=CLOSED), 9, Keep(Reason.CLOSED)),
    ("closed, no interaction", chat(HELLO, tasks=(), channel=None, state=CLOSED), 9, Keep(Reason.CLOSED)),
    ("closed, only a task is left", chat(HELLO, channel=ChannelStatus.CLOSED, state=CLOSED), 10, PUT_INTO_WRAPPING),
    ("closed, only the channel is left", chat(HELLO, tasks=(), state=CLOSED), 9, Finish(Reason.CLOSED)),
    ("closed, a channel that only a note names", noted(chat(HELLO, tasks=(), state=CLOSED)), 9, Keep(Reason.CLOSED)),
    ("closed before what its channel says", chat(channel=INACTIVE, state=CLOSED), 10, PUT_INTO_WRAPPING),
    ("left", chat(HELLO, ANSWER, channel=INACTIVE), 99, Keep(Reason.LEFT)),
    ("left after our notice", chat(HELLO, ANSWER, SAID_GOODBYE, channel=INACTIVE), 99, Keep(Reason.LEFT)),
    ("paused", chat(HELLO, ANSWER, channel=PAUSE), 99, Keep(Reason.PAUSED)),
    ("email", chat(HELLO, ANSWER, kind="email"), 99, Keep(Reason.EMAIL)),
    ("channel unknown, queued", chat(HELLO, tasks=QUEUED, channel=UNKNOWN), 99, Keep(Reason.CHANNEL_UNKNOWN)),
    ("channel unknown, an agent has it", chat(HELLO, ANSWER, channel=UNKNOWN), 11, warn(1, at(12))),
    ("channel unknown, its task was lost", ended(LOST, chat(HELLO, ANSWER, channel=UNKNOWN)), 11, warn(1, at(12))),
    ("transfer, says the channel", chat(HELLO, ANSWER, channel=TRANSFER), 5, Rearm(Reason.TRANSFER, at(13))),
    ("transfer, overdue: not every minute", chat(HELLO, ANSWER, channel=TRANSFER), 50, Rearm(Reason.TRANSFER, at(58))),
    ("transfer, say the tasks", chat(HELLO, ANSWER, tasks=SECOND_WAITS), 5, Rearm(Reason.TRANSFER, at(13))),
    ("transfer, customer last", chat(HELLO, tasks=SECOND_WAITS), 5, Rearm(Reason.TRANSFER, at(13))),
    ("transfer, a colleague may be asked", hinted(chat(HELLO, ANSWER)), 5, Rearm(Reason.TRANSFER, at(13))),
    ("transfer, nearly for too long", chat(HELLO, ANSWER, channel=TRANSFER), 56, Rearm(Reason.TRANSFER, at(61))),
    ("transfer, in its last minute", chat(HELLO, ANSWER, channel=TRANSFER), 60.5, Rearm(Reason.TRANSFER, at(61.5))),
    ("transfer, for too long", chat(HELLO, ANSWER, channel=TRANSFER), 61, warn(1, at(62))),
    ("transfer, for too long since it began", chat(HELLO, ANSWER, tasks=SECOND_WAITS), 62, warn(1, at(63))),
    ("transfer, for too long, customer last", chat(HELLO, tasks=SECOND_WAITS), 62, Keep(Reason.AGENT_SILENT)),
    ("our notice is posted", chat(HELLO, ANSWER, WARNED, SAID_GOODBYE), 11, END_WITHOUT_NOTICE),
    ("our notice is posted, task gone", chat(HELLO, ANSWER, SAID_GOODBYE, tasks=()), 11, END_WITHOUT_NOTICE),
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
    ("nobody can say what became of the task", ended(WHO_KNOWS, ANSWERED), 99, Keep(Reason.NO_LIVE_TASK)),
    ("taskrouter may still tell", last_task_unknown(ANSWERED), 6, Rearm(Reason.NO_LIVE_TASK, at(8))),
    ("taskrouter may still tell, later", last_task_unknown(ANSWERED), 34, Keep(Reason.NO_LIVE_TASK, at(64))),
    ("an agent has finished", ended(FINISHED, ANSWERED), 99, Keep(Reason.NO_LIVE_TASK)),
    ("an agent has finished, customer last", ended(FINISHED, chat(HELLO)), 99, Keep(Reason.NO_LIVE_TASK)),
    ("lost after an answer", ended(LOST, ANSWERED), 9, warn(1, at(11))),
    ("lost after an answer, due", ended(LOST, chat(HELLO, ANSWER, WARNED)), 11, END),
    ("lost before an answer", ended(LOST, chat(HELLO)), 99, Keep(Reason.AGENT_SILENT)),
    ("lost in the queue", ended(LOST_IN_QUEUE, chat(HELLO)), 99, Keep(Reason.QUEUED)),
    ("lost in the queue, a bot spoke", ended(LOST_IN_QUEUE, chat(HELLO, bot(1, 1))), 99, Keep(Reason.QUEUED)),
    ("pending", chat(HELLO, tasks=QUEUED), 99, Keep(Reason.QUEUED)),
    ("perhaps pending", hinted(chat(HELLO, bot(1, 1), tasks=())), 99, Keep(Reason.QUEUED)),
    ("perhaps pending, an agent wrote", hinted(chat(HELLO, ANSWER, tasks=())), 99, Keep(Reason.NO_LIVE_TASK)),
    ("reserved", chat(HELLO, tasks=(task(TaskStatus.RESERVED),)), 99, Keep(Reason.QUEUED)),
    (
        "queued again behind an agent who wraps up",
        chat(HELLO, ANSWER, tasks=(task(TaskStatus.WRAPPING), task(TaskStatus.PENDING, number=2))),
        99,
        Keep(Reason.QUEUED),
    ),
    ("the agent's message was not delivered", chat(HELLO, UNDELIVERED), 99, Keep(Reason.AGENT_SILENT)),
    ("no message yet", chat(), 99, Keep(Reason.AGENT_SILENT)),
    ("no message yet, bot", chat(tasks=(), channel=None), 99, Keep(Reason.AGENT_SILENT)),
    ("customer last", chat(HELLO, ANSWER, customer(2, 2)), 99, Keep(Reason.AGENT_SILENT)),
    ("a bot does not answer for the agent", chat(HELLO, bot(1, 1)), 99, Keep(Reason.AGENT_SILENT)),
    (
        "the first agent's messages, after a transfer",
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
    ("a customer who never wrote is not warned", chat(agent(0, 1)), 9, Rearm(Reason.NOT_YET, at(11))),
    ("a customer who never wrote is ended in silence", chat(agent(0, 1)), 11, END_OF_ONE_WHO_NEVER_WROTE),
    ("warned late, a minute is left", chat(HELLO, ANSWER, WARNED_LATE), 60, Rearm(Reason.NOT_YET, at(61))),
    ("due", chat(HELLO, ANSWER, WARNED), 11, END),
    ("due, five seconds early", chat(HELLO, ANSWER, WARNED), 11 - 5 / 60, END),
    ("due, whatever a bot said meanwhile", chat(HELLO, ANSWER, WARNED, bot(3, 10)), 11, END),
    ("due, channel failed", chat(HELLO, ANSWER, WARNED, channel=FAILED), 11, END),
    ("due, no interaction", chat(HELLO, ANSWER, WARNED, channel=None), 11, END),
]


@pytest.mark.parametrize(("snapshot", "minutes", "expected"), [row[1:] for row in TABLE], ids=[row[0] for row in TABLE])
def test_the_table(snapshot: Snapshot, minutes: float, expected: Decision) -> None:
    """Each row of the decision table, at its bounds."""
    assert decide(snapshot, POLICY, at(minutes)) == expected


def test_without_a_warning_the_end_is_the_first_step() -> None:
    """`warnBefore: PT0S` means no warning."""
    snapshot = chat(HELLO, ANSWER)

    assert decide(snapshot, WITHOUT_WARNING, at(9)) == Rearm(Reason.NOT_YET, at(11))
    assert decide(snapshot, WITHOUT_WARNING, at(11)) == End(Reason.CUSTOMER_SILENT, WITHOUT_WARNING.default.steps[0], 1)


def test_a_warning_under_an_earlier_policy_does_not_prevent_the_end() -> None:
    """The minute after the warning still applies."""
    snapshot = chat(HELLO, ANSWER, ours(StepKind.WARNING, 2, 11, answered_index=1))

    assert decide(snapshot, WITHOUT_WARNING, at(11.5)) == Rearm(Reason.NOT_YET, at(12.5))
    assert isinstance(decide(snapshot, WITHOUT_WARNING, at(12)), End)


def test_the_defaults_of_a_decision() -> None:
    """There is no time for another check; an end has a notice and completes the task."""
    assert Keep(Reason.LEFT) == Keep(Reason.LEFT, None)
    assert End(Reason.QUEUED, CLOSING, 1) == End(Reason.QUEUED, CLOSING, 1, True, None, TaskEnding.COMPLETE)


@pytest.mark.parametrize(
    "decision",
    [
        Keep(Reason.LEFT),
        Rearm(Reason.NOT_YET, at(9)),
        warn(1, at(11)),
        Notify(Reason.AGENT_SILENT, CLOSING, 1, at(2), with_text=True),
        END,
        Finish(Reason.CLOSED),
    ],
    ids=lambda decision: type(decision).__name__,
)
def test_a_decision_never_changes(decision: Decision) -> None:
    """Decisions are frozen, and equal ones are one element of a set."""
    assert len({decision, replace(decision)}) == 1


@pytest.mark.parametrize(
    ("snapshot", "expected"),
    [
        (chat(HELLO, tasks=QUEUED, state=CLOSED), Finish(Reason.CLOSED_BY_TIMER)),
        (chat(HELLO, ANSWER, SAID_GOODBYE, state=CLOSED), Finish(Reason.CLOSED_BY_TIMER)),
        (chat(HELLO, state=CLOSED), Keep(Reason.CLOSED_BY_TIMER, at(10))),
        (chat(HELLO, tasks=(), channel=None, state=CLOSED), Keep(Reason.CLOSED_BY_TIMER)),
    ],
)
def test_the_decision_names_who_closed_the_chat(snapshot: Snapshot, expected: Decision) -> None:
    """It names the closed timer, if the event says so."""
    assert decide(snapshot, POLICY, at(9), closed_by_timer=True) == expected


# -- what always holds ------------------------------------------------------------------------------------------------

policies = st.tuples(st.integers(2, 60), st.integers(0, 59)).map(
    lambda made: parse_policy({"timeout": f"PT{made[0]}M", "warnBefore": f"PT{made[1] % made[0]}M"})
)

twice_as_many = settings(max_examples=200)  # Hypothesis makes most draws by repeating something of the one before


Decide = Callable[[Snapshot, Policy, datetime], Decision]


def as_if_answered(snapshot: Snapshot) -> Snapshot:
    """Return the chat as if an agent had written the customer's newest message; a bot if there is no agent."""
    newest = newest_counted_message(snapshot)
    by = Author.AGENT if snapshot.live_tasks else Author.AUTOMATED
    answer = replace(newest, by=by, present=True, left=False) if newest else None
    return replace(snapshot, messages=tuple(answer if each is newest else each for each in snapshot.messages))


def assert_heard(reached: Reached, silence: Silence, decide: Decide = decide) -> None:
    """A customer who wrote last is neither warned nor ended, unless our notice is already the newest message."""
    snapshot, policy, now = silence
    newest = newest_counted_message(snapshot)
    decision = decide(snapshot, policy, now)
    if reached("waits", (newest is None or newest.by is Author.CUSTOMER) and not said(snapshot, StepKind.CLOSING)):
        assert not isinstance(decision, Warn | End)
        reached("told_if_answered", texts_customer(decide(as_if_answered(snapshot), policy, now)))


def perhaps_said(snapshot: Snapshot) -> list[Message]:
    """Return our messages in this silence whose attributes cannot be read; they count as the warnings that were due."""
    newest = newest_counted_message(snapshot)
    since = newest.index if newest else -1
    words = (
        each for each in snapshot.messages if each.by is Author.OURS and each.marker is None and each.index > since
    )
    return list(words)


def assert_in_time(reached: Reached, silence: Silence, decide: Decide = decide) -> None:
    """A due step is at most five seconds late, an earlier one was not due, and an end follows a warning.

    A closing notice of ours exists if the decision says so.
    """
    snapshot, policy, now = silence
    newest = newest_counted_message(snapshot)
    warnings = said(snapshot, StepKind.WARNING) or perhaps_said(snapshot)
    decision = decide(snapshot, policy, now)
    assert decision.reason is not Reason.NOTICE_SENT or said(snapshot, StepKind.CLOSING) or perhaps_said(snapshot)
    if reached("texts_customer", newest and texts_customer(decision) and decision.reason is Reason.CUSTOMER_SILENT):
        a_minute_after = [warning.sent_at + timedelta(minutes=1) for warning in warnings]
        held = [until for until in [on_hold_until(subject_of(snapshot))] if until]
        due = max([newest.sent_at + decision.step.after, *a_minute_after, *held])
        earlier = decide(snapshot, policy, due - timedelta(seconds=6))
        assert now >= due - timedelta(seconds=5)
        assert getattr(earlier, "step", None) != decision.step
        assert warnings or isinstance(decision, Warn) or not policy.apply(subject_of(snapshot)).plan.warnings
        reached("warned_before", warnings)


def assert_said_once(reached: Reached, silence: Silence, decide: Decide = decide) -> None:
    """With our message in the chat, the same step is not due again; the timer then brings the next one."""
    snapshot, policy, now = silence
    decision = decide(snapshot, policy, now)
    if reached("texts_customer", texts_customer(decision)):
        marker = Marker(decision.step.kind, decision.step.number, decision.answered_index)
        posted = Message(snapshot.newest_index + 1, now, Author.OURS, marker=marker)
        after = replace(snapshot, messages=(posted, *snapshot.messages))
        again = decide(after, policy, now)
        if reached("warned", isinstance(decision, Warn)):
            later = decide(after, policy, decision.then)
            assert isinstance(again, Rearm)
            assert isinstance(later, Warn | End)
            assert later.step.number > decision.step.number
        else:
            closing = policy.apply(subject_of(snapshot)).plan.steps[-1]
            assert again == End(Reason.NOTICE_SENT, closing, decision.answered_index, notice=False)


def assert_armed_for_a_minute(reached: Reached, silence: Silence, decide: Decide = decide) -> None:
    """No timer is set to less than a minute."""
    decision = decide(*silence)
    if reached("armed", isinstance(decision, Rearm | Warn)):
        target = decision.then if isinstance(decision, Warn) else decision.target
        assert target >= silence.now + timedelta(minutes=1)


@reaching(waits=0.8, told_if_answered=0.15)
@twice_as_many
@given(silences(policies, reply=True))
def test_a_customer_who_wrote_last_is_never_warned_or_ended(reached: Reached, silence: Silence) -> None:
    """This holds for every snapshot."""
    assert_heard(reached, silence)


@reaching(texts_customer=0.6, warned_before=0.05)
@twice_as_many
@given(silences(policies))
def test_no_step_is_early(reached: Reached, silence: Silence) -> None:
    """A step is at most five seconds early, and the end is at least 55 seconds after its warning."""
    assert_in_time(reached, silence)


@reaching(texts_customer=0.6, warned=0.05)
@twice_as_many
@given(silences(policies))
def test_no_message_is_posted_twice(reached: Reached, silence: Silence) -> None:
    """This holds for the warning and the closing notice."""
    assert_said_once(reached, silence)


@reaching(armed=0.6)
@twice_as_many
@given(silences(policies, seconds=EARLIER))
def test_a_timer_is_never_armed_for_less_than_a_minute(reached: Reached, silence: Silence) -> None:
    """Twilio refuses a shorter timer."""
    assert_armed_for_a_minute(reached, silence)


@given(policies, st.integers(0, 200))
def test_a_silent_customer_is_always_released(policy: Policy, late: int) -> None:
    """With a timer that fires whenever the decision asks for it, the warning and the end follow, without a loop."""
    snapshot = chat(HELLO, ANSWER)
    now = ANSWER.sent_at + policy.earliest + timedelta(minutes=late)
    for _ in range(4):
        decision = decide(snapshot, policy, now)
        if isinstance(decision, End):
            break
        assert isinstance(decision, Warn)
        warning = replace(ours(StepKind.WARNING, 2, 0, answered_index=1), sent_at=now)
        snapshot = replace(snapshot, messages=(warning, *snapshot.messages))
        now = decision.then
    assert isinstance(decision, End)
    assert now <= ANSWER.sent_at + policy.default.timeout + timedelta(minutes=late + 1)


# -- what always holds would be seen if it did not --------------------------------------------------------------------


def warned_a_second_early(snapshot: Snapshot, policy: Policy, now: datetime) -> Decision:
    """A defect: the clock is fast."""
    return decide(snapshot, policy, now + timedelta(seconds=1))


def armed_half_a_minute_short(snapshot: Snapshot, policy: Policy, now: datetime) -> Decision:
    """A defect: the clock is slow."""
    return decide(snapshot, policy, now - timedelta(seconds=30))


def deaf(snapshot: Snapshot, policy: Policy, now: datetime) -> Decision:
    """A defect: customers' messages do not count."""
    without_customer = tuple(each for each in snapshot.messages if each.by is not Author.CUSTOMER)
    return decide(replace(snapshot, messages=without_customer), policy, now)


def forgetful(snapshot: Snapshot, policy: Policy, now: datetime) -> Decision:
    """A defect: our own messages are not read."""
    known = tuple(each for each in snapshot.messages if each.by is not Author.OURS)
    return decide(replace(snapshot, messages=known), policy, now)


def hasty(snapshot: Snapshot, policy: Policy, now: datetime) -> Decision:
    """A defect: the minute after a late warning is ignored, as if each warning had been on time."""
    newest = newest_counted(snapshot).sent_at
    known = tuple(replace(each, sent_at=newest) if each.by is Author.OURS else each for each in snapshot.messages)
    return decide(replace(snapshot, messages=known), policy, now)


def mixing_up(snapshot: Snapshot, policy: Policy, now: datetime) -> Decision:
    """A defect: our message about an older message counts as an answer to the newest, posted after it."""
    newest = newest_counted(snapshot).index
    known = tuple(
        replace(each, index=max(each.index, newest + 1), marker=replace(each.marker, answered_index=newest))
        if each.marker
        else each
        for each in snapshot.messages
    )
    return decide(replace(snapshot, messages=known), policy, now)


@pytest.mark.parametrize(
    ("claim", "wrong"),
    [
        (assert_heard, deaf),
        (assert_heard, mixing_up),
        (assert_in_time, warned_a_second_early),
        (assert_in_time, forgetful),
        (assert_in_time, hasty),
        (assert_in_time, mixing_up),
        (assert_said_once, forgetful),
        (assert_armed_for_a_minute, armed_half_a_minute_short),
    ],
)
def test_a_wrong_decision_is_noticed(claim: Callable[..., None], wrong: Decide) -> None:
    """The properties above find each of these defects with the same number of draws."""

    @settings(twice_as_many, database=None, derandomize=True, phases=[Phase.generate], report_multiple_bugs=False)
    @given(silences(policies, reply=claim is assert_heard))
    def drawn(silence: Silence) -> None:
        claim(lambda _, condition: condition, silence, wrong)

    with pytest.raises(AssertionError):
        drawn()
