"""Says row by row how the function decided, as far as its log line shows it.

The rows are those of the decision table (docs/architecture.md), without those that one line cannot tell apart. The log
names the reason of a decision and the facts: rows above the one with this reason did not match.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from function.contract import parse_duration
from laptop.function_log import LogEntry
from ops.decision_rows import RowAnswer

Facts = Mapping[str, Any]


@dataclass(frozen=True)
class TableRow:
    """One row.

    Attributes:
        name: of its function in `function/chat/decisions.py`, with spaces.
        answers: the reasons that it gives; a decision before a reason tells rows with the same reason apart.
        why: the fact that it looks at; empty if the log does not show it.
    """

    name: str
    answers: frozenset[str]
    why: Callable[[Facts], str]


def rows_of(entry: LogEntry) -> tuple[RowAnswer, ...]:
    """What each row answered, down to the one that matched; empty if no row gives this reason."""
    given = {entry.reason, f"{entry.decision} {entry.reason}"}
    matched = next((number for number, row in enumerate(TABLE) if row.answers & given), None)
    if matched is None:
        return ()
    return tuple(RowAnswer(row.name, row is TABLE[matched], row.why(entry.facts)) for row in TABLE[: matched + 1])


def _fact(*names: str) -> Callable[[Facts], str]:
    return lambda facts: ", ".join(str(facts[name]) for name in names if facts.get(name) is not None)


def _tasks(facts: Facts) -> str:
    return str(facts.get("taskStatus") or "none is live")


def _last_word(facts: Facts) -> str:
    word = facts.get("lastWord")
    return f"last word: {word}" if word else ""


def _silent_for(facts: Facts) -> str:
    """The silence as on a clock: 8:00."""
    length = parse_duration(str(facts["silentFor"])) if facts.get("silentFor") else None
    if length is None:
        return ""
    minutes, seconds = divmod(length // timedelta(seconds=1), 60)
    return f"{minutes}:{seconds:02}"


TABLE = (
    TableRow("unknown status", frozenset({"unknown_status"}), _fact("unknownStatus")),
    TableRow("closed", frozenset({"closed", "closed_by_timer"}), _fact("state")),
    TableRow("set aside", frozenset({"left", "paused", "parked"}), _fact("channelStatus")),
    TableRow("exempt", frozenset({"email", "exempt"}), _fact()),
    TableRow("on hold", frozenset({"do_not_time_out"}), _fact()),
    TableRow("channel unknown", frozenset({"channel_unknown"}), _fact("channelStatus")),
    TableRow("transfer", frozenset({"transfer"}), _fact("channelStatus")),
    TableRow("notice sent", frozenset({"notice_sent"}), _fact()),
    TableRow("left over", frozenset({"left_over"}), _fact("lastTask")),
    TableRow("no live task", frozenset({"no_live_task"}), _tasks),
    TableRow("queued", frozenset({"queued"}), _tasks),
    TableRow("agent silent", frozenset({"agent_silent"}), _last_word),
    TableRow("not yet", frozenset({"not_yet"}), _silent_for),
    TableRow("warning due", frozenset({"warn customer_silent"}), _silent_for),
    TableRow("end due", frozenset({"end customer_silent"}), _silent_for),
)
"""In order."""
