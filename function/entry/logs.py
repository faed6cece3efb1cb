"""One JSON line per event on standard output, in the fields that Cloud Logging understands.

Decides how a line is written; what stands in one is `log_lines.py`'s matter.
"""

import enum
import json
import sys
import threading
import traceback
from collections.abc import Callable, Mapping

from ..twilio_api import OurFaultError, TwilioError

_write = threading.Lock()
_encode = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode


class Severity(enum.StrEnum):
    """Cloud Logging's severities, as far as we use them."""

    INFO = "INFO"
    NOTICE = "NOTICE"
    WARNING = "WARNING"
    ERROR = "ERROR"


Log = Callable[[str], None]
"""Takes one line."""


def to_stdout(line: str) -> None:
    """Write a line where the platform reads it."""
    with _write:
        sys.stdout.write(line + "\n")
        sys.stdout.flush()


def as_json(fields: Mapping[str, object]) -> str:
    """A line as text."""
    return _encode(fields)


def trace_of(header: str | None, project: str) -> str:
    """By what Cloud Logging groups lines of one request, from X-Cloud-Trace-Context; empty for anything else."""
    trace = (header or "").split("/", 1)[0]
    if not project or len(trace) != 32 or not trace.isalnum():
        return ""
    return f"projects/{project}/traces/{trace}"


def frames(error: BaseException) -> str:
    """Where an error came from, and its kind; its message stays out, for it may quote what a customer wrote."""
    where = "".join(traceback.StackSummary.extract(traceback.walk_tb(error.__traceback__)).format())
    return f"Traceback (most recent call last):\n{where}{type(error).__module__}.{type(error).__qualname__}"


def explained(error: Exception) -> str:
    """What went wrong: a call of Twilio's by its name and status, a bug of ours by where it is."""
    if isinstance(error, OurFaultError):
        return f"{error}: {frames(error.__cause__ or error)}"
    return str(error) if isinstance(error, TwilioError) else frames(error)
