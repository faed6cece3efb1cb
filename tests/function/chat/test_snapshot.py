"""Who is who, by evidence and never by a name alone; and what a snapshot shows of a chat as a whole."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from function.chat import (
    Author,
    Authorship,
    Channel,
    ChannelStatus,
    ChatSids,
    Conversation,
    ConversationState,
    Evidence,
    LastTask,
    Marker,
    Message,
    Participant,
    RawMessage,
    Snapshot,
    Task,
    TaskFate,
    TaskStatus,
    Unread,
    Warned,
    dialogue,
)
from function.chat.attributes import with_own_notes
from function.chat.facts import ATTRIBUTES_LIMIT, Status
from function.chat.subject import channel_kind, subject_of
from function.policy.policy import StepKind

NOW = datetime(2026, 1, 5, 9, 0, tzinfo=UTC)
MARKER = Marker(StepKind.WARNING, 1, 3)
PEOPLE = Authorship(
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


def judged(
    participant_sid: str | None, author: str | None = "x", marker: Marker | None = None, people: Authorship = PEOPLE
) -> Message:
    """Return a message of somebody, with its author classified."""
    return people.classify(RawMessage(4, NOW, author, participant_sid, marker), NOW)


@pytest.mark.parametrize(
    ("participant", "who"),
    [
        ("MB-web", Author.CUSTOMER),
        ("MB-sms", Author.CUSTOMER),
        ("MB-agent", Author.AGENT),
        ("MB-worker", Author.AGENT),
        ("MB-forger", Author.CUSTOMER),
    ],
)
def test_participants_are_known_by_binding_role_or_worker(participant: str, who: Author) -> None:
    """An address always makes a customer; an agent's role or the task's worker makes an agent."""
    message = judged(participant)

    assert (message.by, message.present, message.left) == (who, True, False)


def test_a_participant_who_left_counts_as_the_customer_unless_they_were_the_tasks_worker() -> None:
    """In doubt the chat is kept."""
    assert judged("MB-gone") == Message(4, NOW, Author.CUSTOMER, present=False, left=True)
    assert judged("MB-gone", author="gone worker") == Message(
        4, NOW, Author.AGENT, present=False, left=True, identity="gone worker"
    )


def test_a_message_of_ours_has_our_marker_our_author_and_no_participant() -> None:
    """All three are needed: clients can forge attributes, and other systems write as `system`."""
    assert judged(None, "system", MARKER) == Message(4, NOW, Author.OURS, marker=MARKER, signed=True)
    assert judged(None, "system") == Message(4, NOW, Author.AUTOMATED, signed=True)
    assert judged(None, "bot", MARKER) == Message(4, NOW, Author.AUTOMATED)
    assert Author.CUSTOMER is judged("MB-web", "system", MARKER).by
    assert judged("MB-web", "system", MARKER).marker is None


WITH_A_BOT = replace(
    PEOPLE,
    participants=(*PEOPLE.participants, Participant("MB-bot", "bot", has_address=False, role_sid="RL-agent")),
    bots=frozenset({"bot", "gone bot"}),
)


def test_a_participant_is_a_bot_if_the_policy_names_it() -> None:
    """Its chat identity counts, whatever its role, also after it left; nobody else becomes a bot."""
    assert judged("MB-bot", "bot", people=WITH_A_BOT) == Message(4, NOW, Author.AUTOMATED, present=True, identity="bot")
    assert judged("MB-gone", "gone bot", people=WITH_A_BOT) == Message(4, NOW, Author.AUTOMATED)
    assert Author.AGENT is judged("MB-agent", "bot", people=WITH_A_BOT).by
    assert Author.CUSTOMER is judged("MB-web", "bot", people=WITH_A_BOT).by
    assert Author.AGENT is judged("MB-bot", "bot", people=replace(WITH_A_BOT, bots=frozenset())).by


def test_an_agent_who_was_removed_and_added_again_is_the_same_agent() -> None:
    """The participant has another SID, and nobody else can write under the identity."""
    again = judged("MB-agent-before", "agent_40example_2Ecom")

    assert (again.by, again.present, again.left) == (Author.AGENT, True, False)
    assert again.identity == "agent_40example_2Ecom"


def test_a_message_without_a_participant_has_no_author_even_if_its_name_is_known() -> None:
    """A bot over REST may write under any name."""
    assert judged(None, "agent_40example_2Ecom") == Message(4, NOW, Author.AUTOMATED)


@pytest.mark.parametrize(
    ("participant", "marker", "who"),
    [("MB-system", MARKER, Author.OURS), ("MB-system", None, Author.AGENT), ("MB-customer", MARKER, Author.CUSTOMER)],
)
def test_our_messages_are_known_even_if_an_agent_has_our_authors_name(
    participant: str, marker: Marker | None, who: Author
) -> None:
    """Twilio links our messages to that agent; a customer of that name can forge nothing."""
    people = replace(
        PEOPLE,
        participants=(
            Participant("MB-system", "system", has_address=False, role_sid="RL-agent"),
            Participant("MB-customer", "system", has_address=False, role_sid="RL-customer"),
        ),
    )
    message = judged(participant, "system", marker, people)

    assert (message.by, message.marker) == (who, marker if who is Author.OURS else None)


@pytest.mark.parametrize(
    ("participant", "arrived"),
    [("MB-agent", False), ("MB-worker", False), ("MB-web", True), ("MB-sms", True), (None, False)],
)
def test_an_agents_or_bots_message_can_be_undelivered(participant: str | None, arrived: bool) -> None:
    """A customer's message has arrived here, even if others did not receive it."""
    written = RawMessage(4, NOW, "x", participant, None, arrived=False)

    assert arrived is PEOPLE.classify(written, NOW).arrived


