"""The function, the simulated Twilio and the calls between them in one process, in virtual time.

The simulator is the real one without its sockets, and so is the function: its own endpoints, transport, retries and
deadlines. Nothing here depends on the machine's clock or threads, so a run with the same seed does the same.
"""

from __future__ import annotations

import asyncio
import json
import random
import threading
from base64 import b64encode
from collections.abc import Mapping
from datetime import datetime, timedelta
from types import TracebackType
from typing import Any, Self
from urllib.parse import urlencode, urlsplit

import aiohttp
from flask import Request
from werkzeug.test import EnvironBuilder

from function.bootstrap import Function, bootstrap
from function.handling.locks import NewLock
from function.handling.sweep_run import WORKERS
from function.policy import parse_policy
from function.settings import Settings
from sandbox import order
from sandbox.network import ADDRESS, ROUND_TRIP, Call, Hooks, KilledError, Shared, Wall, Wire, ask
from simulator import truth
from simulator.app import App
from simulator.client import SimulatorClient, SimulatorError
from simulator.disorder import parse_disorder
from simulator.faults import parse_fault
from simulator.flex.chats import ActionError, Speaker
from simulator.flex.oddities import make_oddity
from simulator.shared.clock import START
from simulator.shared.dialect import Dialect
from simulator.shared.durations import parse_duration
from simulator.shared.errors import TwilioError
from simulator.simulation import Simulation
from simulator.webhooks import sign

PUBLIC_URL = "http://function.example"
ANSWER_WITHIN = 5.0
"""Seconds that Twilio waits (Twilio docs, conversations webhooks)."""


def point_at(client: SimulatorClient, webhook: str, inactive: str) -> None:
    """Set the service's webhook and the account's inactive timer, as `pulumi up` does."""
    client.rest(
        "POST",
        f"conversations/v1/Services/{client.account.service_sid}/Configuration/Webhooks",
        PostWebhookUrl=webhook,
        Method="POST",
        Filters="onConversationStateUpdated",
    )
    client.rest("POST", "conversations/v1/Configuration", DefaultInactiveTimer=inactive)


