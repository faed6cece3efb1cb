"""Park and unpark as a public template does: what is left in the account, and what the next message creates."""

from collections.abc import Iterator

import pytest

from laptop.chat_script import ACTIONS
from laptop.parking import Parking
from simulator.client import SimulatorClient, SimulatorError
from simulator.running import RunningSimulator


@pytest.fixture
def simulator() -> Iterator[SimulatorClient]:
    """An account after a reset."""
    with RunningSimulator() as running:
        yield SimulatorClient(running)


def chat(simulator: SimulatorClient) -> str:
    """A chat that an agent has answered."""
    sid = simulator.create_chat(stage="assigned").conversation
    simulator.say(sid, "customer", "hello")
    simulator.say(sid, "agent", "one moment")
    return sid


def test_a_parked_chat_has_nobody_and_an_active_channel(simulator: SimulatorClient) -> None:
    """The task is over, the conversation's attributes are the template's, and a webhook is set."""
    sid = chat(simulator)
    Parking(simulator).do(sid, "park")

    truth = simulator.truth(sid)
    webhooks = simulator.rest("GET", f"conversations/v1/Conversations/{sid}/Webhooks")["webhooks"]
    assert (truth.task_statuses, truth.state) == (["completed"], "active")
    assert truth.interaction_channel
    assert truth.interaction_channel.status == "active"
    assert [person.kind for person in truth.participants] == ["customer"]
    assert (
        truth.attributes["interactionSid"],
        truth.attributes["channelSid"],
        [webhook["sid"] for webhook in webhooks],
    ) == (truth.sids.interaction, truth.sids.channel, [truth.attributes["webhookSid"]])


def test_the_next_message_brings_a_parked_chat_back(simulator: SimulatorClient) -> None:
    """A new task of the same chat waits and the webhook is gone: a second message creates no third task."""
    sid, parking = chat(simulator), Parking(simulator)
    parking.do(sid, "park")
    parking.unpark()
    assert simulator.truth(sid).task_statuses == ["completed"]
    for _ in range(2):
        simulator.say(sid, "customer", "is it there?")
        parking.unpark()

    truth = simulator.truth(sid)
    assert truth.task_statuses == ["completed", "pending"]
    assert truth.tasks[1].attributes["conversationSid"] == sid
    assert simulator.rest("GET", f"conversations/v1/Conversations/{sid}/Webhooks")["webhooks"] == []
    simulator.do(sid, "accept")
    assert {person.kind for person in simulator.truth(sid).participants} == {"customer", "agent"}


def test_a_chat_is_parked_and_brought_back_again_and_again(simulator: SimulatorClient) -> None:
    """It has a new webhook each time; other parked chats stay parked."""
    sid, other, parking = chat(simulator), chat(simulator), Parking(simulator)
    parking.do(other, "park")
    for _ in range(2):
        parking.do(sid, "park")
        simulator.say(sid, "customer", "is it there?")
        parking.unpark()
        simulator.do(sid, "accept")

    assert simulator.truth(sid).task_statuses == ["completed", "completed", "assigned"]
    assert simulator.truth(other).task_statuses == ["completed"]


def test_a_chat_that_no_agent_has_is_not_parked(simulator: SimulatorClient) -> None:
    """It has no task."""
    sid = chat(simulator)
    simulator.do(sid, "complete")
    simulator.advance("PT5M")
    with pytest.raises(SimulatorError):
        Parking(simulator).do(sid, "park")


def test_every_action_of_a_script_can_happen(simulator: SimulatorClient) -> None:
    """It is possible in some chat; an unknown action is not."""
    before = {
        "reject": ["reserve"],
        "accept": [],
        "reserve": [],
        "cancel": [],
        "expire": [],
        "delete": [],
        "resume": ["accept", "pause"],
    }
    for action in ACTIONS:
        sid, parking = simulator.create_chat().conversation, Parking(simulator)
        for each in [*before.get(action, ["accept"]), action]:
            parking.do(sid, each)
    with pytest.raises(SimulatorError, match="no action"):
        Parking(simulator).do(simulator.create_chat().conversation, "dance")
