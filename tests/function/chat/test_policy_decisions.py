"""What a policy's rules, exemptions and waits make of a snapshot, row by row; the table itself is in test_decisions."""

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
    """A policy with this inside."""
    return parse_policy({"timeout": timeout, "policy": inside})


def waits(do: str, after: str) -> dict[str, str]:
    """What becomes of those who wait."""
    return {"do": do, "after": after}


def with_task(snapshot: Snapshot, **attributes: Any) -> Snapshot:
    """The same, with attributes on its task."""
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
def test_who_is_exempt_is_kept(snapshot: Snapshot, reason: Reason) -> None:
    """By attribute or by channel, however the channel is known; what the agent did is told first."""
    decision = decide(snapshot, VIP, at(99))

    assert isinstance(decision, Keep)
    assert decision.reason in {reason, Reason.EMAIL}
    assert isinstance(decide(with_task(DUE, vip=False), VIP, at(9)), Warn)


def test_a_rule_may_exempt_too() -> None:
    """And email is like any other channel where the policy says so."""
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
def test_a_chat_is_left_alone_until_the_time_that_its_attribute_says(
    place: Any, until: object, minutes: float, expected: Decision | None
) -> None:
    """Afterwards as any other; what is no time is not heeded."""
    decision = decide(place(DUE, doNotTimeOutUntil=until), policy(), at(minutes))

    if expected is None:
        assert isinstance(decision, Warn)
    else:
        assert decision == expected


def test_the_later_of_two_times_holds() -> None:
    """On task and conversation."""
    both = with_conversation(
        with_task(DUE, doNotTimeOutUntil="2026-01-05T09:20Z"), doNotTimeOutUntil="2026-01-05T10:00Z"
    )

    assert decide(both, policy(), at(15)) == Keep(Reason.DO_NOT_TIME_OUT, at(60))


def test_a_parked_chat_is_kept_until_somebody_has_it_again() -> None:
    """flex-project-template's park-interaction leaves these attributes behind, also when it is unparked."""
    attributes = {"interactionSid": "KD" + "1" * 32, "channelSid": "UO" + "2" * 32, "webhookSid": "WH" + "3" * 32}
    parked = with_conversation(chat(HELLO, bot(1, 1), tasks=()), **attributes)
    unparked = with_conversation(DUE, **attributes)

    assert decide(parked, policy(), at(99)) == Keep(Reason.PARKED)
    assert isinstance(decide(unparked, policy(), at(9)), Warn)


# -- who waits --------------------------------------------------------------------------------------------------------


def test_who_waits_in_the_queue_is_ended_when_the_policy_says_so() -> None:
    """With words for somebody who was waiting, counted from the task."""
    impatient = policy(whenQueued=waits("end", "PT20M"))
    (decision,) = {decide(IN_QUEUE, impatient, at(minutes)) for minutes in (20, 20 - 5 / 60, 60)}

    assert isinstance(decision, End)
    assert (decision.reason, decision.answered_index, decision.notice) == (Reason.QUEUED, 0, True)
    assert impatient.default.texts.unanswered == decision.step.text
    assert decision.step.after == timedelta(minutes=20)
    assert StepKind.CLOSING is decision.step.kind
    assert decide(IN_QUEUE, impatient, at(8)) == Keep(Reason.QUEUED, at(20))
    assert decide(IN_QUEUE, impatient, at(13)) == Rearm(Reason.QUEUED, at(20))


def test_a_new_task_waits_anew() -> None:
    """Queued again after somebody wrapped up: the wait counts from the newest task."""
    again = chat(HELLO, ANSWER, tasks=(task(TaskStatus.WRAPPING), task(TaskStatus.PENDING, created=15, number=2)))

    assert decide(again, policy(whenQueued=waits("end", "PT20M")), at(30)) == Rearm(Reason.QUEUED, at(35))


def test_a_silent_agent_is_told_of_once_and_only_after_the_time() -> None:
    """From the customer's first unanswered word, whatever they add."""
    notify = policy(whenAgentSilent=waits("notify", "PT15M"), texts={"agentSilent": "wait"})
    urging = chat(HELLO, ANSWER, customer(2, 2), customer(3, 16))

    told = decide(urging, notify, at(17))

    assert notify.default.texts.agent_silent
    step = Step(0, StepKind.AGENT_SILENT, timedelta(minutes=15), notify.default.texts.agent_silent)
    assert told == Notify(Reason.AGENT_SILENT, step, 3, at(2), with_text=True)
    assert decide(urging, notify, at(17 - 5 / 60)) == told
    assert decide(urging, notify, at(16)) == Rearm(Reason.AGENT_SILENT, at(17))
    assert decide(SILENT_AGENT, notify, at(5)) == Keep(Reason.AGENT_SILENT, at(17))


