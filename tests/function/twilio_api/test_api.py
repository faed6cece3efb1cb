"""Twilio's answers become typed facts; what is not ours or does not exist becomes None."""

import json
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from function.bootstrap import bootstrap
from function.chat import Channel, ChannelStatus, ChatSids, Conversation, ConversationState, Invite, Marker, TaskStatus
from function.chat.facts import ATTRIBUTES_LIMIT
from function.policy import Policy
from function.policy.policy import StepKind, TaskEnding
from function.twilio_api import Acceptance, TwilioApi, interaction_of
from function.twilio_api.api import MAX_EVENTS, NEWEST_TASKS, ROLES_PAUSE, ROLES_REFUSED
from function.twilio_api.attempt import Attempt
from function.twilio_api.errors import NotFoundError, TwilioDownError, UnreadableError
from simulator.faults import REMOVED
from tests.world.driving import Chat, Twilio
from tests.world.running import settings_for
from tests.world.world import World

T0 = datetime(2026, 1, 5, tzinfo=UTC)
NOBODY = "0" * 32


@pytest.fixture
def api(twilio: Twilio, policy: Policy) -> TwilioApi:
    """The operations as a process of the function has them."""
    twilio.configure("http://127.0.0.1:9/conversations", "PT8M")
    return bootstrap(settings_for(twilio, 9, policy)).api


@pytest.fixture
def attempt() -> Attempt:
    """An attempt with enough time."""
    return Attempt.lasting(10)


def whatsapp(twilio: Twilio) -> Chat:
    """A chat of 25 messages."""
    chat = twilio.chat(channel="whatsapp")
    chat.says("customer")
    for _ in range(24):
        chat.says("agent")
    return chat


def names(attempt: Attempt) -> list[str]:
    """Return the names of the calls, as the log has them."""
    return [call.name for call in attempt.calls]


def test_a_conversation_and_who_takes_part(twilio: Twilio, api: TwilioApi, attempt: Attempt) -> None:
    """A customer has an address on a binding, an agent an identity and a role."""
    chat = whatsapp(twilio)
    conversation = api.conversation(attempt, chat.conversation)
    customer, agent = api.participants(attempt, chat.conversation)

    assert json.loads(conversation.attributes)["channel_type"] == "whatsapp"
    assert conversation == Conversation(
        chat.conversation, ConversationState.ACTIVE, T0, T0 + timedelta(minutes=8), conversation.attributes, T0
    )
    assert (
        customer.identity,
        customer.has_address,
        customer.binding,
        customer.joined_at,
    ) == (None, True, "whatsapp", T0)
    assert (agent.identity, agent.has_address, agent.binding, agent.joined_at) == ("agent", False, "", T0)
    roles = api.agent_roles(attempt)
    assert agent.role_sid in roles
    assert customer.role_sid not in roles
    assert api.agent_roles_known(attempt)
    assert (len(roles), api.agent_roles(attempt)) == (2, roles)
    assert names(attempt) == ["fetch_conversation", "list_participants", "list_roles"]


def test_messages_come_newest_first_and_page_by_page(twilio: Twilio, api: TwilioApi, attempt: Attempt) -> None:
    """A page has 20; the last one has no next page."""
    chat = whatsapp(twilio)
    newest = api.newest_messages(attempt, chat.conversation)
    older = api.older_messages(attempt, chat.conversation, newest)

    assert [written.index for written in newest.messages] == [*range(24, 4, -1)]
    assert [written.index for written in older.messages] == [*range(4, -1, -1)]
    assert (bool(newest.older_url), older.older_url) == (True, None)
    assert (older.messages[-1].sent_at, older.messages[-1].marker) == (T0, None)
    assert names(attempt) == ["list_messages", "list_messages"]


