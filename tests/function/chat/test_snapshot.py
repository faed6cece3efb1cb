"""Who is who: by evidence, never by a name alone; and what a snapshot says of a chat as a whole."""

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
    """A message by somebody."""
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
    """An address makes a customer, whatever else; an agent's role or the task's worker makes an agent."""
    message = judged(participant)

    assert (message.by, message.present, message.left) == (who, True, False)


def test_who_has_left_counts_as_the_customer_unless_they_were_the_tasks_worker() -> None:
    """In doubt the chat is kept."""
    assert judged("MB-gone") == Message(4, NOW, Author.CUSTOMER, present=False, left=True)
    assert judged("MB-gone", author="gone worker") == Message(4, NOW, Author.AGENT, present=False, left=True)


def test_ours_has_marker_and_author_and_no_participant() -> None:
    """All three: clients can forge attributes, and other systems write as `system`."""
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


def test_a_machine_that_takes_part_is_one_where_the_policy_names_it() -> None:
    """By its chat identity, whatever its role, and also once it has left; nobody else becomes one."""
    assert judged("MB-bot", "bot", people=WITH_A_BOT) == Message(4, NOW, Author.AUTOMATED, present=True, identity="bot")
    assert judged("MB-gone", "gone bot", people=WITH_A_BOT) == Message(4, NOW, Author.AUTOMATED)
    assert Author.AGENT is judged("MB-agent", "bot", people=WITH_A_BOT).by
    assert Author.CUSTOMER is judged("MB-web", "bot", people=WITH_A_BOT).by
    assert Author.AGENT is judged("MB-bot", "bot", people=replace(WITH_A_BOT, bots=frozenset())).by


def test_an_agent_who_was_removed_and_added_again_is_the_same_agent() -> None:
    """They have another participant's SID, and nobody can write under their identity."""
    again = judged("MB-agent-before", "agent_40example_2Ecom")

    assert (again.by, again.present, again.left) == (Author.AGENT, True, False)
    assert again.identity == "agent_40example_2Ecom"


def test_what_has_no_participant_is_nobodys_word_whoever_is_called_like_its_author() -> None:
    """A bot over REST may write under any name."""
    assert judged(None, "agent_40example_2Ecom") == Message(4, NOW, Author.AUTOMATED)


@pytest.mark.parametrize(
    ("participant", "marker", "who"),
    [("MB-system", MARKER, Author.OURS), ("MB-system", None, Author.AGENT), ("MB-customer", MARKER, Author.CUSTOMER)],
)
def test_ours_are_known_even_where_an_agent_is_called_like_our_author(
    participant: str, marker: Marker | None, who: Author
) -> None:
    """Twilio gives our messages that agent's participant; a customer of that name can forge nothing."""
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
    [("MB-agent", False), ("MB-worker", False), ("MB-web", True), ("MB-sms", True), (None, True)],
)
def test_only_an_agents_word_can_fail_to_arrive(participant: str | None, arrived: bool) -> None:
    """What a customer wrote is here; whoever else may have missed it."""
    written = RawMessage(4, NOW, "x", participant, None, arrived=False)

    assert arrived is PEOPLE.classify(written, NOW).arrived


def test_a_word_that_does_not_tell_its_time_is_as_old_as_the_last_change() -> None:
    """Else it is as old as the conversation; one that tells its time keeps it."""
    untimed, timed = RawMessage(4, None, "x", "MB-web", None), RawMessage(3, NOW, "x", "MB-web", None)
    changed = replace(CONVERSATION, updated_at=NOW - timedelta(hours=1))

    assert [each.sent_at for each in Snapshot(changed, ()).classify_all([untimed, timed])] == [
        NOW - timedelta(hours=1),
        NOW,
    ]
    assert [each.sent_at for each in Snapshot(CONVERSATION, ()).classify_all([untimed])] == [CONVERSATION.created_at]