def test_a_message_without_a_time_is_as_old_as_the_last_change() -> None:
    """Without that time, it is as old as the conversation; a message with a time keeps it."""
    untimed, timed = RawMessage(4, None, "x", "MB-web", None), RawMessage(3, NOW, "x", "MB-web", None)
    changed = replace(CONVERSATION, updated_at=NOW - timedelta(hours=1))

    assert [each.sent_at for each in Snapshot(changed, ()).classify_all([untimed, timed])] == [
        NOW - timedelta(hours=1),
        NOW,
    ]
    assert [each.sent_at for each in Snapshot(CONVERSATION, ()).classify_all([untimed])] == [CONVERSATION.created_at]


def test_no_text_of_a_customer_is_kept() -> None:
    """Neither text nor address appears in what can be printed."""
    assert "+1555" not in repr(RawMessage(1, NOW, "+15550001", None, None))
    assert "+1555" not in repr(Message(1, NOW, Author.CUSTOMER, identity="+15550001"))


CONVERSATION = Conversation("CH1", ConversationState.INACTIVE, NOW - timedelta(hours=2), None, "{}")
OLD = Task("WT1", TaskStatus.ASSIGNED, NOW - timedelta(hours=2), "1", '{"a":1}', queue=("Q1",), workflow=("W1",))
NEW = Task("WT2", TaskStatus.PENDING, NOW - timedelta(hours=1), "1", '{"a":2}', queue=("Q2",), workflow=("W2",))
ENDED = [
    replace(task, status=status)
    for task, status in ((NEW, TaskStatus.WRAPPING), (OLD, TaskStatus.CANCELED), (OLD, TaskStatus.COMPLETED))
]


def chat(*messages: Message, tasks: tuple[Task, ...] = (OLD,)) -> Snapshot:
    """Return a chat with these messages, the newest first."""
    return Snapshot(CONVERSATION, messages, tasks)


def message(by: Author, minute: float, *, marker: Marker | None = None) -> Message:
    """Return somebody's message of that minute; the minute is its index."""
    return Message(int(minute), NOW + timedelta(minutes=minute), by, marker=marker)


def test_rules_use_the_newest_live_task_or_else_the_newest_task() -> None:
    """They use its queue, workflow and attributes, and those of the conversation."""
    live = subject_of(chat(tasks=(NEW, OLD, replace(ENDED[0], sid="WT9", created_at=NOW))))
    ended = subject_of(chat(tasks=(ENDED[1], ENDED[0])))
    bare = subject_of(chat(tasks=()))

    assert (live.queue, live.workflow, live.task, live.conversation) == (("Q2",), ("W2",), {"a": 2}, {})
    assert (ended.queue, ended.workflow, ended.task) == (("Q2",), ("W2",), {"a": 2})
    assert (bare.queue, bare.workflow, bare.task) == ((), (), {})


