"""The whole deployment on the laptop, with every webhook lost: Scheduler's sweep makes the promise true."""

from datetime import timedelta

import pytest
import requests

from laptop.chat_player import LOG_PATIENCE
from laptop.function_log import FunctionLog
from laptop.ours import kind_of_ours
from tests.scenarios.conftest import Deployed

pytestmark = pytest.mark.engine

SWEEP_EVERY = timedelta(minutes=5)


def test_a_silent_customer_is_released_although_every_webhook_is_lost(deployed: Deployed) -> None:
    """Warned and released by the sweep alone, each at most one interval late; a customer who waits is kept."""
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
    """Without a token, and with one that somebody made up: 403, as Cloud Run answers; Scheduler's own is let in."""
    log = FunctionLog(deployed.log)

    statuses = [
        requests.post(deployed.sweep_url, headers=headers, timeout=10).status_code
        for headers in ({}, {"Authorization": "Bearer laptop.e30=.0"})
    ]

    assert statuses == [403, 403]
    (sweep,) = (one for one in deployed.twilio.advance(SWEEP_EVERY) if one.kind.startswith("schedule sweep-"))
    assert sweep.status == 200
    assert {entry.event for entry in log.await_entries("", 1, LOG_PATIENCE)} == {"sweep"}
