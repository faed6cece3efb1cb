"""How rules, exemptions and waits of a policy change decisions; the table itself is in test_decisions."""

import json
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from function.chat import (
    AgentSilent,
    Author,
    Authorship,
    ConversationState,
    Decision,
    End,
    Finish,
    Keep,
    Marker,
    Message,
    NoTextReason,
    Notify,
    Participant,
    Rearm,
    Reason,
    Share,
    Snapshot,
    TaskStatus,
    Warn,
    allowed,
)
from function.chat.attributes import FOREVER
from function.chat.subject import subject_of
from function.policy import Policy, Step, StepKind, TaskEnding, parse_policy
from function.settings import Mode
from tests.function.chat.test_decisions import (
    ANSWER,
    ANSWERED,
    CLOSED,
    FINISHED,
    HELLO,
    LOST,
    LOST_IN_QUEUE,
    PAUSE,
    PUT_INTO_WRAPPING,
    QUEUED,
    SAID_GOODBYE,
    SECOND_WAITS,
    WHO_KNOWS,
    WRAPPED,
    agent,
    assert_in_time,
    assert_said_once,
    bot,
    claimed,
    customer,
    ended,
    hinted,
    last_task_unknown,
)
from tests.function.deciding import decide
from tests.function.reaching import Reached, reaching
from tests.function.silences import (
    Silence,
    any_of_each,
    at,
    chat,
    newest_counted_message,
    ours,
    said,
    says,
    silences,
    task,
    with_conversation,
)

SILENT_AGENT = chat(HELLO, ANSWER, customer(2, 2))
IN_QUEUE = chat(HELLO, tasks=QUEUED)


def policy(timeout: str = "PT10M", **inside: Any) -> Policy:
    """Return a policy with these keys."""
    return parse_policy({"timeout": timeout, "policy": inside})


def waits(do: str, after: str) -> dict[str, str]:
    """Return what a policy says about customers who wait."""
    return {"do": do, "after": after}


def with_task(snapshot: Snapshot, **attributes: Any) -> Snapshot:
    """Return the snapshot with attributes on its task."""
    (first, *rest) = snapshot.tasks
    return replace(snapshot, tasks=(replace(first, attributes=json.dumps(attributes)), *rest))


# -- who is left alone ------------------------------------------------------------------------------------------------

VIP = policy(exempt={"task": {"vip": True}, "conversation": {"hold": "yes"}})
DUE = chat(HELLO, ANSWER)


@pytest.mark.parametrize(
    ("snapshot", "reason"),
    [
        (with_task(DUE, vip=True), Reason.EXEMPT),
        (with_conversation(DUE, hold="yes"), Reason.EXEMPT),
        (chat(HELLO, ANSWER, kind="email"), Reason.EXEMPT),
        (replace(with_task(chat(HELLO, ANSWER, channel=None), channelType="email"), channel=None), Reason.EXEMPT),
        (with_task(chat(HELLO, ANSWER, channel=PAUSE), vip=True), Reason.PAUSED),
    ],
)
def test_an_exempt_chat_is_kept(snapshot: Snapshot, reason: Reason) -> None:
    """It is exempt by attribute or by channel; what an agent did is the more important reason."""
    decision = decide(snapshot, VIP, at(99))

    assert isinstance(decision, Keep)
    assert decision.reason in {reason, Reason.EMAIL}
    assert isinstance(decide(with_task(DUE, vip=False), VIP, at(9)), Warn)


def test_a_rule_may_exempt_too() -> None:
    """Email is like any other channel if the policy says so."""
    exempt = policy(rules=[{"match": {"channel": "web"}, "exempt": True}], exempt={"channels": []})

    assert decide(DUE, exempt, at(99)) == Keep(Reason.EXEMPT)
    assert isinstance(decide(chat(HELLO, ANSWER, kind="email"), exempt, at(9)), Warn)


