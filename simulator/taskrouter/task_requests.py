"""Reads the parameters of requests about tasks: numbers, instants, filters and orders."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Final

from simulator.shared.errors import TwilioError, invalid_parameter
from simulator.taskrouter.task import Task

LONGEST_TIMEOUT: Final = 1_209_600
"""Two weeks, in seconds."""
HIGHEST_PRIORITY: Final = 2**31 - 1
EARLIEST_YEAR: Final = 1900

_ORDERS: Final = ("DateCreated", "Priority", "VirtualStartTime")


def priority(text: str | None) -> int | None:
    """Read a priority.

    Raises:
        TwilioError: 20001.
    """
    return None if text is None else _whole("Priority", text, 0, HIGHEST_PRIORITY)


def timeout(text: str | None) -> timedelta | None:
    """Read how long a task may wait, in seconds.

    Raises:
        TwilioError: 20001.
    """
    return None if text is None else timedelta(seconds=_whole("Timeout", text, 1, LONGEST_TIMEOUT))


def virtual_start(text: str | None, now: datetime) -> datetime | None:
    """Read the virtual start of a task's age: an ISO 8601 instant in the past.

    Raises:
        TwilioError: 20001.
    """
    if text is None:
        return None
    try:
        at = datetime.fromisoformat(text)
    except ValueError:
        raise _invalid("VirtualStartTime", text) from None
    at = at.replace(tzinfo=UTC) if at.tzinfo is None else at
    if at.year < EARLIEST_YEAR or at > now:
        raise _invalid("VirtualStartTime", text)
    return at.astimezone(UTC)


def ordered(tasks: list[Task], ordering: str) -> list[Task]:
    """Sort by a comma list such as `Priority:desc,DateCreated:asc`.

    Raises:
        TwilioError: 20001 for an unknown attribute or order.
    """
    steps = []
    for part in ordering.split(","):
        attribute, _, order = part.strip().partition(":")
        if attribute not in _ORDERS or order not in {"asc", "desc"}:
            raise _invalid("Ordering", ordering)
        steps.append((attribute, order == "desc"))
    if {"DateCreated", "VirtualStartTime"} <= {attribute for attribute, _ in steps}:
        raise invalid_parameter(f"Invalid Ordering value given: {ordering}: DateCreated and VirtualStartTime exclude")
    for attribute, descending in reversed(steps):
        tasks = sorted(tasks, key=lambda task: _rank(task, attribute), reverse=descending)
    return tasks


def _rank(task: Task, attribute: str) -> float:
    match attribute:
        case "Priority":
            return task.priority
        case "VirtualStartTime":
            return task.virtual_start.timestamp()
    return task.sequence


def _whole(name: str, text: str, minimum: int, maximum: int) -> int:
    if (
        not text.isascii()
        or not text.isdecimal()
        or len(text) > len(str(maximum))
        or not minimum <= int(text) <= maximum
    ):
        raise _invalid(name, text)
    return int(text)


def _invalid(name: str, text: str) -> TwilioError:
    return invalid_parameter(f"Invalid {name} value given: {text}")