def test_what_was_told_is_not_told_again_before_the_agent_speaks() -> None:
    """Neither the mark nor the text; and the next silence is a new one."""
    notify = policy(whenAgentSilent=waits("notify", "PT15M"), texts={"agentSilent": "wait"})
    mark = json.loads(AgentSilent(2, at(2)).written_into("{}") or "")
    said = Message(3, at(17), Author.OURS, marker=Marker(StepKind.AGENT_SILENT, 0, 2))
    marked = with_task(chat(HELLO, ANSWER, customer(2, 2), said, customer(4, 30)), **mark)
    unmarked = chat(HELLO, ANSWER, customer(2, 2), said)
    anew = with_task(chat(HELLO, ANSWER, customer(2, 2), said, agent(4, 30), customer(5, 31)), **mark)
    handed_on = replace(marked, tasks=(replace(marked.tasks[0], created_at=at(40)),))
    new_chat = replace(marked, tasks=(replace(marked.tasks[0], created_at=at(2)),))

    assert decide(new_chat, notify, at(99)) == Keep(Reason.AGENT_SILENT), "silent from the task's first second"
    assert decide(marked, notify, at(99)) == Keep(Reason.AGENT_SILENT)
    assert not getattr(decide(unmarked, notify, at(99)), "with_text", None), "the text stands, the mark was lost"
    assert getattr(decide(anew, notify, at(99)), "with_text", None)
    assert isinstance(decide(handed_on, notify, at(99)), Notify), "another agent, another silence"


def test_a_warning_from_before_is_no_word_about_the_agent() -> None:
    """The customer answered it, and has been waiting since."""
    notify = policy(whenAgentSilent=waits("notify", "PT15M"), texts={"agentSilent": "wait"})
    warned = chat(HELLO, ANSWER, ours(StepKind.WARNING, 2, 9, answered_index=1), customer(3, 10))

    assert True is getattr(decide(warned, notify, at(25)), "with_text", None)


def test_without_a_text_or_a_task_nothing_is_said() -> None:
    """The log and the mark are enough; without a task there is no agent to tell of; nor where Twilio refuses words."""
    notify = policy(whenAgentSilent=waits("notify", "PT15M"))
    with_text = policy(whenAgentSilent=waits("notify", "PT15M"), texts={"agentSilent": "wait"})
    nobody = chat(HELLO, tasks=(), channel=None)

    told = decide(SILENT_AGENT, notify, at(17))

    assert isinstance(told, Notify)
    assert (told.with_text, told.step.text) == (False, notify.default.texts.unanswered)
    assert False is getattr(decide(SILENT_AGENT, with_text, at(17), refused=True), "with_text", None)
    assert decide(nobody, notify, at(99)) == Keep(Reason.AGENT_SILENT)


def test_who_waits_for_an_answer_is_ended_only_when_the_policy_says_so_and_the_customer_is_silent_too() -> None:
    """Counted from the customer's newest word, or from the task's beginning: another agent has all the time."""
    impatient = policy(whenAgentSilent=waits("end", "PT1H"))
    urging = chat(HELLO, ANSWER, customer(2, 2), customer(3, 40))
    handed_on = replace(SILENT_AGENT, tasks=(task(created=30),))

    end = decide(SILENT_AGENT, impatient, at(62))

    assert isinstance(end, End)
    assert decide(SILENT_AGENT, impatient, at(62 - 5 / 60)) == end
    assert (end.reason, end.step.text) == (Reason.AGENT_SILENT, impatient.default.texts.unanswered)
    assert decide(urging, impatient, at(62)) == Keep(Reason.AGENT_SILENT, at(100))
    assert decide(handed_on, impatient, at(62)) == Keep(Reason.AGENT_SILENT, at(90))


def test_a_customer_who_waits_while_nobody_has_the_chat_is_ended_by_the_same_word() -> None:
    """A bot's chat, say: it counts from the customer's newest word, for there is no task to count from."""
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
def test_who_waits_in_vain_is_ended_as_one_who_waits(snapshot: Snapshot, minutes: float, ends: bool) -> None:
    """Their task was cancelled in the queue, or cannot be proven: the policy has one word for all of them."""
    decision = decide(snapshot, policy(whenQueued=waits("end", "PT20M")), at(minutes))

    assert Reason.QUEUED is decision.reason
    assert ends is isinstance(decision, End)


def test_a_task_that_cannot_be_proven_ends_nobody_whom_an_agent_has_answered() -> None:
    """It may be anybody's, and so may the chat."""
    answered = hinted(chat(HELLO, ANSWER, bot(2, 2), tasks=()))

    assert decide(answered, policy(whenQueued=waits("end", "PT20M")), at(99)) == Keep(Reason.NO_LIVE_TASK)