@pytest.mark.parametrize(
    ("until", "minutes", "expected"),
    [
        ("2026-01-05T09:30:00Z", 25, Rearm(Reason.DO_NOT_TIME_OUT, at(30))),
        ("2026-01-05T10:30:00+01:00", 25, Rearm(Reason.DO_NOT_TIME_OUT, at(30))),
        ("2026-01-05T09:30:00", 25, Rearm(Reason.DO_NOT_TIME_OUT, at(30))),
        ("2026-01-05T09:30:00Z", 29.5, Rearm(Reason.DO_NOT_TIME_OUT, at(30.5))),
        ("2026-01-05T09:30:00Z", 9, Keep(Reason.DO_NOT_TIME_OUT, at(30))),
        ("2026-01-05T09:30:00Z", 21, Keep(Reason.DO_NOT_TIME_OUT, at(30))),
        ("2026-01-05T09:30:00Z", 22, Rearm(Reason.DO_NOT_TIME_OUT, at(30))),
        ("2026-01-05T09:30:00Z", 30 - 5 / 60, None),
        ("9999-12-31T23:59:59-23:00", 9, Keep(Reason.DO_NOT_TIME_OUT, FOREVER)),
        ("2026-01-05T09:30:00Z", 30, None),
        ("tomorrow", 9, None),
        (17, 9, None),
    ],
)
@pytest.mark.parametrize("place", [with_task, with_conversation])
def test_a_chat_is_held_until_the_time_in_its_attribute(
    place: Any, until: object, minutes: float, expected: Decision | None
) -> None:
    """Then it is like any other; a value that is not a time is ignored."""
    decision = decide(place(DUE, doNotTimeOutUntil=until), policy(), at(minutes))

    if expected is None:
        assert isinstance(decision, Warn)
    else:
        assert decision == expected


def test_the_later_of_two_times_holds() -> None:
    """One is on the task, one on the conversation."""
    both = with_conversation(
        with_task(DUE, doNotTimeOutUntil="2026-01-05T09:20Z"), doNotTimeOutUntil="2026-01-05T10:00Z"
    )

    assert decide(both, policy(), at(15)) == Keep(Reason.DO_NOT_TIME_OUT, at(60))


def test_a_parked_chat_is_kept_until_somebody_has_it_again() -> None:
    """The park-interaction feature of flex-project-template leaves these attributes, also after unparking."""
    attributes = {"interactionSid": "KD" + "1" * 32, "channelSid": "UO" + "2" * 32, "webhookSid": "WH" + "3" * 32}
    parked = with_conversation(chat(HELLO, bot(1, 1), tasks=()), **attributes)
    unparked = with_conversation(DUE, **attributes)

    assert decide(parked, policy(), at(99)) == Keep(Reason.PARKED)
    assert isinstance(decide(unparked, policy(), at(9)), Warn)


# -- who waits --------------------------------------------------------------------------------------------------------


def test_a_queued_chat_is_ended_if_the_policy_says_so() -> None:
    """The text is the one for waiting customers, and the time counts from the task's creation."""
    impatient = policy(whenQueued=waits("end", "PT20M"))
    (decision,) = {decide(IN_QUEUE, impatient, at(minutes)) for minutes in (20, 20 - 5 / 60, 60)}

    assert isinstance(decision, End)
    assert (decision.reason, decision.answered_index, decision.notice) == (Reason.QUEUED, 0, True)
    assert impatient.default.texts.unanswered == decision.step.text
    assert decision.step.after == timedelta(minutes=20)
    assert StepKind.CLOSING is decision.step.kind
    assert decide(IN_QUEUE, impatient, at(8)) == Keep(Reason.QUEUED, at(20))
    assert decide(IN_QUEUE, impatient, at(13)) == Rearm(Reason.QUEUED, at(20))


def test_the_wait_counts_from_the_newest_task() -> None:
    """The chat was queued again after an agent wrapped up."""
    again = chat(HELLO, ANSWER, tasks=(task(TaskStatus.WRAPPING), task(TaskStatus.PENDING, created=15, number=2)))

    assert decide(again, policy(whenQueued=waits("end", "PT20M")), at(30)) == Rearm(Reason.QUEUED, at(35))


