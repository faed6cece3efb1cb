"""Whose task it is: each proof that a task is the chat's, each proof that it is not, and hints."""

import json
from collections.abc import Collection
from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from function.chat import (
    Belongings,
    Channel,
    ChannelStatus,
    ChatSids,
    Conversation,
    ConversationState,
    Invite,
    Participant,
    Proof,
    Task,
    TaskStatus,
    belongings,
    unproven,
)
from function.chat.attributes import with_own_notes
from tests.function.silences import at

CH, OTHER_CH = "CH" + "1" * 32, "CH" + "2" * 32
WT, OTHER_WT = "WT" + "1" * 32, "WT" + "2" * 32
KD, UO, OTHER_UO = "KD" + "1" * 32, "UO" + "1" * 32, "UO" + "2" * 32
CONVERSATION = Conversation(CH, ConversationState.INACTIVE, at(0), None, "{}")
ASKED = Invite(WT, CH, at(1))
NAMES_IT = json.dumps({"conversationSid": CH})
TASK = Task(WT, TaskStatus.ASSIGNED, at(1), '"1"', NAMES_IT, KD, UO)
BY_ITSELF = replace(TASK, interaction=None, channel=None)
OURS = Channel(KD, UO, ChannelStatus.ACTIVE, "web", (ASKED,), proven=False)
AGENT = Participant("MB1", "agent", has_address=False, role_sid="RL-agent", joined_at=at(1))
THEIRS = replace(BY_ITSELF, workers=frozenset({"agent"}))
WAITS = (TaskStatus.PENDING, TaskStatus.RESERVED)


def noting(*tasks: str, channel: str | None = None) -> Conversation:
    """Return the conversation with a note of ours."""
    note = ChatSids(tasks, KD if channel else None, channel).written_into(with_own_notes("{}", CH) or "")
    return replace(CONVERSATION, attributes=note or "")


def belongings_of(
    *tasks: Task,
    channels: Collection[Channel] = (),
    people: Collection[Participant] = (),
    proof: Proof = Proof(),  # noqa: B008 -- frozen
    conversation: Conversation = CONVERSATION,
) -> Belongings:
    """Return what belongs to a conversation with these facts."""
    return belongings(conversation, tasks, channels, people, proof)


# -- what proves a task -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("status", TaskStatus)
def test_an_invite_of_its_channel_that_names_it_and_the_conversation_proves_a_task(status: TaskStatus) -> None:
    """The invite's status does not matter: an invite shows what belongs together."""
    task = replace(TASK, status=status)

    assert proven_hints_foreign(belongings_of(task, channels=[OURS])) == ((task,), (), ())


def test_what_was_proven_before_stays_so() -> None:
    """It needs no invites any more; they are read only once."""
    channel = replace(OURS, invites=None)

    found = belongings_of(TASK, channels=[channel], proof=Proof(frozenset({WT}), UO))

    assert (found.tasks, found.channel) == ((TASK,), replace(channel, proven=True))


@pytest.mark.parametrize(
    ("joined", "belongs"), [(at(1), True), (at(2), True), (at(1) - timedelta(seconds=1), False), (None, False)]
)
@pytest.mark.parametrize("status", [TaskStatus.ASSIGNED, TaskStatus.WRAPPING])
def test_without_an_interaction_a_worker_who_joined_after_the_task_was_created_proves_it(
    status: TaskStatus, joined: datetime | None, belongs: bool
) -> None:
    """TaskRouter adds the worker on acceptance; somebody who was there before joined for another task."""
    task = replace(THEIRS, status=status)

    found = belongings_of(task, people=[replace(AGENT, joined_at=joined)])

    assert proven_hints_foreign(found) == (((task,), (), ()) if belongs else ((), (task,), ()))


@pytest.mark.parametrize("workers", [frozenset(), frozenset({"somebody else"})])
def test_a_worker_who_does_not_take_part_proves_nothing(workers: frozenset[str]) -> None:
    """The same is true of a worker who was not looked up."""
    task = replace(BY_ITSELF, workers=workers)

    assert proven_hints_foreign(belongings_of(task, people=[AGENT, replace(AGENT, identity=None)])) == ((), (task,), ())


