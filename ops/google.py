"""Google's REST APIs as operators need them: the sweep's job in Cloud Scheduler (v1), and functions (v2), read-only."""

import os
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import requests
from requests.auth import AuthBase

from ops.messages import NETWORK_ERRORS, OneLineError, network_hint

SCHEDULER_URL = "https://cloudscheduler.googleapis.com"
FUNCTIONS_URL = "https://cloudfunctions.googleapis.com"
TOKEN_VARIABLE = "GOOGLE_OAUTH_ACCESS_TOKEN"  # noqa: S105 -- a variable's name
SCHEDULER_VARIABLE = "CLOUDSCHEDULER_BASE_URL"
FUNCTIONS_VARIABLE = "CLOUDFUNCTIONS_BASE_URL"
SECONDS = 10.0


class GoogleError(OneLineError):
    """A call to Google failed; one line, with the way out."""


class GoneError(GoogleError):
    """There is no such schedule."""


@dataclass(frozen=True)
class Job:
    """The sweep's job, as far as it says whether sweeps happen.

    https://cloud.google.com/scheduler/docs/reference/rest/v1/projects.locations.jobs, November 2026.

    Attributes:
        paused: whether it is paused.
        last_attempt_at: when it last called the sweep; None if it never did.
        last_status: google.rpc.Code of that call; 0 for success.
        now: Google's time of this answer; None if it does not say.
    """

    paused: bool
    last_attempt_at: datetime | None = None
    last_status: int = 0
    now: datetime | None = None


@dataclass(frozen=True)
class DeployedFunction:
    """A function as Google runs it.

    https://cloud.google.com/functions/docs/reference/rest/v2/projects.locations.functions, November 2026.

    Attributes:
        name: without project and location.
        state: ACTIVE if it serves.
        revision: the Cloud Run revision; empty if Google does not say.
        updated_at: when it was last deployed; None if Google does not say.
        environment: its plain variables.
    """

    name: str
    state: str
    revision: str
    updated_at: datetime | None
    environment: Mapping[str, str]


class Scheduler:
    """One job.

    Args:
        job: its full name, `projects/P/locations/L/jobs/J`.
        environment: may have a token and another base URL; the process's by default.
    """

    def __init__(self, job: str, environment: Mapping[str, str] = os.environ) -> None:
        self._url = f"{environment.get(SCHEDULER_VARIABLE, SCHEDULER_URL).rstrip('/')}/v1/{job}"
        self._job = job
        self._environment = environment

    def job(self) -> Job:
        """Read the job.

        Raises:
            GoneError: there is none.
            GoogleError: it cannot be read.
        """
        return self._ask("GET", "")

    def paused(self) -> bool:
        """Whether the job is paused."""
        return self.job().paused

    def pause(self) -> None:
        """Pause the job; a paused one stays paused."""
        if not self._ask("POST", ":pause").paused:
            raise GoogleError(f"Google says that {self._job} is not paused; pause it in the console")

    def resume(self) -> None:
        """Resume the job; one that runs stays as it is."""
        if self._ask("POST", ":resume").paused:
            raise GoogleError(f"Google says that {self._job} is still paused; resume it in the console")

    def _ask(self, method: str, verb: str) -> Job:
        """Make a call, and return the job as it is afterwards."""
        answer = _asked(method, self._url + verb, self._environment)
        document = _document(answer)
        if answer.status_code == 404:
            raise GoneError(f"Google knows no schedule {self._job}; pulumi up makes it")
        if answer.status_code != 200:
            raise GoogleError(
                f"Google answers {answer.status_code} for {self._job}{_words(document)}; pausing needs "
                "cloudscheduler.jobs.pause, resuming cloudscheduler.jobs.enable"
            )
        if "state" not in document:
            raise GoogleError(f"Google's answer for {self._job} has no state; look at the job in the console")
        status = document.get("status")
        code = status.get("code", 0) if isinstance(status, Mapping) else 0
        return Job(
            paused=document["state"] == "PAUSED",
            last_attempt_at=_time(document.get("lastAttemptTime")),
            last_status=code if isinstance(code, int) else -1,
            now=_http_date(answer.headers.get("Date", "")),
        )