def test_a_message_of_ours_carries_its_marker(twilio: Twilio, api: TwilioApi, attempt: Attempt) -> None:
    """Its index is returned."""
    chat, marker = whatsapp(twilio), Marker(StepKind.WARNING, 1, 24)

    assert api.post(attempt, chat.conversation, "hello?", marker) == 25
    written = api.newest_messages(attempt, chat.conversation).messages[0]
    assert (written.index, written.author, written.participant_sid, written.marker) == (25, "system", None, marker)
    assert names(attempt)[0] == "post_warning"


@pytest.mark.parametrize(
    ("delivery", "arrived"),
    [
        ({"failed": "some", "sent": "some"}, True),
        ({"failed": "some", "undelivered": "none", "delivered": "some"}, True),
        ({"undelivered": "some", "read": "some"}, True),
        ({"failed": "some"}, False),
        ({"failed": "some", "sent": "none", "delivered": None}, False),
        ({"undelivered": "all", "sent": "all"}, False),
        ({"failed": "all", "undelivered": "none"}, False),
        ({"failed": "none", "undelivered": None}, True),
        ({"failed": [], "sent": {}}, True),
        (None, True),
    ],
)
def test_a_message_has_arrived_if_anybody_received_it(
    twilio: Twilio, api: TwilioApi, attempt: Attempt, delivery: object, arrived: bool
) -> None:
    """One of several numbers may not exist any more."""
    chat = whatsapp(twilio)
    twilio.fault("GET .*/Messages$", kind="odd", at="messages.0.delivery", value=delivery)

    assert api.newest_messages(attempt, chat.conversation).messages[0].arrived is arrived
    assert attempt.left_out == []


def test_a_task_is_found_and_read_only_for_the_conversation_that_it_names(
    twilio: Twilio, api: TwilioApi, attempt: Attempt
) -> None:
    """It has its version, its queue and workflow by SID and name, its interaction and its kind."""
    chat = whatsapp(twilio)
    (found,) = api.find_tasks(attempt, chat.conversation)
    task = api.task(attempt, chat.task, chat.conversation)

    assert task is not None
    assert found == ChatSids((chat.task,), task.interaction, task.channel)
    assert (task.sid, task.status, task.created_at, task.kind) == (chat.task, TaskStatus.ASSIGNED, T0, "whatsapp")
    assert (task.queue[1], task.workflow[1]) == ("Everyone", "Assign to Anyone")
    assert (task.queue[0][:2], task.workflow[0][:2]) == ("WQ", "WW")
    assert task.etag.startswith('"')
    assert api.task(attempt, chat.task, "CH" + NOBODY) is None
    assert api.task(attempt, "WT" + NOBODY, chat.conversation) is None
    assert names(attempt) == ["find_tasks", *["fetch_task"] * 3]


def test_the_newest_tasks_name_their_conversation(twilio: Twilio, api: TwilioApi, attempt: Attempt) -> None:
    """Ended ones are not among them."""
    chat, other = whatsapp(twilio), whatsapp(twilio)
    other.does("complete")

    assert api.newer_tasks(attempt, chat.conversation, {}) == (chat.task,)
    assert api.newer_tasks(attempt, other.conversation, {}) == ()


def newest_tasks(world: World, *, pause: str = "PT1S") -> tuple[Chat, list[str]]:
    """Return a chat, and the tasks of all chats after it; there are as many of them as a page has."""
    chat, later = world.twilio.answered(), []
    for _ in range(NEWEST_TASKS):
        world.twilio.advance(pause)
        later.append(world.twilio.chat("queued").task)
    return chat, later


@pytest.mark.parametrize("older", [slice(1), slice(None)], ids=["its last task", "all its tasks"])
def test_a_page_of_the_newest_tasks_goes_back_to_an_older_list(older: slice) -> None:
    """Also if all were created within a second."""
    with World() as world:
        chat, later = newest_tasks(world, pause="PT0S")

        assert newer_tasks(world, chat, later[older]) == ()


def test_a_page_of_the_newest_tasks_that_does_not_go_back_far_enough_says_nothing() -> None:
    """There may be another task behind it."""
    with World() as world:
        chat, _ = newest_tasks(world)

        assert newer_tasks(world, chat, [chat.task]) is None


