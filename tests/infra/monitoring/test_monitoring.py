"""What the component declares in Google: metrics, alerts and a dashboard, and what of it is a setting."""

import json
import re
from datetime import timedelta

import pytest

from infra.monitoring.conditions import promql_duration
from infra.monitoring.log_metrics import LATENCY, METRICS, REFUSED, Services
from tests.baselines.resources import GOOD, SECRETS
from tests.infra.program_graph import Declared, Graph, declare

NAME = "flex-chat-inactivity-timeout-test"
SERVICES = Services("p-prod", "sweep-p-prod")
CHANNEL = "projects/a-project/notificationChannels/123"


WATCHED = {**GOOD, "notificationChannels": json.dumps([CHANNEL])}


def program(**config: str) -> Graph:
    """Return what the program declares with a channel and these settings."""
    return declare({**WATCHED, **config}, secrets=set(SECRETS), preview=False)


def policies(graph: Graph) -> list[Declared]:
    """The alerts."""
    return graph.of(":AlertPolicy")


def test_what_is_declared() -> None:
    """A new metric, and even more a new condition, for which Google charges, must be reviewed."""
    children = [each for each in program().resources.values() if each.parent == "monitoring (Monitoring)"]

    assert sorted(f"{each.name} ({each.type.rpartition(':')[2]})" for each in children) == [
        "monitoring-dashboard (Dashboard)",
        "monitoring-deferred (Metric)",
        "monitoring-ended (Metric)",
        "monitoring-errors (Metric)",
        "monitoring-failures (AlertPolicy)",
        "monitoring-found-by-sweep (Metric)",
        "monitoring-kept (Metric)",
        "monitoring-late-reply (AlertPolicy)",
        "monitoring-latency (Metric)",
        "monitoring-logging (Service)",
        "monitoring-lost-webhooks (AlertPolicy)",
        "monitoring-missing-sweep (AlertPolicy)",
        "monitoring-monitoring (Service)",
        "monitoring-refused (Metric)",
        "monitoring-refused-signatures (AlertPolicy)",
        "monitoring-sweeps (Metric)",
        "monitoring-unread (Metric)",
        "monitoring-waiting (Metric)",
        "monitoring-waiting-customers (AlertPolicy)",
        "monitoring-warned (Metric)",
    ]
    assert [len(policy.inputs["conditions"]) for policy in policies(program())] == [1] * 6


def test_monitoring_can_be_switched_off() -> None:
    """Nothing of it is left, and everything else stays."""
    off, on = program(monitoring="false").resources, program().resources

    assert {each for each in on if each not in off} == {each for each in on if each.startswith("monitoring")}
    assert [each for each in off if each not in on] == []


def test_a_function_that_runs_elsewhere_is_not_watched() -> None:
    """Google has no log of it."""
    graph = program(functionUrl="https://elsewhere.example.com/f")

    assert [each for each in graph.resources if each.startswith("monitoring")] == []


def test_monitoring_comes_last() -> None:
    """A failure ends a run: a deployer who may not make alerts has deployed all else by then.

    Nor may an alert exist before the schedule, or the functions' builds would count as sweeps that do not come.
    """
    everything = {"service-webhook (ServiceWebhook)", "default-timers (DefaultTimers)"}
    on_accept = {"service-webhook (ServiceWebhook)", "task-events (TaskEvents)"}

    assert program().resources["monitoring (Monitoring)"].depends_on == everything
    assert program(timers="on-accept").resources["monitoring (Monitoring)"].depends_on == on_accept
    assert "sweep-function-job (Job)" in program().resources["service-webhook (ServiceWebhook)"].depends_on


def test_alerts_notify_the_channels_of_the_setting() -> None:
    """The program creates no channel: who is on call outlives a stack."""
    assert [policy.inputs["notificationChannels"] for policy in policies(program())] == [[CHANNEL]] * 6
    assert program().of(":NotificationChannel") == []


def test_without_a_channel_there_are_no_alerts() -> None:
    """Google charges for each condition, even if nobody is notified. Metrics and dashboard stay."""
    silent = program(notificationChannels="[]")

    assert policies(silent) == []
    assert {each for each in program().resources if each not in silent.resources} == {
        f"{policy.name} (AlertPolicy)" for policy in policies(program())
    }