def test_a_silent_agent_is_reported_once_and_only_after_the_time() -> None:
    """The time counts from the customer's first unanswered message, even if they write more."""
    notify = policy(whenAgentSilent=waits("notify", "PT15M"), texts={"agentSilent": "wait"})
    urging = chat(HELLO, ANSWER, customer(2, 2), customer(3, 16))

    decision = decide(urging, notify, at(17))

    assert notify.default.texts.agent_silent
    step = Step(0, StepKind.AGENT_SILENT, timedelta(minutes=15), notify.default.texts.agent_silent)
    assert decision == Notify(Reason.AGENT_SILENT, step, 3, at(2), with_text=True)
    assert decide(urging, notify, at(17 - 5 / 60)) == decision
    assert decide(urging, notify, at(16)) == Rearm(Reason.AGENT_SILENT, at(17))
    assert decide(SILENT_AGENT, notify, at(5)) == Keep(Reason.AGENT_SILENT, at(17))


def test_a_reported_silence_is_not_reported_again_before_the_agent_writes() -> None:
    """The mark or the message is enough to know; the next silence is a new one."""
    notify = policy(whenAgentSilent=waits("notify", "PT15M"), texts={"agentSilent": "wait"})
    mark = json.loads(AgentSilent(2, at(2)).written_into("{}") or "")
    said = Message(3, at(17), Author.OURS, marker=Marker(StepKind.AGENT_SILENT, 0, 2))
    marked = with_task(chat(HELLO, ANSWER, customer(2, 2), said, customer(4, 30)), **mark)
    unmarked = chat(HELLO, ANSWER, customer(2, 2), said)
    again = with_task(chat(HELLO, ANSWER, customer(2, 2), said, agent(4, 30), customer(5, 31)), **mark)
    handed_on = replace(marked, tasks=(replace(marked.tasks[0], created_at=at(40)),))
    new_chat = replace(marked, tasks=(replace(marked.tasks[0], created_at=at(2)),))

    assert decide(new_chat, notify, at(99)) == Keep(Reason.AGENT_SILENT), "silent from the task's first second"
    assert decide(marked, notify, at(99)) == Keep(Reason.AGENT_SILENT)
    assert not getattr(decide(unmarked, notify, at(99)), "with_text", None), "the text is posted, the mark was lost"
    assert getattr(decide(again, notify, at(99)), "with_text", None)
    assert isinstance(decide(handed_on, notify, at(99)), Notify), "another agent, another silence"


def test_an_earlier_warning_is_not_a_message_about_the_agent() -> None:
    """The customer answered the warning, and waits since then."""
    notify = policy(whenAgentSilent=waits("notify", "PT15M"), texts={"agentSilent": "wait"})
    warned = chat(HELLO, ANSWER, ours(StepKind.WARNING, 2, 9, answered_index=1), customer(3, 10))

    assert True is getattr(decide(warned, notify, at(25)), "with_text", None)


def test_without_a_text_or_a_task_nothing_is_posted() -> None:
    """The log and the mark are enough; nothing is posted either if Twilio refuses messages."""
    notify = policy(whenAgentSilent=waits("notify", "PT15M"))
    with_text = policy(whenAgentSilent=waits("notify", "PT15M"), texts={"agentSilent": "wait"})
    nobody = chat(HELLO, tasks=(), channel=None)

    decision = decide(SILENT_AGENT, notify, at(17))

    assert isinstance(decision, Notify)
    assert (decision.with_text, decision.step.text) == (False, notify.default.texts.unanswered)
    assert False is getattr(decide(SILENT_AGENT, with_text, at(17), refused=True), "with_text", None)
    assert decide(nobody, notify, at(99)) == Keep(Reason.AGENT_SILENT)


