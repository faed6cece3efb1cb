"""A probe of the simulator, in virtual time."""

import time
from collections.abc import Mapping
from contextlib import nullcontext
from datetime import datetime, timedelta

from infra.twilio_resources.client import Credentials
from ops.probe.api import TwilioApi
from ops.probe.listener import Listener
from ops.probe.probing import Report, probe
from simulator.client import SimulatorClient

ONE_WINDOW = timedelta(seconds=1)
"""The simulator counts its limits in real time, so a pause after a refusal is a real one too."""

WRITES_A_SECOND = 10


class VirtualClock:
    """The simulator's clock: to wait is to move it."""

    def __init__(self, twilio: SimulatorClient) -> None:
        self._twilio = twilio

    def now(self) -> datetime:
        """The virtual time."""
        return self._twilio.now()

    def sleep(self, duration: timedelta) -> None:
        """Move it."""
        self._twilio.advance(duration)
        if duration <= ONE_WINDOW:
            time.sleep(duration.total_seconds())


def api_of(twilio: SimulatorClient, clock: VirtualClock | None = None) -> TwilioApi:
    """The API of the simulator's account."""
    account = twilio.account
    credentials = Credentials(auth_token=account.auth_token)
    return TwilioApi(account.account_sid, credentials, clock or VirtualClock(twilio), base_url=twilio.url)


def probed(twilio: SimulatorClient, dialect: Mapping[str, str], *, listening: bool = True) -> Report:
    """Probe a new account that speaks this dialect and has rate limits."""
    begin(twilio, dialect)
    clock = VirtualClock(twilio)
    with local_listener() if listening else nullcontext() as listener:
        return probe(api_of(twilio, clock), clock, listener, lambda _line: None)


def begin(twilio: SimulatorClient, dialect: Mapping[str, str]) -> None:
    """A new account with rate limits; that of writes is low enough for a burst from a busy machine to meet it."""
    twilio.reset(dialect=dialect)
    twilio.limit(conversation=WRITES_A_SECOND)


def local_listener() -> Listener:
    """A listener that the simulator reaches without a tunnel."""
    listener = Listener("http://127.0.0.1", 0)
    listener.url = f"http://127.0.0.1:{listener.port}/{listener.url.rpartition('/')[2]}"
    return listener
