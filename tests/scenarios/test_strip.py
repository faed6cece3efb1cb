"""A chat as a strip: in order of time, with what repeats folded, and what was not expected below it."""

import io
from datetime import UTC, datetime, timedelta
from pathlib import Path

from rich.console import Console

from laptop.chat_player import Check, Happening
from laptop.chat_script import Action, Expect, Expectation, Message, parse_script
from laptop.function_log import LogEntry
from laptop.strip import Strip

START = datetime(2026, 1, 5, tzinfo=UTC)
SCRIPT = parse_script("00:00 customer: Hi", Path("silent.chat"))


def minutes(count: float) -> timedelta:
    """So many."""
    return timedelta(minutes=count)


def wrote(minute: float, who: str) -> tuple[timedelta, Happening]:
    """Somebody's message."""
    return minutes(minute), Message(1, minutes(minute), who, "My parcel has not arrived.")


def decided(minute: float, decision: str, reason: str, by: str = "") -> tuple[timedelta, Happening]:
    """A decision of the function's."""
    return minutes(minute), LogEntry(START, "CH1", "decision", decision, reason, "", {}, (), timedelta(), "done", by)


def expected(minute: float, *, held: bool) -> tuple[timedelta, Happening]:
    """An expectation of the script's."""
    return minutes(minute), Check(
        SCRIPT, Expectation(7, minutes(minute), Expect.ENDED), held, "inactive, task assigned"
    )


def printed(*happenings: tuple[timedelta, Happening], width: int = 100) -> list[str]:
    """The lines of a chat in which this happened."""
    out = io.StringIO()
    strip = Strip(Console(file=out, width=width))
    strip.begin(SCRIPT)
    for at, happening in happenings:
        strip.tell(at, happening)
    strip.end()
    return [line.replace("\u00a0", " ").rstrip() for line in out.getvalue().splitlines()]


def test_a_chat_reads_from_left_to_right() -> None:
    """Who wrote, what Flex's user did, what was decided; the first line says how many expectations held."""
    accepted = minutes(0.5), Action(2, minutes(0.5), "accept")

    assert printed(
        wrote(0, "customer"), accepted, wrote(1, "agent"), decided(9, "warn", "customer_silent"), expected(9, held=True)
    ) == [
        "✓ silent  web, queued  1 of 1",
        "    00:00 customer  00:30 accept  01:00 agent  09:00 warn",
    ]


def test_what_repeats_is_told_once_with_both_times() -> None:
    """Sweeps find the same chat again and again; a decision that nothing was due is not told."""
    assert printed(
        wrote(0, "customer"),
        decided(3, "rearm", "not_yet", "sweep"),
        decided(5, "keep", "agent_silent", "sweep"),
        decided(10, "keep", "agent_silent", "sweep"),
        decided(15, "keep", "agent_silent"),
        wrote(16, "agent"),
        decided(20, "keep", "paused"),
    ) == [
        "✓ silent  web, queued  0 of 0",
        "    00:00 customer  05:00–15:00 sweep: keep agent_silent ×3  16:00 agent  20:00 keep paused",
    ]


def test_what_was_not_expected_is_below_its_chat() -> None:
    """With the script's line, and what was found."""
    assert printed(wrote(0, "customer"), expected(10, held=False)) == [
        "✗ silent  web, queued  0 of 1",
        "    00:00 customer",
        "    10:00 expected ended, but found: inactive, task assigned (line 7)",
    ]


def test_a_narrow_terminal_breaks_between_happenings_only() -> None:
    """No time stands on another line than what happened then."""
    lines = printed(*(decided(minute, "keep", reason) for minute, reason in ((5, "paused"), (6, "left"))), width=22)

    assert lines[-2:] == ["    05:00 keep paused", "    06:00 keep left"]
