"""How happenings are printed: plain without a terminal, complete on a narrow one."""

import io
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from rich.console import Console

from laptop.chat_player import Check
from laptop.chat_script import Action, Expect, Expectation, Message, parse_script
from laptop.function_log import Call, LogEntry
from laptop.timeline import Timeline, failures_table
from simulator.facts import Delivery, Said

START = datetime(2026, 1, 5, tzinfo=UTC)
SCRIPT = parse_script("# What it is about.\n00:00 customer: Hi", Path("silent.chat"))
FAILED = Check(SCRIPT, Expectation(7, timedelta(minutes=10), Expect.ENDED), held=False, found="inactive, task assigned")


def printed(width: int = 100) -> str:
    """Return one of each happening, as printed to a file."""
    out = io.StringIO()
    timeline = Timeline(Console(file=out, width=width))
    timeline.begin(SCRIPT)
    timeline.tell(timedelta(), Message(1, timedelta(), "customer", "My [red]parcel[/red] has not arrived."))
    timeline.tell(timedelta(seconds=30), Action(2, timedelta(seconds=30), "accept"))
    ms = timedelta(milliseconds=1)
    timeline.tell(timedelta(minutes=8), Delivery(1, START, "onConversationStateUpdated", "http://x", 204, 41.0, "CH1"))
    entry = LogEntry(
        START,
        "CH1",
        "decision",
        "warn",
        "customer_silent",
        "Silent for 8 min.",
        {},
        (Call("read", 200, ms),),
        38 * ms,
        "",
    )
    timeline.tell(timedelta(minutes=8), entry)
    timeline.tell(timedelta(minutes=8), Said("IM1", 3, "system", "bot", None, "Are you still there?", {}, START))
    timeline.tell(timedelta(minutes=10), FAILED)
    return out.getvalue()


@pytest.mark.parametrize(
    "words",
    [
        "silent  web, queued",
        "What it is about.",
        "00:00 customer My [red]parcel[/red] has not arrived.",
        "00:30 flex     the agent accepts the chat",
        "08:00 timer    fires; webhook answered 204 after 41 ms",
        "warn customer_silent: Silent for 8 min.  [1 call to Twilio in 38 ms]",
        "08:00 we say   Are you still there?",
        "expected ended, but found: inactive, task assigned (line 7)",
    ],
)
def test_each_happening_reads_as_one_line(words: str) -> None:
    """Who, when, what; a person's text is never taken for markup."""
    assert words in printed()


def test_without_a_terminal_there_is_no_colour() -> None:
    """A log file or a pager shows plain text."""
    assert "\x1b" not in printed()


def test_a_narrow_terminal_loses_nothing() -> None:
    """Lines wrap within the width, and every word is there."""
    lines = printed(width=40).splitlines()
    assert all(len(line.rstrip()) <= 40 for line in lines)
    assert "hasnotarrived." in "".join("".join(lines).split())


def test_the_table_names_script_and_line_of_what_failed() -> None:
    """A person starts there."""
    out = io.StringIO()
    Console(file=out, width=100).print(failures_table([FAILED]))
    for word in ("silent", "7", "10:00", "ended", "inactive, task assigned"):
        assert word in out.getvalue()
