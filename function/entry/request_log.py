"""Writes the log of one request: each line says which calls were made for it, and how long it took."""

from ..twilio_api import Attempt
from .log_lines import Context, Line, entries
from .logs import Log, as_json


class RequestLog:
    """Writes the lines of one request, or of one conversation that a sweep read."""

    def __init__(self, log: Log, attempt: Attempt, *, trace: str, by: str = "") -> None:
        """Set what all lines share.

        Args:
            log: writes a line.
            attempt: the attempt whose calls the lines list.
            trace: groups the lines of one request.
            by: `sweep`, or empty for a webhook.
        """
        self._log = log
        self._attempt = attempt
        self._trace = trace
        self._by = by

    def write(self, line: Line) -> None:
        """Write one line, with the calls and the time that it took."""
        attempt = self._attempt
        took = round((attempt.clock.monotonic() - attempt.started) * 1000, 1)
        calls = tuple(attempt.calls)
        at = attempt.now if calls and attempt.knows_time else None
        left_out = tuple(map(str, attempt.left_out))
        context = Context(calls=calls, duration_ms=took, at=at, left_out=left_out, by=self._by, trace=self._trace)
        self._log(as_json(entries(line) | entries(context)))
