"""As much of PromQL as our alerts use, evaluated over counts (https://prometheus.io/docs/prometheus/latest/querying/functions).

A metric of Google's log is a count for each minute, so `increase` is the sum of the counts within the window. An
expression that finds no time series is no alert.
"""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

STEP = timedelta(minutes=1)
"""How often a condition is evaluated."""
_UNITS = {"s": timedelta(seconds=1), "m": timedelta(minutes=1), "h": timedelta(hours=1)}
_SERIES = r"(?P<name>[a-zA-Z_:][\w:]*)\{(?P<labels>[^}]*)\}\[(?P<window>\d+)(?P<unit>[smh])\]"
_ABSENT = re.compile(rf"absent_over_time\({_SERIES}\)")
_COMPARED = re.compile(rf"sum\(increase\({_SERIES}\)\) (?P<sign>>|==) (?P<number>\d+)")
_LABEL = re.compile(r'(\w+)="([^"]*)"')


class ExpressionError(ValueError):
    """An expression that this does not support."""


@dataclass(frozen=True)
class Point:
    """What a metric counted at one time, under one set of labels."""

    name: str
    at: datetime
    labels: Mapping[str, str]
    count: int = 1


def found(expression: str, points: Iterable[Point], at: datetime) -> bool:
    """Whether the expression finds something at this time.

    Raises:
        ExpressionError: the expression cannot be understood.
    """
    parts = [_found(part, points, at) for part in expression.split(" or ")]
    return any(parts)


def _found(expression: str, points: Iterable[Point], at: datetime) -> bool:
    absent, compared = _ABSENT.fullmatch(expression), _COMPARED.fullmatch(expression)
    match = absent or compared
    if match is None:
        raise ExpressionError(f"{expression!r} cannot be evaluated")
    since, labels = at - int(match["window"]) * _UNITS[match["unit"]], dict(_LABEL.findall(match["labels"]))
    counts = [
        point.count
        for point in points
        if point.name == match["name"] and since < point.at <= at and labels.items() <= point.labels.items()
    ]
    if compared is None:
        return not counts
    number, sign = int(compared["number"]), compared["sign"]
    return bool(counts) and (sum(counts) > number if sign == ">" else sum(counts) == number)


def fires(
    condition: Callable[[datetime], bool], lasting: timedelta, *, start: datetime, end: datetime
) -> Iterator[datetime]:
    """When an alert fires: at each evaluation at which the condition has been true for so long without a break."""
    since, now = None, start
    while now <= end:
        since = (since or now) if condition(now) else None
        if since is not None and now - since >= lasting:
            yield now
        now += STEP