def turned_around(page: dict[str, Any]) -> dict[str, Any]:
    """The oldest first."""
    return {**page, "tasks": page["tasks"][::-1]}


def with_an_odd_row(page: dict[str, Any]) -> dict[str, Any]:
    """One cannot be read."""
    return {**page, "tasks": [{**page["tasks"][0], "attributes": 7}, *page["tasks"][1:]]}


def without_a_sid(page: dict[str, Any]) -> dict[str, Any]:
    """One has no name."""
    return {**page, "tasks": [{**page["tasks"][0], "sid": None}, *page["tasks"][1:]]}


def without_attributes(page: dict[str, Any]) -> dict[str, Any]:
    """They are not shown in lists."""
    return {**page, "tasks": [{**page["tasks"][0], "attributes": None}, *page["tasks"][1:]]}


@pytest.mark.parametrize("change", [turned_around, with_an_odd_row, without_a_sid, without_attributes])
def test_a_page_of_tasks_that_may_not_be_the_newest_says_nothing(
    change: Callable[[dict[str, Any]], dict[str, Any]],
) -> None:
    """An API that ignores the order lists the oldest ones, and a row that cannot be read may be the one."""
    with World() as world:
        chat, later = newest_tasks(world)
        world.hooks.rewrite = lambda body: json.dumps(change(json.loads(body))).encode()

        assert newer_tasks(world, chat, later) is None


def newer_tasks(world: World, chat: Chat, listed: list[str]) -> tuple[str, ...] | None:
    """Ask as a sweep does."""
    attempt = Attempt.lasting(9, clock=world.wall)
    places = {task: place for place, task in enumerate(listed)}
    return world.instance.function.handler.api.newer_tasks(attempt, chat.conversation, places)


def test_an_ended_task_is_found_if_there_is_no_other(twilio: Twilio, api: TwilioApi, attempt: Attempt) -> None:
    """Twilio lists it for five minutes, in which the chat has no other way to know what became of it."""
    chat = whatsapp(twilio)
    chat.does("transfer")
    chat.does("accept")
    first, second = (task.sid for task in chat.truth.tasks)
    found = [found_tasks(api, attempt, chat)]
    chat.does("complete")
    found.append(found_tasks(api, attempt, chat))
    twilio.advance("PT6M")

    assert (found, chat.task_statuses) == ([[second], [first, second]], ["completed", "completed"])
    assert found_tasks(api, attempt, chat) == []


def found_tasks(api: TwilioApi, attempt: Attempt, chat: Chat) -> list[str]:
    """Search the chat's tasks."""
    return [task for each in api.find_tasks(attempt, chat.conversation) for task in each.tasks]


def test_a_task_on_a_later_page_is_found(twilio: Twilio, api: TwilioApi, attempt: Attempt) -> None:
    """Twilio may answer with an empty page that has a next one."""
    chat = twilio.chat("queued")
    path = f"taskrouter/v1/Workspaces/{twilio.account.workspace_sid}/Tasks"
    twilio.fault("GET .*/Tasks$", kind="odd", at="tasks", value=[])
    twilio.fault("GET .*/Tasks$", kind="odd", at="meta.next_page_url", value=f"{twilio.url}/{path}?PageSize=7")

    assert [each.tasks for each in api.find_tasks(attempt, chat.conversation)] == [(chat.task,)]


@pytest.mark.parametrize("value", [{"conversationSid": "x"}, 7, None], ids=str)
def test_a_task_is_found_whatever_attributes_its_row_shows(
    twilio: Twilio, api: TwilioApi, attempt: Attempt, value: object
) -> None:
    """It is read by itself afterwards."""
    chat = twilio.chat("queued")
    twilio.fault("GET .*/Tasks$", kind="odd", at="tasks.*.attributes", value=value)

    assert api.find_tasks(attempt, chat.conversation) == (ChatSids((chat.task,)),)


