"""The component: Google's metrics, alerts and dashboard of one stack, as the declarations beside it say."""

from collections.abc import Mapping
from dataclasses import dataclass

import pulumi
import pulumi_gcp as gcp

from infra.foundation import Foundation
from infra.monitoring.alerts import Alert, AlertLimits, alerts
from infra.monitoring.conditions import Logged
from infra.monitoring.dashboard import dashboard_json
from infra.monitoring.log_metrics import METRICS, LogMetric, Services

APIS = ("logging.googleapis.com", "monitoring.googleapis.com")

BUCKETS: gcp.logging.MetricBucketOptionsExponentialBucketsArgsDict = {
    "num_finite_buckets": 20,
    "growth_factor": 1.5,
    "scale": 10,
}
"""From 10 ms, each half as long again as the one before; the last ends at half a minute, the function's timeout."""

EVALUATED_EVERY = "60s"
"""A metric of the log has one point a minute."""

NOTIFIED_EVERY = "300s"
"""Minimum between two notifications of one alert about lines; Google wants one."""

CLOSED_AFTER = "86400s"
"""An incident about lines ends when no such line was logged for a day; nothing else ends it by itself."""


@dataclass(frozen=True)
class MonitoringArgs:
    """What the monitoring needs to know.

    Attributes:
        foundation: turns on the APIs, and retries what Google refuses for a while.
        services: the functions whose log is watched.
        labels: of the alerts, to which the provider adds none.
        limits: of the alerts.
        channels: names of Google's notification channels that alerts notify. Without any there are no alerts: Google
            charges for each condition, whether anybody hears of it or not.
        after: what is deployed first. An alert must not miss a sweep that nothing calls yet, and a deployer who may
            not make alerts has deployed the rest by then.
    """

    foundation: Foundation
    services: Services
    labels: Mapping[str, str]
    limits: AlertLimits
    channels: tuple[str, ...]
    after: tuple[pulumi.Resource, ...]


class Monitoring(pulumi.ComponentResource):
    """What an operator watches. Nothing depends on it: chats are released without it."""

    def __init__(self, name: str, args: MonitoringArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        """Declare metrics, dashboard, and alerts if anybody is to be notified."""
        after = pulumi.ResourceOptions(depends_on=list(args.after))
        super().__init__("inactivity:google:Monitoring", name, None, pulumi.ResourceOptions.merge(opts, after))
        self._name = name
        self._args = args
        self._apis = args.foundation.apis(name, APIS, parent=self)
        for metric in METRICS:
            self._metric(metric)
        for alert in alerts(args.limits) if args.channels else ():
            self._alert(alert)
        gcp.monitoring.Dashboard(
            f"{name}-dashboard",
            dashboard_json=dashboard_json(args.services.webhook, args.services),
            opts=args.foundation.child(self, *self._apis),
        )
        self.register_outputs({})

    def _metric(self, metric: LogMetric) -> None:
        services = self._args.services
        descriptor: gcp.logging.MetricMetricDescriptorArgsDict = {
            "metric_kind": "DELTA",
            "value_type": "DISTRIBUTION" if metric.value else "INT64",
            "unit": "ms" if metric.value else "1",
            "labels": [{"key": label, "value_type": "STRING"} for label in metric.labels],
        }
        gcp.logging.Metric(
            f"{self._name}-{metric.name}",
            name=metric.full_name(services),
            description=metric.about,
            filter=services.only(metric.lines),
            metric_descriptor=descriptor,
            label_extractors={label: _extract(label) for label in metric.labels} or None,
            value_extractor=_extract(metric.value) if metric.value else None,
            bucket_options={"exponential_buckets": BUCKETS} if metric.value else None,
            opts=self._args.foundation.child(self, *self._apis),
        )

    def _alert(self, alert: Alert) -> None:
        services, foundation = self._args.services, self._args.foundation
        gcp.monitoring.AlertPolicy(
            f"{self._name}-{alert.key}",
            display_name=f"{services.webhook}: {alert.name}",
            severity=alert.severity.value,
            combiner="OR",
            conditions=[_condition(alert, services)],
            alert_strategy=_strategy(alert),
            documentation={"content": alert.documentation, "mime_type": "text/markdown"},
            notification_channels=list(self._args.channels),
            user_labels=self._args.labels,
            opts=foundation.child(self, *self._apis),
        )


def _condition(alert: Alert, services: Services) -> gcp.monitoring.AlertPolicyConditionArgsDict:
    condition = alert.condition
    if isinstance(condition, Logged):
        # Each conversation is an incident of its own, and the notification names it.
        return {
            "display_name": alert.name,
            "condition_matched_log": {
                "filter": services.only(condition.lines),
                "label_extractors": {"conversation": _extract("conversation")},
            },
        }
    return {
        "display_name": alert.name,
        "condition_prometheus_query_language": {
            "query": condition.promql(services),
            "duration": f"{int(condition.lasting.total_seconds())}s",
            "evaluation_interval": EVALUATED_EVERY,
            # A metric exists from its first line on, and Google would refuse the alert until then.
            "disable_metric_validation": True,
        },
    }


def _strategy(alert: Alert) -> gcp.monitoring.AlertPolicyAlertStrategyArgsDict | None:
    if isinstance(alert.condition, Logged):
        return {"notification_rate_limit": {"period": NOTIFIED_EVERY}, "auto_close": CLOSED_AFTER}
    return None


def _extract(key: str) -> str:
    return f"EXTRACT(jsonPayload.{key})"
