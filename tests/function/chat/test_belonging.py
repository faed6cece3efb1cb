"""Whose task it is: each way in which one is proven to be the chat's, each that disproves it, and hints."""

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
TASK = Task(WT, TaskStatus.ASSIGNED, at(1), '"1"', "{}", KD, UO)
BY_ITSELF = replace(TASK, interaction=None, channel=None)
OURS = Channel(KD, UO, ChannelStatus.ACTIVE, "web", (ASKED,), proven=False)
AGENT = Participant("MB1", "agent", has_address=False, role_sid="RL-agent", joined_at=at(1))
THEIRS = replace(BY_ITSELF, workers=frozenset({"agent"}))
WAITS = (TaskStatus.PENDING, TaskStatus.RESERVED)


def noting(*tasks: str, channel: str | None = None) -> Conversation:
    """The conversation, with a note of ours."""
    note = ChatSids(tasks, KD if channel else None, channel).written_into(with_own_notes("{}", CH) or "")
    return replace(CONVERSATION, attributes=note or "")


def belongings_of(
    *tasks: Task,
    channels: Collection[Channel] = (),
    people: Collection[Participant] = (),
    proof: Proof = Proof(),  # noqa: B008 -- frozen
    conversation: Conversation = CONVERSATION,
) -> Belongings:
    """What belongs to the conversation of these."""
    return belongings(conversation, tasks, channels, people, proof)


# -- what proves a task -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("status", TaskStatus)
def test_an_invite_of_its_channel_that_names_it_and_the_conversation_proves_a_task(status: TaskStatus) -> None:
    """Whatever has become of it: an invite shows what belongs together, and no status."""
    task = replace(TASK, status=status)

    assert proven_hints_foreign(belongings_of(task, channels=[OURS])) == ((task,), (), ())


def test_what_was_proven_before_stays_so() -> None:
    """Also without its invites, which are asked for once."""
    channel = replace(OURS, invites=None)

    found = belongings_of(TASK, channels=[channel], proof=Proof(frozenset({WT}), UO))

    assert (found.tasks, found.channel) == ((TASK,), replace(channel, proven=True))


@pytest.mark.parametrize(
    ("joined", "belongs"), [(at(1), True), (at(2), True), (at(1) - timedelta(seconds=1), False), (None, False)]
)
@pytest.mark.parametrize("status", [TaskStatus.ASSIGNED, TaskStatus.WRAPPING])
def test_without_an_interaction_its_worker_proves_it_who_joined_no_earlier_than_it_was_made(
    status: TaskStatus, joined: datetime | None, belongs: bool
) -> None:
    """TaskRouter adds the worker on acceptance; whoever was there before is there for another task."""
    task = replace(THEIRS, status=status)

    found = belongings_of(task, people=[replace(AGENT, joined_at=joined)])

    assert proven_hints_foreign(found) == (((task,), (), ()) if belongs else ((), (task,), ()))


@pytest.mark.parametrize("workers", [frozenset(), frozenset({"somebody else"})])
def test_a_worker_who_does_not_take_part_proves_nothing(workers: frozenset[str]) -> None:
    """Nor does one whom nobody has asked for."""
    task = replace(BY_ITSELF, workers=workers)

    assert proven_hints_foreign(belongings_of(task, people=[AGENT, replace(AGENT, identity=None)])) == ((), (task,), ())


@pytest.mark.parametrize("status", WAITS)
def test_a_note_of_ours_proves_a_task_that_nobody_has_accepted(status: TaskStatus) -> None:
    """We only note what was proven."""
    task = replace(BY_ITSELF, status=status)

    assert proven_hints_foreign(belongings_of(task, conversation=noting(WT))) == ((task,), (), ())
    assert proven_hints_foreign(belongings_of(task, conversation=noting(OTHER_WT))) == ((), (task,), ())


def test_where_invites_cannot_be_read_the_noted_task_will_do() -> None:
    """Some accounts may not read interactions; its channel is proven by the same note."""
    unread = replace(OURS, invites=None)

    noted = belongings_of(TASK, channels=[unread], conversation=noting(WT, channel=UO))
    not_noted = belongings_of(TASK, channels=[unread])

    assert (proven_hints_foreign(noted), noted.channel) == (((TASK,), (), ()), replace(unread, proven=True))
    assert (proven_hints_foreign(not_noted), not_noted.channel) == (((), (TASK,), ()), unread)


def test_where_invites_cannot_be_read_a_second_agent_is_proven_by_their_coming() -> None:
    """After a hand-over the note names the first one's task only."""
    unread = replace(OURS, invites=None)
    second = replace(TASK, sid=OTHER_WT, created_at=at(9), workers=frozenset({"agent"}))

    found = belongings_of(
        second, channels=[unread], people=[replace(AGENT, joined_at=at(9))], conversation=noting(WT, channel=UO)
    )

    assert proven_hints_foreign(found) == ((second,), (), ())


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
    """Its attributes are a copy: neither the worker nor our note makes up for that."""
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
def test_where_the_chat_has_an_interaction_only_its_invites_make_tasks(task: Task) -> None:
    """Callbacks, surveys and reviews carry copies of a chat's attributes, and the chat's own agent may have them."""
    found = belongings_of(TASK, task, channels=[OURS], people=[AGENT], conversation=noting(WT, OTHER_WT))

    assert proven_hints_foreign(found) == ((TASK,), (), (OTHER_WT,))