def test_a_customer_who_waits_is_ended_only_by_policy_and_after_their_own_silence() -> None:
    """The time counts from their newest message or from the task's creation, so a second agent has the full time."""
    impatient = policy(whenAgentSilent=waits("end", "PT1H"))
    urging = chat(HELLO, ANSWER, customer(2, 2), customer(3, 40))
    handed_on = replace(SILENT_AGENT, tasks=(task(created=30),))

    end = decide(SILENT_AGENT, impatient, at(62))

    assert isinstance(end, End)
    assert decide(SILENT_AGENT, impatient, at(62 - 5 / 60)) == end
    assert (end.reason, end.step.text) == (Reason.AGENT_SILENT, impatient.default.texts.unanswered)
    assert decide(urging, impatient, at(62)) == Keep(Reason.AGENT_SILENT, at(100))
    assert decide(handed_on, impatient, at(62)) == Keep(Reason.AGENT_SILENT, at(90))


def test_the_same_rule_ends_a_customer_who_waits_while_nobody_has_the_chat() -> None:
    """A bot's chat has no task, so the time counts from the customer's newest message."""
    impatient = policy(whenAgentSilent=waits("end", "PT1H"))
    nobody = chat(HELLO, bot(1, 1), customer(2, 2), tasks=())

    assert decide(nobody, impatient, at(9)) == Keep(Reason.AGENT_SILENT, at(62))
    assert isinstance(decide(nobody, impatient, at(62)), End)


@pytest.mark.parametrize(
    ("snapshot", "minutes", "ends"),
    [
        (ended(LOST_IN_QUEUE, chat(HELLO)), 20, True),
        (ended(LOST_IN_QUEUE, chat(HELLO)), 20 - 6 / 60, False),
        (ended(replace(LOST_IN_QUEUE, made_at=at(5)), chat(HELLO)), 24, False),
        (ended(replace(LOST_IN_QUEUE, made_at=at(5)), chat(HELLO)), 25, True),
        (ended(replace(LOST_IN_QUEUE, made_at=None), chat(customer(0, 7))), 26, False),
        (ended(replace(LOST_IN_QUEUE, made_at=None), chat(customer(0, 7))), 27, True),
        (hinted(chat(HELLO, tasks=())), 21, False),
        (hinted(chat(HELLO, tasks=())), 22, True),
    ],
    ids=[
        "the queue lost the task",
        "the queue lost it, and it is early",
        "counted from the lost task",
        "likewise, at its time",
        "a lost task that nobody knows the time of: counted from the first unanswered word",
        "likewise, at its time",
        "a task that may be theirs",
        "likewise, at its time",
    ],
)
def test_after_a_lost_task_the_rule_for_waiting_applies(snapshot: Snapshot, minutes: float, ends: bool) -> None:
    """The task was cancelled in the queue or cannot be proven; the same rule applies."""
    decision = decide(snapshot, policy(whenQueued=waits("end", "PT20M")), at(minutes))

    assert Reason.QUEUED is decision.reason
    assert ends is isinstance(decision, End)


def test_an_unproven_task_does_not_end_a_chat_that_an_agent_answered() -> None:
    """The task may belong to another chat."""
    answered = hinted(chat(HELLO, ANSWER, bot(2, 2), tasks=()))

    assert decide(answered, policy(whenQueued=waits("end", "PT20M")), at(99)) == Keep(Reason.NO_LIVE_TASK)


def test_after_a_lost_task_the_customer_waits_as_for_a_silent_agent() -> None:
    """Nobody else will answer; the time counts from the customer's newest message."""
    impatient = policy(whenAgentSilent=waits("end", "PT1H"), whenQueued=waits("end", "PT5M"))
    lost = ended(LOST, chat(HELLO, ANSWER, customer(2, 2)))

    assert decide(lost, impatient, at(9)) == Keep(Reason.AGENT_SILENT, at(62))
    end = decide(lost, impatient, at(62))
    assert isinstance(end, End)
    assert Reason.AGENT_SILENT is end.reason


