"""Records the demo as a picture that moves, docs/demo.svg: `python -m dev.recording`.

Lines appear in the order and, within limits, in the time in which the demo printed them. The picture is plain SVG with
its own style sheet, so that a page can show it without a script; whoever asks for less motion sees the end of it.
"""

from __future__ import annotations

import io
import sys
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from html import escape
from pathlib import Path
from typing import Final

from rich.color import ColorType
from rich.console import Console
from rich.style import Style
from rich.terminal_theme import DIMMED_MONOKAI
from rich.text import Text

from laptop.demo import DemoOptions, run_demo

ROOT: Final = Path(__file__).parents[1]
PICTURE: Final = ROOT / "docs" / "demo.svg"

WIDTH, HEIGHT = 100, 32
"""Columns and rows of the terminal."""

CELL, ROW = 7.3, 17
"""Width and height of a character, in pixels."""

SHORTEST, LONGEST, REST = 0.06, 0.7, 5.0
"""Seconds: the minimum and the maximum between two lines, and how long the end is shown."""


@dataclass(frozen=True)
class Line:
    """A line of the terminal.

    Attributes:
        at: seconds since the beginning of the picture.
        text: with its colours.
    """

    at: float
    text: Text


class Recorder(io.StringIO):
    """A terminal that remembers when each line was complete."""

    def __init__(self) -> None:
        super().__init__()
        self.times: list[float] = []

    def write(self, text: str) -> int:
        """Take some output."""
        self.times += [time.monotonic()] * text.count("\n")
        return super().write(text)


def lines_of(output: str, times: Sequence[float]) -> list[Line]:
    """The lines of an output, with the pauses between them brought within the limits."""
    found, at = [], 0.0
    for place, text in enumerate(output.splitlines()):
        pause = times[place] - times[place - 1] if place else 0.0
        at += min(LONGEST, max(SHORTEST, pause))
        found.append(Line(at, Text.from_ansi(text)))
    return found


def picture(lines: Sequence[Line]) -> str:
    """The SVG: a window of `HEIGHT` rows that moves down as lines appear, and begins again at its end."""
    whole = lines[-1].at + REST
    return "".join(_parts(lines, whole))


def _parts(lines: Sequence[Line], whole: float) -> Iterator[str]:
    width, height = WIDTH * CELL + 24, HEIGHT * ROW + 24
    last = max(0, len(lines) - HEIGHT)
    yield (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width:g} {height}" role="img" '
        'aria-label="A recording of make demo">\n<style>\n'
        f"text{{font:12px ui-monospace,Menlo,Consolas,monospace;fill:#d9d9d9;white-space:pre}}\n"
        f"@keyframes scroll{{{''.join(_scroll(lines, whole))}}}\n"
        f".page{{animation:scroll {whole:.2f}s step-end infinite}}\n"
        f"@keyframes appear{{from{{visibility:hidden}}}}\n"
        "g text{animation:appear 0.01s backwards}\n"
        f"@media(prefers-reduced-motion:reduce){{.page{{animation:none;transform:translateY(-{last * ROW}px)}}"
        "g text{animation:none}}\n</style>\n"
        f'<rect width="100%" height="100%" rx="8" fill="#191919"/>\n'
        f'<svg x="12" y="12" width="{WIDTH * CELL:g}" height="{HEIGHT * ROW}"><g class="page">\n'
    )
    for place, line in enumerate(lines):
        spans = "".join(_spans(line.text))
        if spans:
            yield (
                f'<text x="0" y="{place * ROW + 13}" xml:space="preserve" style="animation-delay:{line.at:.2f}s">'
                f"{spans}</text>\n"
            )
    yield "</g></svg>\n</svg>\n"


def _scroll(lines: Sequence[Line], whole: float) -> Iterator[str]:
    yield "0%{transform:translateY(0)}"
    for place in range(HEIGHT, len(lines)):
        share = 100 * lines[place].at / whole
        yield f"{share:.2f}%{{transform:translateY(-{(place - HEIGHT + 1) * ROW}px)}}"


def _spans(text: Text) -> Iterator[str]:
    for segment in text.render(Console(width=WIDTH)):
        if not segment.text or segment.text == "\n":
            continue
        attributes = _attributes(segment.style or Style())
        yield f"<tspan{attributes}>{escape(segment.text)}</tspan>" if attributes else escape(segment.text)


def _attributes(style: Style) -> str:
    found = ""
    if style.color and style.color.type is not ColorType.DEFAULT:
        found += f' fill="{style.color.get_truecolor(DIMMED_MONOKAI).hex}"'
    elif style.dim:
        found += ' fill="#8a8a8a"'
    if style.bold:
        found += ' font-weight="bold"'
    return found + (' font-style="italic"' if style.italic else "")


def main() -> int:
    """Run the demo, and write the picture of one that held."""
    recorder = Recorder()
    console = Console(
        file=recorder,
        width=WIDTH,
        force_terminal=True,
        force_interactive=False,
        color_system="standard",
        highlight=False,
    )
    console.print("[bold]$ make demo[/]")
    status = run_demo(DemoOptions((ROOT / "chats",)), console)
    if status:
        sys.stderr.write(recorder.getvalue())
        return status
    PICTURE.write_text(picture(lines_of(recorder.getvalue(), recorder.times)), encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
