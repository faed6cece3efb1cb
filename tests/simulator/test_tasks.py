"""Tasks: legal changes, revisions, the search by attributes, the purge."""

from __future__ import annotations

import json

import pytest
from twilio.base.exceptions import TwilioRestException

from simulator.running import RunningSimulator
from simulator.shared.errors import TwilioError
from simulator.taskrouter.expressions import parse_expression

from .conftest import World

STAGES = {"pending": "queued", "assigned": "assigned", "wrapping": "wrapping"}
LEGAL = {
    ("pending", "canceled"),
    ("assigned", "wrapping"),
    ("assigned", "completed"),
    ("wrapping", "completed"),
}


@pytest.mark.parametrize("to", ["pending", "reserved", "assigned", "wrapping", "completed", "canceled", "nonsense"])
@pytest.mark.parametrize("status", list(STAGES))
def test_only_legal_changes_of_a_tasks_status_are_made(world: World, status: str, to: str) -> None:
    """All others are 20001 with HTTP 400, and change nothing."""
    chat = world.chat(stage=STAGES[status])
    context = world.tasks(chat["task"])
    if (status, to) in LEGAL:
        assert context.update(assignment_status=to, reason="why").assignment_status == to
        assert context.fetch().reason == "why"
    else:
        with pytest.raises(TwilioRestException) as caught:
            context.update(assignment_status=to, reason="why")
        assert (caught.value.status, caught.value.code) == (400, 20001)
        assert context.fetch().assignment_status == status


@pytest.mark.parametrize("end", ["completed", "canceled"])
def test_an_ended_task_cannot_end_again_and_is_gone_after_five_minutes(world: World, end: str) -> None:
    """20001 while it exists, 404 afterwards; the search does not find it either."""
    chat = world.chat(stage="assigned" if end == "completed" else "queued")
    context = world.tasks(chat["task"])
    context.update(assignment_status=end)
    with pytest.raises(TwilioRestException) as again:
        context.update(assignment_status=end)
    world.advance("PT4M59S")
    assert context.fetch().assignment_status == end
    world.advance("PT1S")

    with pytest.raises(TwilioRestException) as gone:
        context.fetch()

    assert (again.value.code, gone.value.code) == (20001, 20404)
    assert world.tasks.list(evaluate_task_attributes=f'conversationSid=="{chat["conversation"]}"') == []


def test_the_etag_is_the_quoted_revision_and_changes_with_every_change(world: World) -> None:
    """Reading does not change it."""
    chat = world.chat(stage="queued")
    context = world.tasks(chat["task"])
    first = context.fetch_with_http_info().headers["ETag"]
    assert context.fetch_with_http_info().headers["ETag"] == first
    assert isinstance(int(json.loads(first)), int)

    answered = context.update_with_http_info(attributes='{"a":1}').headers["ETag"]
    world.do(chat, "accept")

    assert len({first, answered, context.fetch_with_http_info().headers["ETag"]}) == 3


def test_if_match_lets_one_of_two_writers_through(world: World) -> None:
    """The second receives 412 and changes nothing; without If-Match the last writer wins."""
    context = world.tasks(world.chat(stage="assigned")["task"])
    etag = context.fetch_with_http_info().headers["ETag"]
    context.update(if_match=etag, attributes='{"by":"first"}')

    with pytest.raises(TwilioRestException) as caught:
        context.update(if_match=etag, attributes='{"by":"second"}')
    assert caught.value.status == 412
    assert context.fetch().attributes == '{"by":"first"}'

    with pytest.raises(TwilioRestException):
        context.update(if_match=etag, assignment_status="completed")
    assert context.update(attributes='{"by":"third"}').attributes == '{"by":"third"}'


def test_status_and_attributes_in_one_request_are_refused(world: World) -> None:
    """Twilio documents two requests and not what one does, so nobody should rely on it."""
    context = world.tasks(world.chat(stage="assigned")["task"])

    with pytest.raises(TwilioRestException) as caught:
        context.update(assignment_status="completed", attributes="{}")

    assert (caught.value.status, context.fetch().assignment_status) == (400, "assigned")


@pytest.mark.parametrize("attributes", ["{", "[]", '"text"'])
def test_task_attributes_are_a_json_object(world: World, attributes: str) -> None:
    """Anything else is refused."""
    with pytest.raises(TwilioRestException):
        world.tasks(world.chat()["task"]).update(attributes=attributes)