@pytest.mark.parametrize("status", TaskStatus)
def test_a_worker_proves_nothing_while_it_is_unknown_who_accepted_another_task(status: TaskStatus) -> None:
    """The other task may be the same worker's and the chat's; nobody has accepted one that waits or has ended."""
    accepted = status in {TaskStatus.ASSIGNED, TaskStatus.WRAPPING}
    other = replace(BY_ITSELF, sid=OTHER_WT, status=status)
    strangers = replace(other, acceptance_seen=True)

    assert belongings_of(THEIRS, other, people=[AGENT]).tasks == (() if accepted else (THEIRS,))
    assert belongings_of(THEIRS, strangers, people=[AGENT]).tasks == (THEIRS,)


def test_a_task_that_is_being_wrapped_up_is_compared_by_its_age() -> None:
    """It no longer shows when it was accepted, and a callback's acceptance may be close to the agent's joining."""
    wrapped_up = replace(THEIRS, status=TaskStatus.WRAPPING)
    callback = replace(THEIRS, sid=OTHER_WT, created_at=at(2), accepted_at=at(3))
    agent = replace(AGENT, joined_at=at(3))

    found = belongings_of(wrapped_up, callback, people=[agent])
    assert (found.tasks, found.hints, found.by_worker) == ((wrapped_up,), (callback,), {WT})


@pytest.mark.parametrize("status", WAITS)
def test_a_note_of_ours_proves_a_task_that_nobody_has_accepted(status: TaskStatus) -> None:
    """We note only what was proven."""
    task = replace(BY_ITSELF, status=status)

    assert proven_hints_foreign(belongings_of(task, conversation=noting(WT))) == ((task,), (), ())
    assert proven_hints_foreign(belongings_of(task, conversation=noting(OTHER_WT))) == ((), (task,), ())


def test_if_invites_cannot_be_read_a_note_proves_the_task() -> None:
    """Some accounts may not read interactions; the same note also proves the channel."""
    unread = replace(OURS, invites=None)

    noted = belongings_of(TASK, channels=[unread], conversation=noting(WT, channel=UO))
    not_noted = belongings_of(TASK, channels=[unread])

    assert (proven_hints_foreign(noted), noted.channel) == (((TASK,), (), ()), replace(unread, proven=True))
    assert (proven_hints_foreign(not_noted), not_noted.channel) == (((), (TASK,), ()), unread)


def test_if_invites_cannot_be_read_joining_proves_the_second_agents_task() -> None:
    """After a transfer the note still names the first agent's task."""
    unread = replace(OURS, invites=None)
    second = replace(TASK, sid=OTHER_WT, created_at=at(9), workers=frozenset({"agent"}))

    found = belongings_of(
        second, channels=[unread], people=[replace(AGENT, joined_at=at(9))], conversation=noting(WT, channel=UO)
    )

    assert proven_hints_foreign(found) == ((second,), (), ())


# -- attributes that somebody replaced --------------------------------------------------------------------------------

REPLACED = replace(BY_ITSELF, attributes='{"crm": 1}')
UNCLEAR = replace(OURS, invites=(Invite(OTHER_WT, CH), Invite(WT, None)))
"""An invite shows the task as it is now, without its conversation."""


@pytest.mark.parametrize("task", [REPLACED, replace(TASK, attributes="{}")], ids=["all of them", "the conversation"])
def test_an_invite_proves_a_task_that_no_longer_names_the_conversation(task: Task) -> None:
    """The invite names both, whatever the task's attributes say now."""
    assert proven_hints_foreign(belongings_of(task, channels=[OURS])) == ((task,), (), ())


