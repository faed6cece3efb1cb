"""One JSON line per event on standard output, in the fields that Cloud Logging understands.

Decides what a line looks like. Never in it: text of messages, addresses, attributes, tokens.
"""

import enum
import json
import sys
import threading
import traceback
from collections.abc import Mapping
from typing import TextIO

_write = threading.Lock()
_encode = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode


class Severity(enum.StrEnum):
    """Cloud Logging's severities, as far as we use them."""

    INFO = "INFO"
    NOTICE = "NOTICE"
    WARNING = "WARNING"
    ERROR = "ERROR"


def write(severity: Severity, message: str, fields: Mapping[str, object], *, stream: TextIO | None = None) -> None:
    """Write one line; fields that are None or empty are left out."""
    line: dict[str, object] = {"severity": severity.value, "message": message}
    line |= {name: value for name, value in fields.items() if value not in (None, "", [], {})}
    text = _encode(line)
    with _write:
        out = stream or sys.stdout
        out.write(text + "\n")
        out.flush()


def trace_field(header: str | None, project: str) -> dict[str, str]:
    """The field by which Cloud Logging groups lines of one request, from X-Cloud-Trace-Context."""
    trace = (header or "").split("/", 1)[0]
    if not project or len(trace) != 32 or not trace.isalnum():
        return {}
    return {"logging.googleapis.com/trace": f"projects/{project}/traces/{trace}"}


def frames(error: BaseException) -> str:
    """Where an error came from, and its kind; its message stays out, for it may quote what a customer wrote."""
    where = "".join(traceback.StackSummary.extract(traceback.walk_tb(error.__traceback__)).format())
    return f"Traceback (most recent call last):\n{where}{type(error).__module__}.{type(error).__qualname__}"
