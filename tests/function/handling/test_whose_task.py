"""A task that only mentions a conversation is never written to, and counts for nothing."""

import json
from typing import Any

import pytest

from simulator.faults import REMOVED
from tests.world.others import come_back, come_in, make_callback, send_invite
from tests.world.world import Chat, World


def path_of(world: World, task: str) -> str:
    """Return a task's path in the REST API."""
    return f"taskrouter/v1/Workspaces/{world.twilio.account.workspace_sid}/Tasks/{task}"


def status_of(world: World, task: str) -> str:
    """Return the status that TaskRouter shows."""
    return str(world.twilio.rest("GET", path_of(world, task))["assignment_status"])


def callback(world: World, chat: Chat, *omitted: str) -> str:
    """Create a task over REST that copies the attributes of the chat's own task, and return its SID."""
    task = world.twilio.rest("GET", path_of(world, chat.task))
    copied = {key: value for key, value in json.loads(task["attributes"]).items() if key not in omitted}
    made = world.twilio.rest(
        "POST",
        f"taskrouter/v1/Workspaces/{world.twilio.account.workspace_sid}/Tasks",
        WorkflowSid=task["workflow_sid"],
        TaskChannel="voice",
        Attributes=json.dumps({**copied, "taskType": "callback"}),
    )
    return str(made["sid"])


def written_to(world: World, task: str) -> list[str]:
    """Return what we wrote to a task."""
    return [call.path for call in world.instance.wire.calls if call.method == "POST" and task in call.path]


INTERACTION = ("flexInteractionSid", "flexInteractionChannelSid", "flexChannelInviteSid")


@pytest.mark.parametrize("omitted", [(), INTERACTION], ids=["all copied", "without the interaction"])
def test_a_callback_that_is_made_after_the_chat_outlives_every_sweep(omitted: tuple[str, ...]) -> None:
    """It copies the attributes of the chat's task, and the chat is closed."""
    with World() as world:
        chat = world.twilio.answered()
        task = callback(world, chat, *omitted)
        chat.does("wrap")
        chat.does("complete")
        world.schedule_sweep()
        world.twilio.advance("PT2H")

        assert (chat.state, status_of(world, task)) == ("closed", "pending")
        assert written_to(world, task) == []


@pytest.mark.parametrize("omitted", [(), INTERACTION], ids=["all copied", "without the interaction"])
def test_a_callback_beside_a_chat_is_no_transfer(omitted: tuple[str, ...]) -> None:
    """The silent customer is warned and released in time, and the callback keeps waiting."""
    with World() as world:
        chat = world.twilio.answered()
        task = callback(world, chat, *omitted)
        world.twilio.advance("PT8M")
        warned = chat.ours
        world.twilio.advance("PT2M")

        assert (warned, chat.ours, chat.state) == (["warning"], ["warning", "closing"], "closed")
        assert status_of(world, task) == "pending"
        assert written_to(world, task) == []


@pytest.mark.parametrize("stage", ["queued", "assigned"])
def test_a_foreign_task_that_is_created_meanwhile_changes_nothing(stage: str) -> None:
    """It exists after the warning, waiting or assigned to another worker, and the chat ends in time."""
    with World() as world:
        chat = world.twilio.answered()
        world.twilio.advance("PT9M")
        task = world.twilio.add_foreign_task(chat.conversation, stage=stage)
        before = status_of(world, task)
        world.twilio.advance("PT1M")

        assert (chat.state, status_of(world, task)) == ("closed", before)
        assert written_to(world, task) == []
        assert world.lines(conversation=chat.conversation)[-1]["facts"]["foreign"] == [task]


def test_a_foreign_tasks_worker_is_no_agent_of_the_chat() -> None:
    """A survey is assigned to the person who answers as the customer; their messages stay the customer's."""
    with World() as world:
        chat = world.twilio.answered()
        world.twilio.add_foreign_task(chat.conversation, stage="assigned")
        chat.says("customer", "and another thing")
        world.twilio.advance("PT1H")

        assert (chat.ours, world.lines(conversation=chat.conversation)[-1]["reason"]) == ([], "agent_silent")


def test_a_rule_ignores_a_foreign_task() -> None:
    """A rule for callbacks does not apply to the chat."""
    rules = [{"match": {"task": {"taskType": "callback"}}, "exempt": True}]
    with World({"policy": {"rules": rules}}) as world:
        chat = world.twilio.answered()
        callback(world, chat)
        world.twilio.advance("PT10M")

        assert chat.state == "closed"


