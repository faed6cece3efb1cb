"""Twilio, the function and everything between them in one process, in virtual time: a world that a seed repeats.

The simulator is the real one without its sockets; so is the function: its own entry, transport, retries and deadlines.
Whoever drives it speaks as in the tests (`tests/world/driving.py`).
"""

from __future__ import annotations

import asyncio
import json
import random
import threading
from base64 import b64encode
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from types import TracebackType
from typing import Any, Self
from urllib.parse import urlencode, urlsplit

import aiohttp
from flask import Request
from werkzeug.test import EnvironBuilder

from function.bootstrap import Function, bootstrap
from function.handling.sweep import WORKERS
from function.policy import parse_policy
from function.settings import Settings
from simulator import truth
from simulator.app import App
from simulator.client import SimulatorError
from simulator.disorder import parse_disorder
from simulator.faults import parse_fault
from simulator.flex.chats import ActionError, Speaker
from simulator.flex.oddities import make_oddity
from simulator.shared.clock import START
from simulator.shared.dialect import Dialect
from simulator.shared.durations import parse_duration
from simulator.shared.errors import TwilioError
from simulator.simulation import Simulation
from tests.world import order
from tests.world.driving import Chat, Twilio
from tests.world.network import ADDRESS, ROUND_TRIP, Call, Hooks, KilledError, Shared, Wall, Wire, ask

PUBLIC_URL = "http://function.example"
ANSWER_WITHIN = 5.0
"""Seconds that Twilio waits (Twilio docs, conversations webhooks)."""


