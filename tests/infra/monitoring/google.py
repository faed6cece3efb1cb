"""What Google would show of a history: the program's own metrics and alerts, evaluated on the lines of the log."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cached_property
from typing import Any

from tests.infra.monitoring.histories import History
from tests.infra.monitoring.logging_query import Entry, compiled, extracted
from tests.infra.monitoring.promql import Point, fires, found
from tests.infra.program_graph import Declared, Graph

AT_ONCE = (timedelta(),)
LATE = (timedelta(minutes=10),)
NOW_LATE_NOW_NOT = (timedelta(), timedelta(minutes=10), timedelta(minutes=3))
"""How late a line is in its metric, in turn: up to ten minutes, as Google says."""
SPECIAL = ("severity", "logging.googleapis.com/trace")
"""Keys of a line that are the entry's own (https://cloud.google.com/logging/docs/structured-logging, November 2026)."""


def entry(line: dict[str, Any], *, webhook: str, sweep: str) -> Entry:
    """Return the log entry that Google makes of a line, with the name of the function that wrote it."""
    swept = line["event"] == "sweep" or line.get("by") == "sweep"
    labels = {"service_name": sweep if swept else webhook}
    payload = {key: value for key, value in line.items() if key not in SPECIAL}
    return {
        "severity": line["severity"],
        "resource": {"type": "cloud_run_revision", "labels": labels},
        "jsonPayload": payload,
    }


@dataclass(frozen=True)
class Google:
    """The monitoring of one stack.

    Attributes:
        graph: what the program declares.
        delays: how late lines are in their metrics, in turn.
    """

    graph: Graph
    delays: tuple[timedelta, ...] = AT_ONCE

    @cached_property
    def metrics(self) -> list[Declared]:
        """The metrics of the log."""
        return self.graph.of("logging/metric:Metric")

    def entries(self, history: History) -> list[tuple[datetime, Entry]]:
        """The history as log entries of this stack's functions."""
        names = {each.name: str(each.inputs["name"]) for each in self.graph.of(":Function")}
        webhook, sweep = names["webhook-function"], names["sweep-function"]
        return [(at, entry(line, webhook=webhook, sweep=sweep)) for at, line in history.lines]

    def counted(self, history: History) -> set[str]:
        """The metrics that count a line of this history, by the last part of their names."""
        return {str(metric.inputs["name"]).rpartition("/")[2] for metric, _, _ in self._counts(history)}

    def incidents(self, history: History) -> dict[str, datetime]:
        """Return the alerts that fire, each with the first time."""
        points = [
            Point(_in_promql(str(metric.inputs["name"])), at + self.delays[number % len(self.delays)], labels)
            for number, (metric, at, labels) in enumerate(self._counts(history))
        ]
        opened = {}
        for policy in self.graph.of(":AlertPolicy"):
            (condition,) = policy.inputs["conditions"]
            if first := next(self._opened(condition, points, history), None):
                opened[str(policy.inputs["displayName"]).partition(": ")[2]] = first
        return opened

    def _opened(self, condition: dict[str, Any], points: list[Point], history: History) -> Iterator[datetime]:
        if "conditionMatchedLog" in condition:
            matches = compiled(condition["conditionMatchedLog"]["filter"])
            return (at for at, each in self.entries(history) if matches(each))
        asked = condition["conditionPrometheusQueryLanguage"]
        return fires(
            lambda now: found(asked["query"], points, now),
            timedelta(seconds=int(asked["duration"].removesuffix("s"))),
            start=history.start,
            end=history.end,
        )

    def _counts(self, history: History) -> Iterator[tuple[Declared, datetime, dict[str, str]]]:
        entries = self.entries(history)
        for metric in self.metrics:
            matches = compiled(metric.inputs["filter"])
            extractors = metric.inputs.get("labelExtractors") or {}
            for at, each in entries:
                if matches(each):
                    labels = {label: extracted(expression, each) for label, expression in extractors.items()}
                    yield metric, at, {"monitored_resource": each["resource"]["type"], **labels}


def _in_promql(name: str) -> str:
    """A log metric's name as PromQL spells it."""
    return "logging_googleapis_com:" + re.sub(r"\W", "_", f"user/{name}")
