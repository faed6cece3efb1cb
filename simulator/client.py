"""The simulator's client: moves time, acts for customers and agents, causes faults, and reads the true result.

Tests, demo, campaigns and examples use it. A `Transport` carries its calls, over HTTP or within one process. It imports
nothing of the server (`make check` verifies this), so it can be used alone.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from functools import cached_property
from typing import Any, Protocol
from urllib.parse import urlencode

import urllib3

from simulator.facts import AccountFacts, ChatSids, ChatTruth, Counts, Delivery, LoggedRequest
from simulator.faults import REMOVED, Kind, When
from simulator.shared.durations import format_duration

CALL_TIMEOUT_S = 600.0
"""Long, because the advance by a day waits for every delivery; it only ends a call that hangs."""

_CONNECTIONS = 8
"""Connections that are kept open, one for each thread; more threads open new ones."""


class SimulatorError(RuntimeError):
    """The simulator refused a call, or could not be reached.

    Attributes:
        status: the HTTP status; None if it could not be reached.
        body: the JSON or text of the refusal.
    """

    def __init__(self, call: str, why: object, status: int | None = None) -> None:
        super().__init__(f"{call}: {why}" if status is None else f"{call}: HTTP {status}: {why}")
        self.status = status
        self.body = why


class Transport(Protocol):
    """Carries calls to a simulator. Both methods return JSON, None for an empty body, and raise `SimulatorError`."""

    @property
    def url(self) -> str:
        """The address of Twilio's API, without a slash at the end."""

    def control(self, method: str, path: str, body: object = None, /) -> Any:
        """Call the control plane: `control("POST", "clock", {"advance": "PT10M"})`."""

    def rest(self, method: str, path: str, form: Mapping[str, object], /) -> Any:
        """Call Twilio's API with the account's credentials: `rest("GET", "conversations/v1/Services", {})`."""


class HttpTransport:
    """Calls a simulator over HTTP, from any number of threads.

    Args:
        url: where the simulator listens, e.g. http://127.0.0.1:8700.
        credentials: for Twilio's API; by default those that the control plane returns.
        timeout: in seconds, of each call.
    """

    def __init__(
        self, url: str, credentials: tuple[str, str] | None = None, *, timeout: float = CALL_TIMEOUT_S
    ) -> None:
        self.url = url.rstrip("/")
        self._credentials = credentials
        # A third less time a call than with requests; a pool of its own also asks no proxy for loopback.
        self._pool = urllib3.connection_from_url(self.url, maxsize=_CONNECTIONS, retries=False, timeout=timeout)

    def control(self, method: str, path: str, body: object = None, /) -> Any:
        """Call the control plane."""
        sent = None if body is None else json.dumps(body).encode("ascii")
        return self._call(method, f"/_simulator/{path}", sent, {"Content-Type": "application/json"})

    def rest(self, method: str, path: str, form: Mapping[str, object], /) -> Any:
        """Call Twilio's API; a list becomes a repeated parameter, and None is left out."""
        given = {name: value for name, value in form.items() if value is not None}
        sent = urlencode(given, doseq=True).encode("ascii") if given else None
        headers = {**self._authorization, "Content-Type": "application/x-www-form-urlencoded"}
        return self._call(method, f"/{path}", sent, headers)

    def close(self) -> None:
        """Close the connections."""
        self._pool.close()

    @cached_property
    def _authorization(self) -> Mapping[str, str]:
        if self._credentials is None:
            account = AccountFacts.read(self.control("GET", "state")["account"])
            self._credentials = account.account_sid, account.auth_token
        return urllib3.make_headers(basic_auth=":".join(self._credentials))

    def _call(self, method: str, path: str, body: bytes | None, headers: Mapping[str, str]) -> Any:
        try:
            answer = self._pool.urlopen(method, path, body, headers)
        except urllib3.exceptions.HTTPError as error:
            raise SimulatorError(f"{method} {path}", f"the simulator at {self.url} does not answer: {error}") from error
        raw = answer.data
        content = json.loads(raw) if raw.startswith((b"{", b"[")) else raw.decode() or None
        if answer.status >= 400:
            raise SimulatorError(f"{method} {path}", content, answer.status)
        return content