def test_unreadable_attributes_count_as_empty() -> None:
    """Rules and the kind of channel do not use them."""
    snapshot = Snapshot(replace(CONVERSATION, attributes="{"), (), (replace(OLD, attributes="["),))

    assert (subject_of(snapshot).task, subject_of(snapshot).conversation, channel_kind(snapshot)) == ({}, {}, "")


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
    """The first of these that is known counts; case does not matter."""
    people = (
        Participant("MB1", "agent", has_address=False, role_sid=None),
        Participant("MB2", None, has_address=True, role_sid=None, binding=binding),
    )
    snapshot = Snapshot(
        CONVERSATION,
        (),
        (replace(OLD, attributes=attributes, kind=kind),),
        None if channel is None else Channel("KD1", "UO1", ChannelStatus.ACTIVE, channel),
        Authorship(people),
    )

    assert channel_kind(snapshot) == expected


def test_without_a_live_task_only_channel_and_binding_show_the_kind() -> None:
    """An ended task does not count."""
    assert channel_kind(chat(tasks=(replace(ENDED[0], kind="chat"),))) == ""


def test_all_attempts_claim_the_oldest_live_task_and_end_the_newest() -> None:
    """The order in which tasks were found does not matter; wrapping, canceled and deleted ones are not live."""
    snapshot = chat(tasks=(NEW, *ENDED[:2], OLD, replace(ENDED[2], sid="WT0")))

    assert (snapshot.live_tasks, snapshot.oldest_live_task, snapshot.newest_live_task) == ((OLD, NEW), OLD, NEW)
    assert (
        chat(tasks=tuple(ENDED)).live_tasks,
        chat(tasks=()).oldest_live_task,
        chat(tasks=()).newest_live_task,
    ) == ((), None, None)


@pytest.mark.parametrize(
    ("index", "author", "participant", "expected"),
    [
        (2, "us", None, Author.OURS),
        (3, "us", None, Author.OURS),
        (1, "us", None, Author.AUTOMATED),
        (4, "us", None, Author.AUTOMATED),
        (3, "bot", None, Author.AUTOMATED),
        (3, "us", "MB9", Author.CUSTOMER),
    ],
    ids=[
        "an earlier warning",
        "the noted one",
        "the answered message",
        "a later message",
        "another name",
        "somebody's",
    ],
)
def test_a_noted_warning_is_ours_even_if_its_attributes_changed(
    index: int, author: str, participant: str | None, expected: Author
) -> None:
    """It must have our author and no participant, and it must be the noted one."""
    noted = Warned(1, 1, 3).written_into(with_own_notes("{}", "CH1") or "") or ""
    snapshot = chat(tasks=())
    snapshot = replace(
        snapshot,
        conversation=replace(snapshot.conversation, sid="CH1", attributes=noted),
        authorship=Authorship(our_author="us"),
    )
    (message,) = snapshot.classify_all([RawMessage(index, NOW, author, participant, None)])

    marker = Marker(StepKind.WARNING, 1, 1) if expected is Author.OURS else None
    assert (message.by, message.marker) == (expected, marker)


def test_the_newest_index_is_that_of_any_message() -> None:
    """A message that does not count has an index too; without messages the index is below the first one."""
    assert (chat(message(Author.OURS, 9), message(Author.CUSTOMER, 2)).newest_index, chat().newest_index) == (9, -1)


