"""What an operator has: a stack's outputs, and Google's REST APIs as far as the command calls them."""

import json
import logging
import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from pytest_httpserver import HTTPServer
from werkzeug import Request, Response

from function.settings import Settings

JOB = "projects/p/locations/l/jobs/sweep"
FUNCTION = "chats-prod"
TOKEN = "a-token-of-google"


def outputs_of(settings: Settings, job: str = JOB) -> dict[str, Any]:
    """What `pulumi stack output --json` says of a stack with these settings."""
    return {
        "webhookUrl": f"{settings.public_url}/conversations",
        "serviceSid": settings.service_sid,
        "sweepJob": job,
        "functionName": FUNCTION,
        "settings": settings.to_environment(),
    }


class Google:
    """Cloud Scheduler with one job, and Cloud Functions with what was put there.

    Attributes:
        state: the job's.
        attempt: when the job last called, in ISO 8601; empty for never.
        code: google.rpc.Code of that call.
        status: HTTP status of every answer.
        body: of every answer of Scheduler; None for the job.
        functions: name -> state and plain variables.
        asked: each request: method, path, authorization.
    """

    def __init__(self) -> None:
        self.state = "ENABLED"
        self.attempt = ""
        self.code = 0
        self.status = 200
        self.body: bytes | None = None
        self.functions: dict[str, tuple[str, Mapping[str, str]]] = {}
        self.asked: list[str] = []

    def answer(self, request: Request) -> Response:
        """Pause or resume the job and show it, or list the functions."""
        self.asked.append(f"{request.method} {request.path} {request.headers['Authorization']}")
        if request.path.startswith("/v2/"):
            return Response(json.dumps({"functions": [self._function(name) for name in self.functions]}), self.status)
        verb = request.path.rpartition(":")[2]
        if self.status == 200:
            self.state = {"pause": "PAUSED", "resume": "ENABLED"}.get(verb, self.state)
        job: dict[str, object] = {"state": self.state}
        if self.attempt:
            job |= {"lastAttemptTime": self.attempt, "status": {"code": self.code}}
        return Response(json.dumps(job).encode() if self.body is None else self.body, self.status)

    def _function(self, name: str) -> dict[str, object]:
        state, variables = self.functions[name]
        service = {"environmentVariables": dict(variables), "revision": f"projects/p/revisions/{name}-00007"}
        return {"name": f"projects/p/locations/l/functions/{name}", "state": state, "serviceConfig": service}

    def serve(self, server: HTTPServer) -> dict[str, str]:
        """Answer at a server, and return the variables with which the command finds it."""
        server.expect_request(re.compile("/v[12]/.*")).respond_with_handler(self.answer)
        url = server.url_for("")
        return {
            "CLOUDSCHEDULER_BASE_URL": url,
            "CLOUDFUNCTIONS_BASE_URL": url,
            "GOOGLE_OAUTH_ACCESS_TOKEN": TOKEN,
        }


@contextmanager
def running_google() -> Iterator[tuple[Google, dict[str, str]]]:
    """Google on a port of its own for as long as the block lasts, with the variables that lead there."""
    google, server = Google(), HTTPServer()
    logging.getLogger("werkzeug").setLevel(logging.ERROR)  # or every request is a line on standard error
    server.start()
    try:
        yield google, google.serve(server)
    finally:
        server.stop()
