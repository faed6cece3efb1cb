"""The control plane under /_simulator/: thin calls into models, JSON in and out."""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from typing import Any

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Mount, Route

from simulator import truth
from simulator.decisions import KEYS as DECISION_KEYS
from simulator.decisions import parse_decision
from simulator.disorder import parse_disorder
from simulator.faults import parse_fault
from simulator.flex.chats import ActionError, Chat, Speaker
from simulator.flex.oddities import KEYS as ODDITY_KEYS
from simulator.flex.oddities import make_oddity
from simulator.limits import LIMITS
from simulator.page.routes import Page
from simulator.shared.clock import START
from simulator.shared.dialect import Dialect
from simulator.shared.durations import parse_duration
from simulator.shared.errors import TwilioError
from simulator.simulation import Simulation

Handler = Callable[[Request], Awaitable[Response]]


class JSONResponse(Response):
    """JSON in ASCII, because clients may have sent lone surrogates, which UTF-8 cannot encode."""

    media_type = "application/json"

    def render(self, content: object) -> bytes:
        """Write."""
        return json.dumps(content, separators=(",", ":")).encode("ascii")


class Control:
    """The control plane over one simulation."""

    def __init__(self, simulation: Simulation) -> None:
        self._simulation = simulation

    async def reset(self, request: Request) -> Response:
        """Start over."""
        body = await _body(request, "now", "dialect")
        now = _instant(body["now"]) if body.get("now") else START
        dialect = Dialect.parse(body["dialect"]) if body.get("dialect") else None
        await self._simulation.reset(now=now, dialect=dialect)
        return JSONResponse(truth.state(self._simulation))

    async def state(self, _request: Request) -> Response:
        """The account, its settings, its chats."""
        return JSONResponse(truth.state(self._simulation))

    async def account(self, request: Request) -> Response:
        """Another account."""
        body = await _body(request, "name")
        products = self._simulation.another_account(str(body["name"]))
        return JSONResponse(truth.account_facts(products), 201)

    async def clock(self, request: Request) -> Response:
        """The virtual time, or move it."""
        simulation = self._simulation
        if request.method == "GET":
            return JSONResponse({"now": truth.instant(simulation.account.clock.now)})
        body = await _body(request, "advance", "to", "before")
        if ("advance" in body) == ("to" in body):
            raise ValueError('clock: one of {"advance": duration} and {"to": instant} is needed')
        now = simulation.account.clock.now
        to = now + _duration("advance", body["advance"]) if "advance" in body else _instant(body["to"])
        deliveries = await simulation.advance(to, before=bool(body.get("before", False)))
        return JSONResponse({"now": truth.instant(to), "deliveries": [truth.delivery(one) for one in deliveries]})

    async def schedule(self, request: Request) -> Response:
        """Set or remove an HTTP call that the clock makes."""
        name = request.path_params["name"]
        if request.method == "DELETE":
            self._simulation.unschedule(name)
            return Response(status_code=204)
        body = await _body(request, "every", "url", "headers", "method")
        every = _duration("every", body.get("every"))
        if not every:
            raise ValueError("schedule: every must be longer than PT0S")
        self._simulation.schedule(
            name,
            every=every,
            url=str(body["url"]),
            method=str(body.get("method", "POST")),
            headers=tuple((str(key), str(value)) for key, value in (body.get("headers") or {}).items()),
        )
        return Response(status_code=204)

    async def create_chat(self, request: Request) -> Response:
        """Create a chat."""
        body = await _body(request, "channel", "stage", "language", "queue", "attributes", "interaction", "service")
        async with self._simulation.acting():
            chat = self._simulation.chats.create(
                channel=body.get("channel", "web"),
                stage=body.get("stage", "queued"),
                language=body.get("language"),
                queue=body.get("queue", "Everyone"),
                attributes=body.get("attributes"),
                interaction=body.get("interaction", True),
                service_sid=body.get("service"),
            )
        return JSONResponse(truth.chat_sids(chat), 201)

    async def chat(self, request: Request) -> Response:
        """The true state of a chat."""
        return JSONResponse(truth.chat(self._simulation, self._chat(request)))

    async def message(self, request: Request) -> Response:
        """Write a message."""
        body = await _body(request, "from", "body", "attributes")
        speaker = body.get("from")
        if speaker not in set(Speaker):
            raise ValueError(f"message: from cannot be {speaker!r}; it is one of {', '.join(Speaker)}")
        chat = self._chat(request)
        async with self._simulation.acting() as deliveries:
            message = await self._simulation.approved(
                lambda: chat.say(
                    Speaker(speaker),
                    str(body.get("body", "")),
                    json.dumps(body.get("attributes") or {}, ensure_ascii=False),
                )
            )
        return JSONResponse(
            {
                "sid": message.sid,
                "index": message.index,
                "at": truth.instant(message.created),
                "deliveries": [truth.delivery(one) for one in deliveries],
            },
            201,
        )

    async def action(self, request: Request) -> Response:
        """Act in Flex."""
        body = await _body(request, "do")
        chat = self._chat(request)
        async with self._simulation.acting():
            chat.do(str(body.get("do")))
        return JSONResponse(truth.chat_sids(chat))

    async def oddity(self, request: Request) -> Response:
        """Add unexpected content to the account."""
        chat = self._chat(request)
        body = await _body(request, *ODDITY_KEYS)
        async with self._simulation.acting():
            made = make_oddity(self._simulation.chats, chat, body)
        return JSONResponse(made)

    async def decisions(self, request: Request) -> Response:
        """Show what software has decided about a chat, or add to it."""
        chat = self._chat(request)
        if request.method == "POST":
            body = await _body(request, *DECISION_KEYS)
            at = _instant(body["at"]) if body.get("at") else self._simulation.account.clock.now
            decision = parse_decision(body, at)
            self._simulation.decisions.add(chat.conversation.sid, decision)
        return JSONResponse(truth.decisions(self._simulation, chat), 201 if request.method == "POST" else 200)

    async def faults(self, request: Request) -> Response:
        """Set, show or clear faults."""
        faults = self._simulation.faults
        if request.method == "DELETE":
            faults.clear()
        elif request.method == "POST":
            value = json.loads(await request.body())
            faults.add([parse_fault(one) for one in (value if isinstance(value, list) else [value])])
        return JSONResponse(faults.as_json())

    async def limits(self, request: Request) -> Response:
        """Switch the documented rate limits on (numbers may be given), show them, or switch them off."""
        limits = self._simulation.limits
        if request.method == "DELETE":
            limits.switch_off()
        elif request.method == "POST":
            body = await _body(request, *LIMITS)
            limits.switch_on({name: None if value is None else int(value) for name, value in body.items()})
        return JSONResponse(limits.per_second)

    async def delivery(self, request: Request) -> Response:
        """Lose, copy, delay or reorder webhooks; an empty object ends it."""
        body = await _body(request, "drop", "duplicate", "delay", "reorder", "seed")
        self._simulation.deliverer.disturb(parse_disorder(body))
        return Response(status_code=204)

    async def requests(self, request: Request) -> Response:
        """The requests."""
        after = int(request.query_params.get("after", 0))
        return JSONResponse(truth.requests(self._simulation, after))

    async def deliveries(self, request: Request) -> Response:
        """The deliveries, with their parameters."""
        after = int(request.query_params.get("after", 0))
        return JSONResponse(truth.deliveries(self._simulation, after))

    async def clear_log(self, _request: Request) -> Response:
        """Clear the logs of requests and deliveries."""
        self._simulation.requests.clear()
        self._simulation.deliverer.clear()
        return Response(status_code=204)

    def _chat(self, request: Request) -> Chat:
        sid = request.path_params["conversation_sid"]
        chat = self._simulation.chats.find(sid)
        if chat is None:
            raise LookupError(f"no chat {sid}")
        return chat


