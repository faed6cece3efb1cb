"""The simulator's own client: it reads everything that the control plane returns."""

from __future__ import annotations

import socket
from contextlib import closing
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from simulator import facts
from simulator.client import HttpTransport, SimulatorClient, SimulatorError
from simulator.shared.durations import format_duration, parse_duration

from .conftest import Receiver, World


@pytest.fixture
def client(world: World) -> SimulatorClient:
    """A client of an account after a reset."""
    return SimulatorClient(world.simulator)


def camel(fact: type, **renamed: str) -> set[str]:
    """Return the names of a fact's fields as they are in JSON."""
    words = [renamed.get(name, name).split("_") for name in fact.__dataclass_fields__]
    return {first + "".join(word.capitalize() for word in more) for first, *more in words}


def everything(world: World, receiver: Receiver) -> tuple[Any, str]:
    """Return everything that the control plane returns about a chat with all features, and its SID."""
    world.listen(receiver.url, "onConversationStateUpdated")
    world.default_timers(inactive="PT10M")
    chat = world.chat(channel="sms", stage="assigned", attributes={"vip": True})
    world.say(chat, "customer")
    world.advance("PT10M")
    return world.truth(chat), chat["conversation"]


def test_the_client_reads_every_field_of_a_chat(world: World, receiver: Receiver) -> None:
    """No key of the control plane is missing in the facts."""
    truth, _ = everything(world, receiver)
    said = {"text": "body", "speaker": "kind"}
    sids = facts.ChatSids.__dataclass_fields__

    assert {*truth} == {*camel(facts.ChatTruth), "timers"} - {"sids", "inactiveAt", "closedAt"} | {*sids}
    assert {*truth["timers"]} == {"inactive", "closed"}
    assert {*truth["messages"][0]} == camel(facts.Said, **said)
    assert {*truth["participants"][0]} == camel(facts.Person)
    assert {*truth["tasks"][0]} == camel(facts.TaskTruth)
    assert {*truth["interactionChannel"]} == camel(facts.ChannelTruth)
    assert {*truth["history"][0]} == camel(facts.StateChange, state_from="from", state_to="to")
    assert {*truth["deliveries"][0]} == camel(facts.Delivery)


def test_the_client_reads_every_field_of_the_account_and_its_logs(world: World, receiver: Receiver) -> None:
    """Credentials and SIDs, counts, requests, deliveries."""
    everything(world, receiver)
    state = world.control("GET", "state")

    assert {*state["account"]} == camel(facts.AccountFacts)
    assert {*state["counts"]} == camel(facts.Counts)
    assert {*world.control("GET", "requests")["requests"][0]} == camel(facts.LoggedRequest)
    assert {*world.control("GET", "deliveries")["deliveries"][0]} == {*camel(facts.Delivery), "params"}


def test_the_truth_about_a_chat(world: World, client: SimulatorClient, receiver: Receiver) -> None:
    """The values, with times instead of texts."""
    json, sid = everything(world, receiver)
    truth = client.truth(sid)

    assert (truth.state, truth.task_statuses) == ("inactive", ["assigned"])
    assert truth.attributes == json["attributes"]
    assert [(said.speaker, said.text, said.attributes) for said in truth.messages] == [("customer", "hello", {})]
    assert {person.kind for person in truth.participants} == {"customer", "agent"}
    assert truth.interaction_channel
    assert truth.interaction_channel.status == "active"
    assert (
        truth.history[-1].state_from,
        truth.history[-1].state_to,
        truth.history[-1].reason,
    ) == ("active", "inactive", "TIMER")
    assert truth.created_at == datetime.fromisoformat(json["createdAt"])
    assert (truth.inactive_at, truth.closed_at, truth.closed) == (None, None, False)
    assert [(one.status, one.kind) for one in truth.deliveries] == [(204, "onConversationStateUpdated")]