# -- who was finished with, and stays open ----------------------------------------------------------------------------

LEFT_OVER = policy(whenLeftOver=waits("end", "PT1H"))


def test_a_finished_chat_that_stays_open_is_ended_without_a_notice_if_the_policy_says_so() -> None:
    """It blocks the customer's number. The time counts from the newest message."""
    finished = ended(FINISHED, ANSWERED)

    end = decide(finished, LEFT_OVER, at(61))

    assert isinstance(end, End)
    assert (end.reason, end.answered_index, end.notice, end.unsaid) == (
        Reason.LEFT_OVER,
        1,
        False,
        NoTextReason.FINISHED,
    )
    assert decide(finished, LEFT_OVER, at(61 - 5 / 60)) == end
    assert decide(finished, LEFT_OVER, at(30)) == Keep(Reason.LEFT_OVER, at(61))
    assert decide(finished, LEFT_OVER, at(54)) == Rearm(Reason.LEFT_OVER, at(61))
    assert decide(finished, policy(), at(9999)) == Keep(Reason.NO_LIVE_TASK)


def test_a_customer_who_wrote_after_the_agent_finished_gets_a_notice() -> None:
    """Nobody could answer them."""
    end = decide(ended(FINISHED, chat(HELLO, ANSWER, customer(2, 2))), LEFT_OVER, at(62))

    assert isinstance(end, End)
    assert (end.notice, end.unsaid, end.step.text) == (True, None, LEFT_OVER.default.texts.unanswered)


@pytest.mark.parametrize(
    "snapshot",
    [
        ended(WHO_KNOWS, ANSWERED),
        ANSWERED,
        last_task_unknown(ANSWERED),
        replace(ANSWERED, tasks=(task(TaskStatus.WRAPPING),)),
    ],
    ids=["nobody can say", "nobody asked", "may still be decision", "being wrapped up"],
)
def test_only_what_is_known_to_be_finished_is_left_over(snapshot: Snapshot) -> None:
    """In any other case an agent may return to the chat."""
    decision = decide(snapshot, LEFT_OVER, at(9999))

    assert isinstance(decision, Keep)
    assert Reason.NO_LIVE_TASK is decision.reason


# -- who closed it ----------------------------------------------------------------------------------------------------

BY_OTHERS = chat(HELLO, ANSWER, state=CLOSED)


def test_with_task_ending_wrap_a_wrapping_task_stays() -> None:
    """`taskEnding: wrap` puts the task into wrapping and leaves it there."""
    wrap = policy(taskEnding="wrap")

    assert decide(chat(tasks=(WRAPPED,), state=CLOSED), wrap, at(999)) == Keep(Reason.CLOSED)
    assert decide(BY_OTHERS, wrap, at(11)) == PUT_INTO_WRAPPING
    assert decide(replace(BY_OTHERS, tasks=QUEUED), wrap, at(9)) == Finish(Reason.CLOSED, Share.ALL, TaskEnding.WRAP)
    assert decide(chat(HELLO, ANSWER, SAID_GOODBYE, state=CLOSED), wrap, at(11)) == Finish(
        Reason.CLOSED, Share.ALL, TaskEnding.WRAP
    )


def test_a_closed_chat_that_is_held_or_exempt_is_left_to_its_agent() -> None:
    """Exemptions and holds apply here too, and no timer is set."""
    held = with_task(BY_OTHERS, doNotTimeOutUntil="2026-01-05T09:30:00Z")

    assert decide(held, policy(), at(29)) == Keep(Reason.DO_NOT_TIME_OUT, at(30))
    assert decide(held, policy(), at(30)) == PUT_INTO_WRAPPING
    assert decide(with_task(BY_OTHERS, vip=True), VIP, at(99)) == Keep(Reason.EXEMPT)