def control_app(simulation: Simulation) -> Starlette:
    """The control plane as an ASGI application."""
    control, page = Control(simulation), Page(simulation)
    routes = [
        Route("/reset", control.reset, methods=["POST"]),
        Route("/state", control.state),
        Route("/accounts", control.account, methods=["POST"]),
        Route("/clock", control.clock, methods=["GET", "POST"]),
        Route("/schedules/{name}", control.schedule, methods=["PUT", "DELETE"]),
        Route("/chats", control.create_chat, methods=["POST"]),
        Route("/chats/{conversation_sid}", control.chat),
        Route("/chats/{conversation_sid}/messages", control.message, methods=["POST"]),
        Route("/chats/{conversation_sid}/actions", control.action, methods=["POST"]),
        Route("/chats/{conversation_sid}/oddities", control.oddity, methods=["POST"]),
        Route("/chats/{conversation_sid}/decisions", control.decisions, methods=["GET", "POST"]),
        Route("/faults", control.faults, methods=["GET", "POST", "DELETE"]),
        Route("/limits", control.limits, methods=["GET", "POST", "DELETE"]),
        Route("/delivery", control.delivery, methods=["POST"]),
        Route("/requests", control.requests),
        Route("/deliveries", control.deliveries),
        Route("/log", control.clear_log, methods=["DELETE"]),
        Route("/events", page.events),
        page.assets(),
    ]
    return Starlette(
        routes=[Route("/", page.index), Mount("/_simulator", routes=routes)],
        exception_handlers={
            ValueError: _refused(400),
            KeyError: _refused(400),
            LookupError: _refused(404),
            ActionError: _refused(409),
            TwilioError: _twilio_refused,
        },
    )


def _refused(status: int) -> Callable[[Request, Exception], Response]:
    def answer(_request: Request, error: Exception) -> Response:
        text = f"missing key {error}" if isinstance(error, KeyError) else str(error)
        return JSONResponse({"error": text}, status)

    return answer


def _twilio_refused(_request: Request, error: Exception) -> Response:
    code = error.code if isinstance(error, TwilioError) else None
    return JSONResponse({"error": str(error), "code": code}, 409)


async def _body(request: Request, *keys: str) -> dict[str, Any]:
    raw = await request.body()
    body = json.loads(raw) if raw else {}
    if not isinstance(body, dict):
        raise ValueError("the body must be a JSON object")  # noqa: TRY004 -- answered with 400
    unknown = sorted(set(body) - set(keys))
    if unknown:
        raise ValueError(f"no key {', '.join(unknown)}; there are {', '.join(keys)}")
    return body


def _duration(key: str, value: object) -> timedelta:
    length = parse_duration(str(value))
    if length is None:
        raise ValueError(f"{key}: {value!r} is not an ISO 8601 duration such as PT10M")
    return length


def _instant(value: object) -> datetime:
    at = datetime.fromisoformat(str(value))
    if at.tzinfo is None:
        raise ValueError(f"{value!r} has no time zone; write 2026-01-05T00:00:00Z")
    return at.astimezone(UTC)
