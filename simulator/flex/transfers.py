"""Transfers of a chat from one agent to another, and the requests for them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Final

from simulator.flex.routing import Routing
from simulator.shared.errors import invalid_parameter
from simulator.shared.sids import is_sid
from simulator.taskrouter.task import Task

_PREFIXES: Final = {"from": "UT", "note_sid": "KQ", "summary_sid": "KQ"}


class TransferKind(StrEnum):
    """Whether the first agent stays when the second has accepted; an external transfer leaves Flex."""

    WARM = "warm"
    COLD = "cold"
    EXTERNAL = "external"


class TransferStatus(StrEnum):
    """A transfer's status."""

    ACTIVE = "active"
    FAILED = "failed"
    COMPLETED = "completed"


@dataclass(frozen=True, slots=True)
class TransferRequest:
    """A requested transfer, to a worker, a queue or a workflow."""

    kind: TransferKind
    to: str
    routing: Routing
    from_sid: str | None
    note_sid: str | None
    summary_sid: str | None


@dataclass(slots=True)
class Transfer:
    """A transfer: its task waits for the second agent."""

    sid: str
    request: TransferRequest
    task: Task
    created: datetime
    updated: datetime
    status: TransferStatus = TransferStatus.ACTIVE


def parse_transfer(value: dict[str, object]) -> TransferRequest:
    """Read the JSON body of a new transfer: `type`, `from`, `to`, `note_sid`, `summary_sid`.

    Raises:
        TwilioError: 20001 for what is missing or not of its type.
    """
    texts: dict[str, str | None] = {}
    for name in ("type", "from", "to", "note_sid", "summary_sid"):
        text = value.get(name)
        prefix = _PREFIXES.get(name, "")
        if text is not None and not (isinstance(text, str) and (not prefix or is_sid(prefix, text))):
            raise invalid_parameter(f"Invalid {name} value given: {text!r}")
        texts[name] = text
    kind, to = texts["type"] or TransferKind.COLD, texts["to"] or ""
    if kind not in set(TransferKind):
        raise invalid_parameter(f"Invalid type value given: {kind}; it is one of {', '.join(TransferKind)}")
    routings = {"WK": Routing(worker_sid=to), "WQ": Routing(queue_sid=to), "WW": Routing(workflow_sid=to)}
    if to[:2] not in routings:
        raise invalid_parameter(f"Invalid to value given: {to!r}; it is a worker, a task queue or a workflow")
    return TransferRequest(
        TransferKind(kind), to, routings[to[:2]], texts["from"], texts["note_sid"], texts["summary_sid"]
    )
