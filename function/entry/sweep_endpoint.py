"""The private entry point: runs a sweep for Cloud Scheduler's POST. Google's IAM decides who may call it.

    200 the sweep's summary                405 not a POST                     503 try again

Never 500: a bug is answered with 503, and its traceback is logged.
"""

from functools import partial

from flask import Request, Response

from ..handling import Candidate, Ending, Orphans, Outcome, Report, Sweep
from ..settings import Settings
from ..twilio_api import Attempt, Clock, TwilioError
from .log_lines import Failed, Line, SweepCost, SweepFailed, decided, entries, orphaned, swept
from .logs import Log, Severity, as_json, describe, frames, trace_of
from .request_log import RequestLog


class SweepEndpoint:
    """Runs a sweep when Cloud Scheduler asks for one."""

    def __init__(self, settings: Settings, sweep: Sweep, *, clock: Clock, log: Log) -> None:
        """Connect the endpoint.

        Args:
            settings: name the project of the traces.
            sweep: runs the sweeps.
            clock: measures durations.
            log: writes a line.
        """
        self._settings = settings
        self._sweep = sweep
        self._clock = clock
        self._log = log

    def answer(self, request: Request) -> Response:
        """Run one sweep."""
        if request.method != "POST":
            return Response(status=405, headers={"Allow": "POST"})
        began = self._clock.monotonic()
        trace = trace_of(request.headers.get("X-Cloud-Trace-Context"), self._settings.google_cloud_project)
        try:
            summary = self._sweep.run(partial(self._log_report, trace))
        except TwilioError as error:
            down = "Twilio is down; the next sweep tries again"
            return self._fail(down, str(error), trace)
        except Exception as error:  # noqa: BLE001 -- never 500
            bug = "A bug: this sweep broke off"
            return self._fail(bug, frames(error), trace)
        line = swept(summary)
        took = round((self._clock.monotonic() - began) * 1000, 1)
        self._write(line, SweepCost(calls_by_name=summary.calls, duration_ms=took, trace=trace))
        status = 503 if summary.ending is Ending.TWILIO_DOWN else 200
        return Response(as_json(_summary(line)), status, content_type="application/json")

    def _fail(self, message: str, error: str, trace: str) -> Response:
        self._write(SweepFailed(severity=Severity.ERROR, message=message, error=error), SweepCost(trace=trace))
        return Response(status=503)

    def _write(self, line: Line, cost: SweepCost) -> None:
        self._log(as_json(entries(line) | entries(cost)))

    def _log_report(
        self, trace: str, attempt: Attempt, candidate: Candidate, result: Report | Orphans | Exception
    ) -> None:
        log = RequestLog(self._log, attempt, trace=trace, by="sweep")
        if isinstance(result, Report):
            log.write(decided(result, attempt))
            return
        if isinstance(result, Orphans):
            log.write(orphaned(result))
            return
        log.write(
            Failed(
                severity=Severity.ERROR,
                message="This conversation could not be finished; it is tried again, after growing pauses",
                conversation=candidate.sid,
                outcome=Outcome.FAILED,
                error=describe(result),
            )
        )


def _summary(line: Line) -> dict[str, object]:
    return {key: value for key, value in entries(line).items() if key not in {"severity", "message", "event"}}
