"""Reads, pauses and resumes the sweep's job over Cloud Scheduler's REST API (v1)."""

import os
import subprocess
from collections.abc import Mapping
from typing import Any

import requests

BASE_URL = "https://cloudscheduler.googleapis.com"
TOKEN_VARIABLE = "GOOGLE_OAUTH_ACCESS_TOKEN"  # noqa: S105 -- a variable's name
BASE_VARIABLE = "CLOUDSCHEDULER_BASE_URL"
SECONDS = 10.0


class SchedulerError(Exception):
    """A call to Cloud Scheduler failed; one line, with the way out."""


class GoneError(SchedulerError):
    """There is no such schedule."""


class Scheduler:
    """One job.

    Args:
        job: its full name, `projects/P/locations/L/jobs/J`.
        environment: may have a token and another base URL; the process's by default.
    """

    def __init__(self, job: str, environment: Mapping[str, str] = os.environ) -> None:
        self._url = f"{environment.get(BASE_VARIABLE, BASE_URL).rstrip('/')}/v1/{job}"
        self._job = job
        self._environment = environment

    def paused(self) -> bool:
        """Whether the job is paused."""
        return self._ask("GET", "")

    def pause(self) -> None:
        """Pause the job; a paused one stays paused."""
        if not self._ask("POST", ":pause"):
            raise SchedulerError(f"Google says that {self._job} is not paused; pause it in the console")

    def resume(self) -> None:
        """Resume the job; one that runs stays as it is."""
        if self._ask("POST", ":resume"):
            raise SchedulerError(f"Google says that {self._job} is still paused; resume it in the console")

    def _ask(self, method: str, verb: str) -> bool:
        """Make a call, and return whether the job is paused afterwards."""
        headers = {"Authorization": f"Bearer {_token(self._environment)}"}
        try:
            answer = requests.request(method, self._url + verb, headers=headers, timeout=SECONDS)
        except requests.RequestException as error:
            raise SchedulerError(f"Google does not answer: {type(error).__name__}") from None
        document = _document(answer)
        if answer.status_code == 404:
            raise GoneError(f"Google knows no schedule {self._job}; pulumi up makes it")
        if answer.status_code != 200:
            raise SchedulerError(
                f"Google answers {answer.status_code} for {self._job}{_words(document)}; pausing needs "
                "cloudscheduler.jobs.pause, resuming cloudscheduler.jobs.enable"
            )
        if "state" not in document:
            raise SchedulerError(f"Google's answer for {self._job} has no state; look at the job in the console")
        return bool(document["state"] == "PAUSED")


def _document(answer: requests.Response) -> Mapping[str, Any]:
    try:
        document = answer.json()
    except ValueError:
        return {}
    return document if isinstance(document, dict) else {}


def _words(document: Mapping[str, Any]) -> str:
    """The message of Google's error (google.rpc.Status), in one line."""
    error = document.get("error")
    message = error.get("message") if isinstance(error, dict) else None
    return f" ({' '.join(str(message).split())[:300]})" if message else ""


def _token(environment: Mapping[str, str]) -> str:
    if token := environment.get(TOKEN_VARIABLE):
        return token
    try:
        done = subprocess.run(
            ["gcloud", "auth", "print-access-token"], capture_output=True, text=True, check=False, timeout=SECONDS * 3
        )
    except (OSError, subprocess.TimeoutExpired):
        raise SchedulerError(f"gcloud does not run; export {TOKEN_VARIABLE}") from None
    if done.returncode or not done.stdout.strip():
        said = " ".join(done.stderr.split())[:300]
        raise SchedulerError(
            f"gcloud has no token{f' ({said})' if said else ''}: run gcloud auth login, or export {TOKEN_VARIABLE}"
        )
    return done.stdout.strip()