class World:
    """One account and one deployment.

    Attributes:
        twilio: the words of the tests, to whom this is the way to the simulator.
        hooks: what happens around the calls of every instance that is made from now on.
        instance: the process that gets webhooks.
        sweeper: the process that sweeps, once that is scheduled.
        log: the function's lines since the last `clear`.
    """

    def __init__(
        self,
        policy: Mapping[str, object] | None = None,
        *,
        dice: random.Random | None = None,
        dialect: Mapping[str, str] | None = None,
        turns: order.Turns | None = None,
        **settings: Any,
    ) -> None:
        self.wall = Wall()
        self.hooks = Hooks()
        self._dice = dice
        self._turns = turns
        self._loop = asyncio.new_event_loop()
        self.simulation = _Simulation(self)
        self._app = App(self.simulation)
        self._dialect = dict(dialect or {})
        self._log: list[str] = []
        self._log_times: list[datetime] = []
        account = self.simulation.account
        self.url, self.account_sid, self.auth_token = ADDRESS, account.sid, account.auth_token
        self.reset()
        self.twilio = Twilio(self)
        self.settings = Settings(
            account_sid=self.account_sid,
            auth_token=self.auth_token,
            service_sid=self.twilio.account.service_sid,
            workspace_sid=self.twilio.account.workspace_sid,
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
        """Start over; the function stays, as a process does."""
        self._wait(self.simulation.reset(now=now, dialect=Dialect.parse(self._dialect)))
        self.clear_log()

    def configure(self, *, webhook: str = f"{PUBLIC_URL}/conversations") -> None:
        """What `pulumi up` does to the account."""
        self.twilio.configure(webhook, f"PT{int(self.settings.policy.earliest.total_seconds())}S")

    @property
    def now(self) -> datetime:
        """Virtual."""
        return self.simulation.account.clock.now

    def control(self, method: str, path: str, body: Any = None, /) -> Any:
        """As the simulator's control plane; also in the middle of a delivery, but for the clock.

        Raises:
            SimulatorError: what the control plane refuses.
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
                self._tell()
                return {"deliveries": []}
            case "POST", ["chats", sid, "actions"]:
                self._chat(sid).do(body["do"])
                self._tell()
                return None
            case "POST", ["chats", sid, "oddities"]:
                made = make_oddity(self.simulation.chats, self._chat(sid), body)
                self._tell()
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
        self._tell()
        return truth.chat_sids(chat)

    def _advance(self, body: Mapping[str, Any]) -> Any:
        to = self.now + (parse_duration(body["advance"]) or timedelta())
        deliveries = self._wait(self.simulation.advance(to, before=body.get("before", False)))
        return {"deliveries": [truth.delivery(one) for one in deliveries]}

    def _tell(self) -> None:
        """Deliver pending webhooks; during a delivery, after that one."""
        if self.simulation.account.outbox.waiting and not self._loop.is_running():

            async def settle() -> None:
                self.simulation.dispatch()
                await self.simulation.deliverer.settled()

            self._wait(settle())

    def _wait(self, work: Any) -> Any:
        return self._loop.run_until_complete(work)

    def rest(self, method: str, path: str, form: Mapping[str, object], /) -> Any:
        """Call the REST API as another client."""
        credentials = b64encode(f"{self.account_sid}:{self.auth_token}".encode()).decode()
        headers = {"authorization": f"Basic {credentials}", "content-type": "application/x-www-form-urlencoded"}
        status, _, body = ask(self._app, Call(0, method, f"/{path}", urlencode(form)), headers)
        told = json.loads(body) if body else None
        if status >= 400:
            raise SimulatorError(f"{method} {path}", told, status)
        return told

    # -- the function ------------------------------------------------------------------------------------------------

    def another_instance(self, *, round_trip: float = ROUND_TRIP, at_a_time: int = 1) -> Instance:
        """A new process of the deployment: it remembers nothing.

        Args:
            round_trip: seconds that a call takes.
            at_a_time: how many wait at the same time for what one of them waits for here, one after the other.
        """
        return Instance(self, round_trip, at_a_time)

    def restart(self) -> None:
        """Webhooks go to a new process from now on."""
        self.instance = self.another_instance()

    def schedule_sweep(self, every: str = "PT5M") -> None:
        """Let a new process of the private function sweep from now on, as often as Cloud Scheduler would."""
        self.sweeper = self.another_instance(round_trip=ROUND_TRIP / WORKERS)
        self.twilio.schedule("sweep", every=every, url=f"{PUBLIC_URL}/sweep")

    def bootstrap(self, wire: Wire, at_a_time: int = 1) -> Function:
        """Build the function over a wire, with our clock and our order in the place of the machine's."""
        return bootstrap(
            self.settings,
            clock=self.wall if at_a_time == 1 else Shared(self.wall, at_a_time),
            chance=self._dice or random.Random(0),
            adapter=wire,
            calls=order.Pool(self._dice),
            sweep_workers=order.workers,
            lock=self._turns.lock if self._turns else threading.Lock,
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
    def log_text(self) -> str:
        """All of it."""
        return "\n".join(self._log)

    def clear_log(self) -> None:
        """Forget those lines."""
        self._log.clear()
        self._log_times.clear()


class Instance:
    """One process of the function."""

    def __init__(self, world: World, round_trip: float, at_a_time: int = 1) -> None:
        self._world = world
        self.wire = Wire(world.app, world.wall, world.hooks, round_trip)
        self.function = world.bootstrap(self.wire, at_a_time)
        self.summaries: list[dict[str, Any]] = []

    def kill(self) -> None:
        """As kill -9: not one call more."""
        self.wire.dead = True

    def answer(self, method: str, path: str, body: bytes, headers: Mapping[str, str]) -> int | None:
        """The status that it answers with; None when it died over it."""
        environ = EnvironBuilder(path=path, method=method, headers=list(headers.items()), data=body).get_environ()
        return self.answer_environ(environ)

    def answer_environ(self, environ: dict[str, Any]) -> int | None:
        """As `answer`, of what a server hands over."""
        try:
            return int(self.function.webhook.answer(Request(environ)).status_code)
        except KilledError:
            self.kill()
            return None

    def sweep(self) -> int | None:
        """Sweep once, as the private entry point does."""
        try:
            response = self.function.sweep.answer(Request(EnvironBuilder(method="POST").get_environ()))
        except KilledError:
            self.kill()
            return None
        if response.status_code == 200:
            self.summaries.append(json.loads(response.get_data()))
        return int(response.status_code)

    def receive(self, event: Mapping[str, str], route: str = "conversations") -> int | None:
        """Let it answer an event, signed as Twilio does."""
        from simulator.webhooks import sign

        signature = sign(self._world.auth_token, f"{PUBLIC_URL}/{route}", event.items())
        headers = {"X-Twilio-Signature": signature, "Content-Type": "application/x-www-form-urlencoded"}
        return self.answer("POST", f"/{route}", urlencode(event).encode(), headers)


class _Simulation(Simulation):
    """The simulator whose webhooks go straight into the function."""

    def __init__(self, world: World) -> None:
        super().__init__(_WebhookClient(world))  # type: ignore[arg-type]  # as far as it is used

    def dispatch(self) -> None:
        """Start sending; in the middle of an attempt of its own thread nothing can be sent, and it waits."""
        try:
            asyncio.get_running_loop()
        except RuntimeError:
            return
        super().dispatch()


class _WebhookClient:
    """Stands for the simulator's HTTP client."""

    def __init__(self, world: World) -> None:
        self._world = world
        self.session = self

    def request(self, method: str, url: Any, *, data: bytes, headers: Mapping[str, str], **_: object) -> _Exchange:
        """One webhook."""
        return _Exchange(self._world, method, str(url), data, headers)

    async def close(self) -> None:
        """Nothing is held."""


class _Exchange:
    """One webhook and its answer; where somebody else's goes, nobody listens."""

    def __init__(self, world: World, method: str, url: str, body: bytes, headers: Mapping[str, str]) -> None:
        self._world, self._request = world, (method, urlsplit(url).path, body, headers)
        self._ours = url.startswith(f"{PUBLIC_URL}/")
        self.status = 0

    async def __aenter__(self) -> Self:
        world = self._world
        if not self._ours:
            raise aiohttp.ServerDisconnectedError
        began = world.wall.monotonic()
        sweeping_now = self._request[1].endswith("/sweep")
        status = world.sweeper.sweep() if sweeping_now else world.instance.answer(*self._request)
        if status is None:
            raise aiohttp.ServerDisconnectedError
        if not sweeping_now and world.wall.monotonic() - began > ANSWER_WITHIN:
            raise TimeoutError
        self.status = status
        return self

    async def __aexit__(self, *_: object) -> None:
        pass

    async def read(self) -> bytes:
        """There is none."""
        return b""


__all__ = ["UTC", "Chat", "Instance", "Twilio", "World"]
