"""Makes the calls to webhooks, signed: once and with Twilio's five seconds, or with their connection overrides.

It also loses, copies, delays and reorders them when asked to.
The signature follows Twilio's description (https://www.twilio.com/docs/usage/security, November 2026), not the code of
a client library.
"""

from __future__ import annotations

import asyncio
import base64
import hashlib
import hmac
import time
from collections import Counter, deque
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import partial
from typing import Final
from urllib.parse import urlencode, urlsplit, urlunsplit

import aiohttp
from yarl import URL

from simulator.disorder import Dice, Disorder
from simulator.facts import Delivery
from simulator.shared.clock import Clock
from simulator.shared.outbox import OutgoingCall, Params

TIMEOUT: Final = 5.0
"""Seconds that a Conversations webhook has to answer
(https://www.twilio.com/docs/conversations-classic/conversations-webhooks, November 2026)."""
SCHEDULE_TIMEOUT: Final = 180.0
KEPT: Final = 5_000
_RETRIED: Final = frozenset({429, 503, 504})
_EXACT: Final = 3_600.0
"""Timeouts up to this many seconds are exact; by default the client rounds those from five seconds up."""
_KEEP_ALIVE: Final = 1.0
"""Seconds that an idle connection is kept: shorter than servers do, so that no call uses one that was just closed."""


def sign(auth_token: str, url: str, params: Iterable[tuple[str, str]] = ()) -> str:
    """X-Twilio-Signature of a call: the URL without fragment, then names and values in order of names."""
    text = url.partition("#")[0] + "".join(name + value for name, value in sorted(set(params)))
    return base64.b64encode(hmac.new(auth_token.encode(), text.encode(), hashlib.sha1).digest()).decode()


@dataclass(frozen=True, slots=True)
class Reply:
    """The result of a call; no status if no answer came.

    `outcome` is a word of Twilio's retry policies: `2xx` to `5xx`, `ct` (no connection), `rt` (no answer).
    """

    status: int | None
    outcome: str
    body: bytes


