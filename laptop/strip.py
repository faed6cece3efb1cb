"""A chat in a few lines, from left to right: who did what when, what was decided, and what was not expected."""

from dataclasses import dataclass, replace
from datetime import timedelta

from rich.console import Console
from rich.padding import Padding
from rich.text import Text

from laptop.chat_player import Check, Happening
from laptop.chat_script import Action, ChatScript, Message, clock_text
from laptop.function_log import LogEntry
from laptop.timeline import STYLES, Marks

KEPT = ("keep", "rearm")
"""Decisions after which the chat goes on as it was, so that their reason is what matters."""

NOT_YET = "not_yet"
"""The reason of a decision that nothing was due: it tells nothing of a chat."""


@dataclass(frozen=True)
class _Item:
    """Something that happened, or the same thing several times in a row."""

    first: timedelta
    last: timedelta
    what: str
    style: str
    swept: bool = False
    times: int = 1

    def text(self) -> Text:
        """In one piece: no line breaks within it."""
        by = "sweep: " if self.swept else ""
        when = clock_text(self.first) + (f"–{clock_text(self.last)}" if self.last > self.first else "")
        what = by + self.what + (f" ×{self.times}" if self.times > 1 else "")
        return Text.assemble((when, "dim"), " ", (what.replace(" ", "\u00a0"), self.style))


class Strip:
    """Prints each chat as a strip when it is over."""

    def __init__(self, console: Console) -> None:
        self._console = console
        self._marks = Marks.of(console)
        self._items: list[_Item] = []
        self._checks: list[Check] = []
        self._script: ChatScript | None = None

    def begin(self, script: ChatScript) -> None:
        """Begin another chat."""
        self._script, self._items, self._checks = script, [], []

    def tell(self, at: timedelta, happening: Happening) -> None:
        """Take one happening, `at` after the chat began."""
        if isinstance(happening, Message):
            self._add(at, happening.speaker, STYLES[happening.speaker])
        elif isinstance(happening, Action):
            self._add(at, happening.name, STYLES["flex"])
        elif isinstance(happening, LogEntry) and happening.event == "decision" and happening.reason != NOT_YET:
            self._add(at, _decided(happening), STYLES["function"], swept=happening.by == "sweep")
        elif isinstance(happening, Check):
            self._checks.append(happening)

    def end(self) -> None:
        """Print the chat: its name and how many expectations held, the strip, and those that did not hold."""
        script, checks = self._script, self._checks
        if script is None:
            return
        failed = [check for check in checks if not check.held]
        mark, style = (self._marks.failed, "bold red") if failed else (self._marks.held, "green")
        kind = f"{script.channel}, {script.stage}" + ("" if script.interaction else ", no interaction")
        held = f"{len(checks) - len(failed)} of {len(checks)}"
        self._console.print(Text.assemble((mark, style), " ", (script.name, "bold"), (f"  {kind}  {held}", "dim")))
        strip = Text("  ").join(item.text() for item in self._items)
        self._console.print(Padding(strip, (0, 0, 0, 4)))
        for check in failed:
            words = f"{clock_text(check.expectation.at)} expected {check.expectation}, but found: {check.found}"
            self._console.print(Padding(Text(f"{words} (line {check.expectation.line})", style="red"), (0, 0, 0, 4)))

    def _add(self, at: timedelta, what: str, style: str, *, swept: bool = False) -> None:
        if self._items and self._items[-1].what == what:
            before = self._items[-1]
            self._items[-1] = replace(before, last=at, times=before.times + 1)
        else:
            self._items.append(_Item(at, at, what, style, swept))


def _decided(entry: LogEntry) -> str:
    return f"{entry.decision} {entry.reason}" if entry.decision in KEPT else entry.decision
