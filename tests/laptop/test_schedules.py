"""Cloud Scheduler's job on this machine: the simulator's clock calls, with a token, whom it may."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from laptop.gcp_provider import tokens
from laptop.gcp_provider.cloud import Cloud
from laptop.gcp_provider.identity import Identities
from laptop.gcp_provider.operations import Operations, RefusedError
from laptop.gcp_provider.schedules import Schedules, every_of
from simulator.client import SimulatorClient
from simulator.running import RunningSimulator

EMAIL = "caller@local-laptop.iam.gserviceaccount.com"
AUDIENCE = "http://127.0.0.1:1/sweep"


@pytest.fixture(scope="module")
def simulator() -> Iterator[RunningSimulator]:
    """A clock."""
    with RunningSimulator() as running:
        yield running


@pytest.fixture
def operations(simulator: RunningSimulator, tmp_path: Path) -> Operations:
    """A project in which Scheduler may work."""
    cloud = Cloud(tmp_path)
    found = Operations(cloud, "http://127.0.0.1:1", {tokens.JOB: Schedules(cloud, Identities(), simulator.url)})
    for api in ("cloudscheduler", "iam"):
        found.create(tokens.SERVICE, {"service": f"{api}.googleapis.com"})
    found.create(tokens.ACCOUNT, {"accountId": "caller"})
    return found


def job(**changes: Any) -> dict[str, Any]:
    """A job's inputs."""
    token = {"serviceAccountEmail": EMAIL, "audience": AUDIENCE}
    target = {"uri": AUDIENCE, "httpMethod": "POST", "oidcToken": token}
    return {"name": "sweep", "region": "europe-west1", "schedule": "*/5 * * * *", "httpTarget": target} | changes


def calls(simulator: RunningSimulator, minutes: int) -> int:
    """How often the clock called within so many minutes."""
    deliveries = SimulatorClient(simulator).advance(timedelta(minutes=minutes))
    return sum(1 for delivery in deliveries if delivery.kind == "schedule sweep")


def test_a_job_calls_until_it_is_paused_and_again_when_it_is_resumed(
    simulator: RunningSimulator, operations: Operations
) -> None:
    """Three calls in a quarter of an hour; none while it is paused, none when it is gone."""
    id_ = operations.create(tokens.JOB, job()).id
    scheduled = calls(simulator, 15)
    operations.update(tokens.JOB, id_, job(paused=True))
    paused = calls(simulator, 15)
    operations.update(tokens.JOB, id_, job(schedule="* * * * *"))
    resumed = calls(simulator, 15)
    operations.delete(tokens.JOB, id_)

    assert (scheduled, paused, resumed, calls(simulator, 15)) == (3, 0, 15, 0)


@pytest.mark.parametrize(
    ("changes", "named"),
    [
        ({"schedule": "0 9 * * MON"}, r"must be `\*/N \* \* \* \*`"),
        (
            {"httpTarget": {"uri": AUDIENCE, "oidcToken": {"serviceAccountEmail": f"no{EMAIL}", "audience": "x"}}},
            "does not exist",
        ),
    ],
)
def test_an_impossible_job_is_refused(operations: Operations, changes: dict[str, Any], named: str) -> None:
    """The message says what is wrong."""
    with pytest.raises(RefusedError, match=named):
        operations.create(tokens.JOB, job(**changes))


def test_without_the_api_there_is_no_job(tmp_path: Path) -> None:
    """As at Google."""
    with pytest.raises(RefusedError, match="Cloud Scheduler API has not been used in project"):
        Operations(Cloud(tmp_path), "", {}).create(tokens.JOB, job())


@pytest.mark.parametrize(
    ("schedule", "minutes"), [("* * * * *", 1), ("*/5 * * * *", 5), ("*/30 * * * *", 30), ("0 * * * *", 60)]
)
def test_cron_expressions_mean_what_the_program_intended(schedule: str, minutes: int) -> None:
    """For each value of sweepEvery."""
    assert every_of(schedule) == timedelta(minutes=minutes)


def test_a_token_is_for_one_audience_and_of_this_process() -> None:
    """Other or invented tokens are refused."""
    identities = Identities()
    token = identities.token(EMAIL, AUDIENCE)

    with_slash = identities.token(EMAIL, f"{AUDIENCE}/")
    assert identities.member(f"Bearer {token}", AUDIENCE) == f"serviceAccount:{EMAIL}"
    assert identities.member(f"Bearer {with_slash}", AUDIENCE) == f"serviceAccount:{EMAIL}"
    strangers = [
        (f"Bearer {token}", "http://127.0.0.1:1/other"),
        (f"Bearer {Identities().token(EMAIL, AUDIENCE)}", AUDIENCE),
        (f"Bearer {token[:-1]}x", AUDIENCE),
        (f"Basic {token}", AUDIENCE),
        ("Bearer of nothing", AUDIENCE),
        (None, AUDIENCE),
    ]
    assert {identities.member(*stranger) for stranger in strangers} == {None}


def test_a_job_shows_when_it_last_called_and_how_that_was_answered(tmp_path: Path) -> None:
    """If nothing listens, the status is unavailable."""
    with RunningSimulator() as clock:
        cloud = Cloud(tmp_path)
        schedules = Schedules(cloud, Identities(), clock.url)
        found = Operations(cloud, "http://127.0.0.1:1", {tokens.JOB: schedules})
        for api in ("cloudscheduler", "iam"):
            found.create(tokens.SERVICE, {"service": f"{api}.googleapis.com"})
        found.create(tokens.ACCOUNT, {"accountId": "caller"})
        name = found.create(tokens.JOB, job()).id
        before = schedules.answer("GET", f"v1/{name}")
        SimulatorClient(clock).advance(timedelta(minutes=5))
        at = SimulatorClient(clock).now().isoformat()

        assert before == (200, {"name": name, "state": "ENABLED"})
        assert schedules.answer("GET", f"v1/{name}") == (
            200,
            {"name": name, "state": "ENABLED", "lastAttemptTime": at, "status": {"code": 14}},
        )