@pytest.mark.parametrize("channels", [[], [replace(OURS, invites=None)], [UNCLEAR]], ids=["none", "unread", "unclear"])
def test_a_note_proves_a_task_that_names_no_conversation_if_no_invite_shows_whose_it_is(
    channels: list[Channel],
) -> None:
    """We note only what was proven."""
    found = belongings_of(REPLACED, channels=channels, conversation=noting(WT, channel=UO))

    assert proven_hints_foreign(found) == ((REPLACED,), (), ())


def test_a_task_that_an_unclear_invite_names_is_a_hint_without_a_note() -> None:
    """The chat's channel made it, so an agent may be on the way."""
    assert proven_hints_foreign(belongings_of(REPLACED, channels=[UNCLEAR])) == ((), (REPLACED,), ())


@pytest.mark.parametrize("channels", [[], [replace(OURS, invites=(Invite(OTHER_WT, CH),))]], ids=["none", "others"])
def test_a_task_that_names_no_conversation_and_that_nothing_proves_is_foreign(channels: list[Channel]) -> None:
    """That the chat's agent holds it proves nothing: it never named the chat."""
    task = replace(REPLACED, workers=frozenset({"agent"}))

    assert proven_hints_foreign(belongings_of(task, channels=channels, people=[AGENT])) == ((), (), (WT,))


# -- what shows that it is another's ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "invites",
    [
        (Invite(WT, OTHER_CH),),
        (Invite(OTHER_WT, CH),),
        (Invite(OTHER_WT, CH), Invite(WT, OTHER_CH)),
    ],
    ids=["another conversation", "another task", "each names half of it"],
)
def test_a_task_that_its_channels_invites_do_not_name_with_the_conversation_is_foreign(
    invites: tuple[Invite, ...],
) -> None:
    """Its attributes are a copy; neither the worker nor our note can prove it then."""
    channel = replace(OURS, invites=invites)
    task = replace(TASK, workers=frozenset({"agent"}))

    found = belongings_of(task, channels=[channel], people=[AGENT], conversation=noting(WT))

    assert proven_hints_foreign(found) == ((), (), (WT,))


@pytest.mark.parametrize(
    "task",
    [
        replace(THEIRS, sid=OTHER_WT),
        replace(THEIRS, sid=OTHER_WT, status=TaskStatus.PENDING),
        replace(TASK, sid=OTHER_WT),
    ],
    ids=["a callback of the agent's", "a callback that waits", "a copy"],
)
def test_if_the_chat_has_an_interaction_only_invites_prove_its_tasks(task: Task) -> None:
    """Callbacks and surveys carry copies of a chat's attributes, and the chat's own agent may have accepted them."""
    found = belongings_of(TASK, task, channels=[OURS], people=[AGENT], conversation=noting(WT, OTHER_WT))

    assert proven_hints_foreign(found) == ((TASK,), (), (OTHER_WT,))


@pytest.mark.parametrize("invites", [(), (Invite(WT, None),)], ids=["nobody was asked", "an invite tells nothing"])
def test_invites_without_sids_prove_nothing_either_way(invites: tuple[Invite, ...]) -> None:
    """The task is a hint, and its worker can prove it."""
    channel = replace(OURS, invites=invites)
    waits = replace(TASK, status=TaskStatus.PENDING)
    held = replace(TASK, workers=frozenset({"agent"}))

    assert proven_hints_foreign(belongings_of(waits, channels=[channel])) == ((), (waits,), ())
    assert proven_hints_foreign(belongings_of(held, channels=[channel], people=[AGENT])) == ((held,), (), ())


def test_a_task_of_another_chats_channel_is_foreign() -> None:
    """For example, it names the interaction of an earlier chat with the same customer."""
    elsewhere = replace(OURS, invites=(Invite(WT, OTHER_CH),))

    found = belongings_of(TASK, THEIRS_BESIDE, channels=[elsewhere], people=[AGENT])

    assert proven_hints_foreign(found) == ((THEIRS_BESIDE,), (), (WT,))
    assert found.channel is None


THEIRS_BESIDE = replace(THEIRS, sid=OTHER_WT)


# -- what may be the chat's -------------------------------------------------------------------------------------------