def test_chats_and_time(client: SimulatorClient, receiver: Receiver) -> None:
    """Customers and agents act; the clock fires what is due, and calls a schedule."""
    client.reset(now=datetime(2026, 3, 1, 12, tzinfo=UTC), dialect={"timerOrigin": "message"})
    chat = client.create_chat(stage="queued", language="de", interaction=False)
    client.do(chat.conversation, "accept")
    client.say(chat.conversation, "agent", "Guten Tag", attributes={"a": 1})
    client.schedule("sweep", every=timedelta(minutes=5), url=receiver.url, headers={"X-Whose": "ours"})
    calls = client.advance("PT5M")
    client.unschedule("sweep")

    assert chat.interaction is None
    assert [(one.kind, one.status) for one in calls] == [("schedule sweep", 204)]
    assert receiver.got[0].headers["X-Whose"] == "ours"
    assert client.advance(timedelta(minutes=5)) == []
    assert client.now() == datetime(2026, 3, 1, 12, 10, tzinfo=UTC)
    assert [(said.text, said.attributes) for said in client.truth(chat.conversation).messages] == [
        ("Guten Tag", {"a": 1})
    ]


def test_faults_disorder_and_the_log(client: SimulatorClient, world: World, receiver: Receiver) -> None:
    """Faults hit and are removed; webhooks are lost and delivered; requests are logged until the log is cleared."""
    world.listen(receiver.url, "onMessageAdded")
    client.clear_log()
    client.fault("GET .*Services", "status", status=418, times=None)
    with pytest.raises(SimulatorError) as caught:
        client.rest("GET", "conversations/v1/Services")
    hits, refused = client.hits(), client.answered_with(418)
    client.clear_faults()
    client.rest("GET", "conversations/v1/Services")
    client.disturb(drop=1.0)
    client.say(client.create_chat(stage="assigned").conversation, "customer", "Hello?")
    [(lost, params)] = client.deliveries()

    assert (caught.value.status, hits, refused, client.hits()) == (418, [1], 1, [])
    assert [(one.method, one.status, one.fault) for one in client.requests()] == [
        ("GET", 418, "status before"),
        ("GET", 200, None),
    ]
    assert (lost.status, lost.error, params["Body"]) == (None, "dropped", "Hello?")
    client.clear_log()
    assert (client.requests(), client.deliveries()) == ([], [])


def test_twilios_api_is_called_with_the_credentials_that_the_control_plane_names(world: World) -> None:
    """Lists become repeated parameters, None is left out."""
    with closing(HttpTransport(f"{world.simulator.url}/")) as transport:
        client = SimulatorClient(transport)
        path = f"conversations/v1/Services/{client.account.service_sid}/Configuration/Webhooks"
        client.rest("POST", path, Filters=["onMessageAdded", "onMessageUpdated"], Method="POST", PreWebhookUrl=None)

        assert client.rest("GET", path)["filters"] == ["onMessageAdded", "onMessageUpdated"]


def test_other_credentials_are_refused(world: World) -> None:
    """Twilio's refusal is raised, and the message has no secret."""
    wrong = HttpTransport(world.simulator.url, (world.simulator.account_sid, "a-secret"))
    with closing(wrong), pytest.raises(SimulatorError, match="HTTP 401") as caught:
        SimulatorClient(wrong).rest("GET", "conversations/v1/Services")

    assert "a-secret" not in str(caught.value)


def test_a_refusal_names_the_call_and_the_reason(client: SimulatorClient) -> None:
    """With the control plane's message."""
    with pytest.raises(SimulatorError, match=r"GET /_simulator/chats/CH1: HTTP 404: .*no chat CH1") as caught:
        client.truth("CH1")

    assert (caught.value.status, caught.value.body) == (404, {"error": "no chat CH1"})


def test_a_simulator_that_is_not_there_is_named() -> None:
    """The error has its address."""
    with socket.create_server(("127.0.0.1", 0)) as nobody:
        url = f"http://127.0.0.1:{nobody.getsockname()[1]}"
    with (
        closing(HttpTransport(url)) as transport,
        pytest.raises(SimulatorError, match=f"{url} does not answer") as caught,
    ):
        SimulatorClient(transport).now()

    assert caught.value.status is None


@given(st.timedeltas(min_value=timedelta(0), max_value=timedelta(days=10_000)))
def test_a_duration_is_read_as_it_was_written(length: timedelta) -> None:
    """To the microsecond."""
    assert parse_duration(format_duration(length)) == length