def test_a_flex_task_names_its_chat(world: World) -> None:
    """The attributes that clients rely on; a chat without an interaction has none of its SIDs."""
    flex, plain = world.chat(channel="sms", language="de", attributes={"vip": True}), world.chat(interaction=False)
    shown = json.loads(world.tasks(flex["task"]).fetch().attributes)
    assert (
        shown["conversationSid"],
        shown["flexInteractionSid"],
        shown["flexInteractionChannelSid"],
        shown["channelType"],
        shown["language"],
        shown["vip"],
    ) == (flex["conversation"], flex["interaction"], flex["channel"], "sms", "de", True)

    bare = json.loads(world.tasks(plain["task"]).fetch().attributes)

    assert [plain.get("interaction"), plain.get("channel")] == [None, None]
    assert bare["conversationSid"] == plain["conversation"]
    assert not [name for name in bare if name.startswith("flexInteraction")]


@pytest.mark.parametrize(
    "expression",
    ['conversationSid=="{0}"', 'conversationSid = "{0}"', "conversationSid == '{0}'", "conversationSid='{0}'"],
)
def test_a_chats_tasks_are_found_by_its_conversation(world: World, expression: str) -> None:
    """In every form that public clients use, also with a filter on the status."""
    world.chat()
    chat = world.chat(stage="assigned")
    world.do(chat, "transfer")
    evaluate = expression.format(chat["conversation"])

    found = world.tasks.list(evaluate_task_attributes=evaluate)
    waiting = world.tasks.list(evaluate_task_attributes=evaluate, assignment_status=["pending", "reserved"])

    assert [task.assignment_status for task in found] == ["assigned", "pending"]
    assert [task.assignment_status for task in waiting] == ["pending"]


def test_the_search_follows_changed_attributes(world: World) -> None:
    """The index matches the tasks."""
    chat = world.chat()
    world.tasks(chat["task"]).update(attributes='{"conversationSid":"CHother","n":{"a":1}}')

    assert world.tasks.list(evaluate_task_attributes=f'conversationSid=="{chat["conversation"]}"') == []
    assert len(world.tasks.list(evaluate_task_attributes='conversationSid=="CHother" AND n.a == 1')) == 1
    assert len(world.tasks.list(evaluate_task_attributes='conversationSid=="CHother" AND n.a != 1')) == 0


@pytest.mark.parametrize("text", ["", "conversationSid", 'a=="b', "a ~ 3", 'a=="b" AND'])
def test_an_expression_that_is_not_understood_is_refused(text: str) -> None:
    """It must not match everything."""
    with pytest.raises(TwilioError):
        parse_expression(text)


def test_a_tasks_reservation_names_its_worker_and_the_worker_their_identity(world: World) -> None:
    """So a client can find the agent in a conversation."""
    chat = world.chat(stage="assigned")
    (reservation,) = world.tasks(chat["task"]).reservations.list()
    worker = world.twilio.taskrouter.v1.workspaces(world.workspace_sid).workers(reservation.worker_sid).fetch()
    agent = next(row for row in world.truth(chat)["participants"] if row["kind"] == "agent")

    assert reservation.reservation_status == "accepted"
    assert json.loads(worker.attributes)["contact_uri"] == f"client:{agent['identity']}"


def test_a_reservation_follows_its_task(world: World) -> None:
    """Wrapping and completed."""
    chat = world.chat(stage="assigned")
    context = world.tasks(chat["task"])
    seen = []
    for status in ("wrapping", "completed"):
        context.update(assignment_status=status)
        seen.append(context.reservations.list()[0].reservation_status)

    assert seen == ["wrapping", "completed"]


def test_completing_a_task_by_api_leaves_conversation_and_channel_open(world: World) -> None:
    """Only Flex closes them; a client of TaskRouter's API must close them itself."""
    chat = world.chat(stage="assigned")
    world.tasks(chat["task"]).update(assignment_status="completed")

    assert world.conversation(chat).fetch().state == "active"
    assert world.truth(chat)["interactionChannel"]["status"] == "active"


def test_in_the_other_dialect_completing_a_task_closes_its_conversation(running: RunningSimulator) -> None:
    """Twilio's documents allow this reading."""
    from .conftest import connect

    world = connect(running, dialect={"taskCompletion": "closes_conversation"})
    chat = world.chat(stage="assigned")
    world.tasks(chat["task"]).update(assignment_status="completed")

    assert world.conversation(chat).fetch().state == "closed"


def test_the_workspace_keeps_its_event_callback(world: World) -> None:
    """It is empty at first, and keeps what is not sent."""
    context = world.twilio.taskrouter.v1.workspaces(world.workspace_sid)
    assert (context.fetch().event_callback_url, context.fetch().events_filter) == ("", None)

    context.update(event_callback_url="https://example.com/events", events_filter="reservation.accepted")
    context.update(friendly_name="renamed")

    read = context.fetch()
    assert (
        read.event_callback_url,
        read.events_filter,
        read.friendly_name,
    ) == ("https://example.com/events", "reservation.accepted", "renamed")