@pytest.mark.parametrize("status", WAITS)
def test_a_task_that_waits_without_an_interaction_is_a_hint(status: TaskStatus) -> None:
    """Nobody has joined for it yet; somebody who takes part for another reason proves nothing."""
    task = replace(THEIRS, status=status)

    found = belongings_of(task, people=[AGENT])

    assert proven_hints_foreign(found) == ((), (task,), ())


@pytest.mark.parametrize(
    ("task", "asks"),
    [
        (BY_ITSELF, True),
        (replace(BY_ITSELF, status=TaskStatus.WRAPPING), True),
        (replace(BY_ITSELF, status=TaskStatus.PENDING), False),
        (replace(BY_ITSELF, status=TaskStatus.RESERVED), False),
        (replace(BY_ITSELF, status=TaskStatus.COMPLETED), False),
        (replace(BY_ITSELF, workers=frozenset({"somebody"})), False),
    ],
    ids=["assigned", "wrapping", "pending", "reserved", "completed", "asked for before"],
)
def test_a_worker_is_looked_up_only_for_an_accepted_hint(task: Task, asks: bool) -> None:
    """Looking up a worker costs two calls."""
    assert unproven(belongings_of(task)) == ((task,) if asks else ())


def test_no_worker_is_looked_up_if_the_chat_has_an_interaction() -> None:
    """Its invites have decided already."""
    assert unproven(belongings_of(TASK, replace(BY_ITSELF, sid=OTHER_WT), channels=[OURS])) == ()


# -- the channel ------------------------------------------------------------------------------------------------------

SECOND = replace(OURS, sid=OTHER_UO, invites=(Invite(OTHER_WT, CH),))
NEWER = replace(TASK, sid=OTHER_WT, channel=OTHER_UO, created_at=at(9))


@pytest.mark.parametrize(
    ("tasks", "sid"),
    [
        ((TASK, NEWER), OTHER_UO),
        ((TASK, replace(NEWER, status=TaskStatus.COMPLETED)), UO),
        ((replace(TASK, status=TaskStatus.WRAPPING), replace(NEWER, status=TaskStatus.COMPLETED)), OTHER_UO),
        ((TASK,), UO),
        ((), UO),
    ],
    ids=[
        "the newest task's",
        "a live task's first",
        "of none that is live the newest's",
        "its only task's",
        "no task's",
    ],
)
def test_the_newest_tasks_channel_is_the_chats(tasks: tuple[Task, ...], sid: str) -> None:
    """Live tasks come first; if no task names a channel, the first one that was read counts."""
    channel = belongings_of(*tasks, channels=[OURS, SECOND]).channel

    assert channel
    assert (channel.sid, channel.proven) == (sid, True)


def test_a_channel_that_is_proven_comes_before_one_that_is_not() -> None:
    """This does not depend on which channel the newest task names."""
    unread = replace(SECOND, invites=None)
    hint = replace(NEWER, status=TaskStatus.PENDING)

    channel = belongings_of(TASK, hint, channels=[unread, OURS]).channel

    assert channel == replace(OURS, proven=True)


def test_a_noted_channel_is_the_chats_when_its_task_is_gone() -> None:
    """Its invites prove it, or the note if they cannot be read; invites that name another conversation disprove it."""
    noted = noting(WT, channel=UO)
    unread, elsewhere = replace(OURS, invites=None), replace(OURS, invites=(Invite(WT, OTHER_CH),))

    assert belongings_of(channels=[OURS], conversation=noted).channel == replace(OURS, proven=True)
    assert belongings_of(channels=[unread], conversation=noted).channel == replace(unread, proven=True)
    assert belongings_of(channels=[elsewhere], conversation=noted).channel is None


def test_an_unproven_channel_counts_and_is_never_written_to() -> None:
    """Its status is considered."""
    unread = replace(OURS, invites=None)

    assert belongings_of(channels=[unread], conversation=noting(OTHER_WT, channel=OTHER_UO)).channel == unread