@pytest.mark.parametrize(("at", "value"), [("tasks.0", None), ("tasks.0.sid", REMOVED), ("tasks.0.sid", "TR1")])
def test_a_row_that_cannot_be_read_is_not_taken_for_no_task(
    twilio: Twilio, api: TwilioApi, attempt: Attempt, at: str, value: object
) -> None:
    """The customer may be waiting in a queue."""
    chat = twilio.chat("queued")
    twilio.fault("GET .*/Tasks$", kind="odd", at=at, value=value)

    with pytest.raises(UnreadableError, match="find_tasks: a part of the list"):
        api.find_tasks(attempt, chat.conversation)


def test_the_worker_who_accepted_a_task_is_known_by_their_chat_identity(
    twilio: Twilio, api: TwilioApi, attempt: Attempt
) -> None:
    """Flex writes it into `contact_uri`; a worker who was only offered the task does not count."""
    chat, queued = whatsapp(twilio), twilio.chat("queued")
    (acceptance,) = api.acceptances_of(attempt, chat.task)
    worker = acceptance.worker
    path = f"taskrouter/v1/Workspaces/{twilio.account.workspace_sid}/Workers/{worker}"

    assert api.identity_of_worker(attempt, worker) == "agent"
    assert (api.acceptances_of(attempt, queued.task), api.acceptances_of(attempt, "WT" + NOBODY)) == ((), ())
    for attributes in ("{}", '{"contact_uri":"sip:agent"}', '{"contact_uri":"client:"}', '{"contact_uri":7}'):
        twilio.rest("POST", path, Attributes=attributes)
        assert api.identity_of_worker(attempt, worker) is None
    assert names(attempt)[:4] == ["list_reservations", "fetch_worker", "list_reservations", "list_reservations"]


def test_an_acceptance_has_its_time_until_its_worker_wraps_up(twilio: Twilio, api: TwilioApi, attempt: Attempt) -> None:
    """Twilio shows only when a reservation changed last; a completed one is still an acceptance."""
    twilio.advance("PT1M")
    chat = whatsapp(twilio)
    (accepted,) = api.acceptances_of(attempt, chat.task)
    chat.does("wrap")
    (wrapping,) = api.acceptances_of(attempt, chat.task)
    chat.does("complete")
    (completed,) = api.acceptances_of(attempt, chat.task)

    assert accepted == Acceptance(accepted.worker, T0 + timedelta(minutes=1), ended=False)
    assert wrapping == Acceptance(accepted.worker, None, ended=False)
    assert completed == Acceptance(accepted.worker, None, ended=True)


def test_an_acceptance_after_many_rejections_is_found(twilio: Twilio, api: TwilioApi, attempt: Attempt) -> None:
    """The list has several pages."""
    chat = twilio.chat("queued")
    for _ in range(101):
        chat.does("reserve")
        chat.does("reject")
    chat.does("accept")

    assert len(api.acceptances_of(attempt, chat.task)) == 1
    assert names(attempt) == ["list_reservations"] * 2


@pytest.mark.parametrize(
    ("at", "value"),
    [
        ("reservations.0", None),
        ("reservations.0.worker_sid", 7),
        ("reservations.0.reservation_status", None),
    ],
)
def test_reservations_that_cannot_all_be_read_show_no_acceptance(
    twilio: Twilio, api: TwilioApi, attempt: Attempt, at: str, value: object
) -> None:
    """Nobody takes the others for the whole list."""
    chat = whatsapp(twilio)
    twilio.fault("GET .*/Reservations$", kind="odd", at=at, value=value, times=None)

    with pytest.raises(UnreadableError, match="a part of the list"):
        api.acceptances_of(attempt, chat.task)
    assert len(attempt.left_out) == 1