@pytest.mark.parametrize("invites", [(), (Invite(WT, None),)], ids=["nobody was asked", "an invite tells nothing"])
def test_invites_that_tell_nothing_prove_nothing_either_way(invites: tuple[Invite, ...]) -> None:
    """The task waits as one that may be the chat's; its worker can prove it."""
    channel = replace(OURS, invites=invites)
    waits = replace(TASK, status=TaskStatus.PENDING)
    held = replace(TASK, workers=frozenset({"agent"}))

    assert proven_hints_foreign(belongings_of(waits, channels=[channel])) == ((), (waits,), ())
    assert proven_hints_foreign(belongings_of(held, channels=[channel], people=[AGENT])) == ((held,), (), ())


def test_a_task_of_another_chats_channel_is_foreign_where_this_chat_has_none() -> None:
    """The interaction of the first chat with the same customer, say."""
    elsewhere = replace(OURS, invites=(Invite(WT, OTHER_CH),))

    found = belongings_of(TASK, THEIRS_BESIDE, channels=[elsewhere], people=[AGENT])

    assert proven_hints_foreign(found) == ((THEIRS_BESIDE,), (), (WT,))
    assert found.channel is None


THEIRS_BESIDE = replace(THEIRS, sid=OTHER_WT)


# -- what may be the chat's -------------------------------------------------------------------------------------------


@pytest.mark.parametrize("status", WAITS)
def test_a_task_that_waits_without_an_interaction_is_a_hint(status: TaskStatus) -> None:
    """Nobody has joined for it, so nothing can tell; who takes part for other reasons is no proof."""
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
def test_only_of_hints_that_somebody_accepted_the_worker_is_asked_for(task: Task, asks: bool) -> None:
    """It costs two calls."""
    assert unproven(belongings_of(task)) == ((task,) if asks else ())


def test_nobodys_worker_is_asked_for_where_the_chat_has_an_interaction() -> None:
    """Its invites have told already."""
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
def test_of_several_channels_it_is_the_newest_tasks(tasks: tuple[Task, ...], sid: str) -> None:
    """Live tasks first; where no task names one, the first that was looked at."""
    channel = belongings_of(*tasks, channels=[OURS, SECOND]).channel

    assert channel
    assert (channel.sid, channel.proven) == (sid, True)


def test_a_channel_that_is_proven_comes_before_one_that_is_not() -> None:
    """Whatever the newest task names."""
    unread = replace(SECOND, invites=None)
    hint = replace(NEWER, status=TaskStatus.PENDING)

    channel = belongings_of(TASK, hint, channels=[unread, OURS]).channel

    assert channel == replace(OURS, proven=True)


def test_a_noted_channel_is_the_chats_when_its_task_is_gone() -> None:
    """Proven by its invites; by the note where those cannot be read; and never where they name another conversation."""
    noted = noting(WT, channel=UO)
    unread, elsewhere = replace(OURS, invites=None), replace(OURS, invites=(Invite(WT, OTHER_CH),))

    assert belongings_of(channels=[OURS], conversation=noted).channel == replace(OURS, proven=True)
    assert belongings_of(channels=[unread], conversation=noted).channel == replace(unread, proven=True)
    assert belongings_of(channels=[elsewhere], conversation=noted).channel is None


def test_a_channel_of_which_nothing_is_known_is_the_chats_and_not_proven() -> None:
    """What it says is heeded; it is never written to."""
    unread = replace(OURS, invites=None)

    assert belongings_of(channels=[unread], conversation=noting(OTHER_WT, channel=OTHER_UO)).channel == unread


def test_what_is_proven_is_handed_on() -> None:
    """Tasks and channel; neither hints nor what nobody could prove."""
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
        st.just("{}"),
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
    """None is lost and none is two things; a hint is never one that some invite of a channel decided about."""
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
    """An invite that names both, or a worker who came for it; nothing was noted and nothing proven before."""
    found = belongings_of(*given_tasks, channels=given_channels, people=given_people)

    asked = {
        (channel.sid, invite.task)
        for channel in given_channels
        for invite in channel.invites or ()
        if invite.conversation == CH
    }
    for task in found.tasks:
        came = [each for each in given_people if task.workers and each.joined_at and each.joined_at >= task.created_at]
        assert (task.channel, task.sid) in asked or came
    assert found.proof.channel in {None, *(sid for sid, _ in asked)}


@given(tasks, channels, people)
def test_who_proves_twice_finds_the_same(
    given_tasks: list[Task], given_channels: list[Channel], given_people: list[Participant]
) -> None:
    """What was proven needs no proof: neither invites nor a worker."""
    once = belongings_of(*given_tasks, channels=given_channels, people=given_people)

    again = belongings_of(*once.tasks, channels=[once.channel] if once.channel else [], proof=once.proof)

    assert {task.sid for task in again.tasks} == {task.sid for task in once.tasks}
    assert again.proof.tasks == once.proof.tasks


def proven_hints_foreign(found: Belongings) -> tuple[tuple[Task, ...], tuple[Task, ...], tuple[str, ...]]:
    """All that there is to know about tasks."""
    return found.tasks, found.hints, found.foreign
