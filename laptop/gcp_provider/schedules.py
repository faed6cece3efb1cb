"""Cloud Scheduler's jobs on this machine: calls with an identity token, on the simulator's clock.

An `Effect` of `cloudscheduler.Job`. Time is virtual here, so the simulator keeps the schedules and makes the calls.
"""

import re
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

from laptop.gcp_provider import tokens
from laptop.gcp_provider.cloud import Cloud, Resource
from laptop.gcp_provider.identity import Identities
from laptop.gcp_provider.operations import RefusedError
from laptop.gcp_provider.values import at, reveal
from simulator.client import HttpTransport, SimulatorClient, SimulatorError

_SECONDS = 10.0

_UNAVAILABLE = 14
"""google.rpc.Code of a call that was not answered with success."""


class Schedules:
    """The jobs that run here.

    Args:
        cloud: has the jobs.
        identities: makes the tokens of the calls.
        simulator_url: of the simulator whose clock makes the calls; empty for none: jobs are stored and call nothing.
    """

    def __init__(self, cloud: Cloud, identities: Identities, simulator_url: str) -> None:
        self._cloud = cloud
        self._identities = identities
        self._transport = HttpTransport(simulator_url, timeout=_SECONDS) if simulator_url else None

    def apply(self, resource: Resource) -> None:
        """Schedule this job's calls; a paused job makes none.

        Raises:
            RefusedError: the simulator refuses it.
        """
        inputs = reveal(resource.outputs)
        if inputs.get("paused"):
            self.remove(resource)
            return
        target = at(inputs, "httpTarget") or {}
        token = target.get("oidcToken") or {}
        headers = {}
        if token:
            bearer = self._identities.token(str(token["serviceAccountEmail"]), str(token["audience"]))
            headers["Authorization"] = f"Bearer {bearer}"
        every, method = every_of(str(inputs["schedule"])), str(target.get("httpMethod", "POST"))
        url, name = str(target["uri"]), str(resource.value("name"))
        self._tell(resource, lambda clock: clock.schedule(name, every=every, url=url, method=method, headers=headers))

    def remove(self, resource: Resource) -> None:
        """End this job's calls. A simulator that no longer runs makes none anyway."""
        try:
            self._tell(resource, lambda clock: clock.unschedule(str(resource.value("name"))))
        except RefusedError:
            return

    def restore(self) -> None:
        """Schedule what an earlier process left, with tokens of this one, if the simulator runs."""
        for resource in self._cloud.all(tokens.JOB):
            try:
                self.apply(resource)
            except RefusedError:
                continue

    def answer(self, method: str, path: str) -> tuple[int, dict[str, object]]:
        """Scheduler's REST API: `GET v1/JOB`, `POST v1/JOB:pause`, `POST v1/JOB:resume`."""
        name, _, verb = path.removeprefix("v1/").partition(":")
        job = self._cloud.get(tokens.JOB, name)
        if job is None or (method, verb) not in {("GET", ""), ("POST", "pause"), ("POST", "resume")}:
            return 404, {"error": {"code": 404, "status": "NOT_FOUND"}}
        if verb:
            paused = verb == "pause"
            state = {"paused": paused, "state": "PAUSED" if paused else "ENABLED"}
            # The inputs too, as Google's provider reads them, so that a refresh shows the difference.
            job = replace(job, inputs={**job.inputs, "paused": paused}, outputs={**job.outputs, **state})
            self.apply(job)
            self._cloud.put(job)
        return 200, {"name": name, "state": str(job.value("state"))} | self._last_attempt(str(job.value("name")))

    def _last_attempt(self, name: str) -> dict[str, object]:
        """When the clock last made this job's call, and how that was answered (google.rpc.Code); empty if it never did.

        Without a simulator, nothing is known.
        """
        if not self._transport:
            return {}
        try:
            deliveries = SimulatorClient(self._transport).deliveries()
        except SimulatorError:
            return {}
        made = [each for each, _ in deliveries if each.kind == f"schedule {name}"]
        if not made:
            return {}
        code = 0 if made[-1].status in range(200, 300) else _UNAVAILABLE
        return {"lastAttemptTime": made[-1].at.isoformat(), "status": {"code": code}}

    def close(self) -> None:
        """End all calls; the jobs stay as they are."""
        for resource in self._cloud.all(tokens.JOB):
            self.remove(resource)
        if self._transport:
            self._transport.close()

    def _tell(self, resource: Resource, what: Callable[[SimulatorClient], None]) -> None:
        if not self._transport:
            return
        try:
            what(SimulatorClient(self._transport))
        except SimulatorError as error:
            status = "400" if error.status else "503"
            raise RefusedError(f"{status} {resource.id}: {error}") from None


def every_of(schedule: str) -> timedelta:
    """The interval of a cron schedule of minutes or of an hour, such as `*/5 * * * *`.

    Raises:
        RefusedError: any other schedule; the laptop has no calendar.
    """
    found = re.fullmatch(r"(\*|0|\*/(\d+)) \* \* \* \*", schedule)
    if not found:
        raise RefusedError(
            f"400 schedule {schedule!r}: on this machine it must be `*/N * * * *`, `* * * * *` or `0 * * * *`"
        )
    return timedelta(minutes=int(found[2])) if found[2] else timedelta(minutes=60 if found[1] == "0" else 1)