def test_whose_task_was_lost_after_an_answer_waits_as_for_a_silent_agent() -> None:
    """Nobody else is going to answer; counted from the customer's newest word."""
    impatient = policy(whenAgentSilent=waits("end", "PT1H"), whenQueued=waits("end", "PT5M"))
    lost = ended(LOST, chat(HELLO, ANSWER, customer(2, 2)))

    assert decide(lost, impatient, at(9)) == Keep(Reason.AGENT_SILENT, at(62))
    end = decide(lost, impatient, at(62))
    assert isinstance(end, End)
    assert Reason.AGENT_SILENT is end.reason


# -- who was finished with, and stays open ----------------------------------------------------------------------------

LEFT_OVER = policy(whenLeftOver=waits("end", "PT1H"))


def test_a_finished_chat_that_stays_open_is_ended_when_the_policy_says_so_and_nothing_is_said() -> None:
    """It blocks the customer's number; who was answered to the end reads nothing more. Counted from the newest word."""
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


def test_who_wrote_after_the_agent_had_finished_is_told_so_at_the_end() -> None:
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
    ids=["nobody can say", "nobody asked", "may still be told", "being wrapped up"],
)
def test_only_what_is_known_to_be_finished_is_left_over(snapshot: Snapshot) -> None:
    """An agent may come back to anything else."""
    decision = decide(snapshot, LEFT_OVER, at(9999))

    assert isinstance(decision, Keep)
    assert Reason.NO_LIVE_TASK is decision.reason


# -- who closed it ----------------------------------------------------------------------------------------------------

BY_OTHERS = chat(HELLO, ANSWER, state=CLOSED)


def test_what_was_put_into_wrapping_stays_there_where_the_policy_leaves_tasks_to_their_agents() -> None:
    """`taskEnding: wrap`; the task is put into wrapping anyway."""
    wrap = policy(taskEnding="wrap")

    assert decide(chat(tasks=(WRAPPED,), state=CLOSED), wrap, at(999)) == Keep(Reason.CLOSED)
    assert decide(BY_OTHERS, wrap, at(11)) == PUT_INTO_WRAPPING
    assert decide(replace(BY_OTHERS, tasks=QUEUED), wrap, at(9)) == Finish(Reason.CLOSED, Share.ALL, TaskEnding.WRAP)
    assert decide(chat(HELLO, ANSWER, SAID_GOODBYE, state=CLOSED), wrap, at(11)) == Finish(
        Reason.CLOSED, Share.ALL, TaskEnding.WRAP
    )


def test_a_closed_chat_that_is_held_or_exempt_is_left_to_its_agent() -> None:
    """Exemptions and holds count here as everywhere, and no timer is armed any more."""
    held = with_task(BY_OTHERS, doNotTimeOutUntil="2026-01-05T09:30:00Z")

    assert decide(held, policy(), at(29)) == Keep(Reason.DO_NOT_TIME_OUT, at(30))
    assert decide(held, policy(), at(30)) == PUT_INTO_WRAPPING
    assert decide(with_task(BY_OTHERS, vip=True), VIP, at(99)) == Keep(Reason.EXEMPT)


def test_a_closing_notice_of_ours_is_known_by_any_policy() -> None:
    """A claim is one only of the policy's last step."""
    three = policy(warnings=[{"before": "PT6M"}, {"before": "PT3M"}])

    assert decide(replace(BY_OTHERS, tasks=(claimed(2, 1),)), three, at(10)) == Keep(Reason.CLOSED, at(11))
    assert decide(replace(BY_OTHERS, tasks=(claimed(3, 1),)), three, at(10)) == Finish(Reason.CLOSED)
    assert decide(chat(HELLO, ANSWER, SAID_GOODBYE, state=CLOSED), three, at(11)) == Finish(Reason.CLOSED)


# -- who is asked in --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("asked", [hinted(DUE), chat(HELLO, ANSWER, tasks=SECOND_WAITS)])
def test_an_invite_keeps_the_chat_for_as_long_as_the_policy_says(asked: Snapshot) -> None:
    """Counted from the invite; afterwards the customer's silence counts as if nobody had been asked."""
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


def test_three_warnings_come_in_their_order_and_of_those_overdue_only_the_last() -> None:
    """Each has its number; a late one does not bring the earlier ones after it."""
    three = policy(warnings=[{"before": "PT6M"}, {"before": "PT3M"}, {"before": "PT1M"}])
    first, second, third, _ = three.default.steps
    warned = replace(DUE, messages=(ours(StepKind.WARNING, 2, 5, answered_index=1, step=1), *DUE.messages))

    assert decide(DUE, three, at(5)) == Warn(Reason.CUSTOMER_SILENT, first, 1, at(8))
    assert decide(warned, three, at(6)) == Rearm(Reason.NOT_YET, at(8))
    assert decide(warned, three, at(8)) == Warn(Reason.CUSTOMER_SILENT, second, 1, at(10))
    assert decide(DUE, three, at(8 - 5 / 60)) == Warn(Reason.CUSTOMER_SILENT, second, 1, at(10))
    assert decide(DUE, three, at(7.9)) == Warn(Reason.CUSTOMER_SILENT, first, 1, at(8.9))
    assert decide(DUE, three, at(30)) == Warn(Reason.CUSTOMER_SILENT, third, 1, at(31))