def test_a_closing_notice_counts_under_any_policy() -> None:
    """A claim counts only if it is of the policy's last step."""
    three = policy(warnings=[{"before": "PT6M"}, {"before": "PT3M"}])

    assert decide(replace(BY_OTHERS, tasks=(claimed(2, 1),)), three, at(10)) == Keep(Reason.CLOSED, at(11))
    assert decide(replace(BY_OTHERS, tasks=(claimed(3, 1),)), three, at(10)) == Finish(Reason.CLOSED)
    assert decide(chat(HELLO, ANSWER, SAID_GOODBYE, state=CLOSED), three, at(11)) == Finish(Reason.CLOSED)


# -- who is asked in --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("asked", [hinted(DUE), chat(HELLO, ANSWER, tasks=SECOND_WAITS)])
def test_an_invite_keeps_the_chat_for_as_long_as_the_policy_says(asked: Snapshot) -> None:
    """The time counts from the invite; after it, the customer's silence counts as usual."""
    twenty = policy(pendingInvite="PT20M")

    assert decide(asked, twenty, at(21)) == Rearm(Reason.TRANSFER, at(22))
    assert isinstance(decide(asked, twenty, at(22 - 5 / 60)), Warn)
    assert isinstance(decide(asked, policy(pendingInvite="PT1M"), at(9)), Warn)


def test_a_word_of_the_agent_while_a_colleague_is_invited_keeps_the_chat_as_long_again() -> None:
    """Nobody who was just asked to wait for the colleague is ended because the invite is old."""
    twenty = policy(pendingInvite="PT20M")
    again = says(Author.AGENT, 2, 15)

    assert decide(chat(HELLO, ANSWER, again, tasks=SECOND_WAITS), twenty, at(30)) == Rearm(Reason.TRANSFER, at(35))
    assert isinstance(decide(chat(HELLO, ANSWER, again, tasks=SECOND_WAITS), twenty, at(35)), Warn)


# -- how it ends ------------------------------------------------------------------------------------------------------


def test_three_warnings_follow_in_order_and_only_the_last_overdue_one_is_posted() -> None:
    """A late warning is not followed by earlier ones."""
    three = policy(warnings=[{"before": "PT6M"}, {"before": "PT3M"}, {"before": "PT1M"}])
    first, second, third, _ = three.default.steps
    warned = replace(DUE, messages=(ours(StepKind.WARNING, 2, 5, answered_index=1, step=1), *DUE.messages))

    assert decide(DUE, three, at(5)) == Warn(Reason.CUSTOMER_SILENT, first, 1, at(8))
    assert decide(warned, three, at(6)) == Rearm(Reason.NOT_YET, at(8))
    assert decide(warned, three, at(8)) == Warn(Reason.CUSTOMER_SILENT, second, 1, at(10))
    assert decide(DUE, three, at(8 - 5 / 60)) == Warn(Reason.CUSTOMER_SILENT, second, 1, at(10))
    assert decide(DUE, three, at(7.9)) == Warn(Reason.CUSTOMER_SILENT, first, 1, at(8.9))
    assert decide(DUE, three, at(30)) == Warn(Reason.CUSTOMER_SILENT, third, 1, at(31))


def test_the_rule_of_the_newest_live_task_applies() -> None:
    """After a transfer to another queue its timeout counts."""
    by_queue = policy(rules=[{"match": {"queue": "Slow"}, "timeout": "PT1H"}])
    slow = replace(DUE, tasks=(replace(task(), queue=("WQ1", "Slow")),))

    assert decide(slow, by_queue, at(9)) == Rearm(Reason.NOT_YET, at(59))
    assert isinstance(decide(DUE, by_queue, at(9)), Warn)


def test_a_task_may_be_left_to_its_agent_for_wrapping_up() -> None:
    """The rule decides."""
    end = decide(DUE, policy(taskEnding="wrap", warnings=[]), at(11))

    assert isinstance(end, End)
    assert TaskEnding.WRAP is end.task_ending


