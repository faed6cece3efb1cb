"""What is not documented: each answer of every switch, and that only models read them."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from simulator.client import SimulatorError
from simulator.running import RunningSimulator
from simulator.shared.dialect import Dialect, switches

from .conftest import Receiver, World, connect

SIMULATOR = Path(__file__).parents[2] / "simulator"
STATE, MESSAGE = "onConversationStateUpdated", "onMessageAdded"


def said(world: World, receiver: Receiver) -> list[tuple[str | None, str | None]]:
    """Return each state event's new state and reason."""
    world.advance("PT0S")
    return [(got.value("StateTo"), got.value("Reason")) for got in receiver.got]


def test_only_models_read_the_dialect() -> None:
    """Routes and representations have no rules; the control plane passes the dialect on."""
    readers = {
        path.relative_to(SIMULATOR).as_posix()
        for path in SIMULATOR.rglob("*.py")
        if re.search(r"from simulator.shared.dialect|\.dialect\.", path.read_text("utf-8"))
    }
    hands_on = {"shared/account.py", "control.py", "simulation.py", "truth.py"}

    assert [name for name in readers if re.search(r"routes|representations|payloads|app\.py|rest\.py", name)] == []
    assert hands_on <= readers


def test_a_dialect_is_read_as_it_is_written(world: World) -> None:
    """A typo is an error that lists what exists."""
    assert Dialect.parse(Dialect().as_json()) == Dialect()
    with pytest.raises(SimulatorError, match="there are timerOrigin"):
        world.control("POST", "reset", {"dialect": {"timerOrigins": "message"}})
    with pytest.raises(SimulatorError, match="one of quiet, restarts_timers"):
        world.control("POST", "reset", {"dialect": {"attributeUpdate": "loud"}})


@pytest.mark.parametrize(
    ("text", "refusal"),
    [
        ("half a file", "the file is not JSON"),
        ("[]", "the file is not an object"),
        ('{"timerOrigin": "message"}', "the file is not an object"),
        ('{"dialect": {"timerOrigin": "noon"}}', "timerOrigin cannot be 'noon'"),
    ],
)
def test_a_file_without_a_dialect_is_refused(text: str, refusal: str) -> None:
    """Nobody tests with the default by mistake."""
    with pytest.raises(ValueError, match=refusal):
        Dialect.read(text)


@pytest.mark.parametrize(("answer", "heard"), [("silent", []), ("echoed", [("closed", "API")])])
def test_a_state_changed_over_rest_may_fire(
    running: RunningSimulator, receiver: Receiver, answer: str, heard: list[tuple[str, str]]
) -> None:
    """The switch restStateChange."""
    world = connect(running, dialect={"restStateChange": answer})
    world.listen(receiver.url, STATE)
    world.conversation(world.chat()).update(state="closed")

    assert said(world, receiver) == heard


@pytest.mark.parametrize(("answer", "heard"), [("silent", []), ("echoed", [("active", "EVENT")])])
def test_a_reactivation_by_a_rest_message_may_fire(
    running: RunningSimulator, receiver: Receiver, answer: str, heard: list[tuple[str, str]]
) -> None:
    """The switch restReactivation."""
    world = connect(running, dialect={"restReactivation": answer})
    chat = world.chat()
    world.conversation(chat).update(state="inactive")
    world.listen(receiver.url, STATE)
    world.conversation(chat).messages.create(body="still there?")

    assert said(world, receiver) == heard


@pytest.mark.parametrize(("answer", "heard"), [("silent", []), ("told", [("closed", "API")])])
@pytest.mark.parametrize("by", ["channel", "agent"])
def test_closing_by_flex_may_fire(
    running: RunningSimulator, receiver: Receiver, answer: str, heard: list[tuple[str, str]], by: str
) -> None:
    """The switch flexStateChange: by the interaction channel, and by an agent's completing."""
    world = connect(running, dialect={"flexStateChange": answer})
    world.listen(receiver.url, STATE)
    chat = world.chat(stage="assigned")
    if by == "agent":
        world.do(chat, "complete")
    else:
        channel = world.twilio.flex_api.v1.interaction(chat["interaction"]).channels(chat["channel"])
        channel.update(status="closed", routing={"status": "closed"})

    assert said(world, receiver) == heard
    assert world.conversation(chat).fetch().state == "closed"