def test_a_channel_has_a_status_and_a_kind(twilio: Twilio, api: TwilioApi, attempt: Attempt) -> None:
    """Closing it closes its task and its conversation."""
    chat = whatsapp(twilio)
    task = api.task(attempt, chat.task, chat.conversation)
    assert task
    assert task.interaction
    assert task.channel
    channel = api.channel(attempt, task.interaction, task.channel)

    assert channel == Channel(task.interaction, task.channel, ChannelStatus.ACTIVE, "whatsapp")
    assert ChannelStatus.CLOSED is api.close_channel(attempt, channel)
    assert (chat.state, chat.task_statuses) == ("closed", ["completed"])
    assert names(attempt)[1:] == ["fetch_channel", "close_channel"]


def test_a_channels_invites_name_their_tasks_and_the_conversation(
    twilio: Twilio, api: TwilioApi, attempt: Attempt
) -> None:
    """Every invite is listed; the invites of a channel that does not exist cannot be read."""
    twilio.advance("PT1M")
    chat = whatsapp(twilio)
    task = api.task(attempt, chat.task, chat.conversation)
    assert task
    assert task.interaction
    assert task.channel
    twilio.advance("PT1M")
    chat.does("transfer")

    first, second = api.invites(attempt, task.interaction, task.channel) or ()
    assert first == Invite(chat.task, chat.conversation, T0 + timedelta(minutes=1))
    assert (second.task, second.created_at) == (chat.truth.tasks[-1].sid, T0 + timedelta(minutes=2))
    assert api.invites(attempt, task.interaction, "UO" + NOBODY) is None
    assert names(attempt)[1:] == ["list_invites", "list_invites"]


@pytest.mark.parametrize("status", [403, 404])
def test_invites_that_may_not_be_read_are_unknown(
    twilio: Twilio, api: TwilioApi, attempt: Attempt, status: int
) -> None:
    """The same is true of events; that is no error."""
    chat = whatsapp(twilio)
    task = api.task(attempt, chat.task, chat.conversation)
    assert task
    assert task.interaction
    assert task.channel
    twilio.fault("GET .*/(Invites|Events)", kind="status", status=status, times=None)

    assert api.invites(attempt, task.interaction, task.channel) is None
    assert api.task_events(attempt, chat.task) == (() if status == 404 else None), "one 404 proves nothing"


def test_events_show_what_became_of_a_task(twilio: Twilio, api: TwilioApi) -> None:
    """This works long after it was deleted, and only for this task."""
    chat, other = whatsapp(twilio), whatsapp(twilio)
    chat.does("complete")
    twilio.advance("P1D")
    attempt = Attempt.lasting(10)
    api.conversation(attempt, other.conversation)

    assert tuple(
        "task.completed" in {event.kind for event in api.task_events(attempt, each.task) or ()}
        for each in (chat, other)
    ) == (True, False)
    assert T0 in {event.at for event in api.task_events(attempt, chat.task) or ()}
    assert api.task_events(attempt, "WT" + NOBODY) == ()
    assert names(attempt)[1:] == ["list_events"] * 4


def test_an_acceptance_is_found_behind_many_other_events(twilio: Twilio, api: TwilioApi, attempt: Attempt) -> None:
    """A plugin writes the task's attributes again and again."""
    chat = whatsapp(twilio)
    path = f"taskrouter/v1/Workspaces/{twilio.account.workspace_sid}/Tasks/{chat.task}"
    for number in range(MAX_EVENTS):
        twilio.rest("POST", path, Attributes=json.dumps({**chat.truth.tasks[0].attributes, "sentiment": number}))
    chat.does("complete")
    api.conversation(attempt, chat.conversation)
    events = api.task_events(attempt, chat.task) or ()

    assert {"task.completed", "reservation.accepted", "task.created"} <= {event.kind for event in events}
    assert [event.worker is None for event in events if event.kind == "reservation.accepted"] == [False]
    assert names(attempt)[1:] == ["list_events"] * 3


