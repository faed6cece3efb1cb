"""The dashboard, as the JSON that Google keeps of it.

Its form: https://cloud.google.com/monitoring/api/ref_v3/rest/v1/projects.dashboards, read on 2026-11-27.
"""

import json
from dataclasses import dataclass

from infra.monitoring.log_metrics import (
    DEFERRED,
    ENDED,
    ERRORS,
    FOUND_BY_SWEEP,
    KEPT,
    LATENCY,
    REFUSED,
    SWEEPS,
    UNREAD,
    WAITING,
    WARNED,
    LogMetric,
    Services,
)

COLUMNS = 48
"""The width of Google's grid."""
WIDTH, HEIGHT = COLUMNS // 2, 16

INTERVAL = "${__interval}"
"""Google replaces it by the distance between two points of the chart."""


@dataclass(frozen=True)
class Line:
    """One line of a chart, or one for each value of a label.

    Attributes:
        metric: what is shown.
        legend: what it is called; empty for the value of `by`.
        by: the label that tells lines apart.
        quantile: of a distribution; None for a count.
    """

    metric: LogMetric
    legend: str = ""
    by: str = ""
    quantile: float | None = None

    def promql(self, services: Services) -> str:
        """What Google draws."""
        if self.quantile is not None:
            buckets = f"increase({self.metric.promql(services, suffix='_bucket')}[{INTERVAL}])"
            return f"histogram_quantile({self.quantile}, sum by (le) ({buckets}))"
        by = f" by ({self.by}) " if self.by else ""
        return f"sum{by}(increase({self.metric.promql(services)}[{INTERVAL}]))"


@dataclass(frozen=True)
class Chart:
    """One chart."""

    title: str
    lines: tuple[Line, ...]


CHARTS = (
    Chart("Warned and ended", (Line(WARNED, "warned"), Line(ENDED, "ended"))),
    Chart("Left alone, by reason", (Line(KEPT, by="reason"),)),
    Chart("Customers whose agent is silent", (Line(WAITING, "waiting"), Line(UNREAD, "waiting for a person"))),
    Chart("Found by the sweep, by reason", (Line(FOUND_BY_SWEEP, by="reason"),)),
    Chart("Errors, by event", (Line(ERRORS, by="event"),)),
    Chart("Refused requests, by reason", (Line(REFUSED, by="reason"),)),
    Chart("Sweeps, and chats that they left to the next", (Line(SWEEPS, "sweeps"), Line(DEFERRED, "deferred"))),
    Chart("Milliseconds until a decision", (Line(LATENCY, "half", quantile=0.5), Line(LATENCY, "95 %", quantile=0.95))),
)
"""In reading order, two in a row."""


def dashboard_json(title: str, services: Services) -> str:
    """The dashboard of one stack; the same text at every run."""
    tiles = [
        {
            "xPos": (number % 2) * WIDTH,
            "yPos": (number // 2) * HEIGHT,
            "width": WIDTH,
            "height": HEIGHT,
            "widget": {
                "title": chart.title,
                "xyChart": {"dataSets": [_data_set(line, services) for line in chart.lines]},
            },
        }
        for number, chart in enumerate(CHARTS)
    ]
    return json.dumps({"displayName": title, "mosaicLayout": {"columns": COLUMNS, "tiles": tiles}}, sort_keys=True)


def _data_set(line: Line, services: Services) -> dict[str, object]:
    return {
        "timeSeriesQuery": {"prometheusQuery": line.promql(services)},
        "legendTemplate": line.legend or f"${{labels.{line.by}}}",
        "plotType": "LINE",
    }
