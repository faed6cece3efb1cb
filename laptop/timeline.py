"""A chat on a terminal: who said what and when, which timer fired, what was decided and why."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Protocol, Self

from rich.console import Console
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from laptop.chat_player import Check, Happening
from laptop.chat_script import ACTIONS, Action, ChatScript, Message, clock_text
from laptop.function_log import LogEntry
from simulator.facts import Delivery, Said

STYLES = {
    "customer": "bold cyan",
    "agent": "bold green",
    "bot": "bold blue",
    "flex": "blue",
    "timer": "yellow",
    "function": "bold magenta",
    "sweep": "magenta",
    "we say": "bold magenta",
}


EXPECTED_OUTCOMES = ("", "done", "kept")
"""Outcomes that are not shown."""


@dataclass(frozen=True)
class Marks:
    """What stands before what held, and before what did not."""

    held: str
    failed: str

    @classmethod
    def of(cls, console: Console) -> Self:
        """Those that its encoding has."""
        return cls("✓", "✗") if (console.encoding or "").lower().startswith("utf") else cls("ok", "FAILED")


class Story(Protocol):
    """Tells how chats go."""

    def begin(self, script: ChatScript) -> None:
        """Begin another chat."""

    def tell(self, at: timedelta, happening: Happening) -> None:
        """Take one happening, `at` after the chat began."""

    def end(self) -> None:
        """End the chat."""


class Timeline:
    """Prints happenings one by one; what the sweep decides again and again is one row."""

    def __init__(self, console: Console) -> None:
        self._console = console
        self._marks = Marks.of(console)
        self._sweeps: list[tuple[timedelta, LogEntry]] = []

    def begin(self, script: ChatScript) -> None:
        """Print the chat's name and description."""
        self._console.print()
        kind = f"{script.channel}, {script.stage}" + ("" if script.interaction else ", no interaction")
        self._console.print(Text.assemble((script.name, "bold"), (f"  {kind}", "dim")))
        if script.description:
            self._console.print(Padding(Text(script.description, style="dim"), (0, 0, 0, 2)))

    def tell(self, at: timedelta, happening: Happening) -> None:
        """Print one happening, `at` after the chat began."""
        if isinstance(happening, LogEntry) and happening.by == "sweep":
            if self._sweeps and _same(self._sweeps[-1][1], happening):
                self._sweeps.append((at, happening))
                return
            self.end()
            self._sweeps = [(at, happening)]
            return
        self.end()
        if isinstance(happening, Message):
            self._row(at, happening.speaker, Text(happening.text))
        elif isinstance(happening, Action):
            self._row(at, "flex", Text(ACTIONS[happening.name]))
        elif isinstance(happening, Delivery):
            self._row(at, "timer", delivery_text(happening))
        elif isinstance(happening, LogEntry):
            if happening.event == "ignored":  # not about this chat
                return
            self._row(at, "function", decision_text(happening))
        elif isinstance(happening, Said):
            self._row(at, "we say", Text(happening.text, style="italic"))
        else:
            self._check(at, happening)

    def end(self) -> None:
        """Print what waits for another of its kind."""
        if not self._sweeps:
            return
        (first, entry), (last, _) = self._sweeps[0], self._sweeps[-1]
        times = f"  ×{len(self._sweeps)}, until {clock_text(last)}" if last > first else ""
        self._row(first, "sweep", decision_text(entry) + Text(times, style="dim"))
        self._sweeps = []

    def _check(self, at: timedelta, check: Check) -> None:
        mark, style = (self._marks.held, "green") if check.held else (self._marks.failed, "bold red")
        found = "" if check.held else f", but found: {check.found} (line {check.expectation.line})"
        self._row(at, mark, Text(f"expected {check.expectation}{found}", style=style), style=style)

    def _row(self, at: timedelta, who: str, what: Text, *, style: str | None = None) -> None:
        row = Table.grid(padding=(0, 1), expand=False)
        row.add_column(width=9, justify="right", no_wrap=True)
        row.add_column(width=8, no_wrap=True)
        row.add_column(overflow="fold")
        row.add_row(Text(clock_text(at), style="dim"), Text(who, style=style or STYLES[who]), what)
        self._console.print(row)


def _same(one: LogEntry, other: LogEntry) -> bool:
    return (one.decision, one.reason, one.outcome) == (other.decision, other.reason, other.outcome)


def delivery_text(delivery: Delivery) -> Text:
    """A webhook and its answer in one line."""
    answer = f"answered {delivery.status}" if delivery.status else "no answer"
    return Text.assemble(
        "fires; webhook ",
        (f"{answer} after {delivery.duration_ms:.0f} ms", "dim"),
    )


def decision_text(entry: LogEntry) -> Text:
    """What the function decided and why, with the number and duration of its calls."""
    outcome = f" ({entry.outcome})" if entry.outcome not in EXPECTED_OUTCOMES else ""
    count = len(entry.calls)
    took = entry.duration / timedelta(milliseconds=1)
    calls = f"{count} {'call' if count == 1 else 'calls'} to Twilio in {took:.0f} ms"
    return Text.assemble(
        (f"{entry.decision or entry.event} {entry.reason}".strip() + outcome, "bold"),
        f": {entry.message}" if entry.message else "",
        (f"  [{calls}]", "dim"),
    )


def failures_table(checks: list[Check]) -> Table:
    """The expectations that did not hold, one a row."""
    table = Table(title="Expectations that did not hold", title_justify="left", title_style="bold red")
    for column in ("script", "line", "at", "expected", "found"):
        table.add_column(column, overflow="fold")
    for check in checks:
        expectation = check.expectation
        table.add_row(
            check.script.name, str(expectation.line), clock_text(expectation.at), str(expectation), check.found
        )
    return table