@pytest.mark.parametrize(("answer", "restarts"), [("quiet", False), ("restarts_timers", True)])
def test_an_update_of_attributes_may_restart_the_timers(running: RunningSimulator, answer: str, restarts: bool) -> None:
    """The switch attributeUpdate."""
    world = connect(running, dialect={"attributeUpdate": answer})
    world.default_timers(inactive="PT10M")
    chat = world.chat()
    world.advance("PT5M")
    world.conversation(chat).update(attributes="{}")

    due = world.conversation(chat).fetch().timers["date_inactive"]
    assert due == ("2026-01-05T00:15:00Z" if restarts else "2026-01-05T00:10:00Z")


@pytest.mark.parametrize(("answer", "most_late"), [("exact", 0), ("late", 20)])
def test_a_timer_may_be_late(running: RunningSimulator, answer: str, most_late: int) -> None:
    """The switch timerPrecision: what the API announces is the same."""
    world = connect(running, dialect={"timerPrecision": answer})
    world.default_timers(inactive="PT10M")
    chats = [world.chat() for _ in range(30)]
    announced = {world.conversation(chat).fetch().timers["date_inactive"] for chat in chats}
    world.advance("PT30M")

    changes = {world.truth(chat)["history"][0]["at"] for chat in chats}
    late = {int(at[14:16]) * 60 + int(at[17:19]) - 600 for at in changes}
    assert announced == {"2026-01-05T00:10:00Z"}
    assert max(late) <= most_late
    assert (late == {0}) == (answer == "exact")


@pytest.mark.parametrize(("answer", "token"), [("missing", False), ("sent", True)])
def test_a_webhook_may_carry_a_token(running: RunningSimulator, receiver: Receiver, answer: str, token: bool) -> None:
    """The switch webhookIdempotency: copies share one, others do not."""
    world = connect(running, dialect={"webhookIdempotency": answer})
    world.listen(receiver.url, MESSAGE)
    world.control("POST", "delivery", {"duplicate": 1})
    chat = world.chat()
    world.say(chat, "customer")
    world.say(chat, "customer")
    world.control("POST", "delivery", {})

    tokens = [got.headers.get("I-Twilio-Idempotency-Token") for got in receiver.got]
    assert (len(tokens), len(set(tokens))) == (4, 2 if token else 1)
    assert (None not in tokens) == token
    assert not token or tokens[0] == tokens[1]


@pytest.mark.parametrize(("answer", "due"), [("every_conversation", "2026-01-05T00:10:00Z"), ("not_flex", None)])
@pytest.mark.parametrize("by", ["control plane", "interaction"])
def test_default_timers_may_not_be_for_flex(running: RunningSimulator, answer: str, due: str | None, by: str) -> None:
    """The switch defaultTimers: other conversations have them in any case."""
    world = connect(running, dialect={"defaultTimers": answer, "creationTimers": "refused_without_state"})
    world.default_timers(inactive="PT10M")
    if by == "interaction":
        people = [{"identity": "guest"}]
        world.twilio.flex_api.v1.interaction.create(
            channel={"type": "web", "initiated_by": "api", "participants": people}, routing={}
        )
        flex = world.conversations.list()[0]
    else:
        flex = world.conversation(world.chat()).fetch()

    assert flex.timers.get("date_inactive") == due
    assert world.conversations.create().timers["date_inactive"] == "2026-01-05T00:10:00Z"