@pytest.mark.parametrize(
    ("at", "value"),
    [("events.*", None), ("events.*.event_date", "last week"), ("events.*.event_type", None), ("events.0", None)],
)
def test_acceptances_that_cannot_be_read_are_not_missing(
    twilio: Twilio, api: TwilioApi, attempt: Attempt, at: str, value: object
) -> None:
    """No event is shown, so they are read again later."""
    chat = whatsapp(twilio)
    api.conversation(attempt, chat.conversation)
    twilio.fault("GET .*/Events$", kind="odd", at=at, value=value, times=2)

    assert api.task_events(attempt, chat.task) == ()
    assert "reservation.accepted" in {event.kind for event in api.task_events(attempt, chat.task) or ()}


def test_an_acceptance_that_cannot_be_read_among_the_others_is_read_by_itself(
    twilio: Twilio, api: TwilioApi, attempt: Attempt
) -> None:
    """The other events are shown too."""
    chat = whatsapp(twilio)
    api.conversation(attempt, chat.conversation)
    twilio.fault("GET .*/Events$", kind="odd", at="events.*.event_date", value="last week", times=1)
    kinds = [event.kind for event in api.task_events(attempt, chat.task) or ()]

    assert kinds == ["reservation.accepted", "task.created"]


@pytest.mark.parametrize(("ending", "status"), [(TaskEnding.COMPLETE, "completed"), (TaskEnding.WRAP, "wrapping")])
def test_an_agent_is_removed_from_a_channel_with_their_task(
    twilio: Twilio, api: TwilioApi, attempt: Attempt, ending: TaskEnding, status: str
) -> None:
    """Only participants with a task are removed, never customers."""
    chat = whatsapp(twilio)
    task = api.task(attempt, chat.task, chat.conversation)
    assert task
    assert task.interaction
    assert task.channel
    channel = api.channel(attempt, task.interaction, task.channel)
    (agent,) = api.agents_of_channel(attempt, channel)

    api.dismiss(attempt, channel, agent, ending)

    assert chat.task_statuses == [status]
    assert names(attempt)[2:] == ["list_channel_participants", "dismiss_participant"]


@pytest.mark.parametrize(
    ("stage", "ending", "ended"),
    [
        ("assigned", TaskEnding.COMPLETE, ("completed", "complete_task")),
        ("assigned", TaskEnding.WRAP, ("wrapping", "wrap_task")),
        ("queued", TaskEnding.COMPLETE, ("canceled", "cancel_task")),
        ("queued", TaskEnding.WRAP, ("canceled", "cancel_task")),
    ],
)
def test_a_task_is_ended_as_its_status_allows(
    twilio: Twilio, api: TwilioApi, stage: str, ending: TaskEnding, ended: tuple[str, str]
) -> None:
    """Only the version that was read is ended."""
    attempt = Attempt.lasting(10)
    chat = twilio.chat(stage, interaction=False)
    task = api.task(attempt, chat.task, chat.conversation)
    assert task

    api.end_task(attempt, task, ending)

    assert [*chat.task_statuses, names(attempt)[-1]] == [*ended]


def test_lists_have_what_is_needed_to_leave_most_alone(twilio: Twilio, api: TwilioApi, attempt: Attempt) -> None:
    """States, times, our notes, and live tasks by the conversation that they name."""
    chat, idle = whatsapp(twilio), twilio.chat("queued", interaction=False)
    api.arm(
        attempt,
        idle.conversation,
        timedelta(minutes=3),
        json.dumps({"inactivityTimeout": {"of": idle.conversation, "task": idle.task}}),
    )
    page = api.list_conversations(attempt, ConversationState.ACTIVE)
    by_sid = {each.sid: each for each in page.listed}
    tasks = {task.conversation: task.sids for task in api.live_tasks(attempt).tasks}

    assert {chat.conversation, idle.conversation} == set(by_sid) == set(tasks)
    assert (
        by_sid[chat.conversation].inactive_at,
        by_sid[chat.conversation].noted,
    ) == (T0 + timedelta(minutes=8), None)
    assert (
        by_sid[idle.conversation].inactive_at,
        by_sid[idle.conversation].noted,
        by_sid[idle.conversation].updated_at,
    ) == (T0 + timedelta(minutes=3), ChatSids((idle.task,)), T0)
    assert tasks[idle.conversation] == ChatSids((idle.task,))
    assert page.next_url is None
    assert api.list_conversations(attempt, ConversationState.INACTIVE).listed == ()
    assert names(attempt) == ["arm_timer", "list_active", "list_live_tasks", "list_inactive"]