def test_the_rule_of_the_newest_live_task_is_in_force() -> None:
    """After a transfer to another queue its patience counts."""
    by_queue = policy(rules=[{"match": {"queue": "Slow"}, "timeout": "PT1H"}])
    slow = replace(DUE, tasks=(replace(task(), queue=("WQ1", "Slow")),))

    assert decide(slow, by_queue, at(9)) == Rearm(Reason.NOT_YET, at(59))
    assert isinstance(decide(DUE, by_queue, at(9)), Warn)


def test_a_task_may_be_left_to_its_agent_for_wrapping_up() -> None:
    """As the rule says."""
    end = decide(DUE, policy(taskEnding="wrap", warnings=[]), at(11))

    assert isinstance(end, End)
    assert TaskEnding.WRAP is end.task_ending


@pytest.mark.parametrize("kind", ["whatsapp", "messenger"])
@pytest.mark.parametrize(("hours", "reached"), [(23 + 59 / 60, True), (24, False), (24 + 1 / 60, False)])
def test_outside_the_window_nobody_is_told_and_the_chat_ends_all_the_same(
    kind: str, hours: float, reached: bool
) -> None:
    """24 hours after the customer's last word; there is no warning either, and no message of ours opens the window."""
    last = hours * 60 - 10
    snapshot = chat(HELLO, agent(1, last), kind=kind)

    end = decide(snapshot, policy(warnings=[]), at(hours * 60))

    assert isinstance(end, End)
    assert (end.notice, end.unsaid) == (reached, None if reached else NoTextReason.OUTSIDE_WINDOW)


def test_outside_the_window_no_warning_comes_and_the_end_is_aimed_at() -> None:
    """Free text would fail later, by a delivery receipt."""
    old = chat(HELLO, agent(1, 24 * 60), kind="whatsapp")

    assert decide(old, policy(), at(24 * 60 + 8)) == Rearm(Reason.NOT_YET, at(24 * 60 + 10))
    assert isinstance(decide(replace(old, channel=None), policy(), at(24 * 60 + 8)), Warn), "not known to be WhatsApp"


def test_whatsapp_is_known_by_the_customers_binding_too() -> None:
    """Without an interaction."""
    people = Authorship((Participant("MB1", None, has_address=True, role_sid=None, binding="whatsapp"),))
    old = replace(chat(HELLO, agent(1, 24 * 60), channel=None), authorship=people)

    end = decide(old, policy(), at(24 * 60 + 10))

    assert isinstance(end, End)
    assert not end.notice


def test_what_twilio_refuses_to_say_does_not_keep_the_chat() -> None:
    """Decided anew without words: the next step is the end."""
    assert decide(DUE, policy(), at(9), refused=True) == Rearm(Reason.NOT_YET, at(11))
    end = decide(DUE, policy(), at(11), refused=True)

    assert isinstance(end, End)
    assert (end.notice, end.unsaid) == (False, NoTextReason.REFUSED)


def test_a_notice_that_stands_was_said_whatever_twilio_refuses_now() -> None:
    """Nothing is left unsaid, only the end is left to do."""
    said = chat(HELLO, ANSWER, ours(StepKind.CLOSING, 2, 11, answered_index=1))

    end = decide(said, policy(), at(12), refused=True)

    assert isinstance(end, End)
    assert (end.reason, end.notice, end.unsaid) == (Reason.NOTICE_SENT, False, None)


def test_modes_hold_back_what_they_say() -> None:
    """`observe` does nothing, `warn-only` never ends, `enforce` does all; what is decided is the same."""
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
def test_who_waits_is_never_ended_unless_the_policy_says_so(reached: Reached, silence: Silence) -> None:
    """The customer spoke last, or is queued: an end needs a policy for that, and its time; a warning never comes."""
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
    """Fire whenever the decision asks for it: at most three warnings, one end, at its time or the lateness after it."""
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
def test_nobody_is_told_anything_before_its_time_under_any_policy(reached: Reached, silence: Silence) -> None:
    """Each of several warnings is at most five seconds early, and a minute lies between one and the next."""
    assert_in_time(reached, silence)


@reaching(texts_customer=0.4, warned=0.01)
@settings(deadline=None)
@given(silences(policies()) | silences(policies(), reply=True))
def test_no_notice_comes_twice_under_any_policy(reached: Reached, silence: Silence) -> None:
    """Neither to one who is silent nor to one who waits."""
    assert_said_once(reached, silence)
