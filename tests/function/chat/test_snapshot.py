"""Who is who: by evidence, never by a name alone; and what a snapshot says of a chat as a whole."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from function.chat import (
    Channel,
    ChannelStatus,
    Conversation,
    ConversationState,
    Evidence,
    Marker,
    Message,
    Participant,
    Snapshot,
    Task,
    TaskStatus,
    Who,
    WhoIsWho,
    Written,
    dialogue,
)
from function.chat.subject import channel_kind, subject_of
from function.policy.treatments import StepKind

NOW = datetime(2026, 1, 5, 9, 0, tzinfo=UTC)
MARKER = Marker(StepKind.WARNING, 1, 3)
PEOPLE = WhoIsWho(
    participants=(
        Participant("MB-web", "customer-7", has_address=False, role_sid="RL-customer"),
        Participant("MB-sms", None, has_address=True, role_sid=None),
        Participant("MB-agent", "agent_40example_2Ecom", has_address=False, role_sid="RL-agent"),
        Participant("MB-worker", "worker", has_address=False, role_sid="RL-customer"),
        Participant("MB-forger", "agent", has_address=True, role_sid="RL-agent"),
    ),
    evidence=Evidence(frozenset({"RL-agent"}), frozenset({"worker", "gone worker"})),
    our_author="system",
)


def judged(participant_sid: str | None, author: str | None = "x", marker: Marker | None = None) -> Message:
    """A message by somebody."""
    return PEOPLE.judge(Written(4, NOW, author, participant_sid, marker), NOW)


@pytest.mark.parametrize(
    ("participant", "who"),
    [
        ("MB-web", Who.CUSTOMER),
        ("MB-sms", Who.CUSTOMER),
        ("MB-agent", Who.AGENT),
        ("MB-worker", Who.AGENT),
        ("MB-forger", Who.CUSTOMER),
    ],
)
def test_participants_are_known_by_binding_role_or_worker(participant: str, who: Who) -> None:
    """An address makes a customer, whatever else; an agent's role or the task's worker makes an agent."""
    message = judged(participant)

    assert (who, True, False) == (message.by, message.present, message.left)


def test_who_has_left_counts_as_the_customer_unless_they_were_the_tasks_worker() -> None:
    """In doubt the chat is kept."""
    assert Message(4, NOW, Who.CUSTOMER, present=False, left=True) == judged("MB-gone")
    assert Message(4, NOW, Who.AGENT, present=False, left=True) == judged("MB-gone", author="gone worker")


def test_ours_has_marker_and_author_and_no_participant() -> None:
    """All three: clients can forge attributes, and other systems write as `system`."""
    assert Message(4, NOW, Who.OURS, marker=MARKER) == judged(None, "system", MARKER)
    assert Message(4, NOW, Who.AUTOMATED) == judged(None, "system") == judged(None, "bot", MARKER)
    assert Who.CUSTOMER is judged("MB-web", "system", MARKER).by
    assert judged("MB-web", "system", MARKER).marker is None


def test_no_text_of_a_customer_is_kept() -> None:
    """Not even an address shows in what may be printed."""
    assert "+1555" not in repr(Written(1, NOW, "+15550001", None, None))


CONVERSATION = Conversation("CH1", ConversationState.INACTIVE, NOW - timedelta(hours=2), None, "{}")
OLD = Task("WT1", TaskStatus.ASSIGNED, NOW - timedelta(hours=2), "1", '{"a":1}', queue=("Q1",), workflow=("W1",))
NEW = Task("WT2", TaskStatus.PENDING, NOW - timedelta(hours=1), "1", '{"a":2}', queue=("Q2",), workflow=("W2",))
ENDED = [
    replace(task, status=status)
    for task, status in ((NEW, TaskStatus.WRAPPING), (OLD, TaskStatus.CANCELED), (OLD, TaskStatus.COMPLETED))
]


def chat(*messages: Message, tasks: tuple[Task, ...] = (OLD,)) -> Snapshot:
    """A chat with these messages, the newest first."""
    return Snapshot(CONVERSATION, messages, tasks)


def word(by: Who, minute: float, *, marker: Marker | None = None) -> Message:
    """Somebody's, written at that minute; its index is the minute's."""
    return Message(int(minute), NOW + timedelta(minutes=minute), by, marker=marker)


def test_rules_look_at_the_newest_live_task_or_else_at_the_newest_of_all() -> None:
    """Its queue, its workflow and its attributes, and the conversation's."""
    live = subject_of(chat(tasks=(NEW, OLD, replace(ENDED[0], sid="WT9", created_at=NOW))))
    ended = subject_of(chat(tasks=(ENDED[1], ENDED[0])))
    bare = subject_of(chat(tasks=()))

    assert (("Q2",), ("W2",), {"a": 2}, {}) == (live.queue, live.workflow, live.task, live.conversation)
    assert (("Q2",), ("W2",), {"a": 2}) == (ended.queue, ended.workflow, ended.task)
    assert ((), (), {}) == (bare.queue, bare.workflow, bare.task)


