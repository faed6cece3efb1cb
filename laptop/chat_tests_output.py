"""What `inactivity test` prints: a line for each chat, or one document."""

from typing import Any

from rich.console import Console
from rich.text import Text

from function.contract import format_duration
from laptop.chat_script import clock_text
from laptop.chat_tests import ChatTest
from laptop.timeline import Timeline

INDENT = "    "


def show(console: Console, played: ChatTest, *, verbose: bool) -> None:
    """Print a line for a chat and one for each difference; with `verbose`, how the chat went if it failed."""
    mark = ("✓", "green") if played.passed else ("✗", "bold red")
    count = f"  {len(played.checks)} expectations" if played.passed else f"  {played.script.path}"
    console.print(Text.assemble(mark, f" {played.script.name}", (count, "dim")))
    for check in played.differences:
        place = f"{clock_text(check.expectation.at)}  line {check.expectation.line}"
        console.print(Text(f"{INDENT}{place}: expected {check.expectation}, actual {check.found}"))
    if played.impossible:
        console.print(Text(f"{INDENT}{played.impossible}"))
    if verbose and not played.passed:
        timeline = Timeline(console)
        for at, happening in played.happenings:
            timeline.tell(at, happening)


def report(tests: list[ChatTest]) -> dict[str, Any]:
    """All results, as `--json` prints them."""
    return {
        "chats": [
            {
                "file": str(each.script.path),
                "passed": each.passed,
                "expectations": len(each.checks),
                "differences": [
                    {
                        "line": check.expectation.line,
                        "at": format_duration(check.expectation.at),
                        "expected": str(check.expectation),
                        "actual": check.found,
                    }
                    for check in each.differences
                ],
                "impossible": each.impossible or None,
            }
            for each in tests
        ],
        "passed": sum(each.passed for each in tests),
        "failed": sum(not each.passed for each in tests),
    }
