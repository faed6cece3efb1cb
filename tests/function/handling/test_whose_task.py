"""Whose task is it? One that only mentions a conversation is never written to, and counts for nothing."""

import json

import pytest

from tests.world.world import Chat, World


def path_of(world: World, task: str) -> str:
    """Of a task in the REST API."""
    return f"taskrouter/v1/Workspaces/{world.twilio.account.workspace_sid}/Tasks/{task}"


def status_of(world: World, task: str) -> str:
    """What TaskRouter shows."""
    return str(world.twilio.rest("GET", path_of(world, task))["assignment_status"])


def callback(world: World, chat: Chat, *leave_out: str) -> str:
    """Somebody makes a task over REST that copies the attributes of the chat's own; its SID."""
    task = world.twilio.rest("GET", path_of(world, chat.task))
    copied = {key: value for key, value in json.loads(task["attributes"]).items() if key not in leave_out}
    made = world.twilio.rest(
        "POST",
        f"taskrouter/v1/Workspaces/{world.twilio.account.workspace_sid}/Tasks",
        WorkflowSid=task["workflow_sid"],
        TaskChannel="voice",
        Attributes=json.dumps({**copied, "taskType": "callback"}),
    )
    return str(made["sid"])


def written_to(world: World, task: str) -> list[str]:
    """What we wrote to a task."""
    return [call.path for call in world.instance.wire.calls if call.method == "POST" and task in call.path]


INTERACTION = ("flexInteractionSid", "flexInteractionChannelSid", "flexChannelInviteSid")


@pytest.mark.parametrize("leave_out", [(), INTERACTION], ids=["all copied", "without the interaction"])
def test_a_callback_that_is_made_after_the_chat_outlives_every_sweep(leave_out: tuple[str, ...]) -> None:
    """It copies the attributes of the chat's task, and the chat is closed."""
    with World() as world:
        chat = world.twilio.answered()
        task = callback(world, chat, *leave_out)
        chat.does("wrap")
        chat.does("complete")
        world.schedule_sweep()
        world.twilio.advance("PT2H")

        assert ("closed", "pending") == (chat.state, status_of(world, task))
        assert [] == written_to(world, task)


@pytest.mark.parametrize("leave_out", [(), INTERACTION], ids=["all copied", "without the interaction"])
def test_a_callback_beside_a_chat_is_no_transfer(leave_out: tuple[str, ...]) -> None:
    """The silent customer is warned and released in time, and the callback waits on."""
    with World() as world:
        chat = world.twilio.answered()
        task = callback(world, chat, *leave_out)
        world.twilio.advance("PT8M")
        warned = chat.ours
        world.twilio.advance("PT2M")

        assert (["warning"], ["warning", "closing"], "closed") == (warned, chat.ours, chat.state)
        assert "pending" == status_of(world, task)
        assert [] == written_to(world, task)


@pytest.mark.parametrize("stage", ["queued", "assigned"])
def test_a_foreign_task_that_comes_meanwhile_changes_nothing(stage: str) -> None:
    """Neither waiting nor with another worker: after the warning it is there, and the chat ends in time."""
    with World() as world:
        chat = world.twilio.answered()
        world.twilio.advance("PT9M")
        task = world.twilio.add_foreign_task(chat.conversation, stage=stage)
        before = status_of(world, task)
        world.twilio.advance("PT1M")

        assert ("closed", before) == (chat.state, status_of(world, task))
        assert [] == written_to(world, task)
        assert [task] == world.lines(conversation=chat.conversation)[-1]["facts"]["foreign"]


def test_a_foreign_tasks_worker_is_no_agent_of_the_chat() -> None:
    """A survey that is assigned to the one who answers as the customer makes no answer of the customer's words."""
    with World() as world:
        chat = world.twilio.answered()
        world.twilio.add_foreign_task(chat.conversation, stage="assigned")
        chat.says("customer", "and another thing")
        world.twilio.advance("PT1H")

        assert ([], "agent_silent") == (chat.ours, world.lines(conversation=chat.conversation)[-1]["reason"])