@pytest.mark.parametrize(
    ("messages", "tasks", "since"),
    [
        ([(Author.CUSTOMER, 9), (Author.CUSTOMER, 5), (Author.AGENT, 3), (Author.CUSTOMER, 1)], (OLD,), 5),
        (
            [(Author.CUSTOMER, 9), (Author.OURS, 8), (Author.AUTOMATED, 7), (Author.CUSTOMER, 5), (Author.AGENT, 3)],
            (OLD,),
            5,
        ),
        ([(Author.CUSTOMER, 9), (Author.AUTOMATED, 7), (Author.CUSTOMER, 5)], (), 9),
        ([(Author.CUSTOMER, 9), (Author.OURS, 7), (Author.CUSTOMER, 5)], (), 5),
        ([(Author.CUSTOMER, -70), (Author.CUSTOMER, -90)], (OLD, NEW), -60),
        ([(Author.CUSTOMER, -50), (Author.CUSTOMER, -90)], (OLD, NEW), -60),
        ([(Author.AUTOMATED, 9)], (replace(OLD, created_at=NOW - timedelta(hours=3)),), -120),
    ],
    ids=[
        "since their first message after the agent's",
        "messages of bots and ours are no answer while somebody has the task",
        "without a task a bot's message is one",
        "without a task ours is none",
        "the agent who has the task now was not there before",
        "nor for the first of two words",
        "without a message of theirs since the conversation began",
    ],
)
def test_a_customer_waits_since_their_first_unanswered_message(
    messages: list[tuple[Author, float]], tasks: tuple[Task, ...], since: float
) -> None:
    """Agents who have the chat now wrote nothing before they had it."""
    snapshot = chat(*(message(by, minute) for by, minute in messages), tasks=tasks)

    assert dialogue.waiting_since(snapshot) == NOW + timedelta(minutes=since)


def test_an_agent_must_write_after_a_message_to_answer_it() -> None:
    """The message itself may be the agent's."""
    snapshot = chat(message(Author.CUSTOMER, 9), message(Author.AGENT, 5))

    assert (dialogue.agent_wrote_after(snapshot, 4), dialogue.agent_wrote_after(snapshot, 5)) == (True, False)


def test_our_messages_are_found_by_kind_and_by_what_they_answer() -> None:
    """They must be ours, because clients can forge a marker."""
    ours = message(Author.OURS, 9, marker=Marker(StepKind.WARNING, 1, 5))
    snapshot = chat(ours, message(Author.AUTOMATED, 8), message(Author.CUSTOMER, 5))
    forged = replace(ours, by=Author.AUTOMATED)

    assert (dialogue.sent(snapshot, StepKind.WARNING), dialogue.sent(snapshot, StepKind.CLOSING)) == (ours, None)
    assert dialogue.sent(chat(ours, message(Author.CUSTOMER, 6)), StepKind.WARNING) is None
    assert dialogue.sent(chat(forged, message(Author.OURS, 8), message(Author.CUSTOMER, 5)), StepKind.WARNING) is None


@pytest.mark.parametrize(
    ("newest", "answers", "found"),
    [
        (Author.AGENT, 1_767_571_200, True),
        (Author.AUTOMATED, 1_767_571_200, True),
        (Author.CUSTOMER, 1_767_571_200, False),
        (Author.AGENT, 5 - 100_000_000, True),
        (Author.CUSTOMER, 5 - 100_000_000, False),
        (Author.AGENT, 1, False),
    ],
)
def test_with_other_indexes_our_message_answers_the_one_before_it(newest: Author, answers: int, found: bool) -> None:
    """A customer's message before ours is an exception: it may have been written just before ours was posted."""
    ours = message(Author.OURS, 9, marker=Marker(StepKind.CLOSING, 2, answers))
    snapshot = chat(ours, message(newest, 5), tasks=())

    assert dialogue.sent(snapshot, StepKind.CLOSING) == (ours if found else None)
    assert dialogue.sent(chat(message(newest, 10), *snapshot.messages, tasks=()), StepKind.CLOSING) is None


def test_the_whatsapp_window_depends_on_present_participants_only() -> None:
    """Messages of somebody who left may have been an agent's."""
    whatsapp = Channel("KD1", "UO1", ChannelStatus.ACTIVE, "whatsapp")
    left = replace(message(Author.CUSTOMER, -5), left=True)
    gone, there = (
        replace(chat(*messages), channel=whatsapp) for messages in ((left,), (left, message(Author.CUSTOMER, -60)))
    )

    assert (dialogue.reachable(gone, NOW), dialogue.reachable(there, NOW)) == (False, True)
    assert (
        dialogue.reachable(there, NOW + timedelta(hours=22, minutes=59)),
        dialogue.reachable(there, NOW + timedelta(hours=23)),
    ) == (True, False)