def test_attributes_that_nobody_can_read_are_none() -> None:
    """Whoever wrote them: rules and the channel's kind do without."""
    snapshot = Snapshot(replace(CONVERSATION, attributes="{"), (), (replace(OLD, attributes="["),))

    assert ({}, {}, "") == (subject_of(snapshot).task, subject_of(snapshot).conversation, channel_kind(snapshot))


@pytest.mark.parametrize(
    ("channel", "binding", "attributes", "kind", "expected"),
    [
        ("WhatsApp", "sms", '{"channelType":"web"}', "chat", "whatsapp"),
        ("", "SMS", '{"channelType":"web"}', "chat", "sms"),
        (None, "SMS", '{"channelType":"web"}', "chat", "sms"),
        (None, "", '{"channelType":"Web"}', "chat", "web"),
        (None, "", '{"channelType":7}', "chat", "chat"),
        (None, "", "{}", "chat", "chat"),
        (None, "", "{}", "", ""),
    ],
)
def test_the_channel_is_the_interactions_or_the_bindings_or_what_the_task_says(
    channel: str | None, binding: str, attributes: str, kind: str, expected: str
) -> None:
    """The first of these that says something; case does not matter."""
    people = (
        Participant("MB1", "agent", has_address=False, role_sid=None),
        Participant("MB2", None, has_address=True, role_sid=None, binding=binding),
    )
    snapshot = Snapshot(
        CONVERSATION,
        (),
        (replace(OLD, attributes=attributes, kind=kind),),
        None if channel is None else Channel("KD1", "UO1", ChannelStatus.ACTIVE, channel),
        WhoIsWho(people),
    )

    assert expected == channel_kind(snapshot)


def test_without_a_live_task_only_channel_and_binding_tell_the_kind() -> None:
    """There is nothing that an agent works on."""
    assert "" == channel_kind(chat(tasks=(replace(ENDED[0], kind="chat"),)))


def test_all_attempts_claim_the_oldest_live_task_and_end_the_newest() -> None:
    """Whatever order they were found in; wrapping, canceled and gone ones are not live."""
    snapshot = chat(tasks=(NEW, *ENDED[:2], OLD, replace(ENDED[2], sid="WT0")))

    assert ((OLD, NEW), OLD, NEW) == (snapshot.live_tasks, snapshot.oldest_live_task, snapshot.newest_live_task)
    assert ((), None, None) == (
        chat(tasks=tuple(ENDED)).live_tasks,
        chat(tasks=()).oldest_live_task,
        chat(tasks=()).newest_live_task,
    )


def test_the_newest_index_is_that_of_any_word() -> None:
    """Also of one that does not count; before all words it is below theirs."""
    assert (9, -1) == (chat(word(Who.OURS, 9), word(Who.CUSTOMER, 2)).newest_index, chat().newest_index)