def test_a_list_entrys_fingerprint_changes_with_the_entry(twilio: Twilio, api: TwilioApi, attempt: Attempt) -> None:
    """Otherwise a chat that was left alone once would be left alone forever."""
    chat = whatsapp(twilio)
    shown = [api.list_conversations(attempt, ConversationState.ACTIVE).listed[0].fingerprint for _ in range(2)]
    api.give_timer(attempt, chat.conversation, timedelta(minutes=30))
    shown.append(api.list_conversations(attempt, ConversationState.ACTIVE).listed[0].fingerprint)

    assert shown[0] == shown[1] != shown[2]
    assert "give_timer" in names(attempt)


def test_a_conversation_without_timers_has_none(twilio: Twilio, api: TwilioApi, attempt: Attempt) -> None:
    """It is closed, or was created before anybody set a default."""
    chat = whatsapp(twilio)
    api.close_conversation(attempt, chat.conversation)
    conversation = api.conversation(attempt, chat.conversation)

    assert (conversation.state, conversation.inactive_at) == (ConversationState.CLOSED, None)
    with pytest.raises(NotFoundError):
        api.conversation(attempt, "CH" + NOBODY)
    assert names(attempt)[0] == "close_conversation"


def test_roles_that_may_not_be_read_are_unknown_for_an_hour(policy: Policy) -> None:
    """Then the task's worker is the evidence; somebody may have granted the right since."""
    with World() as world:
        api, attempt = world.instance.function.handler.api, Attempt.lasting(9000, clock=world.wall)
        world.twilio.fault("GET .*/Roles$", kind="status", status=403, times=1)
        before = [api.agent_roles(attempt), api.agent_roles(attempt), api.agent_roles_known(attempt)]
        world.wall.sleep(ROLES_REFUSED)

        assert (before, len(api.agent_roles(attempt) or ())) == ([None, None, True], 2)


@pytest.mark.parametrize(
    "fault",
    [
        {"kind": "status", "status": 500},
        {"kind": "garbled"},
        {"kind": "odd", "at": "roles", "value": None},
        {"kind": "odd", "at": "meta", "value": None},
    ],
    ids=str,
)
def test_roles_that_cannot_be_read_are_read_again_after_a_minute(policy: Policy, fault: dict[str, object]) -> None:
    """Until then they are unknown, and nobody waits for them."""
    with World() as world:
        api, attempt = world.instance.function.handler.api, Attempt.lasting(900, clock=world.wall)
        world.twilio.fault("GET .*/Roles$", times=2, **fault)

        assert [api.agent_roles(attempt) for _ in range(2)] == [None] * 2
        assert (api.agent_roles_known(attempt), [row.name for row in attempt.left_out]) == (True, ["list_roles"])
        world.simulation.faults.clear()
        world.wall.sleep(ROLES_PAUSE)
        assert (len(api.agent_roles(attempt)), api.agent_roles_known(attempt)) == (2, True)


@pytest.mark.parametrize("fault", [{"kind": "status", "status": 429}, {"kind": "reset"}], ids=str)
def test_an_outage_while_roles_are_read_is_an_outage(
    twilio: Twilio, api: TwilioApi, attempt: Attempt, fault: dict[str, object]
) -> None:
    """Every other call would fail, too."""
    twilio.fault("GET .*/Roles$", times=None, **fault)

    with pytest.raises(TwilioDownError):
        api.agent_roles(attempt)
    assert not api.agent_roles_known(attempt)