@pytest.mark.parametrize("kind", ["whatsapp", "messenger"])
@pytest.mark.parametrize(("hours", "reached"), [(23 + 59 / 60, True), (24, False), (24 + 1 / 60, False)])
def test_outside_the_whatsapp_window_the_chat_ends_without_messages(kind: str, hours: float, reached: bool) -> None:
    """The window is 24 hours after the customer's last message; our own messages do not open it."""
    last = hours * 60 - 10
    snapshot = chat(HELLO, agent(1, last), kind=kind)

    end = decide(snapshot, policy(warnings=[]), at(hours * 60))

    assert isinstance(end, End)
    assert (end.notice, end.unsaid) == (reached, None if reached else NoTextReason.OUTSIDE_WINDOW)


def test_outside_the_whatsapp_window_the_timer_is_set_to_the_end() -> None:
    """A free text would fail later, with a delivery receipt."""
    old = chat(HELLO, agent(1, 24 * 60), kind="whatsapp")

    assert decide(old, policy(), at(24 * 60 + 8)) == Rearm(Reason.NOT_YET, at(24 * 60 + 10))
    assert isinstance(decide(replace(old, channel=None), policy(), at(24 * 60 + 8)), Warn), "not known to be WhatsApp"


def test_whatsapp_is_known_by_the_customers_binding_too() -> None:
    """The chat has no interaction."""
    people = Authorship((Participant("MB1", None, has_address=True, role_sid=None, binding="whatsapp"),))
    old = replace(chat(HELLO, agent(1, 24 * 60), channel=None), authorship=people)

    end = decide(old, policy(), at(24 * 60 + 10))

    assert isinstance(end, End)
    assert not end.notice


def test_a_message_that_twilio_refuses_does_not_keep_the_chat() -> None:
    """The next decision is made without messages, so the next step is the end."""
    assert decide(DUE, policy(), at(9), refused=True) == Rearm(Reason.NOT_YET, at(11))
    end = decide(DUE, policy(), at(11), refused=True)

    assert isinstance(end, End)
    assert (end.notice, end.unsaid) == (False, NoTextReason.REFUSED)


def test_a_posted_notice_counts_even_if_twilio_refuses_messages_now() -> None:
    """Only the end is left to do."""
    said = chat(HELLO, ANSWER, ours(StepKind.CLOSING, 2, 11, answered_index=1))

    end = decide(said, policy(), at(12), refused=True)

    assert isinstance(end, End)
    assert (end.reason, end.notice, end.unsaid) == (Reason.NOTICE_SENT, False, None)


def test_each_mode_holds_back_its_steps() -> None:
    """`observe` does nothing, `warn-only` never ends, `enforce` does everything; the decision is the same."""
    warning, end = decide(DUE, policy(), at(9)), decide(DUE, policy(warnings=[]), at(11))
    finish = decide(chat(HELLO, state=ConversationState.CLOSED), policy(), at(10))

    assert [allowed(Mode.OBSERVE, each) for each in (warning, end, finish)] == [False, False, False]
    assert [allowed(Mode.WARN_ONLY, each) for each in (warning, end, finish)] == [True, False, False]
    assert [allowed(Mode.ENFORCE, each) for each in (warning, end, finish)] == [True, True, True]


# -- what always holds, whatever the policy ---------------------------------------------------------------------------


WEB = {"match": {"channel": "web"}, "timeout": "PT1H", "warnings": []}
VIP_TOO = {"match": {"task": {"vip": True}}, "timeout": "PT2H", "warnings": [{"before": "PT30M"}, {"before": "PT5M"}]}
SLOW = {"match": {"queue": "Slow"}, "timeout": "PT45M", "whenAgentSilent": waits("end", "PT10M")}
RULES = [[], [VIP_TOO], [WEB], [SLOW, WEB], [VIP_TOO, SLOW, WEB]]
END_AFTER = [waits("end", "PT2M"), waits("end", "PT20M")]
WAITS = any_of_each([*END_AFTER, "keep"], [*END_AFTER, "keep", *END_AFTER, waits("notify", "PT5M")], RULES)