# -- who has the chat, and who may be on the way ----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("status", "made_before", "workers", "present", "expected"),
    [
        (TaskStatus.ASSIGNED, 60, {"agent"}, True, True),
        (TaskStatus.ASSIGNED, 0, {"agent"}, True, True),
        (TaskStatus.ASSIGNED, 60, set(), True, True),
        (TaskStatus.ASSIGNED, 60, {"agent", "colleague"}, True, True),
        (TaskStatus.ASSIGNED, 60, {"colleague"}, True, False),
        (TaskStatus.ASSIGNED, 60, {"agent"}, False, False),
        (TaskStatus.ASSIGNED, 60, set(), False, False),
        (TaskStatus.ASSIGNED, -1, {"agent"}, True, False),
        (TaskStatus.WRAPPING, 60, {"agent"}, True, False),
        (TaskStatus.COMPLETED, 60, {"agent"}, True, False),
        (TaskStatus.PENDING, 60, {"agent"}, True, False),
    ],
    ids=[
        "their own task",
        "made in the second of their message",
        "nobody knows whose",
        "one of two who accepted it",
        "a colleague's",
        "they have gone",
        "they have gone, and nobody knows whose it is",
        "made after their message",
        "they wrap up",
        "they are done",
        "nobody has accepted it",
    ],
)
def test_an_agent_who_invited_a_colleague_and_stays_still_counts(
    status: TaskStatus, made_before: int, workers: set[str], present: bool, expected: bool
) -> None:
    """They are present, their own task is older than their message, and the colleague's task is newer."""
    said = Message(4, NOW, Author.AGENT, present=present, identity="agent" if present else None)
    own = replace(OLD, status=status, created_at=NOW - timedelta(minutes=made_before), workers=frozenset(workers))
    colleagues = replace(NEW, created_at=NOW + timedelta(minutes=5), status=TaskStatus.ASSIGNED)

    assert expected is dialogue.stays(chat(said, tasks=(own, colleagues)), said)


@pytest.mark.parametrize(("joined", "since"), [(None, 0), (-30, 0), (5, 5)])
def test_a_silence_counts_from_the_message_or_from_the_newest_agents_joining(
    joined: float | None, since: float
) -> None:
    """A customer who reads that a colleague takes over waits for the colleague; a customer's joining does not count."""
    people = tuple(
        replace(each, joined_at=NOW + timedelta(minutes=minute))
        for each, minute in zip(PEOPLE.participants[:3], (50, 50, joined), strict=True)
        if minute is not None
    )
    snapshot = replace(chat(message(Author.AGENT, 0)), authorship=replace(PEOPLE, participants=people))

    assert dialogue.silent_since(snapshot) == NOW + timedelta(minutes=since)


HINT = replace(NEW, sid="WT3", created_at=NOW)


def test_waiting_tasks_include_hints() -> None:
    """The oldest is first; only a proven task has the chat."""
    snapshot = replace(chat(tasks=(OLD, NEW)), hints=(HINT, replace(HINT, sid="WT4", status=TaskStatus.ASSIGNED)))

    assert (snapshot.waiting, snapshot.live_tasks) == ((NEW, HINT), (OLD, NEW))