def test_an_invite_proves_a_task_whose_attributes_name_another_channel() -> None:
    """A colleague was asked in and the attributes were overwritten, then another colleague came: nobody is ended."""
    with World() as world:
        other = world.twilio.chat("queued")
        chat = world.twilio.chat()
        chat.says("agent", "hello")
        send_invite(world, chat)
        world.twilio.borrow_interaction(chat.conversation, other.conversation)
        come_in(world, chat)
        world.twilio.advance("PT30M")

        assert (chat.state != "closed", chat.task_statuses) == (True, ["assigned", "pending", "assigned"])


def test_a_channel_of_another_conversation_is_never_closed() -> None:
    """The task's attributes name the interaction of another chat, whose customer waits for an answer."""
    with World() as world:
        other = world.twilio.chat()
        other.says("customer", "hello?")
        chat = world.twilio.answered()
        world.twilio.borrow_interaction(chat.conversation, other.conversation)
        world.schedule_sweep()
        world.twilio.advance("PT2H")

        assert (other.task_statuses[-1], other.state != "closed") == ("assigned", True)
        assert [
            call.path for call in world.instance.wire.calls if call.method == "POST" and "/Interactions/" in call.path
        ] == []


def test_without_an_interaction_the_agent_who_joined_proves_the_task() -> None:
    """The customer is warned and ended as usual, the task is completed, and its worker is looked up once."""
    with World() as world:
        chat = world.twilio.answered(interaction=False)
        world.twilio.advance("PT10M")

        assert (chat.ours, chat.state, chat.task_statuses) == (["warning", "closing"], "closed", ["completed"])
        asked = [call.path for call in world.instance.wire.calls if "/Reservations?" in call.path]
        assert len(asked) == 1


def test_if_interactions_cannot_be_read_the_chat_is_released_all_the_same() -> None:
    """Some accounts cannot, says Twilio's documentation; the worker proves the task, and the note keeps the proof."""
    with World(dialect={"interactionReads": "refused"}) as world:
        chat = world.twilio.answered()
        world.twilio.advance("PT10M")

        assert (chat.ours, chat.state, chat.task_statuses) == (["warning", "closing"], "closed", ["completed"])


def test_invites_are_read_once_for_each_task() -> None:
    """The process still knows after a warning and an end."""
    with World() as world:
        chat = world.twilio.answered()
        world.twilio.advance("PT10M")

        assert chat.state == "closed"
        assert sum("/Invites" in call.path for call in world.instance.wire.calls) == 1


def test_an_accepted_callback_gives_the_chat_no_timer() -> None:
    """The event of its acceptance names the conversation because its attributes are copied."""
    with World(arm_on_accept=True) as world:
        chat = world.twilio.answered()
        task = world.twilio.add_foreign_task(chat.conversation, stage="assigned")
        event = world.twilio.accepted(chat, TaskSid=task)
        attributes = json.loads(world.twilio.rest("GET", path_of(world, task))["attributes"])
        world.instance.receive({**event, "TaskAttributes": json.dumps(attributes)}, route="tasks")

        assert world.lines(event="accepted")[-1]["reason"] == "foreign_task"
        assert [call for call in world.instance.wire.calls if call.method == "POST"] == []


def test_an_end_that_leaves_a_task_with_its_agent_is_an_error() -> None:
    """Flex reports the channel closed, the task stays assigned, and TaskRouter refuses to end it: the line names it."""
    with World() as world:
        chat = world.twilio.answered()
        world.hooks.rewrite = lambda body: body.replace(b'"status": "failed"', b'"status": "closed"')
        world.twilio.fault(r"POST .*/Channels/UO\w+$", kind="failed", times=None)
        world.twilio.fault(r"POST .*/Tasks/WT\w+$", kind="status", status=400, times=None)
        world.twilio.advance("PT10M")

        line = world.lines(conversation=chat.conversation)[-1]
        assert (
            *(line[key] for key in ("decision", "outcome", "severity")),
            line["facts"]["assigned"],
        ) == ("end", "done", "ERROR", [chat.task])
        assert (chat.state, chat.task_statuses) == ("closed", ["assigned"])


