"""What the demo prints between its steps: headings, settings, verdicts, what to do next."""

import os
import sys
import webbrowser
from collections.abc import Sequence
from pathlib import Path

from rich.console import Console
from rich.rule import Rule
from rich.text import Text

from laptop.chat_player import Check
from laptop.setup import NEXT
from laptop.timeline import failures_table
from laptop.twilio_settings import TwilioSettings
from simulator.process import SimulatedTwilio


def heading(console: Console, title: str) -> None:
    """Print a heading."""
    console.print()
    console.print(Rule(Text(title, style="bold"), align="left", style="dim"))


def introduction(console: Console, simulator: SimulatedTwilio) -> None:
    """Say what is real here and what is simulated."""
    console.print(
        f"Twilio is simulated at {simulator.url} (account {simulator.account_sid}); the clock there is virtual. "
        "The Pulumi engine, the program, the zip and the function are the real ones."
    )


def settings(console: Console, title: str, shown: TwilioSettings) -> None:
    """Print everything that is set, by document."""
    fields = shown.fields()
    if not fields:
        console.print(Text.assemble("\n", (title, "bold"), ": no timer, no webhook"))
        return
    console.print(f"\n{title}", style="bold")
    for path, field, value in fields:
        console.print(Text.assemble("  ", (f"{short(path)} ", "dim"), f"{field}: {value}"))


def short(path: str) -> str:
    """A document's path as people name it."""
    names = {"Configuration": "account", "Configuration/Webhooks": "account webhook"}
    return names.get(path, "service webhook")


def differences(console: Console, lines: Sequence[str]) -> None:
    """Print settings that differ, one per line."""
    for line in lines:
        console.print(f"  {line}", style="yellow", markup=False)


def verdict(console: Console, held: bool, good: str, bad: str) -> None:  # noqa: FBT001 - the verdict is the point
    """Print one line that says whether something held."""
    console.print(Text(f"{good}." if held else f"FAILED: {bad}.", style="bold green" if held else "bold red"))


def failures(console: Console, checks: Sequence[Check]) -> None:
    """Print the expectations that did not hold, if there are any."""
    failed = [check for check in checks if not check.held]
    if failed:
        console.print()
        console.print(failures_table(failed))


def whole_verdict(console: Console, checks: Sequence[Check], held: bool) -> None:  # noqa: FBT001 - as above
    """Print the last line: how many expectations held, and whether all went as it should."""
    count = sum(check.held for check in checks)
    of_chats = f"{count} of {len(checks)} expectations held. " if checks else ""
    whole = "Everything went as it should." if held else "Not everything went as it should: see above."
    console.print(Text(f"\n{of_chats}{whole}", style="bold green" if held else "bold red"))


def instructions(console: Console, simulator_url: str, log: Path, operator_lines: tuple[str, str]) -> None:
    """Say how to try a chat and the operator's command by hand, until Ctrl-C."""
    variables, command = operator_lines
    heading(console, "Everything is running. Try it:")
    console.print(
        f"""
In a browser: {simulator_url}/

Or with curl:

  SIM={simulator_url}/_simulator
  CH=$(curl -s $SIM/chats -d '{{"channel": "web", "stage": "assigned"}}' | \\
       python3 -c 'import json, sys; print(json.load(sys.stdin)["conversation"])')
  curl -s $SIM/chats/$CH/messages -d '{{"from": "customer", "body": "Hello?"}}' -o /dev/null
  curl -s $SIM/chats/$CH/messages -d '{{"from": "agent", "body": "Hi, how can I help?"}}' -o /dev/null
  curl -s $SIM/clock -d '{{"advance": "PT8M"}}' -o /dev/null  # the customer is warned
  curl -s $SIM/clock -d '{{"advance": "PT2M"}}' -o /dev/null  # and the chat ends
  curl -s $SIM/chats/$CH | python3 -m json.tool      # the truth about it

The operator's command (--help lists what it can do), in another terminal:

  {variables}
  {command}

The function's log, one JSON line per decision:  tail -f {log}

Ctrl-C destroys the stack and ends everything.""",
        markup=False,
        soft_wrap=True,
    )


def open_page(console: Console, simulator_url: str) -> None:
    """Open the simulator's page in the user's browser, where there are both a person and a screen."""
    screen = sys.platform in {"darwin", "win32"} or any(map(os.environ.get, ("DISPLAY", "WAYLAND_DISPLAY")))
    if console.is_interactive and screen:
        webbrowser.open(f"{simulator_url}/")


def next_steps(console: Console) -> None:
    """Print how to deploy this to a real account."""
    heading(console, "For your own account")
    console.print(f"\n  make setup\n{NEXT}\n", markup=False, soft_wrap=True)
    console.print(
        "This ran on Twilio's simulator with a real Pulumi engine; nothing of it has touched a real account.",
        style="dim",
    )