def test_the_result_has_only_what_is_proven() -> None:
    """It has the tasks and the channel, without hints and without anything that could not be proven."""
    unread = replace(SECOND, invites=None)

    assert belongings_of(TASK, channels=[OURS]).proof == Proof(frozenset({WT}), UO)
    assert belongings_of(NEWER, channels=[unread]).proof == Proof()
    assert belongings_of(BY_ITSELF).proof == Proof()


# -- what always holds ------------------------------------------------------------------------------------------------

invites = st.builds(Invite, st.sampled_from([WT, OTHER_WT]), st.sampled_from([CH, OTHER_CH, None]))
channels = st.lists(
    st.builds(
        Channel,
        st.just(KD),
        st.sampled_from([UO, OTHER_UO]),
        st.sampled_from(ChannelStatus),
        st.just("web"),
        st.none() | st.lists(invites, max_size=3).map(tuple),
        st.booleans(),
    ),
    max_size=2,
    unique_by=lambda channel: channel.sid,
)
tasks = st.lists(
    st.builds(
        Task,
        st.sampled_from([WT, OTHER_WT, "WT" + "3" * 32]),
        st.sampled_from(TaskStatus),
        st.integers(0, 3).map(at),
        st.just(""),
        st.sampled_from([NAMES_IT, "{}"]),
        st.just(KD),
        st.sampled_from([UO, OTHER_UO, None]),
        workers=st.sampled_from([frozenset(), frozenset({"agent"})]),
    ),
    max_size=3,
    unique_by=lambda task: task.sid,
)
people = st.lists(st.integers(0, 3).map(lambda minute: replace(AGENT, joined_at=at(minute))), max_size=1)


@given(tasks, channels, people)
def test_every_task_is_exactly_one_of_the_chats_a_hint_or_foreign(
    given_tasks: list[Task], given_channels: list[Channel], given_people: list[Participant]
) -> None:
    """No task is lost or counted twice, and a task that a channel's invite decided about is never a hint."""
    found = belongings_of(*given_tasks, channels=given_channels, people=given_people)

    sids = [*(task.sid for task in (*found.tasks, *found.hints)), *found.foreign]
    assert sorted(sids) == sorted(task.sid for task in given_tasks)
    read = {each.sid for each in given_channels if any(invite.conversation for invite in each.invites or ())}
    named = {invite.task for each in given_channels for invite in each.invites or () if invite.conversation is None}
    assert not [task for task in found.hints if task.channel in read and task.sid not in named]


@given(tasks, channels, people)
def test_nothing_is_the_chats_without_proof(
    given_tasks: list[Task], given_channels: list[Channel], given_people: list[Participant]
) -> None:
    """The proof is an invite that names both, or a worker who joined for the task."""
    found = belongings_of(*given_tasks, channels=given_channels, people=given_people)

    asked = {
        (channel.sid, invite.task)
        for channel in given_channels
        for invite in channel.invites or ()
        if invite.conversation == CH
    }
    for task in found.tasks:
        came = [each for each in given_people if task.workers and each.joined_at and each.joined_at >= task.created_at]
        assert task.sid in {sid for _, sid in asked} or came
    assert found.proof.channel in {None, *(sid for sid, _ in asked)}


@given(tasks, channels, people)
def test_proving_twice_has_the_same_result(
    given_tasks: list[Task], given_channels: list[Channel], given_people: list[Participant]
) -> None:
    """The second time, neither invites nor a worker are needed."""
    once = belongings_of(*given_tasks, channels=given_channels, people=given_people)

    again = belongings_of(*once.tasks, channels=[once.channel] if once.channel else [], proof=once.proof)

    assert {task.sid for task in again.tasks} == {task.sid for task in once.tasks}
    assert again.proof.tasks == once.proof.tasks


def proven_hints_foreign(found: Belongings) -> tuple[tuple[Task, ...], tuple[Task, ...], tuple[str, ...]]:
    """Return everything that is known about the tasks."""
    return found.tasks, found.hints, found.foreign