class Sandbox:
    """One account and one deployment. It is also a `Transport` for a client of the simulator.

    Args:
        policy: the whole document: `timeout`, `warnBefore`, `policy`.
        dice: draws the function's random waits and the order of calls that an attempt makes together.
        dialect: the simulator's switches that are not at their default.
        lock: makes the function's locks.
        settings: other fields of the function's settings.

    Attributes:
        client: the simulator's client.
        hooks: what happens around the calls of every instance that is created from now on.
        instance: the process that receives webhooks.
        sweeper: the process that sweeps, once the sweep is scheduled.

    Raises:
        PolicyError: the policy cannot be used.
    """

    def __init__(
        self,
        policy: Mapping[str, object] | None = None,
        *,
        dice: random.Random | None = None,
        dialect: Mapping[str, str] | None = None,
        lock: NewLock = threading.Lock,
        **settings: Any,
    ) -> None:
        self.wall = Wall()
        self.hooks = Hooks()
        self._dice = dice
        self._lock = lock
        self._loop = asyncio.new_event_loop()
        self.simulation = _Simulation(self)
        self._app = App(self.simulation)
        self._dialect = dict(dialect or {})
        self._log: list[str] = []
        self._log_times: list[datetime] = []
        account = self.simulation.account
        self.url, self.account_sid, self.auth_token = ADDRESS, account.sid, account.auth_token
        self.reset()
        self.client = SimulatorClient(self)
        self.settings = Settings(
            account_sid=self.account_sid,
            auth_token=self.auth_token,
            service_sid=self.client.account.service_sid,
            workspace_sid=self.client.account.workspace_sid,
            public_url=PUBLIC_URL,
            policy=parse_policy(dict(policy or {})),
            twilio_base_url=ADDRESS,
            **{"rate_limits": False, **settings},
        )
        self.configure()
        self.instance = self.sweeper = self.another_instance()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, exc_type: type[BaseException] | None, exc: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self._loop.close()

    # -- the account -------------------------------------------------------------------------------------------------

    @property
    def dialect(self) -> Mapping[str, str]:
        """The switches that are not at their default."""
        return self._dialect

    def reset(self, now: datetime = START) -> None:
        """Start over. The function keeps running, as a process does."""
        self._wait(self.simulation.reset(now=now, dialect=Dialect.parse(self._dialect)))
        self.clear_log()

    def configure(self, *, webhook: str = f"{PUBLIC_URL}/conversations") -> None:
        """Set the account up as `pulumi up` does."""
        point_at(self.client, webhook, f"PT{int(self.settings.policy.earliest.total_seconds())}S")

    @property
    def now(self) -> datetime:
        """The virtual time."""
        return self.simulation.account.clock.now

    def control(self, method: str, path: str, body: Any = None, /) -> Any:
        """Call the control plane. Everything but the clock also works during a delivery.

        Raises:
            SimulatorError: the control plane refuses the call.
        """
        try:
            return self._control(method, path, body)
        except (ActionError, TwilioError) as error:
            raise SimulatorError(f"{method} {path}", str(error), 409) from error

    def _control(self, method: str, path: str, body: Any) -> Any:  # noqa: C901, PLR0911, PLR0912 -- one case for each path
        match method, path.partition("?")[0].split("/"):
            case "POST", ["accounts"]:
                return truth.account_facts(self.simulation.another_account(body["name"]))
            case "GET", ["clock"]:
                return {"now": truth.instant(self.now)}
            case "POST", ["clock"]:
                return self._advance(body)
            case "POST", ["chats"]:
                return self._create(**body)
            case "GET", ["chats", sid]:
                return truth.chat(self.simulation, self._chat(sid))
            case "POST", ["chats", sid, "messages"]:
                self._chat(sid).say(Speaker(body["from"]), body["body"], json.dumps(body.get("attributes") or {}))
                self._deliver()
                return {"deliveries": []}
            case "POST", ["chats", sid, "actions"]:
                self._chat(sid).do(body["do"])
                self._deliver()
                return None
            case "POST", ["chats", sid, "oddities"]:
                made = make_oddity(self.simulation.chats, self._chat(sid), body)
                self._deliver()
                return made
            case "GET", ["state"]:
                return truth.state(self.simulation)
            case "GET", ["requests"]:
                return truth.requests(self.simulation, 0)
            case "GET", ["deliveries"]:
                return truth.deliveries(self.simulation, int(path.rpartition("=")[2]))
            case "POST", ["delivery"]:
                return self.simulation.deliverer.disturb(parse_disorder(body))
            case "POST", ["faults"]:
                return self.simulation.faults.add([parse_fault(body)])
            case "DELETE", ["log"]:
                self.simulation.requests.clear()
                return self.simulation.deliverer.clear()
            case "PUT", ["schedules", name]:
                every = parse_duration(body["every"]) or timedelta(minutes=5)
                return self.simulation.schedule(name, every=every, url=body["url"], method="POST", headers=())
        raise LookupError(f"no control {method} {path}")

    def _chat(self, sid: str) -> Any:
        chat = self.simulation.chats.find(sid)
        if chat is None:
            raise LookupError(f"no chat {sid}")
        return chat

    def _create(self, *, channel: str, stage: str, service: str | None = None, **options: Any) -> Any:
        chat = self.simulation.chats.create(channel=channel, stage=stage, service_sid=service, **options)
        self._deliver()
        return truth.chat_sids(chat)

    def _advance(self, body: Mapping[str, Any]) -> Any:
        to = self.now + (parse_duration(body["advance"]) or timedelta())
        deliveries = self._wait(self.simulation.advance(to, before=body.get("before", False)))
        return {"deliveries": [truth.delivery(one) for one in deliveries]}

    def _deliver(self) -> None:
        """Deliver pending webhooks; during a delivery, after that one."""
        if self.simulation.account.outbox.waiting and not self._loop.is_running():

            async def settle() -> None:
                self.simulation.dispatch()
                await self.simulation.deliverer.settled()

            self._wait(settle())

    def _wait(self, work: Any) -> Any:
        return self._loop.run_until_complete(work)

    def rest(self, method: str, path: str, form: Mapping[str, object], /) -> Any:
        """Call Twilio's API as another client."""
        credentials = b64encode(f"{self.account_sid}:{self.auth_token}".encode()).decode()
        headers = {"authorization": f"Basic {credentials}", "content-type": "application/x-www-form-urlencoded"}
        status, _, body = ask(self._app, Call(0, method, f"/{path}", urlencode(form)), headers)
        answer = json.loads(body) if body else None
        if status >= 400:
            raise SimulatorError(f"{method} {path}", answer, status)
        return answer

    # -- the function ------------------------------------------------------------------------------------------------

    def another_instance(self, *, round_trip: float = ROUND_TRIP, at_a_time: int = 1) -> Instance:
        """Create a new process of the deployment, which remembers nothing.

        Args:
            round_trip: seconds that a call takes.
            at_a_time: how many calls wait at the same time in a deployment; here they wait one after the other.
        """
        return Instance(self, round_trip, at_a_time)

    def restart(self) -> None:
        """Send webhooks to a new process from now on."""
        self.instance = self.another_instance()

    def schedule_sweep(self, every: str = "PT5M") -> None:
        """Let a new process of the private function sweep from now on, as often as Cloud Scheduler would."""
        self.sweeper = self.another_instance(round_trip=ROUND_TRIP / WORKERS)
        self.client.schedule("sweep", every=every, url=f"{PUBLIC_URL}/sweep")

    def bootstrap(self, wire: Wire, at_a_time: int = 1) -> Function:
        """Build the function on a wire, with a clock, an order of calls and a log of our own."""
        return bootstrap(
            self.settings,
            clock=self.wall if at_a_time == 1 else Shared(self.wall, at_a_time),
            chance=self._dice or random.Random(0),  # noqa: S311 -- waits, no secrets
            adapter=wire,
            calls=order.Pool(self._dice),
            sweep_workers=order.workers,
            lock=self._lock,
            log=self._take_line,
        )

    @property
    def app(self) -> App:
        """The simulator's application."""
        return self._app

    def lines(self, **wanted: object) -> list[dict[str, Any]]:
        """The lines of the function's log whose fields are as wanted."""
        lines = [json.loads(line) for line in self._log]
        return [line for line in lines if all(line.get(name) == value for name, value in wanted.items())]

    def timed_lines(self) -> list[tuple[datetime, dict[str, Any]]]:
        """Every line of the function's log, with the virtual time at which it was written."""
        return list(zip(self._log_times, self.lines(), strict=True))

    def _take_line(self, line: str) -> None:
        self._log.append(line)
        self._log_times.append(self.now)

    @property
    def log_lines(self) -> tuple[str, ...]:
        """The lines of the function's log since it was cleared, as the function wrote them."""
        return tuple(self._log)

    @property
    def log_text(self) -> str:
        """The whole log as text."""
        return "\n".join(self._log)

    def clear_log(self) -> None:
        """Clear the log."""
        self._log.clear()
        self._log_times.clear()


