"""The whole deployment on the laptop, with every webhook lost: Scheduler's sweep keeps the promise."""

from datetime import timedelta

import pytest
import requests

from infra.names import service_account_id
from laptop.chat_player import LOG_PATIENCE
from laptop.function_log import FunctionLog
from laptop.gcp_provider.cloud import Place
from laptop.gcp_provider.identity import Identities
from laptop.ours import kind_of_ours
from laptop.stack import PROJECT, STACK
from tests.scenarios.conftest import Deployed

pytestmark = pytest.mark.engine

SWEEP_EVERY = timedelta(minutes=5)


def test_a_silent_customer_is_released_although_every_webhook_is_lost(deployed: Deployed) -> None:
    """The sweep warns and releases them, each at most one interval late; a customer who waits is kept."""
    twilio = deployed.twilio
    twilio.disturb(drop=1.0)
    try:
        silent, waiting = (twilio.create_chat().conversation for _ in range(2))
        for chat in (silent, waiting):
            twilio.say(chat, "customer", "Hello")
            twilio.do(chat, "accept")
        twilio.say(silent, "agent", "Are you there?")
        deliveries = twilio.advance(timedelta(minutes=16))
    finally:
        twilio.disturb()

    sweeps = [delivery for delivery in deliveries if delivery.kind.startswith("schedule sweep-")]
    assert {sweep.status for sweep in sweeps} == {200}
    assert len(sweeps) in {3, 4}
    assert [kind for said in twilio.truth(silent).messages if (kind := kind_of_ours(said))] == ["warning", "closing"]
    assert (twilio.truth(silent).state, twilio.truth(waiting).state) == ("closed", "inactive")


def test_nobody_but_scheduler_may_sweep(deployed: Deployed) -> None:
    """No token, a made-up one, another account's, one for another function: 403, as Cloud Run answers."""
    log = FunctionLog(deployed.log)
    url, function = deployed.sweep_url, f"{PROJECT}-{STACK}"
    schedule, run, build = (
        f"{service_account_id(role, function)}@{Place.project}.iam.gserviceaccount.com"
        for role in ("schedule", "run", "build")
    )

    def call(token: str | None) -> int:
        headers = {"Authorization": f"Bearer {token}"} if token else {}
        return requests.post(url, headers=headers, timeout=10).status_code

    others = {
        "nobody": None,
        "made up": "laptop.e30=.0",
        "of another project": Identities().token(schedule, url),
        "for the public function": deployed.identity_token(schedule, url.replace("sweep-", "")),
        "the functions' account": deployed.identity_token(run, url),
        "the build's account": deployed.identity_token(build, url),
    }
    assert {who: call(token) for who, token in others.items()} == dict.fromkeys(others, 403)
    assert call(deployed.identity_token(schedule, url)) == 200
    (sweep,) = (one for one in deployed.twilio.advance(SWEEP_EVERY) if one.kind.startswith("schedule sweep-"))
    assert sweep.status == 200
    assert {entry.event for entry in log.await_entries("", 2, LOG_PATIENCE)} == {"sweep"}