@st.composite
def policies(draw: st.DrawFn) -> Policy:
    """Policies with up to three warnings, waits and rules."""
    timeout = draw(st.integers(2, 40))
    before = draw(st.lists(st.integers(1, timeout - 1), max_size=3, unique=True))
    queued, agent_silent, rules = draw(WAITS)
    inside: dict[str, Any] = {
        "warnings": [{"before": f"PT{minutes}M"} for minutes in sorted(before, reverse=True)],
        "whenQueued": queued,
        "whenAgentSilent": agent_silent,
        "rules": rules,
    }
    return parse_policy({"timeout": f"PT{timeout}M", "policy": inside})


@reaching(waits=0.8, ended=0.2)
@settings(deadline=None)
@given(silences(policies(), reply=True))
def test_a_customer_who_waits_is_never_ended_unless_the_policy_says_so(reached: Reached, silence: Silence) -> None:
    """The customer wrote last or is queued: an end needs a policy and its time, and there is never a warning."""
    snapshot, given, now = silence
    newest = newest_counted_message(snapshot)
    plan = given.apply(subject_of(snapshot)).plan

    decision = decide(snapshot, given, now)

    if reached("waits", newest and newest.by is Author.CUSTOMER and not said(snapshot, StepKind.CLOSING)):
        assert not isinstance(decision, Warn)
        if reached("ended", isinstance(decision, End)):
            queued = decision.reason is Reason.QUEUED
            wait = plan.when_queued if queued else plan.when_agent_silent
            began = [each.created_at for each in snapshot.live_tasks] + ([] if queued else [newest.sent_at])
            due = max(began) + wait.after
            assert decision.reason in {Reason.QUEUED, Reason.AGENT_SILENT}
            assert wait.action == "end"
            assert now >= due - timedelta(seconds=5)
            assert not isinstance(decide(snapshot, given, due - timedelta(seconds=6)), End)
            assert plan.texts.unanswered == decision.step.text


@reaching(warned=0.3)
@settings(deadline=None)
@given(policies(), st.integers(0, 100))
def test_a_silent_customer_is_released_in_time_under_any_policy(reached: Reached, given: Policy, late: int) -> None:
    """With a timer that fires when asked: at most three warnings, then one end, on time or as late as the timer."""
    snapshot = chat(HELLO, ANSWER, kind="sms")
    now = ANSWER.sent_at + given.earliest + timedelta(minutes=late)
    numbers: list[int] = []
    for _ in range(10):
        decision = decide(snapshot, given, now)
        if isinstance(decision, End):
            break
        assert isinstance(decision, Warn | Rearm)
        if isinstance(decision, Warn):
            numbers.append(decision.step.number)
            words = Message(1 + len(numbers), now, Author.OURS, marker=Marker(decision.step.kind, numbers[-1], 1))
            snapshot = replace(snapshot, messages=(words, *snapshot.messages))
        now = decision.then if isinstance(decision, Warn) else decision.target
    reached("warned", numbers)
    assert isinstance(decision, End)
    assert sorted(set(numbers)) == numbers
    assert now <= ANSWER.sent_at + given.default.timeout + timedelta(minutes=late + 1)


@reaching(texts_customer=0.5, warned_before=0.1)
@settings(deadline=None)
@given(silences(policies()))
def test_no_step_is_early_under_any_policy(reached: Reached, silence: Silence) -> None:
    """Each warning is at most five seconds early, and at least a minute after the one before."""
    assert_in_time(reached, silence)


@reaching(texts_customer=0.4, warned=0.0025)
@settings(deadline=None, max_examples=400)  # three in a hundred were warned, so of 100 now and then none is
@given(silences(policies()) | silences(policies(), reply=True))
def test_no_notice_is_posted_twice_under_any_policy(reached: Reached, silence: Silence) -> None:
    """This holds for silent and for waiting customers."""
    assert_said_once(reached, silence)