@pytest.mark.parametrize(
    ("messages", "tasks", "since"),
    [
        ([(Who.CUSTOMER, 9), (Who.CUSTOMER, 5), (Who.AGENT, 3), (Who.CUSTOMER, 1)], (OLD,), 5),
        ([(Who.CUSTOMER, 9), (Who.OURS, 8), (Who.AUTOMATED, 7), (Who.CUSTOMER, 5), (Who.AGENT, 3)], (OLD,), 5),
        ([(Who.CUSTOMER, 9), (Who.AUTOMATED, 7), (Who.CUSTOMER, 5)], (), 9),
        ([(Who.CUSTOMER, 9), (Who.OURS, 7), (Who.CUSTOMER, 5)], (), 5),
        ([(Who.CUSTOMER, -70), (Who.CUSTOMER, -90)], (OLD, NEW), -60),
        ([(Who.CUSTOMER, -50), (Who.CUSTOMER, -90)], (OLD, NEW), -60),
        ([(Who.AUTOMATED, 9)], (replace(OLD, created_at=NOW - timedelta(hours=3)),), -120),
    ],
    ids=[
        "since their first word after the agent's",
        "words of bots and ours are no answer while somebody has the task",
        "without a task a bot's word is one",
        "without a task ours is none",
        "whoever has the task now was not there before",
        "nor for the first of two words",
        "without a word of theirs since the conversation began",
    ],
)
def test_a_customer_waits_since_their_first_unanswered_word(
    messages: list[tuple[Who, float]], tasks: tuple[Task, ...], since: float
) -> None:
    """Of those who have the chat now, none spoke before they had it."""
    snapshot = chat(*(word(by, minute) for by, minute in messages), tasks=tasks)

    assert NOW + timedelta(minutes=since) == dialogue.waiting_since(snapshot)


def test_an_agent_spoke_after_a_word_and_not_with_it() -> None:
    """The word itself may be the agent's."""
    snapshot = chat(word(Who.CUSTOMER, 9), word(Who.AGENT, 5))

    assert (True, False) == (dialogue.agent_wrote_after(snapshot, 4), dialogue.agent_wrote_after(snapshot, 5))


def test_what_we_sent_is_known_by_its_kind_and_what_it_answers() -> None:
    """And it must be ours: clients can forge a marker."""
    ours = word(Who.OURS, 9, marker=Marker(StepKind.WARNING, 1, 5))
    snapshot = chat(ours, word(Who.AUTOMATED, 8), word(Who.CUSTOMER, 5))
    forged = replace(ours, by=Who.AUTOMATED)

    assert (ours, None) == (dialogue.sent(snapshot, StepKind.WARNING), dialogue.sent(snapshot, StepKind.CLOSING))
    assert dialogue.sent(chat(ours, word(Who.CUSTOMER, 6)), StepKind.WARNING) is None
    assert dialogue.sent(chat(forged, word(Who.OURS, 8), word(Who.CUSTOMER, 5)), StepKind.WARNING) is None


def test_whom_twilio_stops_to_reach_is_measured_by_those_who_are_still_there() -> None:
    """On WhatsApp the words of somebody who has left may have been an agent's."""
    whatsapp = Channel("KD1", "UO1", ChannelStatus.ACTIVE, "whatsapp")
    left = replace(word(Who.CUSTOMER, -5), left=True)
    gone, there = (
        replace(chat(*messages), channel=whatsapp) for messages in ((left,), (left, word(Who.CUSTOMER, -60)))
    )

    assert (False, True) == (dialogue.reachable(gone, NOW), dialogue.reachable(there, NOW))
    assert (True, False) == (
        dialogue.reachable(there, NOW + timedelta(hours=22, minutes=59)),
        dialogue.reachable(there, NOW + timedelta(hours=23)),
    )