def test_no_text_of_a_customer_is_kept() -> None:
    """Not even an address shows in what may be printed."""
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
    """A chat with these messages, the newest first."""
    return Snapshot(CONVERSATION, messages, tasks)


def word(by: Author, minute: float, *, marker: Marker | None = None) -> Message:
    """Somebody's, written at that minute; its index is the minute's."""
    return Message(int(minute), NOW + timedelta(minutes=minute), by, marker=marker)


def test_rules_look_at_the_newest_live_task_or_else_at_the_newest_of_all() -> None:
    """Its queue, its workflow and its attributes, and the conversation's."""
    live = subject_of(chat(tasks=(NEW, OLD, replace(ENDED[0], sid="WT9", created_at=NOW))))
    ended = subject_of(chat(tasks=(ENDED[1], ENDED[0])))
    bare = subject_of(chat(tasks=()))

    assert (live.queue, live.workflow, live.task, live.conversation) == (("Q2",), ("W2",), {"a": 2}, {})
    assert (ended.queue, ended.workflow, ended.task) == (("Q2",), ("W2",), {"a": 2})
    assert (bare.queue, bare.workflow, bare.task) == ((), (), {})


def test_attributes_that_nobody_can_read_are_none() -> None:
    """Whoever wrote them: rules and the channel's kind do without."""
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
        Authorship(people),
    )

    assert channel_kind(snapshot) == expected


def test_without_a_live_task_only_channel_and_binding_tell_the_kind() -> None:
    """There is nothing that an agent works on."""
    assert channel_kind(chat(tasks=(replace(ENDED[0], kind="chat"),))) == ""


def test_all_attempts_claim_the_oldest_live_task_and_end_the_newest() -> None:
    """Whatever order they were found in; wrapping, canceled and gone ones are not live."""
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
    ids=["an earlier warning", "the noted one", "the answered word", "a later word", "another name", "somebody's"],
)
def test_a_warning_that_is_noted_is_ours_whatever_its_attributes_say(
    index: int, author: str, participant: str | None, expected: Author
) -> None:
    """Others rewrote them: only what carries our name and nobody's participant, and nothing after it."""
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


def test_the_newest_index_is_that_of_any_word() -> None:
    """Also of one that does not count; before all words it is below theirs."""
    assert (chat(word(Author.OURS, 9), word(Author.CUSTOMER, 2)).newest_index, chat().newest_index) == (9, -1)


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
    messages: list[tuple[Author, float]], tasks: tuple[Task, ...], since: float
) -> None:
    """Of those who have the chat now, none spoke before they had it."""
    snapshot = chat(*(word(by, minute) for by, minute in messages), tasks=tasks)

    assert dialogue.waiting_since(snapshot) == NOW + timedelta(minutes=since)


def test_an_agent_spoke_after_a_word_and_not_with_it() -> None:
    """The word itself may be the agent's."""
    snapshot = chat(word(Author.CUSTOMER, 9), word(Author.AGENT, 5))

    assert (dialogue.agent_wrote_after(snapshot, 4), dialogue.agent_wrote_after(snapshot, 5)) == (True, False)


def test_what_we_sent_is_known_by_its_kind_and_what_it_answers() -> None:
    """And it must be ours: clients can forge a marker."""
    ours = word(Author.OURS, 9, marker=Marker(StepKind.WARNING, 1, 5))
    snapshot = chat(ours, word(Author.AUTOMATED, 8), word(Author.CUSTOMER, 5))
    forged = replace(ours, by=Author.AUTOMATED)

    assert (dialogue.sent(snapshot, StepKind.WARNING), dialogue.sent(snapshot, StepKind.CLOSING)) == (ours, None)
    assert dialogue.sent(chat(ours, word(Author.CUSTOMER, 6)), StepKind.WARNING) is None
    assert dialogue.sent(chat(forged, word(Author.OURS, 8), word(Author.CUSTOMER, 5)), StepKind.WARNING) is None


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
def test_what_we_sent_answers_the_word_that_it_follows_where_indexes_are_counted_differently(
    newest: Author, answers: int, found: bool
) -> None:
    """Unless that is the customer's: it may have slipped in before ours."""
    ours = word(Author.OURS, 9, marker=Marker(StepKind.CLOSING, 2, answers))
    snapshot = chat(ours, word(newest, 5), tasks=())

    assert dialogue.sent(snapshot, StepKind.CLOSING) == (ours if found else None)
    assert dialogue.sent(chat(word(newest, 10), *snapshot.messages, tasks=()), StepKind.CLOSING) is None