def test_a_rule_does_not_look_at_a_foreign_task() -> None:
    """A rule for callbacks does not hold the chat."""
    rules = [{"match": {"task": {"taskType": "callback"}}, "exempt": True}]
    with World({"policy": {"rules": rules}}) as world:
        chat = world.twilio.answered()
        callback(world, chat)
        world.twilio.advance("PT10M")

        assert "closed" == chat.state


def test_a_channel_of_another_conversation_is_never_closed() -> None:
    """The task's attributes name the interaction of another chat, whose customer waits for an answer."""
    with World() as world:
        other = world.twilio.chat()
        other.says("customer", "hello?")
        chat = world.twilio.answered()
        world.twilio.borrow_interaction(chat.conversation, other.conversation)
        world.schedule_sweep()
        world.twilio.advance("PT2H")

        assert ("assigned", True) == (other.task_statuses[-1], other.state != "closed")
        assert [] == [
            call.path for call in world.instance.wire.calls if call.method == "POST" and "/Interactions/" in call.path
        ]


def test_without_an_interaction_the_agent_who_came_with_the_task_proves_it() -> None:
    """Warned and ended as any other, its task completed; asked for its worker once."""
    with World() as world:
        chat = world.twilio.answered(interaction=False)
        world.twilio.advance("PT10M")

        assert (["warning", "closing"], "closed", ["completed"]) == (chat.ours, chat.state, chat.task_statuses)
        asked = [call.path for call in world.instance.wire.calls if call.path.endswith("/Reservations?PageSize=50")]
        assert 1 == len(asked)


def test_where_interactions_cannot_be_read_the_chat_is_released_all_the_same() -> None:
    """One page of Twilio's docs says that some accounts cannot: its worker proves the task, and the note keeps it."""
    with World(dialect={"interactionReads": "refused"}) as world:
        chat = world.twilio.answered()
        world.twilio.advance("PT10M")

        assert (["warning", "closing"], "closed", ["completed"]) == (chat.ours, chat.state, chat.task_statuses)


def test_invites_are_read_once_for_each_task() -> None:
    """A warning and an end later the process still knows."""
    with World() as world:
        chat = world.twilio.answered()
        world.twilio.advance("PT10M")

        assert "closed" == chat.state
        assert 1 == sum("/Invites" in call.path for call in world.instance.wire.calls)


def test_an_accepted_callback_gives_the_chat_no_timer() -> None:
    """The event of its acceptance names the conversation, as its copied attributes do."""
    with World(arm_on_accept=True) as world:
        chat = world.twilio.answered()
        task = world.twilio.add_foreign_task(chat.conversation, stage="assigned")
        event = world.twilio.accepted(chat, TaskSid=task)
        attributes = json.loads(world.twilio.rest("GET", path_of(world, task))["attributes"])
        world.instance.receive({**event, "TaskAttributes": json.dumps(attributes)}, route="tasks")

        assert "foreign_task" == world.lines(event="accepted")[-1]["reason"]
        assert [] == [call for call in world.instance.wire.calls if call.method == "POST"]


def test_an_end_that_leaves_a_task_with_its_agent_is_an_error() -> None:
    """Flex says closed, the task stays assigned, and TaskRouter takes no end of it: the line names it."""
    with World() as world:
        chat = world.twilio.answered()
        world.hooks.rewrite = lambda body: body.replace(b'"status": "failed"', b'"status": "closed"')
        world.twilio.fault(r"POST .*/Channels/UO\w+$", kind="failed", times=None)
        world.twilio.fault(r"POST .*/Tasks/WT\w+$", kind="status", status=400, times=None)
        world.twilio.advance("PT10M")

        line = world.lines(conversation=chat.conversation)[-1]
        assert ("end", "done", "ERROR", [chat.task]) == (
            *(line[key] for key in ("decision", "outcome", "severity")),
            line["facts"]["assigned"],
        )
        assert ("closed", ["assigned"]) == (chat.state, chat.task_statuses)
