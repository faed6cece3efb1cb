"""Calls every operation with valid parameters: its SIDs and its form."""

from __future__ import annotations

import itertools
import json
from collections.abc import Iterator
from string import Template
from typing import Any, Final

import requests

from tests.simulator.conftest import World
from tests.simulator.contract.documents import Operation, form_schema, operations, shape

Form = dict[str, str]

_NUMBERS: Final = itertools.count(1)
"""A counter for unique names, across all tests of a process."""

VALUES: Final[dict[str, str]] = {
    "Attributes": '{"language": "de"}',
    "FriendlyName": "simulated $number",
    "Type": "conversation",
    "Permission": "sendMessage",
    "Target": "webhook",
}
"""Good values of required parameters, by name."""

_IN_CONVERSATIONS: Final = ("/conversations/v1/Conversations/{}", "/conversations/v1/Services/{}/Conversations/{}")
_CHANNEL: Final = "/flex-api/v1/Interactions/{}/Channels/{}"
_ROUTING: Final = '{"properties": {"workspace_sid": "$workspace", "workflow_sid": "$workflow"}}'
FORMS: Final[dict[str, Form]] = {
    **{f"POST {path}/Participants": {"Identity": "guest-$number"} for path in _IN_CONVERSATIONS},
    **{
        f"POST {path}/Webhooks": {
            "Configuration.Url": "https://example.com/own",
            "Configuration.Filters": "onMessageAdded",
        }
        for path in _IN_CONVERSATIONS
    },
    "POST /conversations/v1/Configuration/Addresses": {"Type": "sms", "Address": "+1555999$number"},
    "POST /chat/v2/Services": {"FriendlyName": "simulated"},
    "POST /taskrouter/v1/Workspaces/{}/Workflows": {"Configuration": '{"task_routing": {"filters": []}}'},
    "POST /flex-api/v1/Interactions": {
        "Channel": '{"type": "web", "initiated_by": "api", "participants": [{"identity": "guest-$number"}]}',
        "Routing": _ROUTING,
    },
    f"POST {_CHANNEL}/Participants": {"Type": "supervisor", "MediaProperties": '{"identity": "guest-$number"}'},
    f"POST {_CHANNEL}/Invites": {"Routing": _ROUTING},
}
"""Forms of operations that need other parameters than the required ones."""

BODIES: Final[dict[str, Form]] = {
    "POST /flex-api/v1/Configuration": {"account_sid": "$account"},
    f"POST {_CHANNEL}/Transfers": {"type": "warm", "to": "$workflow"},
    f"POST {_CHANNEL}/Transfers/{{}}": {"status": "completed"},
}
"""Bodies of operations that take JSON."""

QUERIES: Final[dict[str, str]] = {
    "GET /conversations/v1/ParticipantConversations": "?Identity=agent",
    "GET /conversations/v1/Services/{}/ParticipantConversations": "?Identity=agent",
}
"""Queries of operations that need one."""


class Exerciser:
    """Calls any operation of a fresh account that has one chat with everything in it."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.chat = world.chat(channel="whatsapp", stage="assigned")
        world.say(self.chat, "agent")  # first, for what customers outside chat are sent has receipts
        world.say(self.chat, "customer")
        state = world.control("GET", "state")["account"]
        self._account = {name.removesuffix("Sid"): sid for name, sid in state.items() if name.endswith("Sid")}
        self._seeds = {
            ("conversations", "Services"): world.service_sid,
            ("conversations", "Conversations"): self.chat["conversation"],
            ("chat", "Services"): world.service_sid,
            ("chat", "Channels"): self.chat["conversation"],
            ("taskrouter", "Workspaces"): world.workspace_sid,
            ("taskrouter", "Tasks"): self.chat["task"],
            ("flex-api", "Interactions"): self.chat["interaction"],
            ("flex-api", "Channels"): self.chat["channel"],
        }

    def call(self, operation: Operation) -> requests.Response:
        """Call it with valid parameters."""
        return self.send(operation, self.path(operation))

    def send(self, operation: Operation, path: str) -> requests.Response:
        """Call it with valid parameters at another path."""
        url = path + QUERIES.get(_key(operation), "")
        return self.world.call(operation.route.method, url, self.form(operation) or None, json=self.body(operation))

    def path(self, operation: Operation) -> str:
        """Return the operation's path with existing SIDs; what it deletes is created for it."""
        built = operation.product
        segments = operation.route.template.strip("/").split("/")
        for position, segment in enumerate(segments):
            if not segment.startswith("{"):
                built += f"/{segment}"
                continue
            last = position == len(segments) - 1
            fresh = last and operation.route.method == "DELETE"
            built += f"/{self._sid(operation.product, built, segments[position - 1], fresh=fresh)}"
        return built

    def form(self, operation: Operation) -> Form:
        """The operation's own form, or its required parameters."""
        given = FORMS.get(_key(operation), {})
        if operation.route.method == "POST" and operation.documented is not None:
            schema = form_schema(operation.documented, operation.product)
            given = {**{name: _value(name, schema["properties"][name]) for name in schema["required"]}, **given}
        return self._filled_in(given)

    def body(self, operation: Operation) -> Form | None:
        """The operation's JSON body, if it has one."""
        return self._filled_in(BODIES[_key(operation)]) if _key(operation) in BODIES else None

    def _filled_in(self, form: Form) -> Form:
        names = {**self._account, **self.chat, "number": str(next(_NUMBERS))}
        return {name: Template(value).substitute(names) for name, value in form.items()}

    def _sid(self, product: str, collection: str, name: str, *, fresh: bool) -> str:
        """Return the SID of something in a collection: the chat's own, else the first one, else a new one."""
        if not fresh and (product, name) in self._seeds:
            return self._seeds[product, name]
        if not fresh:
            listed = self.world.call("GET", collection)
            rows = self._rows(listed) if listed.ok else []
            if rows:
                return rows[0]
        created = self._create(product, collection)
        if created is None and fresh:
            return self._sid(product, collection, name, fresh=False)
        if created is None:
            raise AssertionError(f"nothing in {collection}, and no way to make something there")
        return created

    def _create(self, product: str, collection: str) -> str | None:
        _, _, path = collection.partition("/")
        for operation in operations():
            route = operation.route
            if (operation.product, route.method) == (product, "POST") and route.pattern.fullmatch(f"/{path}"):
                answer = self.send(operation, collection)
                if not answer.ok:
                    raise AssertionError(f"{operation.name}: {answer.status_code} {answer.text}; see FORMS")
                sid: str = answer.json()["sid"]
                return sid
        return None

    @staticmethod
    def _rows(listed: requests.Response) -> list[str]:
        body = json.loads(listed.text)
        return [row["sid"] for row in body.get(body["meta"]["key"], [])]


def _value(name: str, schema: dict[str, Any]) -> str:
    if name in VALUES:
        return VALUES[name]
    return str(schema["enum"][0]) if "enum" in schema else f"{name.lower()}-$number"


def _key(operation: Operation) -> str:
    return f"{operation.route.method} /{operation.product}{shape(operation.route.template)}"


def unknown_sids(operation: Operation, path: str) -> Iterator[str]:
    """The same path with an unknown last SID."""
    head, _, sid = path.rpartition("/")
    if operation.route.template.endswith("}"):
        yield f"{head}/{sid[:2]}{'0' * 32}"