class SimulatorClient:
    """The calls of `/_simulator/` as methods; a duration is a timedelta or an ISO 8601 text such as PT10M."""

    def __init__(self, transport: Transport) -> None:
        self._transport = transport

    @property
    def url(self) -> str:
        """The address of Twilio's API."""
        return self._transport.url

    # -- the account -------------------------------------------------------------------------------------------------

    @cached_property
    def account(self) -> AccountFacts:
        """The first account; the same for every simulator, and after every reset."""
        return AccountFacts.read(self._transport.control("GET", "state")["account"])

    def another_account(self, name: str) -> AccountFacts:
        """Another account, with credentials of its own; the same name is the same account."""
        return AccountFacts.read(self._transport.control("POST", "accounts", {"name": name}))

    def reset(self, *, now: datetime | None = None, dialect: Mapping[str, str] | None = None) -> None:
        """Start over, at `now` and in this dialect if given."""
        begin: dict[str, object] = {"now": now.isoformat()} if now else {}
        self._transport.control("POST", "reset", begin | ({"dialect": dict(dialect)} if dialect else {}))

    def counts(self) -> Counts:
        """How many conversations, tasks, requests and deliveries there are."""
        return Counts.read(self._transport.control("GET", "state")["counts"])

    def rest(self, method: str, path: str, /, **form: object) -> Any:
        """Call Twilio's API with the account's credentials, as another program would."""
        return self._transport.rest(method, path, form)

    # -- chats -------------------------------------------------------------------------------------------------------

    def create_chat(
        self,
        *,
        channel: str = "web",
        stage: str = "queued",
        language: str | None = None,
        queue: str | None = None,
        attributes: Mapping[str, object] | None = None,
        interaction: bool = True,
        service: str | None = None,
    ) -> ChatSids:
        """Create a Flex chat at a stage (`bot`, `queued`, `assigned`, `wrapping`), without messages."""
        chat = {"channel": channel, "stage": stage, "interaction": interaction}
        more = {"language": language, "queue": queue, "attributes": attributes, "service": service}
        given = {name: value for name, value in more.items() if value is not None}
        return ChatSids.read(self._transport.control("POST", "chats", chat | given))

    def say(
        self, conversation: str, speaker: str, text: str, *, attributes: Mapping[str, object] | None = None
    ) -> list[Delivery]:
        """Write a message as `customer`, `agent` or `bot`; returns the deliveries that it caused."""
        message = {"from": speaker, "body": text} | ({"attributes": attributes} if attributes else {})
        return _deliveries(self._transport.control("POST", f"chats/{conversation}/messages", message))

    def do(self, conversation: str, action: str) -> None:
        """Act in Flex, e.g. `accept`; docs/simulator.md lists the actions."""
        self._transport.control("POST", f"chats/{conversation}/actions", {"do": action})

    def report_decision(
        self,
        conversation: str,
        decision: str,
        *,
        reason: str = "",
        message: str = "",
        rows: Sequence[Mapping[str, object]] = (),
        at: datetime | None = None,
    ) -> None:
        """Let the page show what your software has decided, now unless `at` says when.

        A row has `row`, `matched` and `why`.
        """
        about = {"decision": decision, "reason": reason, "message": message, "rows": list(rows)}
        when = {} if at is None else {"at": at.isoformat()}
        self._transport.control("POST", f"chats/{conversation}/decisions", about | when)

    def show_status(self, conversation: str, of: str, status: str | None) -> None:
        """Let Twilio show an unknown status for the `conversation`, its newest `task` or its `channel`.

        It is shown until the true one changes; None removes it.
        """
        self._oddity(conversation, "status", of=of, value=status)

    def report_delivery(self, conversation: str, status: str, code: int = 0) -> None:
        """Set the status and error code of the newest delivery by a carrier, e.g. `undelivered`."""
        self._oddity(conversation, "delivery", value=status, code=code)

    def add_foreign_task(
        self,
        conversation: str,
        *,
        stage: str = "queued",
        attributes: Mapping[str, object] | None = None,
        worker: str | None = None,
    ) -> str:
        """Create a task that copies the chat's attributes but does not belong to the chat; returns its SID."""
        more = {"attributes": attributes, "worker": worker}
        given = {name: value for name, value in more.items() if value is not None}
        return str(self._oddity(conversation, "foreignTask", stage=stage, **given)["task"])

    def borrow_interaction(self, conversation: str, other: str) -> None:
        """Let the chat's tasks name the interaction and the channel of another chat."""
        self._oddity(conversation, "borrowedInteraction", of=other)

    def _oddity(self, conversation: str, kind: str, **more: object) -> Any:
        return self._transport.control("POST", f"chats/{conversation}/oddities", {"kind": kind, **more})

    def truth(self, conversation: str) -> ChatTruth:
        """Everything about a chat, including what Twilio's API does not show."""
        return ChatTruth.read(self._transport.control("GET", f"chats/{conversation}"))

    # -- time --------------------------------------------------------------------------------------------------------

    def now(self) -> datetime:
        """The virtual time."""
        return datetime.fromisoformat(self._transport.control("GET", "clock")["now"])

    def advance(self, by: timedelta | str, *, before: bool = False) -> list[Delivery]:
        """Move the clock and fire what is due, in order; `before` leaves out what is due at the very end."""
        return _deliveries(self._transport.control("POST", "clock", {"advance": _duration(by), "before": before}))

    def schedule(
        self, name: str, *, every: timedelta | str, url: str, method: str = "POST", headers: Mapping[str, str] = {}
    ) -> None:
        """Let the clock make an HTTP call at each interval."""
        call = {"every": _duration(every), "url": url, "method": method, "headers": dict(headers)}
        self._transport.control("PUT", f"schedules/{name}", call)

    def unschedule(self, name: str) -> None:
        """Remove a schedule."""
        self._transport.control("DELETE", f"schedules/{name}")

    # -- bad luck ----------------------------------------------------------------------------------------------------

    def fault(
        self,
        match: str,
        kind: Kind,
        *,
        nth: int = 1,
        times: int | None = 1,
        when: When = "before",
        status: int | None = None,
        code: int | None = None,
        message: str | None = None,
        retry_after: int | None = None,
        seconds: float | None = None,
        per_second: float | None = None,
        at: str | None = None,
        value: object = REMOVED,
    ) -> None:
        """Set a fault for the nth request whose "METHOD /path" matches, and for `times` requests (None for all).

        The kind `odd` needs `at`, a field of the answer. Without a `value` the field is missing; None is null.
        """
        fault = {"match": match, "kind": kind, "nth": nth, "times": times, "when": when}
        more = {
            "status": status,
            "code": code,
            "message": message,
            "retryAfter": retry_after,
            "seconds": seconds,
            "perSecond": per_second,
            "at": at,
        }
        given: dict[str, object] = {name: given for name, given in more.items() if given is not None}
        odd = {} if value is REMOVED else {"value": value}
        self._transport.control("POST", "faults", fault | given | odd)

    def hits(self) -> list[int]:
        """How many requests each fault has hit, in the order in which they were set."""
        return [fault["hit"] for fault in self._transport.control("GET", "faults")]

    def clear_faults(self) -> None:
        """Remove all faults."""
        self._transport.control("DELETE", "faults")

    def disturb(
        self,
        *,
        drop: float = 0.0,
        duplicate: int = 0,
        delay: timedelta | str = "PT0S",
        reorder: bool = False,
        seed: int = 0,
    ) -> None:
        """Let webhooks be lost, doubled, late or out of order; without arguments, deliver them normally again."""
        disorder = {"drop": drop, "duplicate": duplicate, "delay": _duration(delay), "reorder": reorder, "seed": seed}
        self._transport.control("POST", "delivery", disorder)

    def limit(self, **per_second: int) -> None:
        """Switch Twilio's documented rate limits on, with these numbers if given."""
        self._transport.control("POST", "limits", per_second)

    # -- the log -----------------------------------------------------------------------------------------------------

    def requests(self, after: int = 0) -> list[LoggedRequest]:
        """The requests after a sequence number, since the log was cleared."""
        return [
            LoggedRequest.read(one) for one in self._transport.control("GET", f"requests?after={after}")["requests"]
        ]

    def deliveries(self, after: int = 0) -> list[tuple[Delivery, Mapping[str, str]]]:
        """The deliveries since the log was cleared, with their parameters."""
        body = self._transport.control("GET", f"deliveries?after={after}")["deliveries"]
        return [(Delivery.read(one), one["params"]) for one in body]

    def answered_with(self, status: int) -> int:
        """How many requests were answered with a status, in total."""
        body = self._transport.control("GET", "requests?after=999999999")
        return int(body["byStatus"].get(str(status), 0))

    def clear_log(self) -> None:
        """Clear the logs of requests and deliveries."""
        self._transport.control("DELETE", "log")


def _duration(length: timedelta | str) -> str:
    return length if isinstance(length, str) else format_duration(length)


def _deliveries(body: Mapping[str, Any]) -> list[Delivery]:
    return [Delivery.read(one) for one in body["deliveries"]]
