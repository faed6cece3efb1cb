"""Cloud Scheduler over REST: is the sweep's job paused, pause it, resume it (Google Cloud docs, cloudscheduler v1)."""

import os
import subprocess
from collections.abc import Mapping

import requests

BASE_URL = "https://cloudscheduler.googleapis.com"
TOKEN_VARIABLE = "GOOGLE_OAUTH_ACCESS_TOKEN"  # noqa: S105 -- a variable's name
BASE_VARIABLE = "CLOUDSCHEDULER_BASE_URL"
SECONDS = 10.0


class SchedulerError(Exception):
    """Google did not do it; one line, with the way out."""


class Scheduler:
    """One job.

    Args:
        job: its full name, `projects/P/locations/L/jobs/J`.
        environment: where a token and another address may stand; the process's unless given.
    """

    def __init__(self, job: str, environment: Mapping[str, str] = os.environ) -> None:
        self._url = f"{environment.get(BASE_VARIABLE, BASE_URL).rstrip('/')}/v1/{job}"
        self._job = job
        self._environment = environment

    def paused(self) -> bool:
        """Whether it calls nobody."""
        return self._ask("GET", "")

    def pause(self) -> None:
        """Let it call nobody. Twice does no harm."""
        if not self._ask("POST", ":pause"):
            raise SchedulerError(f"Google says that {self._job} goes on; pause it in the console")

    def resume(self) -> None:
        """Let it call again. Twice does no harm."""
        if self._ask("POST", ":resume"):
            raise SchedulerError(f"Google says that {self._job} is still paused; resume it in the console")

    def _ask(self, method: str, verb: str) -> bool:
        """Make a call; whether the job is paused afterwards."""
        headers = {"Authorization": f"Bearer {_token(self._environment)}"}
        try:
            answer = requests.request(method, self._url + verb, headers=headers, timeout=SECONDS)
        except requests.RequestException as error:
            raise SchedulerError(f"Google does not answer: {type(error).__name__}") from None
        if answer.status_code != 200:
            raise SchedulerError(
                f"Google answers {answer.status_code} for {self._job}; pausing needs "
                "cloudscheduler.jobs.pause, resuming cloudscheduler.jobs.enable"
            )
        return bool(answer.json().get("state") == "PAUSED")


def _token(environment: Mapping[str, str]) -> str:
    if token := environment.get(TOKEN_VARIABLE):
        return token
    try:
        done = subprocess.run(
            ["gcloud", "auth", "print-access-token"], capture_output=True, text=True, check=False, timeout=SECONDS * 3
        )
    except (OSError, subprocess.TimeoutExpired):
        raise SchedulerError(f"gcloud cannot be asked for a token; export {TOKEN_VARIABLE}") from None
    if done.returncode or not done.stdout.strip():
        raise SchedulerError(f"gcloud has no token: run gcloud auth login, or export {TOKEN_VARIABLE}")
    return done.stdout.strip()
