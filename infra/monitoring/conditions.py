"""When an alert fires, as values, and the PromQL that says the same to Google.

A metric of the log is delayed by up to ten minutes (https://cloud.google.com/logging/docs/logs-based-metrics/troubleshooting,
read on 2026-11-27). It has no time series before its first line, so a comparison finds nothing and stays silent, and
only `absent_over_time` notices that nothing ever came.
"""

from dataclasses import dataclass
from datetime import timedelta

from infra.monitoring.log_metrics import LogMetric, Services


@dataclass(frozen=True)
class MoreThan:
    """A metric counts more than a threshold within a window, and goes on doing so.

    One burst, such as the first sweep of a new stack, keeps the count above the threshold for as long as the window is.
    `lasting` is longer, so it takes a trouble that goes on.

    Attributes:
        metric: what is counted.
        threshold: the highest count that is no alert.
        within: the window, up to now.
        lasting: how long that must be so, without a break.
        where: labels that count, as PromQL writes them; empty for all.
    """

    metric: LogMetric
    threshold: int
    within: timedelta
    lasting: timedelta
    where: str = ""

    def promql(self, services: Services) -> str:
        """The expression that finds something as long as the count is too high."""
        series = self.metric.promql(services, self.where)
        return f"sum(increase({series}[{promql_duration(self.within)}])) > {self.threshold}"


@dataclass(frozen=True)
class NoneComes:
    """Nothing was counted within a window, and nothing is for as long again as `lasting`.

    Attributes:
        metric: what should come.
        within: the window, up to now.
        lasting: how long that must be so, without a break; also how long a new stack has for its first one.
    """

    metric: LogMetric
    within: timedelta
    lasting: timedelta

    def promql(self, services: Services) -> str:
        """The expression that finds something as long as nothing comes.

        No document says whether Google writes zeros for a metric of the log that was counted before, so zeros count as
        nothing too.
        """
        series = f"{self.metric.promql(services)}[{promql_duration(self.within)}]"
        return f"absent_over_time({series}) or sum(increase({series})) == 0"


@dataclass(frozen=True)
class Logged:
    """A line was logged. One is enough.

    Attributes:
        lines: a filter for the lines.
    """

    lines: str


Condition = MoreThan | NoneComes | Logged


def promql_duration(duration: timedelta) -> str:
    """A duration of whole seconds in PromQL, in the largest unit that it is a whole number of."""
    seconds = int(duration.total_seconds())
    for unit, size in (("h", 3600), ("m", 60)):
        if seconds and seconds % size == 0:
            return f"{seconds // size}{unit}"
    return f"{seconds}s"