class Instance:
    """One process of the function."""

    def __init__(self, sandbox: Sandbox, round_trip: float, at_a_time: int = 1) -> None:
        self._sandbox = sandbox
        self.wire = Wire(sandbox.app, sandbox.wall, sandbox.hooks, round_trip)
        self.function = sandbox.bootstrap(self.wire, at_a_time)
        self.summaries: list[dict[str, Any]] = []

    def kill(self) -> None:
        """Stop it as kill -9 does: it makes no further call."""
        self.wire.dead = True

    def answer(self, method: str, path: str, body: bytes, headers: Mapping[str, str]) -> int | None:
        """Return the status of its answer, None if it died."""
        environ = EnvironBuilder(path=path, method=method, headers=list(headers.items()), data=body).get_environ()
        return self.answer_environ(environ)

    def answer_environ(self, environ: dict[str, Any]) -> int | None:
        """Answer a request that a WSGI server would pass on."""
        try:
            return int(self.function.webhook.answer(Request(environ)).status_code)
        except KilledError:
            self.kill()
            return None

    def sweep(self) -> int | None:
        """Sweep once, as the private entry point does, and return the status."""
        try:
            response = self.function.sweep.answer(Request(EnvironBuilder(method="POST").get_environ()))
        except KilledError:
            self.kill()
            return None
        if response.status_code == 200:
            self.summaries.append(json.loads(response.get_data()))
        return int(response.status_code)

    def receive(self, event: Mapping[str, str], route: str = "conversations") -> int | None:
        """Answer an event that is signed as Twilio signs it."""
        signature = sign(self._sandbox.auth_token, f"{PUBLIC_URL}/{route}", event.items())
        headers = {"X-Twilio-Signature": signature, "Content-Type": "application/x-www-form-urlencoded"}
        return self.answer("POST", f"/{route}", urlencode(event).encode(), headers)


class _Simulation(Simulation):
    """The simulator; its webhooks call the function directly."""

    def __init__(self, sandbox: Sandbox) -> None:
        super().__init__(_WebhookClient(sandbox))  # type: ignore[arg-type]  # as far as it is used

    def dispatch(self) -> None:
        """Start sending. During a call of the function no event loop runs, and the webhooks wait."""
        try:
            asyncio.get_running_loop()
        except RuntimeError:
            return
        super().dispatch()


class _WebhookClient:
    """Stands for the HTTP client that sends the simulator's webhooks."""

    def __init__(self, sandbox: Sandbox) -> None:
        self._sandbox = sandbox
        self.session = self

    def request(self, method: str, url: Any, *, data: bytes, headers: Mapping[str, str], **_: object) -> _Exchange:
        """Send one webhook."""
        return _Exchange(self._sandbox, method, str(url), data, headers)

    async def close(self) -> None:
        """Do nothing; no connection is open."""


class _Exchange:
    """One webhook and its answer. Nobody listens at another address than the function's."""

    def __init__(self, sandbox: Sandbox, method: str, url: str, body: bytes, headers: Mapping[str, str]) -> None:
        self._sandbox, self._request = sandbox, (method, urlsplit(url).path, body, headers)
        self._ours = url.startswith(f"{PUBLIC_URL}/")
        self.status = 0

    async def __aenter__(self) -> Self:
        sandbox = self._sandbox
        if not self._ours:
            raise aiohttp.ServerDisconnectedError
        began = sandbox.wall.monotonic()
        is_sweep = self._request[1].endswith("/sweep")
        status = sandbox.sweeper.sweep() if is_sweep else sandbox.instance.answer(*self._request)
        if status is None:
            raise aiohttp.ServerDisconnectedError
        if not is_sweep and sandbox.wall.monotonic() - began > ANSWER_WITHIN:
            raise TimeoutError
        self.status = status
        return self

    async def __aexit__(self, *_: object) -> None:
        pass

    async def read(self) -> bytes:
        """Return the body, which is empty."""
        return b""
