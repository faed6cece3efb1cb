"""The alerts over hours of the function's real log: each fires in its trouble, and none in a healthy history."""

from collections.abc import Callable
from datetime import timedelta
from functools import cache

import pytest

from infra.monitoring.log_metrics import METRICS, Services
from tests.baselines.resources import GOOD, SECRETS
from tests.infra.monitoring import histories
from tests.infra.monitoring.google import AT_ONCE, LATE, NOW_LATE_NOW_NOT, Google
from tests.infra.monitoring.histories import HEALTHY, History
from tests.infra.monitoring.logging_query import compiled
from tests.infra.program_graph import Graph, declare

Story = Callable[[], History]

CHANNELS = '["projects/a-project/notificationChannels/123"]'

TROUBLES: dict[str, Story] = {
    "webhooks are being lost": histories.lost_webhooks,
    "ends are failing": histories.failures,
    "signatures are refused": histories.refused_signatures,
    "customers wait for agents": histories.waiting_customers,
    "the sweep does not come": histories.missing_sweep,
    "a late reply waits for a person": histories.late_reply,
}
DELAYS = pytest.mark.parametrize(
    "delays", [AT_ONCE, LATE, NOW_LATE_NOW_NOT], ids=["at once", "late", "now late, now not"]
)


@cache
def told(story: Story) -> History:
    """Return a history, which is produced once."""
    return story()


@cache
def program(**config: str) -> Graph:
    """Return what the program declares with a channel and these settings."""
    return declare({**GOOD, "notificationChannels": CHANNELS, **config}, secrets=set(SECRETS), preview=False)


@DELAYS
@pytest.mark.parametrize("story", HEALTHY, ids=lambda story: story.__name__)
def test_nothing_fires_when_all_is_well(story: Story, delays: tuple[timedelta, ...]) -> None:
    """On a quiet night, on a busy day, and in the first hours of a stack, which begin without a data point."""
    assert Google(program(), delays).incidents(told(story)) == {}


def test_a_healthy_day_has_something_to_alert_about() -> None:
    """Customers were warned, ended and kept waiting, so there are lines that could fire an alert."""
    assert {"warned", "ended", "kept", "waiting", "sweeps", "latency"} <= Google(program()).counted(told(HEALTHY[1]))
    assert {"found-by-sweep", "kept"} <= Google(program()).counted(told(HEALTHY[2]))


@DELAYS
@pytest.mark.parametrize("name", TROUBLES)
def test_an_alert_fires_in_its_trouble(name: str, delays: tuple[timedelta, ...]) -> None:
    """With its default threshold, before the trouble is over."""
    assert name in Google(program(), delays).incidents(told(TROUBLES[name]))


def test_every_alert_has_a_trouble() -> None:
    """A new alert needs a history that fires it."""
    names = {str(policy.inputs["displayName"]).partition(": ")[2] for policy in program().of(":AlertPolicy")}

    assert names == set(TROUBLES)


def test_every_metric_counts_lines_of_some_history() -> None:
    """A filter with a key or a value that the function does not write would count nothing."""
    stories = (*HEALTHY, *TROUBLES.values(), histories.unread, histories.deferred)
    counted = set().union(*(Google(program()).counted(told(story)) for story in stories))

    assert {
        str(metric.inputs["name"]).rpartition("/")[2] for metric in program().of("metric:Metric")
    } - counted == set()


def test_a_message_in_a_chat_that_nobody_has_waits_for_a_person_too() -> None:
    """It fires the alert of the late reply, because the same action is needed."""
    assert "a late reply waits for a person" in Google(program()).incidents(told(histories.unread))


def test_a_sweep_that_never_came_is_missed() -> None:
    """A comparison without data would not fire; this alert does, half an hour after the deployment."""
    history = told(histories.no_sweep_at_all)

    opened = Google(program()).incidents(history)

    assert list(opened) == ["the sweep does not come"]
    assert opened["the sweep does not come"] - history.start <= timedelta(minutes=30)


def test_the_lines_of_another_stack_count_nothing() -> None:
    """Two stacks of one project do not fire each other's alerts."""
    others = [compiled(Services("other", "sweep-other").only(metric.lines)) for metric in METRICS]
    entries = [entry for story in HEALTHY for _, entry in Google(program()).entries(told(story))]

    assert len(entries) > 100
    assert [entry for entry in entries if any(counts(entry) for counts in others)] == []


@pytest.mark.parametrize(
    ("key", "value", "name"),
    [
        ("alertLostWebhooks", "50", "webhooks are being lost"),
        ("alertFailures", "500", "ends are failing"),
        ("alertRefusals", "50", "signatures are refused"),
        ("alertWaiting", "50", "customers wait for agents"),
        ("alertMissedSweeps", "50", "the sweep does not come"),
    ],
)
def test_a_threshold_is_a_setting(key: str, value: str, name: str) -> None:
    """With a high one the same trouble fires nothing."""
    assert name not in Google(program(**{key: value})).incidents(told(TROUBLES[name]))