@pytest.mark.parametrize(
    ("snapshot", "unread"),
    [
        (chat(message(Author.CUSTOMER, 4), tasks=()), True),
        (chat(message(Author.OURS, 5), message(Author.CUSTOMER, 4), tasks=()), True),
        (chat(message(Author.CUSTOMER, 4), tasks=(ENDED[0],)), True),
        (chat(message(Author.CUSTOMER, 4), tasks=(OLD,)), False),
        (replace(chat(message(Author.CUSTOMER, 4), tasks=()), hints=(HINT,)), False),
        (chat(message(Author.AUTOMATED, 5), message(Author.CUSTOMER, 4), tasks=()), False),
        (chat(message(Author.AGENT, 5), message(Author.CUSTOMER, 4), tasks=()), False),
        (chat(tasks=()), False),
    ],
    ids=[
        "nobody has it",
        "our words answer nothing",
        "an agent wraps up",
        "an agent has it",
        "an agent may be asked",
        "a bot has answered",
        "an agent has answered",
        "nobody has written",
    ],
)
def test_a_customers_newest_message_is_unread_if_nobody_has_the_chat(snapshot: Snapshot, unread: bool) -> None:
    """Nobody is invited to it either."""
    newest = next((each for each in snapshot.messages if each.by is Author.CUSTOMER), None)

    assert dialogue.unread(snapshot) == (newest if unread else None)


# -- what is noted on the conversation --------------------------------------------------------------------------------

SIDS = ChatSids(("WT" + "1" * 32,), "KD" + "1" * 32, "UO" + "1" * 32)
LAST = LastTask("WT" + "1" * 32, TaskFate.LOST)


def test_what_is_noted_already_is_not_noted_again() -> None:
    """Only new facts are added to the note."""
    noted = replace(CONVERSATION, attributes=CONVERSATION.with_notes(SIDS, None, Unread(4)) or "")

    assert (noted.noted, noted.last_task, noted.unread) == (SIDS, None, Unread(4))
    assert noted.with_notes(SIDS, None, Unread(4)) is None
    assert CONVERSATION.with_notes(None) is None
    more = replace(noted, attributes=noted.with_notes(SIDS, LAST, Unread(5)) or "")
    assert (more.noted, more.last_task, more.unread) == (SIDS, LAST, Unread(5))


@pytest.mark.parametrize("attributes", ["[]", "null", "{", '{"theirs":"' + "x" * (ATTRIBUTES_LIMIT - 20) + '"}'])
def test_without_room_nothing_is_noted(attributes: str) -> None:
    """Attributes that are no object, or would be too long, are left alone; notes are optional."""
    assert replace(CONVERSATION, attributes=attributes).with_notes(SIDS, LAST, Unread(4)) is None


@pytest.mark.parametrize(("proven", "noted"), [(True, ("KD1", "UO1")), (False, (None, None))])
def test_only_a_proven_channel_is_noted_with_the_newest_live_task(
    proven: bool, noted: tuple[str | None, str | None]
) -> None:
    """A note serves as proof when invites cannot be read."""
    channel = Channel("KD1", "UO1", ChannelStatus.ACTIVE, proven=proven)
    snapshot = replace(chat(tasks=(OLD, NEW)), channel=channel)

    assert snapshot.sids == ChatSids(("WT2",), *noted)
    assert replace(snapshot, tasks=(ENDED[0],)).sids is None


@pytest.mark.parametrize("fate", TaskFate)
def test_a_last_task_was_lost_only_if_none_is_live(fate: TaskFate) -> None:
    """Its fate must be a loss."""
    last = replace(LAST, fate=fate)

    assert replace(chat(tasks=()), last_task=last).lost == (last if fate is TaskFate.LOST else None)
    assert replace(chat(), last_task=last).lost is None


# -- an unknown status -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", [ConversationState, TaskStatus, ChannelStatus])
@pytest.mark.parametrize("value", ["archived", "", None, 7])
def test_an_unknown_status_is_kept_as_it_is_spelled(kind: type[Status], value: object) -> None:
    """It differs from every status that we know."""
    status = kind(value)

    assert (status.value, status.known) == (f"{value}", False)
    assert status not in tuple(kind)
    assert [each.known for each in kind] == [True] * len(kind)


def test_an_unknown_status_is_found_anywhere() -> None:
    """It may be the conversation's, a task's or the channel's."""
    channel = Channel("KD1", "UO1", ChannelStatus("handed_over"))
    state, status = ConversationState("archived"), TaskStatus("handed_over")

    assert chat().unknown_status is None
    assert replace(chat(), channel=channel).unknown_status == channel.status
    assert chat(tasks=(OLD, replace(NEW, status=status))).unknown_status == status
    assert replace(chat(), conversation=replace(CONVERSATION, state=state)).unknown_status == state
