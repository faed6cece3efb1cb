"""The tables of docs/monitoring.md, made from the declarations: `python -m dev.monitoring_page [--check]`.

A test says when they are out of date.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Final

from infra.monitoring.alerts import Alert, AlertLimits, alerts
from infra.monitoring.log_metrics import METRICS, LogMetric
from infra.stack_settings import (
    ALERT_FAILURES,
    ALERT_LOST_WEBHOOKS,
    ALERT_MISSED_SWEEPS,
    ALERT_REFUSALS,
    ALERT_WAITING,
    SWEEP_EVERY,
)

PAGE: Final = Path(__file__).parents[1] / "docs" / "monitoring.md"
DEFAULTS: Final = AlertLimits(
    lost_webhooks=ALERT_LOST_WEBHOOKS.default,
    failures=ALERT_FAILURES.default,
    refusals=ALERT_REFUSALS.default,
    waiting=ALERT_WAITING.default,
    missed_sweeps=ALERT_MISSED_SWEEPS.default,
    sweep_every=SWEEP_EVERY.default,
)


def page() -> str:
    """The page as it is when it is current.

    Raises:
        LookupError: it lacks the markers of a table.
    """
    text = PAGE.read_text("utf-8")
    for name, table in (("alerts", _alerts()), ("metrics", _metrics())):
        begin, end = f"<!-- {name}: made by `python -m dev.monitoring_page`; do not edit -->", f"<!-- {name}: end -->"
        if begin not in text or end not in text:
            raise LookupError(f"{PAGE.name} lacks the markers of {name}")
        text = f"{text.partition(begin)[0]}{begin}\n{table}\n{end}{text.partition(end)[2]}"
    return text


def _alerts() -> str:
    rows = (_alert(each) for each in alerts(DEFAULTS))
    return "\n".join(["| alert | fires, by default | means | do |", "|---|---|---|---|", *rows])


def _alert(alert: Alert) -> str:
    setting = f" `{alert.setting.key}`" if alert.setting else ""
    return f"| **{alert.name}** ({alert.severity}) | {alert.when}{setting} | {alert.meaning} | {alert.to_do} |"


def _metrics() -> str:
    return "\n".join(["| metric | counts | by | lines |", "|---|---|---|---|", *(_metric(each) for each in METRICS)])


def _metric(metric: LogMetric) -> str:
    labels = ", ".join(f"`{label}`" for label in metric.labels)
    lines = metric.lines.replace("|", "\\|")  # a bar would end the cell
    return f"| `{metric.name}` | {metric.about} | {labels} | `{lines}` |"


def main(arguments: list[str]) -> int:
    """Write the page, or with --check say whether it is out of date."""
    text = page()
    if "--check" in arguments:
        current = PAGE.read_text("utf-8") == text
        print("the page is current" if current else f"{PAGE.name} is out of date: python -m dev.monitoring_page")
        return 0 if current else 1
    PAGE.write_text(text, "utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