def test_a_copied_note_lets_nobody_close_the_channel_of_another_chat() -> None:
    """A plugin copies the old chat's attributes to the new conversation, whose customer waits.

    If invites cannot be read, our note is the only proof of a channel, so it must name its conversation.
    """
    with World() as world:
        other = world.twilio.answered()
        world.twilio.advance("PT8M")
        other.says("customer", "and my money?")
        chat = world.twilio.answered()
        world.twilio.rest("POST", chat.path, Attributes=world.twilio.rest("GET", other.path)["attributes"])
        world.twilio.fault(r"GET .*/Invites", kind="status", status=403, times=None)
        world.twilio.advance("PT10M")

        assert (chat.state, other.state) == ("closed", "inactive")


def second_interaction(world: World, chat: Chat) -> str:
    """Complete the agent's task, let the channel fail to close, route the conversation again; return the new KD."""
    world.twilio.rest("POST", path_of(world, chat.task), AssignmentStatus="completed", Reason="done")
    found = world.simulation.chats.find(chat.conversation)
    if found and found.interaction:
        found.interaction.channel.fail("closed", None)
    account = world.twilio.account
    routing = {
        "workspace_sid": account.workspace_sid,
        "workflow_sid": account.workflow_sid,
        "task_channel_unique_name": "chat",
        "attributes": {"channelType": "web"},
    }
    channel = {"type": "web", "initiated_by": "api", "properties": {"media_channel_sid": chat.conversation}}
    made = world.twilio.rest(
        "POST", "flex-api/v1/Interactions", Channel=json.dumps(channel), Routing=json.dumps({"properties": routing})
    )
    return str(made["sid"])


@pytest.mark.parametrize("unreadable", [True, False])
def test_an_old_channel_that_can_be_read_makes_no_new_task_foreign(unreadable: bool) -> None:
    """The customer waits in the queue of a second interaction whose invites cannot be read; it may be the chat's.

    That the first one's invites can be read proves nothing about the second, so nobody is "left over" and ended.
    """
    with World({"policy": {"whenLeftOver": {"do": "end", "after": "PT30M"}}}) as world:
        world.schedule_sweep()
        chat = world.twilio.answered()
        world.twilio.advance("PT9M")
        interaction = second_interaction(world, chat)
        if unreadable:
            match = rf"GET .*{interaction}/Channels/UO\w+/Invites"
            world.twilio.fault(match, kind="status", status=403, times=None)
        chat.says("customer", "one more thing")
        world.twilio.advance("PT2H")

        assert chat.state == "inactive"


def test_an_invite_without_its_conversation_is_no_proof_of_another() -> None:
    """It names the chat's task; missing attributes make neither task nor channel foreign.

    The agent who joined proves the task, as if invites could not be read.
    """
    with World() as world:
        world.schedule_sweep()
        chat = world.twilio.answered()
        at = "invites.*.routing.properties.attributes"
        world.twilio.fault(r"GET .*/Invites", kind="odd", at=at, value=None, times=None)
        world.twilio.advance("PT1H")

        assert (chat.state, chat.ours) == ("closed", ["warning", "closing"])


@pytest.mark.parametrize(
    ("at", "value"),
    [("invites.*.routing.properties.attributes", None), ("invites", [])],
    ids=["no attributes", "no invite yet"],
)
def test_invites_without_sids_do_not_make_a_queued_chats_task_foreign(at: str, value: object) -> None:
    """The customer waits in the queue; an invite that shows no other conversation proves nothing.

    The task may be the chat's, so a bot's message is no answer. An invite may show attributes from before Flex added
    the conversation, and a list may be late.
    """
    with World() as world:
        chat = world.twilio.chat("queued")
        chat.says("customer", "hello?")
        chat.says("bot", "an agent will be with you shortly")
        world.twilio.fault(r"GET .*/Invites", kind="odd", at=at, value=value, times=None)
        world.twilio.advance("PT20M")

        assert (chat.ours, chat.state) == ([], "inactive")


def test_a_chat_that_an_agent_wraps_up_is_theirs_without_an_interaction_too() -> None:
    """A bot wrote last, and the task and its reservation are wrapping."""
    with World() as world:
        chat = world.twilio.chat("wrapping", interaction=False)
        chat.says("customer", "thank you")
        chat.says("bot", "how was it?")
        world.twilio.advance("PT2H")

        assert (chat.ours, world.lines(conversation=chat.conversation)[-1]["reason"]) == ([], "no_live_task")


