"""The engine's output on one screen: a line for each kind of resource, each change in place, and every complaint."""

import re
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from enum import Enum, auto

from rich.console import Console

from laptop.engine_news import engine_line_is_news
from laptop.progress import Progress, ignored, shown_progress

HEADING = re.compile(r"\w+( \w+)? \([\w.-]+\):")
"""Of a preview, an update or a destroy, such as `Updating (local):`."""

STEP = re.compile(
    r"[-+~]{1,2}\s+(?P<kind>\w[\w-]*:[\w/.-]*:\S+) (?P<name>\S+) (?P<done>create|created|deleted)"
    r"( \((?P<seconds>[\d.]+)s\))?"
)
"""A resource that will be made, was made or was deleted."""

STACK = "pulumi:pulumi:Stack"
"""The kind of the stack itself, which is nothing that anybody pays for."""


class _Block(Enum):
    """The part of the engine's output that a line belongs to."""

    STEPS = auto()
    OUTPUTS = auto()
    RESULT = auto()


BLOCKS = {"Outputs:": _Block.OUTPUTS, "Resources:": _Block.RESULT, "Diagnostics:": _Block.STEPS}
"""What follows a line."""


class EngineOutput:
    """Prints what an engine does, from the lines that it writes.

    Args:
        console: where to print.
        verbose: whether to print a line for each resource, and the stack's outputs.
    """

    def __init__(self, console: Console, *, verbose: bool = False) -> None:
        self._console = console
        self._verbose = verbose
        self._block = _Block.STEPS
        self._progress: Progress = ignored
        self._planned = self._done = 0
        self._made: Counter[str] = Counter()
        self._longest: dict[str, float] = {}
        self._result: list[str] = []

    @contextmanager
    def of(self, command: str) -> Iterator[None]:
        """Show how far this command is, until the block is left."""
        self._planned = 0
        with shown_progress(self._console) as progress:
            self._progress = progress
            progress(command)
            try:
                yield
            finally:
                self._progress = ignored
                self._end()

    def line(self, line: str) -> None:
        """Take the next line."""
        text = line.strip()
        if not engine_line_is_news(line):
            return
        if self._verbose:
            self._print(line.rstrip())
        elif HEADING.fullmatch(text):
            self._end()
        elif text in BLOCKS:
            self._block = BLOCKS[text]
        elif self._block is _Block.RESULT:
            self._result.append(text.replace("Duration: ", "in "))
        elif self._block is _Block.STEPS and not self._counted(text):
            self._print(f"  {text}")

    def _counted(self, text: str) -> bool:
        step = STEP.fullmatch(text)
        if step is None:
            return False
        if step["kind"] == STACK:
            return True
        if step["done"] == "create":
            self._planned += 1
            return True
        self._done += 1
        if step["done"] == "created":
            self._made[step["kind"]] += 1
            self._longest[step["kind"]] = max(self._longest.get(step["kind"], 0.0), float(step["seconds"] or 0))
        self._progress(f"{self._done}{f' of {self._planned}' if self._planned else ''} {step['done']}")
        return True

    def _end(self) -> None:
        for kind, count in sorted(self._made.items()):
            self._print(f"  + {count:>3}  {kind:<46} {self._longest[kind]:5.1f} s")
        if self._result:
            self._print(f"  {', '.join(self._result)}")
        self._block, self._done, self._result = _Block.STEPS, 0, []
        self._made.clear()
        self._longest.clear()

    def _print(self, line: str) -> None:
        self._console.print(line, markup=False, style="dim", soft_wrap=True)
