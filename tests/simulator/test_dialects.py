"""What is not documented: both answers of every switch, and that nothing but the models knows of them."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from simulator.dialect import Dialect
from simulator.running import ControlError, RunningSimulator

from .conftest import Receiver, World, connect

SIMULATOR = Path(__file__).parents[2] / "simulator"
STATE, MESSAGE = "onConversationStateUpdated", "onMessageAdded"


def said(world: World, receiver: Receiver) -> list[tuple[str | None, str | None]]:
    """Each state event's new state and reason."""
    world.advance("PT0S")
    return [(got.value("StateTo"), got.value("Reason")) for got in receiver.got]


def test_only_models_read_the_dialect() -> None:
    """Routes and representations have no rules in them; the control plane hands the dialect on."""
    readers = {
        path.relative_to(SIMULATOR).as_posix()
        for path in SIMULATOR.rglob("*.py")
        if re.search(r"from simulator.dialect import|\.dialect\.", path.read_text("utf-8"))
    }
    hands_on = {"account.py", "control.py", "simulation.py", "truth.py"}

    assert [] == [name for name in readers if re.search(r"routes|representations|payloads|app\.py|rest\.py", name)]
    assert hands_on <= readers


def test_a_dialect_is_read_from_what_it_says(world: World) -> None:
    """And a typo is an error that lists what there is."""
    assert Dialect() == Dialect.parse(Dialect().as_json())
    with pytest.raises(ControlError, match="there are timerOrigin"):
        world.control("POST", "reset", {"dialect": {"timerOrigins": "message"}})
    with pytest.raises(ControlError, match="one of quiet, restarts_timers"):
        world.control("POST", "reset", {"dialect": {"attributeUpdate": "loud"}})


@pytest.mark.parametrize(("answer", "heard"), [("silent", []), ("echoed", [("closed", "API")])])
def test_a_state_changed_over_rest_may_be_told(
    running: RunningSimulator, receiver: Receiver, answer: str, heard: list[tuple[str, str]]
) -> None:
    """The switch restStateChange."""
    world = connect(running, dialect={"restStateChange": answer})
    world.listen(receiver.url, STATE)
    world.conversation(world.chat()).update(state="closed")

    assert heard == said(world, receiver)


@pytest.mark.parametrize(("answer", "heard"), [("silent", []), ("echoed", [("active", "EVENT")])])
def test_a_reactivation_by_a_rest_message_may_be_told(
    running: RunningSimulator, receiver: Receiver, answer: str, heard: list[tuple[str, str]]
) -> None:
    """The switch restReactivation."""
    world = connect(running, dialect={"restReactivation": answer})
    chat = world.chat()
    world.conversation(chat).update(state="inactive")
    world.listen(receiver.url, STATE)
    world.conversation(chat).messages.create(body="still there?")

    assert heard == said(world, receiver)


@pytest.mark.parametrize(("answer", "heard"), [("silent", []), ("told", [("closed", "API")])])
@pytest.mark.parametrize("by", ["channel", "agent"])
def test_closing_by_flex_may_be_told(
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

    assert heard == said(world, receiver)
    assert "closed" == world.conversation(chat).fetch().state


@pytest.mark.parametrize(("answer", "restarts"), [("quiet", False), ("restarts_timers", True)])
def test_an_update_of_attributes_may_restart_the_timers(running: RunningSimulator, answer: str, restarts: bool) -> None:
    """The switch attributeUpdate."""
    world = connect(running, dialect={"attributeUpdate": answer})
    world.default_timers(inactive="PT10M")
    chat = world.chat()
    world.advance("PT5M")
    world.conversation(chat).update(attributes="{}")

    due = world.conversation(chat).fetch().timers["date_inactive"]
    assert ("2026-01-05T00:15:00Z" if restarts else "2026-01-05T00:10:00Z") == due


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
    assert {"2026-01-05T00:10:00Z"} == announced
    assert max(late) <= most_late
    assert (answer == "exact") == (late == {0})


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
    assert (4, 2 if token else 1) == (len(tokens), len(set(tokens)))
    assert token == (None not in tokens)
    assert not token or tokens[0] == tokens[1]
