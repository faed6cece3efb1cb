"""The log of one request: its lines say which calls were made for it, and how long it took."""

from ..twilio_api import Attempt
from .log_lines import Context, Line, entries
from .logs import Log, as_json


class RequestLog:
    """Writes the lines of one request, or of one conversation that a sweep read."""

    def __init__(self, log: Log, attempt: Attempt, *, trace: str, by: str = "") -> None:
        """Take what every line of it shares.

        Args:
            log: takes the lines.
            attempt: what the calls were made for.
            trace: by what Google groups lines of one request.
            by: who looked, unless it was a webhook.
        """
        self._log = log
        self._attempt = attempt
        self._trace = trace
        self._by = by

    def write(self, line: Line) -> None:
        """Write one line, and behind it what it took."""
        attempt = self._attempt
        took = round((attempt.clock.monotonic() - attempt.started) * 1000, 1)
        calls = tuple(attempt.calls)
        at = attempt.now if calls and attempt.knows_time else None
        left_out = tuple(map(str, attempt.left_out))
        context = Context(calls=calls, duration_ms=took, at=at, left_out=left_out, by=self._by, trace=self._trace)
        self._log(as_json(entries(line) | entries(context)))
