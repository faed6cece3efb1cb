"""Writes log lines as JSON to standard output, in the form that Cloud Logging understands.

`log_lines.py` decides what a line contains.
"""

import enum
import json
import sys
import threading
import traceback
from collections.abc import Callable, Mapping

from ..twilio_api import InternalError, TwilioError

_write = threading.Lock()
_encode = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode


class Severity(enum.StrEnum):
    """The severities of Cloud Logging that we use."""

    INFO = "INFO"
    NOTICE = "NOTICE"
    WARNING = "WARNING"
    ERROR = "ERROR"


Log = Callable[[str], None]
"""Writes one line."""


def to_stdout(line: str) -> None:
    """Write a line to standard output, where the platform reads it."""
    with _write:
        sys.stdout.write(line + "\n")
        sys.stdout.flush()


def as_json(fields: Mapping[str, object]) -> str:
    """A line as text. Half a surrogate, which no output can contain, is escaped."""
    return _encode(fields).encode("utf-8", "backslashreplace").decode("utf-8")


def trace_of(header: str | None, project: str) -> str:
    """Return the trace that groups the lines of one request, from X-Cloud-Trace-Context; empty if it has none."""
    trace = (header or "").split("/", 1)[0]
    if not project or len(trace) != 32 or not trace.isalnum():
        return ""
    return f"projects/{project}/traces/{trace}"


def frames(error: BaseException) -> str:
    """Return an error's traceback and type without its message, which may quote what a customer wrote."""
    where = "".join(traceback.StackSummary.extract(traceback.walk_tb(error.__traceback__)).format())
    return f"Traceback (most recent call last):\n{where}{type(error).__module__}.{type(error).__qualname__}"


def describe(error: Exception) -> str:
    """Describe an error for the log: a failed call by its name and status, a bug by its traceback."""
    if isinstance(error, InternalError):
        return f"{error}: {frames(error.__cause__ or error)}"
    return str(error) if isinstance(error, TwilioError) else frames(error)