class Deliverer:
    """Sends calls and keeps the log of deliveries.

    Args:
        client: makes the calls.
        clock: the virtual time.
        auth_token: an account's token, by its SID.
    """

    def __init__(self, client: WebhookClient, clock: Clock, auth_token: Callable[[str | None], str]) -> None:
        self._client = client
        self._clock = clock
        self._auth_token = auth_token
        self._under_way: set[asyncio.Task[None]] = set()
        self._kept: deque[tuple[Delivery, Params]] = deque(maxlen=KEPT)
        self._dice = Dice(Disorder())
        self._collecting: list[list[Delivery]] = []
        self.total = 0
        self.by_status: Counter[int | None] = Counter()
        self.by_conversation: dict[str, list[Delivery]] = {}

    def disturb(self, disorder: Disorder) -> None:
        """Lose, copy, delay or reorder webhooks from now on."""
        self._dice = Dice(disorder)

    def send(self, calls: list[OutgoingCall]) -> None:
        """Start making the calls of one instant; `settled` waits for them."""
        at_once: list[OutgoingCall] = []
        for passage in self._dice.passages(calls):
            if passage.delay is None:
                self._log(passage.call, None, 0.0, "dropped")
            elif passage.delay:
                self._clock.timer(partial(self._start, [passage.call])).arm(self._clock.now + passage.delay)
            else:
                at_once.append(passage.call)
        if self._dice.disorder.reorder:
            self._start(at_once)
        else:
            for call in at_once:
                self._start([call])

    async def ask(self, call: OutgoingCall) -> Reply:
        """Make a call and return its result; it is never disturbed."""
        return await self._deliver(call)

    async def settled(self) -> None:
        """Wait until every call that was started has ended."""
        while self._under_way:
            await asyncio.wait(self._under_way)

    def collect(self) -> list[Delivery]:
        """Start a list that gets every delivery until `stop_collecting`."""
        collected: list[Delivery] = []
        self._collecting.append(collected)
        return collected

    def stop_collecting(self, collected: list[Delivery]) -> None:
        """End a list that `collect` began."""
        self._collecting = [other for other in self._collecting if other is not collected]

    def kept(self) -> list[tuple[Delivery, Params]]:
        """The newest deliveries with their parameters."""
        return list(self._kept)

    def clear(self) -> None:
        """Clear the log; sequence numbers continue."""
        self._kept.clear()
        self.by_conversation.clear()

    def _start(self, calls: list[OutgoingCall]) -> None:
        """Make calls, each when the one before has ended."""
        task = asyncio.get_running_loop().create_task(self._deliver_in_turn(calls))
        self._under_way.add(task)
        task.add_done_callback(self._under_way.discard)

    async def _deliver_in_turn(self, calls: list[OutgoingCall]) -> None:
        for call in calls:
            await self._deliver(call)

    async def _deliver(self, call: OutgoingCall) -> Reply:
        url, body = call.url.partition("#")[0], b""
        headers = dict(call.headers)
        if call.method == "GET" and call.params:
            parts = urlsplit(url)
            url = urlunsplit(parts._replace(query="&".join(filter(None, (parts.query, urlencode(call.params))))))
        elif call.event is not None:
            body = urlencode(call.params).encode()
            headers["Content-Type"] = "application/x-www-form-urlencoded; charset=UTF-8"
        if call.event is not None:
            headers["X-Twilio-Signature"] = sign(
                self._auth_token(call.account_sid), url, () if call.method == "GET" else call.params
            )
            headers["User-Agent"] = "TwilioProxy/1.1"
        reply = await self._attempt(call, url, body, headers)
        for _ in range(call.retries if call.overrides is None else call.overrides.retries):
            if not _comes_again(call, reply):
                break
            reply = await self._attempt(call, url, body, headers)
        return reply

    async def _attempt(self, call: OutgoingCall, url: str, body: bytes, headers: dict[str, str]) -> Reply:
        began = time.perf_counter()
        status, error, outcome, answer = None, None, "rt", b""
        try:
            async with self._client.session.request(
                call.method,
                URL(url, encoded=True),
                data=body,
                headers=headers,
                timeout=_patience(call),
                allow_redirects=False,
            ) as response:
                answer = await response.read()
                status = response.status
                outcome = f"{status // 100}xx"
        except (aiohttp.ConnectionTimeoutError, aiohttp.ClientConnectorError) as problem:
            error, outcome = f"{type(problem).__name__}: {problem}", "ct"
        except TimeoutError:
            error = "timeout"
        except (aiohttp.ClientError, ValueError, OSError) as problem:
            error = f"{type(problem).__name__}: {problem}"
        self._log(call, status, (time.perf_counter() - began) * 1000, error)
        return Reply(status, outcome, answer)

    def _log(self, call: OutgoingCall, status: int | None, duration_ms: float, error: str | None) -> None:
        self.total += 1
        self.by_status[status] += 1
        kind = call.event or f"schedule {call.schedule}"
        delivery = Delivery(
            self.total, self._clock.now, kind, call.url, status, round(duration_ms, 3), call.conversation_sid, error
        )
        self._kept.append((delivery, call.params))
        if call.conversation_sid is not None:
            self.by_conversation.setdefault(call.conversation_sid, []).append(delivery)
        for collected in self._collecting:
            collected.append(delivery)


def _comes_again(call: OutgoingCall, reply: Reply) -> bool:
    """Whether a call is repeated if it has retries left: after a timeout, 429, 503 or 504.

    Source: https://www.twilio.com/docs/chat/webhook-events, November 2026.
    """
    if call.overrides is not None:
        return reply.outcome in call.overrides.policy
    return reply.outcome == "rt" or reply.status in _RETRIED


def _patience(call: OutgoingCall) -> aiohttp.ClientTimeout:
    if call.schedule is not None:
        return aiohttp.ClientTimeout(total=SCHEDULE_TIMEOUT)
    if call.overrides is None:
        return aiohttp.ClientTimeout(total=TIMEOUT, ceil_threshold=_EXACT)
    return aiohttp.ClientTimeout(
        total=call.overrides.total,
        sock_connect=call.overrides.connect,
        sock_read=call.overrides.read,
        ceil_threshold=_EXACT,
    )


class WebhookClient:
    """The pooled HTTP client; opened at the first call, because it belongs to the event loop that runs then."""

    def __init__(self) -> None:
        self._session: aiohttp.ClientSession | None = None

    @property
    def session(self) -> aiohttp.ClientSession:
        """The open client."""
        if self._session is None:
            self._session = aiohttp.ClientSession(
                connector=aiohttp.TCPConnector(limit=0, keepalive_timeout=_KEEP_ALIVE),
                auto_decompress=False,
                cookie_jar=aiohttp.DummyCookieJar(),
            )
        return self._session

    async def close(self) -> None:
        """Close it, if it was opened."""
        if self._session is not None:
            await self._session.close()