def test_whom_twilio_stops_to_reach_is_measured_by_those_who_are_still_there() -> None:
    """On WhatsApp the words of somebody who has left may have been an agent's."""
    whatsapp = Channel("KD1", "UO1", ChannelStatus.ACTIVE, "whatsapp")
    left = replace(word(Author.CUSTOMER, -5), left=True)
    gone, there = (
        replace(chat(*messages), channel=whatsapp) for messages in ((left,), (left, word(Author.CUSTOMER, -60)))
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
        "made in the second of their word",
        "nobody knows whose",
        "one of two who accepted it",
        "a colleague's",
        "they have gone",
        "they have gone, and nobody knows whose it is",
        "made after their word",
        "they wrap up",
        "they are done",
        "nobody has accepted it",
    ],
)
def test_an_agent_stays_who_is_here_and_has_a_task_of_their_own_that_was_there_before_their_word(
    status: TaskStatus, made_before: int, workers: set[str], present: bool, expected: bool
) -> None:
    """They have invited a colleague, whose task is newer than their word."""
    said = Message(4, NOW, Author.AGENT, present=present, identity="agent" if present else None)
    own = replace(OLD, status=status, created_at=NOW - timedelta(minutes=made_before), workers=frozenset(workers))
    colleagues = replace(NEW, created_at=NOW + timedelta(minutes=5), status=TaskStatus.ASSIGNED)

    assert expected is dialogue.stays(chat(said, tasks=(own, colleagues)), said)


@pytest.mark.parametrize(("joined", "since"), [(None, 0), (-30, 0), (5, 5)])
def test_a_silence_is_counted_from_the_word_or_from_the_coming_of_the_newest_agent(
    joined: float | None, since: float
) -> None:
    """Who hears that a colleague takes over waits for them; a customer's coming does not count."""
    people = tuple(
        replace(each, joined_at=NOW + timedelta(minutes=minute))
        for each, minute in zip(PEOPLE.participants[:3], (50, 50, joined), strict=True)
        if minute is not None
    )
    snapshot = replace(chat(word(Author.AGENT, 0)), authorship=replace(PEOPLE, participants=people))

    assert dialogue.silent_since(snapshot) == NOW + timedelta(minutes=since)


HINT = replace(NEW, sid="WT3", created_at=NOW)


def test_who_waits_is_counted_with_those_who_cannot_be_proven() -> None:
    """The oldest first; only what is proven has the chat."""
    snapshot = replace(chat(tasks=(OLD, NEW)), hints=(HINT, replace(HINT, sid="WT4", status=TaskStatus.ASSIGNED)))

    assert (snapshot.waiting, snapshot.live_tasks) == ((NEW, HINT), (OLD, NEW))