@pytest.mark.parametrize("interaction", [True, False])
def test_a_bots_message_is_no_answer_if_the_agents_task_names_another_chats_channel(interaction: bool) -> None:
    """The customer waits for the agent who takes part since the task was created."""
    with World() as world:
        other = world.twilio.chat()
        other.says("customer", "hello?")
        chat = world.twilio.chat(channel="sms", interaction=interaction)
        world.twilio.borrow_interaction(chat.conversation, other.conversation)
        chat.says("customer", "hello?")
        chat.says("bot", "an agent is with you in a moment")
        world.twilio.advance("PT2H")

        assert (chat.ours, chat.task_statuses) == ([], ["assigned"])


def test_a_bots_message_is_no_answer_while_an_agent_may_have_the_chat() -> None:
    """The customer waits for an agent whose task cannot be proven, because the participants are malformed."""
    with World() as world:
        chat = world.twilio.chat(channel="sms", interaction=False)
        chat.says("customer", "hello?")
        chat.says("bot", "an agent is with you in a moment")
        world.twilio.fault(r"GET .*/Participants", kind="odd", at="participants.*.identity", value=REMOVED, times=None)
        world.twilio.advance("PT2H")

        assert (chat.ours, chat.task_statuses) == ([], ["assigned"])


def accept(world: World, task: str) -> None:
    """Let the chat's agent accept another task."""
    workspace = world.simulation.products.flex.taskrouter.default_workspace
    workspace.task(task).accept(workspace.workers.summon("agent"))


def with_callback(world: World, *, interaction: bool = False, later: str = "PT10S") -> tuple[Chat, str]:
    """Return a chat whose agent took a callback of its customer before they joined, and the callback's SID."""
    chat = world.twilio.chat("queued", interaction=interaction)
    chat.says("customer", "hello")
    world.twilio.advance("PT1S")
    task = world.twilio.add_foreign_task(chat.conversation, attributes={"taskType": "callback"})
    world.twilio.advance("PT10S")
    accept(world, task)
    world.twilio.advance(later)
    chat.does("accept")
    chat.says("agent", "hello")
    return chat, task


@pytest.mark.parametrize("later", ["PT0S", "PT3S", "PT1M"])
@pytest.mark.parametrize(
    ("dialect", "interaction"), [({}, False), ({"interactionReads": "refused"}, True)], ids=["none", "refused"]
)
def test_of_two_tasks_of_one_agent_the_callback_is_left_alone(
    dialect: dict[str, str], interaction: bool, later: str
) -> None:
    """The agent took the callback first, and was added when they accepted the chat's task."""
    with World(dialect=dialect) as world:
        world.schedule_sweep()
        chat, task = with_callback(world, interaction=interaction, later=later)
        world.twilio.advance("PT10M")
        ended = chat.state, chat.task_statuses
        world.twilio.advance("PT2H")

        assert ended == ("closed", ["completed"])
        assert (status_of(world, task), written_to(world, task)) == ("assigned", [])


@pytest.mark.parametrize("stage", ["assigned", "wrapping"])
def test_a_task_of_somebody_who_only_takes_calls_holds_no_chat(stage: str) -> None:
    """It names the conversation, and its worker has no chat identity, so it was not they who joined."""
    with World() as world:
        chat = world.twilio.answered(interaction=False)
        task = world.twilio.add_foreign_task(chat.conversation, stage=stage, worker="phone agent")
        worker = world.twilio.rest("GET", f"{path_of(world, task)}/Reservations")["reservations"][0]["worker_sid"]
        path = f"taskrouter/v1/Workspaces/{world.twilio.account.workspace_sid}/Workers/{worker}"
        world.twilio.rest("POST", path, Attributes=json.dumps({"phone": 7}))
        world.twilio.advance("PT10M")

        assert (chat.state, status_of(world, task), written_to(world, task)) == ("closed", stage, [])


def take_callback_of(world: World, chat: Chat) -> str:
    """Create a callback that only names a chat, let the agent accept it, and return its SID."""
    task = make_callback(world, {"conversationSid": chat.conversation})
    accept(world, task)
    return task