def test_every_alert_says_what_it_means_and_what_to_do() -> None:
    """The notification has it, within Google's 8,192 characters; its name says whose it is."""
    for policy in policies(program()):
        content = policy.inputs["documentation"]["content"]
        parts = re.findall(r"\*\*(.+?)\.\*\* \w", content)
        assert (parts, len(content) <= 8192) == (["What it means", "What to do", "When it fires"], True)
        assert policy.inputs["displayName"].startswith(f"{NAME}: ")


def test_an_alert_about_a_metric_is_accepted_before_the_metric_exists() -> None:
    """A metric of the log exists from its first line on."""
    asked = [policy.inputs["conditions"][0].get("conditionPrometheusQueryLanguage") for policy in policies(program())]

    assert [each["disableMetricValidation"] for each in asked if each] == [True] * 5


def test_an_alert_about_a_line_names_the_conversation_and_has_a_rate() -> None:
    """Google requires a rate, and the notified person needs to know the chat."""
    (policy,) = [each for each in policies(program()) if "conditionMatchedLog" in each.inputs["conditions"][0]]
    extractors = policy.inputs["conditions"][0]["conditionMatchedLog"]["labelExtractors"]

    assert extractors == {"conversation": "EXTRACT(jsonPayload.conversation)"}
    assert "${log.extracted_label.conversation}" in policy.inputs["documentation"]["content"]
    assert policy.inputs["alertStrategy"]["notificationRateLimit"] == {"period": "300s"}


def test_a_sweep_that_comes_seldom_is_missed_later() -> None:
    """The window and the wait follow `sweepEvery` and `alertMissedSweeps`."""
    graph = program(sweepEvery="PT1H", alertMissedSweeps="3")
    asked = graph.resources["monitoring-missing-sweep (AlertPolicy)"].inputs["conditions"][0]
    condition = asked["conditionPrometheusQueryLanguage"]

    assert (condition["query"].count("[1h]"), condition["duration"]) == (2, f"{(3 * 60 + 15) * 60}s")


def test_the_dashboard_shows_every_metric() -> None:
    """It shows nothing else."""
    graph = program()
    (dashboard,) = graph.of(":Dashboard")
    shown = set(re.findall(r"logging_googleapis_com:user_(\w+)\{", dashboard.inputs["dashboardJson"]))
    names = {metric.inputs["name"] for metric in graph.of("metric:Metric")}

    assert {name.removesuffix("_bucket") for name in shown} == {re.sub(r"\W", "_", name) for name in names}
    assert len(names) == len(METRICS)


def test_the_charts_of_the_dashboard_do_not_overlap() -> None:
    """Two in a row fill Google's grid."""
    (dashboard,) = program().of(":Dashboard")
    layout = json.loads(dashboard.inputs["dashboardJson"])["mosaicLayout"]
    places = [(tile["xPos"], tile["yPos"]) for tile in layout["tiles"]]

    assert len(set(places)) == len(places) == 8
    assert {tile["xPos"] + tile["width"] <= layout["columns"] for tile in layout["tiles"]} == {True}


def test_a_metric_in_promql() -> None:
    """Google's mapping: the first slash of its type is a colon, and every other special character an underscore."""
    assert (
        REFUSED.promql(SERVICES, 'reason="x"')
        == 'logging_googleapis_com:user_p_prod_refused{monitored_resource="cloud_run_revision",reason="x"}'
    )
    assert (
        LATENCY.promql(SERVICES, suffix="_bucket")
        == 'logging_googleapis_com:user_p_prod_latency_bucket{monitored_resource="cloud_run_revision"}'
    )


@pytest.mark.parametrize(
    ("duration", "expected"),
    [(timedelta(hours=1), "1h"), (timedelta(minutes=90), "90m"), (timedelta(seconds=61), "61s"), (timedelta(), "0s")],
)
def test_a_duration_in_promql(duration: timedelta, expected: str) -> None:
    """In the largest unit that it is a whole number of."""
    assert promql_duration(duration) == expected