def functions_of(job: str, environment: Mapping[str, str] = os.environ) -> tuple[DeployedFunction, ...]:
    """Return the functions of the project that a job belongs to.

    Args:
        job: full name of the job, `projects/P/locations/L/jobs/J`.
        environment: may have a token and another base URL; the process's by default.

    Raises:
        GoogleError: they cannot be read.
    """
    project = "/".join(job.split("/")[:2])
    base = environment.get(FUNCTIONS_VARIABLE, FUNCTIONS_URL).rstrip("/")
    found: list[DeployedFunction] = []
    token = ""
    while True:
        page = f"&pageToken={token}" if token else ""
        url = f"{base}/v2/{project}/locations/-/functions?pageSize=200{page}"
        answer = _asked("GET", url, environment)
        document = _document(answer)
        if answer.status_code != 200:
            raise GoogleError(
                f"Google answers {answer.status_code} for the functions of {project}{_words(document)}; reading them "
                "needs cloudfunctions.functions.list"
            )
        rows = document.get("functions")
        found += (_function(row) for row in rows or () if isinstance(row, Mapping))
        token = str(document.get("nextPageToken") or "")
        if not token:
            return tuple(found)


def _function(row: Mapping[str, Any]) -> DeployedFunction:
    config = row.get("serviceConfig")
    service = config if isinstance(config, Mapping) else {}
    variables = service.get("environmentVariables")
    return DeployedFunction(
        name=str(row.get("name")).rpartition("/")[2],
        state=str(row.get("state")),
        revision=str(service.get("revision") or ""),
        updated_at=_time(row.get("updateTime")),
        environment={str(key): str(value) for key, value in (variables or {}).items()},
    )


@dataclass(frozen=True)
class _Bearer(AuthBase):
    """Authorizes a request. A header alone would be replaced by what ~/.netrc has for the host."""

    token: str = field(repr=False)

    def __call__(self, request: requests.PreparedRequest) -> requests.PreparedRequest:
        """Set the header."""
        request.headers["Authorization"] = f"Bearer {self.token}"
        return request


def _asked(method: str, url: str, environment: Mapping[str, str]) -> requests.Response:
    bearer = _Bearer(_token(environment))
    try:
        return requests.request(method, url, auth=bearer, timeout=SECONDS)
    except NETWORK_ERRORS as error:
        raise GoogleError(f"Google does not answer: {type(error).__name__}; {network_hint(error)}") from None


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


def _time(text: object) -> datetime | None:
    try:
        at = datetime.fromisoformat(str(text))
    except ValueError:
        return None
    return at if at.tzinfo else at.replace(tzinfo=UTC)


def _http_date(text: str) -> datetime | None:
    try:
        return datetime.strptime(text, "%a, %d %b %Y %H:%M:%S GMT").replace(tzinfo=UTC)
    except ValueError:
        return None


def _token(environment: Mapping[str, str]) -> str:
    if token := environment.get(TOKEN_VARIABLE):
        return token
    try:
        done = subprocess.run(
            ["gcloud", "auth", "print-access-token"],
            capture_output=True,
            encoding="utf-8",
            errors="replace",
            check=False,
            timeout=SECONDS * 3,
        )
    except (OSError, subprocess.TimeoutExpired):
        raise GoogleError(f"gcloud does not run; export {TOKEN_VARIABLE}") from None
    if done.returncode or not done.stdout.strip():
        said = " ".join(done.stderr.split())[:300]
        raise GoogleError(
            f"gcloud has no token{f' ({said})' if said else ''}: run gcloud auth login, or export {TOKEN_VARIABLE}"
        )
    return done.stdout.strip()