@pytest.mark.parametrize("stage", ["assigned", "wrapping"])
def test_an_older_callback_that_the_agent_took_before_is_not_the_chats(stage: str) -> None:
    """A bot's chat had asked for it; the chat's own task came later, and accepting that added the agent."""
    with World() as world:
        chat = world.twilio.chat("bot")
        chat.says("customer", "please call me")
        task = take_callback_of(world, chat)
        world.twilio.advance("PT3M")
        if stage == "wrapping":
            world.twilio.rest("POST", path_of(world, task), AssignmentStatus="wrapping", Reason="over")
        found = world.simulation.chats.find(chat.conversation)
        assert found is not None
        found.enqueue()
        world.twilio.advance("PT1M")
        chat.does("accept")
        world.twilio.advance("PT5S")
        chat.says("agent", "here is your answer")
        world.twilio.advance("PT10M")

        assert (chat.state, status_of(world, task), written_to(world, task)) == ("closed", stage, [])


def test_a_callback_of_an_agent_who_was_added_again_is_left_alone() -> None:
    """No acceptance added them the second time; a copy is made after its original."""
    with World() as world:
        chat = world.twilio.answered(interaction=False)
        world.twilio.advance("PT30S")
        task = world.twilio.add_foreign_task(chat.conversation, stage="assigned", worker="agent")
        world.twilio.advance("PT30S")
        come_back(world, chat)
        world.twilio.advance("PT10M")

        assert (chat.state, chat.task_statuses) == ("closed", ["completed"])
        assert (status_of(world, task), written_to(world, task)) == ("assigned", [])


@pytest.mark.parametrize(
    ("dialect", "interaction"), [({}, False), ({"interactionReads": "refused"}, True)], ids=["none", "refused"]
)
@pytest.mark.parametrize(
    ("policy", "attributes"),
    [
        ({"exempt": {"task": {"tier": "gold"}}}, {"tier": "gold"}),
        ({}, {"doNotTimeOutUntil": "2026-12-31T00:00:00Z"}),
        ({"rules": [{"match": {"task": {"tier": "gold"}}, "whenQueued": {"do": "keep"}}]}, {"tier": "gold"}),
    ],
    ids=["exempt", "on hold", "rule"],
)
def test_what_an_unproven_queued_task_asks_for_keeps_the_customer(
    policy: dict[str, Any], attributes: dict[str, str], dialect: dict[str, str], interaction: bool
) -> None:
    """It may be the chat's, and keeping is the safe side."""
    queued = {"whenQueued": {"do": "end", "after": "PT30M"}}
    with World({"policy": {**queued, **policy}}, dialect=dialect) as world:
        world.schedule_sweep()
        chat = world.twilio.chat("queued", interaction=interaction, attributes=attributes)
        world.twilio.rest("POST", chat.path, Attributes="{}")
        chat.says("customer", "hello?")
        world.twilio.advance("PT2H")

        assert (chat.state, chat.ours) == ("inactive", [])


@pytest.mark.parametrize(
    ("dialect", "interaction"), [({}, False), ({"interactionReads": "refused"}, True)], ids=["none", "refused"]
)
@pytest.mark.parametrize("shown", [True, False], ids=["listed", "not listed"])
def test_a_callback_of_an_agent_who_wraps_up_is_left_alone_by_the_sweep(
    dialect: dict[str, str], interaction: bool, shown: bool
) -> None:
    """Of the live tasks only the callback names the chat; a list may not even show whose the one in wrapping is."""
    with World(dialect=dialect) as world:
        world.configure(webhook="")
        chat, task = with_callback(world, interaction=interaction)
        chat.does("wrap")
        if not shown:
            world.twilio.fault("GET .*/Tasks$", kind="odd", at="tasks.0.attributes", value=7, times=None)
        world.schedule_sweep()
        world.twilio.advance("PT30M")

        assert (status_of(world, task), written_to(world, task), chat.ours) == ("assigned", [], [])


UNREADABLE: dict[str, dict[str, Any]] = {
    "odd": {"kind": "odd", "at": "reservations.*.reservation_status", "value": REMOVED},
    "refused": {"kind": "status", "status": 403},
    "not found": {"kind": "status", "status": 404},
}


@pytest.mark.parametrize("fault", UNREADABLE.values(), ids=UNREADABLE)
def test_a_callback_is_left_alone_if_nobody_can_see_who_accepted_the_chats_task(fault: dict[str, Any]) -> None:
    """The same agent holds both, so the callback would be proven by its worker."""
    with World() as world:
        chat, task = with_callback(world)
        world.twilio.fault(f"GET .*/Tasks/{chat.task}/Reservations.*", times=None, **fault)
        world.schedule_sweep()
        world.twilio.advance("PT30M")

        assert (status_of(world, task), written_to(world, task), chat.ours) == ("assigned", [], [])