@pytest.mark.parametrize("attributes", [{"contact_uri": "client:agent"}, [1], 7, None], ids=str)
def test_a_worker_whose_attributes_are_no_text_has_no_identity(
    twilio: Twilio, api: TwilioApi, attempt: Attempt, attributes: object
) -> None:
    """They are odd, and no error."""
    (acceptance,) = api.acceptances_of(attempt, whatsapp(twilio).task)
    twilio.fault(r"GET .*/Workers/WK\w+$", kind="odd", at="attributes", value=attributes)

    assert api.identity_of_worker(attempt, acceptance.worker) is None


KNOWN = ChatSids(("WT" + NOBODY,), "KD" + NOBODY, "UO" + NOBODY)
PLAIN = Conversation("CH1", ConversationState.ACTIVE, T0, None, '{"theirs":1}')


def test_known_sids_are_stored_if_there_is_room() -> None:
    """Known ones are not written again, and the attributes never exceed Twilio's 16 KiB."""
    written = PLAIN.with_notes(KNOWN)
    assert written is not None
    ours = len(written.encode()) - len(PLAIN.attributes.encode())

    note = {"of": "CH1", "task": KNOWN.tasks[0], "interaction": KNOWN.interaction, "channel": KNOWN.channel}
    assert json.loads(written) == {"theirs": 1, "inactivityTimeout": note}
    assert (
        replace(PLAIN, attributes=written).with_notes(KNOWN),
        PLAIN.with_notes(None),
        replace(PLAIN, attributes="[").with_notes(KNOWN),
    ) == (None, None, None)
    room = 16 * 1024 - ours - len('{"theirs":""}')
    full, over = (
        replace(PLAIN, attributes=json.dumps({"theirs": "x" * size}, separators=(",", ":")))
        for size in (room, room + 1)
    )
    assert 16 * 1024 == len((full.with_notes(KNOWN) or "").encode()) == ATTRIBUTES_LIMIT
    assert over.with_notes(KNOWN) is None


@pytest.mark.parametrize(
    ("interaction", "channel", "expected"),
    [
        ("KD" + NOBODY, "UO" + NOBODY, ("KD" + NOBODY, "UO" + NOBODY)),
        ("KD" + NOBODY, None, (None, None)),
        (None, "UO" + NOBODY, (None, None)),
        ("UO" + NOBODY, "KD" + NOBODY, (None, None)),
        (7, "UO" + NOBODY, (None, None)),
    ],
)
def test_an_interaction_is_of_use_only_with_its_channel(
    interaction: object, channel: object, expected: tuple[str | None, str | None]
) -> None:
    """Flex writes both into its tasks; others could write anything."""
    attributes = json.dumps({"flexInteractionSid": interaction, "flexInteractionChannelSid": channel})

    assert interaction_of(attributes) == expected
    assert (None, None) == interaction_of(None) == interaction_of("[")


def test_a_channel_is_read_in_whichever_way_has_room(twilio: Twilio, policy: Policy, attempt: Attempt) -> None:
    """By itself or with its interaction's channels: each way has a rate limit of its own, and the results are equal."""
    limited = bootstrap(replace(settings_for(twilio, 9, policy), rate_limits=True)).api
    sids = twilio.create_chat(stage="assigned")
    attempt.steady = True
    channels = {limited.channel(attempt, sids.interaction or "", sids.channel or "") for _ in range(2)}

    assert names(attempt) == ["fetch_channel", "list_channels"]
    assert {channel.status for channel in channels} == {ChannelStatus.ACTIVE}
    assert len(channels) == 1


def test_a_channel_that_its_interaction_does_not_list_is_read_by_itself(
    twilio: Twilio, policy: Policy, attempt: Attempt
) -> None:
    """Its own answer gives the reason."""
    limited = bootstrap(replace(settings_for(twilio, 9, policy), rate_limits=True)).api
    sids = twilio.create_chat(stage="assigned")
    attempt.steady = True
    limited.channel(attempt, sids.interaction or "", sids.channel or "")

    with pytest.raises(NotFoundError):
        limited.channel(attempt, sids.interaction or "", "UO" + NOBODY)
    assert names(attempt) == ["fetch_channel", "list_channels", "fetch_channel"]
