"""A task whose attributes were replaced, so that it names no conversation: an invite or our note still proves it."""

import json
from typing import Any

import pytest

from tests.function.handling.test_whose_task import path_of, status_of, written_to
from tests.world.others import newest_task, send_invite
from tests.world.world import Chat, World

CRM = {"crm": 1}
QUEUE_END = {"policy": {"whenQueued": {"do": "end", "after": "PT30M"}}}


def attributes_of(world: World, task: str) -> dict[str, Any]:
    """Return a task's attributes."""
    found: dict[str, Any] = json.loads(world.twilio.rest("GET", path_of(world, task))["attributes"])
    return found


def replace_attributes(world: World, task: str, attributes: dict[str, Any]) -> None:
    """Set a task's attributes without merging them."""
    world.twilio.rest("POST", path_of(world, task), Attributes=json.dumps(attributes))


def without_conversation(world: World, task: str) -> dict[str, Any]:
    """Return a task's attributes without the conversation."""
    return {name: value for name, value in attributes_of(world, task).items() if name != "conversationSid"}


def noted(world: World, *, interaction: bool = True) -> Chat:
    """Return a chat whose task we have noted, because its agent was silent."""
    world.schedule_sweep()
    chat = world.twilio.chat(interaction=interaction)
    chat.says("customer", "hello?")
    world.twilio.advance("PT20M")
    return chat


def second_agents(world: World) -> tuple[Chat, str]:
    """Return a chat whose noted task was cancelled, and the task by which an agent has it since then."""
    world.schedule_sweep()
    chat = world.twilio.chat("queued")
    chat.says("customer", "hello?")
    world.twilio.advance("PT9M")
    chat.does("cancel")
    found = world.simulation.chats.find(chat.conversation)
    assert found is not None
    found.enqueue()
    chat.does("accept")
    world.twilio.advance("PT1M")
    return chat, newest_task(chat)


@pytest.mark.parametrize("keeps_interaction", [True, False])
@pytest.mark.parametrize(
    ("dialect", "interaction"),
    [({}, True), ({"inviteContents": "as_is"}, True), ({"interactionReads": "refused"}, True), ({}, False)],
    ids=["invites as made", "invites as they are", "invites refused", "no interaction"],
)
@pytest.mark.parametrize("restarted", [True, False])
def test_the_silent_customer_is_released(
    dialect: dict[str, str], interaction: bool, keeps_interaction: bool, restarted: bool
) -> None:
    """The task is completed, and what stands in its attributes stays there."""
    with World(dialect=dialect) as world:
        chat = noted(world, interaction=interaction)
        left = without_conversation(world, chat.task) if keeps_interaction else CRM
        replace_attributes(world, chat.task, left)
        if restarted:
            world.restart()
        chat.says("agent", "here is your answer")
        world.twilio.advance("PT15M")

        assert (chat.ours, chat.state, chat.task_statuses) == (["warning", "closing"], "closed", ["completed"])
        after = chat.truth.tasks[0].attributes
        assert {name: after.get(name) for name in left if name not in {"inactivityTimeout", "conversations"}} == {
            name: value for name, value in left.items() if name not in {"inactivityTimeout", "conversations"}
        }


def test_an_unnoted_task_is_found_by_the_invites_of_the_conversations_interaction() -> None:
    """Nothing but the conversation's own attributes names the channel."""
    with World(dialect={"flexAttributes": "named"}) as world:
        chat = world.twilio.answered()
        replace_attributes(world, chat.task, CRM)
        world.twilio.advance("PT10M")

        assert (chat.ours, chat.state, chat.task_statuses) == (["warning", "closing"], "closed", ["completed"])


def test_a_customer_whose_second_agent_has_the_chat_is_not_cut_off() -> None:
    """The first task was cancelled in the queue, and only an invite names the second."""
    with World(QUEUE_END) as world:
        chat, task = second_agents(world)
        replace_attributes(world, task, CRM)
        chat.says("customer", "hello??")
        world.twilio.advance("PT3H")

        line = world.lines(conversation=chat.conversation, event="decision")[-1]
        assert (chat.state, chat.task_statuses, line["reason"]) == (
            "inactive",
            ["canceled", "assigned"],
            "agent_silent",
        )


def test_an_agent_whose_colleague_was_invited_still_has_the_chat() -> None:
    """The colleague's task is found, the agent's own is not; the customer waits, and nobody ends the chat."""
    with World(QUEUE_END) as world:
        world.schedule_sweep()
        chat = world.twilio.answered()
        world.twilio.advance("PT1M")
        send_invite(world, chat)
        replace_attributes(world, chat.truth.tasks[0].sid, CRM)
        chat.says("customer", "hello??")
        world.twilio.advance("PT4H")

        assert (chat.state, chat.ours, chat.task_statuses[0]) == ("inactive", [], "assigned")


def test_webhook_and_sweep_know_the_same_tasks_and_do_not_decide_all_day() -> None:
    """Each overwrote the other's note of the last task, and set the timer again."""
    with World() as world:
        chat, task = second_agents(world)
        replace_attributes(world, task, CRM)
        chat.says("customer", "hello??")
        world.twilio.advance("P1D")

        assert len(world.lines(conversation=chat.conversation, event="decision")) < 10


def test_a_task_that_names_another_conversation_now_is_left_alone() -> None:
    """Invite and note name it, but somebody moved it."""
    with World() as world:
        other = world.twilio.chat()
        chat = noted(world)
        replace_attributes(world, chat.task, {**attributes_of(world, chat.task), "conversationSid": other.conversation})
        before = len(written_to(world, chat.task))
        chat.says("agent", "here is your answer")
        world.twilio.advance("PT2H")

        assert (status_of(world, chat.task), len(written_to(world, chat.task))) == ("assigned", before)


@pytest.mark.parametrize("named_by", ["note", "event"])
def test_a_task_that_never_named_the_conversation_is_never_written_to(named_by: str) -> None:
    """A note that others wrote or an event names a task without attributes; no invite of the chat's channel does."""
    with World(arm_on_accept=True) as world:
        chat = world.twilio.answered()
        task = world.twilio.add_foreign_task(chat.conversation, stage="assigned")
        replace_attributes(world, task, {})
        if named_by == "note":
            note = {"inactivityTimeout": {"of": chat.conversation, "task": task}}
            world.twilio.rest("POST", chat.path, Attributes=json.dumps(note))
        else:
            world.instance.receive(world.twilio.accepted(chat, TaskSid=task), route="tasks")
        world.schedule_sweep()
        world.twilio.advance("PT2H")

        assert (status_of(world, task), written_to(world, task)) == ("assigned", [])


def test_a_chat_whose_last_task_is_noted_as_lost_reads_no_invited_task_by_itself() -> None:
    """The note says what became of it: a later look reads only the noted task, as every search does."""
    with World() as world:
        chat = world.twilio.chat("queued")
        chat.says("customer", "hello?")
        world.twilio.advance("PT9M")
        chat.does("cancel")
        chat.says("customer", "anybody?")
        world.twilio.advance("PT30M")
        before = len(world.instance.wire.calls)
        chat.says("customer", "hello??")
        world.twilio.advance("PT9M")

        asked = [call.path for call in world.instance.wire.calls[before:]]
        assert sum(path.endswith(f"/Tasks/{chat.task}") for path in asked) == 1
        assert sum("/Invites" in path for path in asked) == 1