@pytest.mark.parametrize(("answer", "named"), [("missing", False), ("named", True)])
def test_a_conversations_attributes_may_name_its_interaction(
    running: RunningSimulator, answer: str, named: bool
) -> None:
    """The switch flexAttributes: what else they say stays."""
    world = connect(running, dialect={"flexAttributes": answer})
    chat = world.chat(language="de")

    attributes = json.loads(world.conversation(chat).fetch().attributes)
    found = (attributes.get("flexInteractionSid"), attributes.get("flexInteractionChannelSid"))
    assert ((chat["interaction"], chat["channel"]) if named else (None, None)) == found
    assert attributes["language"] == "de"


@pytest.mark.parametrize(("answer", "state"), [("keeps_state", "active"), ("sets_inactive", "inactive")])
@pytest.mark.parametrize("by", ["agent", "channel"])
def test_leaving_may_change_the_conversations_state(
    running: RunningSimulator, answer: str, state: str, by: str
) -> None:
    """The switch leave: the channel is inactive either way, and the customer's message re-activates both."""
    world = connect(running, dialect={"leave": answer})
    chat = world.chat(stage="assigned")
    channel = world.twilio.flex_api.v1.interaction(chat["interaction"]).channels(chat["channel"])
    if by == "agent":
        world.do(chat, "leave")
    else:
        channel.update(status="inactive", routing={"status": "closed"})

    assert (world.conversation(chat).fetch().state, channel.fetch().status) == (state, "inactive")
    world.say(chat, "customer")
    assert (world.conversation(chat).fetch().state, channel.fetch().status) == ("active", "active")


@pytest.mark.parametrize(("answer", "shown"), [("transfer", "transfer"), ("active", "active")])
@pytest.mark.parametrize("lost", ["cancel", "expire", "delete"])
def test_a_channel_may_be_active_again_when_nobody_took_a_transfer(
    running: RunningSimulator, answer: str, shown: str, lost: str
) -> None:
    """The switch lostTransfer: until then it is `transfer` either way."""
    world = connect(running, dialect={"lostTransfer": answer})
    chat = world.chat(stage="assigned")
    channel = world.twilio.flex_api.v1.interaction(chat["interaction"]).channels(chat["channel"])
    world.do(chat, "transfer")
    assert channel.fetch().status == "transfer"
    world.do(chat, lost)

    assert channel.fetch().status == shown
    assert world.tasks(chat["task"]).fetch().assignment_status == "assigned"


@pytest.mark.parametrize(("answer", "shown"), [("null", None), ("empty", ""), ("zero", "PT0S")])
def test_an_unset_default_timer_may_read_otherwise(running: RunningSimulator, answer: str, shown: str | None) -> None:
    """The switch unsetTimers: what was written reads as it was written."""
    world = connect(running, dialect={"unsetTimers": answer})
    configuration = world.twilio.conversations.v1.configuration()
    before = configuration.fetch()
    world.default_timers(inactive="PT10M")

    assert (before.default_inactive_timer, before.default_closed_timer) == (shown, shown)
    assert (
        configuration.fetch().default_inactive_timer,
        configuration.fetch().default_closed_timer,
    ) == ("PT10M", shown)


@pytest.mark.parametrize(("answer", "shown"), [("json", "application/json"), ("empty", "")])
def test_a_workflow_may_show_no_type_of_its_document(running: RunningSimulator, answer: str, shown: str) -> None:
    """The switch documentType."""
    world = connect(running, dialect={"documentType": answer})
    (workflow,) = world.twilio.taskrouter.v1.workspaces(world.workspace_sid).workflows.list()

    assert workflow.document_content_type == shown


@pytest.mark.parametrize(("answer", "most"), [("documented", 64), ("longer", 256)])
def test_a_roles_name_may_be_longer(running: RunningSimulator, answer: str, most: int) -> None:
    """The switch roleNames."""
    world = connect(running, dialect={"roleNames": answer})
    form = {"Type": "conversation", "Permission": "sendMessage"}
    statuses = [
        world.call("POST", "conversations/v1/Roles", {**form, "FriendlyName": "x" * length}).status_code
        for length in (most, most + 1)
    ]

    assert statuses == [201, 400]


