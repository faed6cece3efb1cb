"""The private entry point in a process of its own, and what both entry points log."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import pytest
import requests

from function.bootstrap import bootstrap
from function.handling import Outcome
from function.policy import Policy
from tests.world.driving import Twilio
from tests.world.running import RunningFunction, free_port, running_function, settings_for

CANARIES = ("canary-in-a-text", "+4915100canary", "canary-identity", "canary-in-attributes")


@pytest.fixture
def sweeper(twilio: Twilio, policy: Policy, tmp_path: Path) -> Iterator[RunningFunction]:
    """The second function of the deployment."""
    port = free_port()
    with running_function(tmp_path, settings_for(twilio, port, policy), port, "sweep") as function:
        yield function


def test_a_life_with_lost_webhooks_and_failures(
    twilio: Twilio, function: RunningFunction, sweeper: RunningFunction
) -> None:
    """Scheduler's POST sweeps and returns a summary, a GET does not; 503 while Twilio is down."""
    chat = twilio.chat(attributes={"note": CANARIES[3]})
    chat.says("customer", CANARIES[0])
    chat.says("agent", CANARIES[0])
    waiting = twilio.chat(channel="whatsapp")
    waiting.says("customer", f"{CANARIES[0]} {CANARIES[1]}")
    path = f"conversations/v1/Services/{twilio.account.service_sid}/Conversations/{waiting.conversation}/Participants"
    twilio.rest("POST", path, Identity=CANARIES[2])
    twilio.disturb(drop=1.0)
    twilio.advance("PT8M")

    refused = requests.get(sweeper.url, timeout=10)
    warned = requests.post(sweeper.url, timeout=60)
    twilio.fault(".*", kind="garbled", times=None)
    down = requests.post(sweeper.url, timeout=60)
    twilio.disturb()
    twilio.advance("PT1M")
    twilio.clear_faults()
    twilio.fault(r"POST .*/Messages$", kind="status", status=400, code=50511, message=CANARIES[0])
    twilio.advance("PT1M")
    ended = requests.post(sweeper.url, timeout=60)

    assert tuple(each.status_code for each in (refused, warned, down, ended)) == (405, 200, 503, 200)
    assert tuple(warned.json()[name] for name in ("listed", "candidates", "warned", "kept")) == (2, 2, 1, 1)
    lines = sweeper.lines(event="sweep")
    assert [line["severity"] for line in lines] == ["INFO", "ERROR", "INFO"]
    assert {"ending", "listed", "candidates", "read", "warned", "ended", "kept", "deferred", "errors", "oldest"} <= set(
        lines[0]
    )
    assert {line["by"] for line in sweeper.lines(event="decision")} == {"sweep"}
    assert (chat.state, chat.task_statuses) == ("closed", ["completed"])
    for log in (function.log, sweeper.log):
        text = log.read_text()
        private = (*CANARIES, twilio.account.auth_token, "Are you still there")
        assert [canary for canary in private if canary in text] == []


def test_a_storm_is_left_to_the_sweep(twilio: Twilio, policy: Policy, tmp_path: Path) -> None:
    """An event that finds no room under Twilio's rate limits claims nothing, is answered 204, and swept later."""
    port = free_port()
    twilio.configure("http://127.0.0.1:9/conversations", "PT8M")
    chats = [twilio.chat() for _ in range(15)]
    for chat in chats:
        chat.says("customer")
        chat.says("agent")
    twilio.advance("PT8M")

    limited = replace(settings_for(twilio, port, policy), rate_limits=True)
    with running_function(tmp_path, limited, port) as webhook, ThreadPoolExecutor(15) as storm:
        replies = list(storm.map(lambda chat: twilio.send(webhook.url, twilio.event(chat)), chats))
        deferred = webhook.lines(outcome=Outcome.DEFERRED.value)
    untouched = {chat.conversation for chat in chats if chat.state == "inactive"}
    bootstrap(limited).sweeping.run(lambda *_: None)

    assert [reply.status for reply in replies] == [204] * 15
    assert untouched
    assert {line["conversation"] for line in deferred} == untouched
    assert [chat.ours for chat in chats] == [["warning"]] * 15
