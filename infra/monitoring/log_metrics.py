"""The metrics that Google makes of the function's log, each declared once.

A filter is written in Google's logging query language (https://cloud.google.com/logging/docs/view/logging-query-language,
read on 2026-11-27), with the keys of the log as docs/operations.md lists them.
"""

import re
from dataclasses import dataclass

RESOURCE = "cloud_run_revision"
"""The type of resource that the log lines of a function of the second generation have."""

NOTICED = 'jsonPayload.outcome="late_reply" OR jsonPayload.alarm="unread"'
"""A customer's message that nobody is going to read unless a person is told."""

_DECISION = 'jsonPayload.event="decision"'
_SWEPT = 'jsonPayload.by="sweep"'
_DONE = '(jsonPayload.outcome="done" OR jsonPayload.outcome="unverified")'


@dataclass(frozen=True)
class Services:
    """Whose log lines count: the two functions of one stack, by name."""

    webhook: str
    sweep: str

    def only(self, lines: str) -> str:
        """A filter for those lines of this stack that another filter accepts."""
        of_us = " OR ".join(f'resource.labels.service_name="{name}"' for name in (self.webhook, self.sweep))
        return f'resource.type="{RESOURCE}" AND ({of_us}) AND ({lines})'


@dataclass(frozen=True)
class LogMetric:
    """One metric.

    Attributes:
        name: the last part of its name.
        lines: a filter for the lines that count, of whichever function.
        about: what it counts, for people.
        labels: keys of the log whose values tell its time series apart; each has few values.
        value: the key whose numbers make a distribution, in milliseconds; empty for a count of lines.
    """

    name: str
    lines: str
    about: str
    labels: tuple[str, ...] = ()
    value: str = ""

    def full_name(self, services: Services) -> str:
        """Its name in the project: that of the public function and its own."""
        return f"{services.webhook}/{self.name}"

    def promql(self, services: Services, where: str = "", suffix: str = "") -> str:
        """Its time series in PromQL.

        The first slash of a metric's type is a colon there, and every other special character an underscore
        (https://cloud.google.com/monitoring/promql/promql-mapping, read on 2026-11-27). `where` matches labels, and
        `suffix` names a part of a distribution.
        """
        domain, path = "logging.googleapis.com", f"user/{self.full_name(services)}{suffix}"
        name = ":".join(re.sub(r"[^A-Za-z0-9_]", "_", part) for part in (domain, path))
        matchers = ",".join(filter(None, (f'monitored_resource="{RESOURCE}"', where)))
        return f"{name}{{{matchers}}}"


WARNED = LogMetric(
    "warned", f'{_DECISION} AND jsonPayload.decision="warn" AND jsonPayload.outcome="done"', "customers who were warned"
)
ENDED = LogMetric(
    "ended", f'{_DECISION} AND jsonPayload.decision="end" AND {_DONE}', "chats that were ended", labels=("reason",)
)
KEPT = LogMetric(
    "kept",
    f'{_DECISION} AND jsonPayload.outcome="kept"',
    "decisions to leave a chat alone, by reason",
    labels=("reason",),
)
FOUND_BY_SWEEP = LogMetric(
    "found-by-sweep",
    f'{_DECISION} AND {_SWEPT} AND jsonPayload.decision=~"^(warn|end)$" AND {_DONE}',
    "warnings and ends that the sweep had to do",
    labels=("reason",),
)
WAITING = LogMetric(
    "waiting",
    f'{_DECISION} AND jsonPayload.reason="agent_silent" AND NOT (jsonPayload.repeated=true OR {_SWEPT})',
    "customers whose agent is silent, once for each silence: the sweep's lines about the same do not count",
)
DEFERRED = LogMetric("deferred", 'jsonPayload.outcome="deferred"', "chats that were left to the next sweep")
REFUSED = LogMetric(
    "refused",
    'jsonPayload.event="refused"',
    "lines about refused requests: at most one a minute for each reason and process",
    labels=("reason",),
)
ERRORS = LogMetric(
    "errors",
    'severity>=ERROR AND jsonPayload.event=~"^(decision|failed|sweep)$"',
    "what Twilio did not let us finish, what an end left behind, and bugs",
    labels=("event",),
)
SWEEPS = LogMetric(
    "sweeps",
    'jsonPayload.event="sweep" AND (jsonPayload.ending="done" OR jsonPayload.ending="cut_short")',
    "sweeps that did their work, also those that the next one goes on with",
)
UNREAD = LogMetric("unread", NOTICED, "messages of customers that wait for a person")
LATENCY = LogMetric(
    "latency", _DECISION, "from an event's arrival to its line, in milliseconds", labels=("by",), value="durationMs"
)

METRICS = (WARNED, ENDED, KEPT, FOUND_BY_SWEEP, WAITING, DEFERRED, REFUSED, ERRORS, SWEEPS, UNREAD, LATENCY)
"""All of them."""