@pytest.mark.parametrize(
    ("answer", "closed", "task"),
    [("closes", ("closed", None), "completed"), ("fails", ("failed", 45360), "assigned")],
)
@pytest.mark.parametrize("how", ["closed", "deleted"])
def test_a_channel_may_not_close_behind_a_closed_conversation(
    running: RunningSimulator, answer: str, closed: tuple[str, int | None], task: str, how: str
) -> None:
    """The switch closedConversation: HTTP 200 either way; participant by participant the task ends in both."""
    world = connect(running, dialect={"closedConversation": answer})
    chat = world.chat(stage="assigned")
    context = world.twilio.flex_api.v1.interaction(chat["interaction"]).channels(chat["channel"])
    agent = next(each.sid for each in context.participants.list() if each.type == "agent")
    if how == "deleted":
        world.conversation(chat).delete()
    else:
        world.conversation(chat).update(state="closed")
    answered = context.update(status="closed", routing={"status": "closed"})

    assert (answered.status, answered.error_code) == closed
    assert world.tasks(chat["task"]).fetch().assignment_status == task
    if answer == "fails":
        context.participants(agent).update(status="closed")
        assert world.tasks(chat["task"]).fetch().assignment_status == "completed"


@pytest.mark.parametrize(("answer", "status", "noted"), [("as_made", "pending", False), ("as_is", "assigned", True)])
def test_invites_may_show_the_present_task(running: RunningSimulator, answer: str, status: str, noted: bool) -> None:
    """The switch inviteContents: the task's SID and its chat are the same either way."""
    world = connect(running, dialect={"inviteContents": answer})
    chat = world.chat(stage="assigned")
    attributes = {**json.loads(world.tasks(chat["task"]).fetch().attributes), "noted": True}
    world.tasks(chat["task"]).update(attributes=json.dumps(attributes))

    path = f"flex-api/v1/Interactions/{chat['interaction']}/Channels/{chat['channel']}/Invites"
    (invite,) = world.call("GET", path).json()["invites"]
    shown = invite["routing"]["properties"]
    assert (shown["sid"], shown["assignment_status"]) == (chat["task"], status)
    assert (
        json.loads(shown["attributes"])["conversationSid"],
        "noted" in json.loads(shown["attributes"]),
    ) == (chat["conversation"], noted)


@pytest.mark.parametrize(("answer", "status"), [("bad_request", 400), ("conflict", 409)])
@pytest.mark.parametrize(
    ("stage", "wanted"), [("queued", "completed"), ("queued", "wrapping"), ("assigned", "canceled")]
)
def test_an_illegal_change_of_a_task_may_be_a_conflict(
    running: RunningSimulator, answer: str, status: int, stage: str, wanted: str
) -> None:
    """The switch taskRefusal: the code is 20001 either way."""
    world = connect(running, dialect={"taskRefusal": answer})
    chat = world.chat(stage=stage)
    path = f"taskrouter/v1/Workspaces/{world.workspace_sid}/Tasks/{chat['task']}"
    refused = world.call("POST", path, {"AssignmentStatus": wanted, "Reason": "test"})

    assert (refused.status_code, refused.json()["code"]) == (status, 20001)


def test_every_answer_but_the_defaults_is_tested_by_name() -> None:
    """In the tests of this folder; the defaults are what every other test there runs in."""
    tests = "".join(path.read_text("utf-8") for path in Path(__file__).parent.glob("test_*.py"))
    missing = [
        f"{switch.name}: {answer.value}"
        for switch in switches()
        for answer in switch.answers
        if answer is not switch.default and not (f'"{switch.name}"' in tests and f'"{answer.value}"' in tests)
    ]

    assert missing == []