@pytest.mark.parametrize(
    ("snapshot", "unread"),
    [
        (chat(word(Author.CUSTOMER, 4), tasks=()), True),
        (chat(word(Author.OURS, 5), word(Author.CUSTOMER, 4), tasks=()), True),
        (chat(word(Author.CUSTOMER, 4), tasks=(ENDED[0],)), True),
        (chat(word(Author.CUSTOMER, 4), tasks=(OLD,)), False),
        (replace(chat(word(Author.CUSTOMER, 4), tasks=()), hints=(HINT,)), False),
        (chat(word(Author.AUTOMATED, 5), word(Author.CUSTOMER, 4), tasks=()), False),
        (chat(word(Author.AGENT, 5), word(Author.CUSTOMER, 4), tasks=()), False),
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
def test_a_customers_newest_word_is_unread_where_nobody_has_the_chat(snapshot: Snapshot, unread: bool) -> None:
    """Nor is asked into it."""
    newest = next((each for each in snapshot.messages if each.by is Author.CUSTOMER), None)

    assert dialogue.unread(snapshot) == (newest if unread else None)


# -- what is noted on the conversation --------------------------------------------------------------------------------

SIDS = ChatSids(("WT" + "1" * 32,), "KD" + "1" * 32, "UO" + "1" * 32)
LAST = LastTask("WT" + "1" * 32, TaskFate.LOST)


def test_what_stands_there_already_is_not_noted_again() -> None:
    """Only what is new is written, beside the rest."""
    noted = replace(CONVERSATION, attributes=CONVERSATION.with_notes(SIDS, None, Unread(4)) or "")

    assert (noted.noted, noted.last_task, noted.unread) == (SIDS, None, Unread(4))
    assert noted.with_notes(SIDS, None, Unread(4)) is None
    assert CONVERSATION.with_notes(None) is None
    more = replace(noted, attributes=noted.with_notes(SIDS, LAST, Unread(5)) or "")
    assert (more.noted, more.last_task, more.unread) == (SIDS, LAST, Unread(5))


@pytest.mark.parametrize("attributes", ["[]", "null", "{", '{"theirs":"' + "x" * (ATTRIBUTES_LIMIT - 20) + '"}'])
def test_where_there_is_no_room_nothing_is_noted(attributes: str) -> None:
    """What is no object, or would be too long; notes are optional."""
    assert replace(CONVERSATION, attributes=attributes).with_notes(SIDS, LAST, Unread(4)) is None


@pytest.mark.parametrize(("proven", "noted"), [(True, ("KD1", "UO1")), (False, (None, None))])
def test_only_a_proven_channel_is_noted_beside_the_newest_live_task(
    proven: bool, noted: tuple[str | None, str | None]
) -> None:
    """A note is a proof for whoever cannot read invites."""
    channel = Channel("KD1", "UO1", ChannelStatus.ACTIVE, proven=proven)
    snapshot = replace(chat(tasks=(OLD, NEW)), channel=channel)

    assert snapshot.sids == ChatSids(("WT2",), *noted)
    assert replace(snapshot, tasks=(ENDED[0],)).sids is None


@pytest.mark.parametrize("fate", TaskFate)
def test_a_last_task_was_lost_only_where_none_is_live(fate: TaskFate) -> None:
    """And where it was."""
    last = replace(LAST, fate=fate)

    assert replace(chat(tasks=()), last_task=last).lost == (last if fate is TaskFate.LOST else None)
    assert replace(chat(), last_task=last).lost is None


# -- a status that nobody told us of ----------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", [ConversationState, TaskStatus, ChannelStatus])
@pytest.mark.parametrize("value", ["archived", "", None, 7])
def test_an_unknown_status_is_kept_as_it_is_spelled(kind: type[Status], value: object) -> None:
    """And is unlike any that we know."""
    status = kind(value)

    assert (status.value, status.known) == (f"{value}", False)
    assert status not in tuple(kind)
    assert [each.known for each in kind] == [True] * len(kind)


def test_a_status_that_nobody_told_us_of_is_found_wherever_it_stands() -> None:
    """On the conversation, on one of its tasks, on its channel."""
    channel = Channel("KD1", "UO1", ChannelStatus("handed_over"))
    state, status = ConversationState("archived"), TaskStatus("handed_over")

    assert chat().unknown_status is None
    assert replace(chat(), channel=channel).unknown_status == channel.status
    assert chat(tasks=(OLD, replace(NEW, status=status))).unknown_status == status
    assert replace(chat(), conversation=replace(CONVERSATION, state=state)).unknown_status == state
