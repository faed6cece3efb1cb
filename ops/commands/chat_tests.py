"""`inactivity test`: plays an adopter's chat scripts under their policy, for their CI.

It needs no account, no stack and no credentials. `laptop/chat_tests.py` does the work.
"""

import json
import sys
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console


def check_chats(
    scripts: Annotated[list[Path], typer.Argument(help="Chat scripts (.chat), or folders of them.")],
    *,
    policy: Annotated[
        Path | None,
        typer.Option(help="JSON file with the setting `policy`. By default the policy.json beside the first script."),
    ] = None,
    timeout: Annotated[str | None, typer.Option(help="The stack's `timeout`; PT10M by default.")] = None,
    warn_before: Annotated[str | None, typer.Option(help="The stack's `warnBefore`; PT2M by default.")] = None,
    verbose: Annotated[bool, typer.Option("--verbose", "-v", help="Show how each failed chat went.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON document instead of lines.")] = False,
) -> None:
    """Play chat scripts under a policy and check what they expect. Needs no account, no stack and no credentials.

    The function and a simulator of Twilio run in this process, in virtual time.

    Exit status: 0, every expectation held; 1, at least one did not; 2, nothing was played, and one line says why.
    """
    # Imported here, so that `inactivity off` needs neither laptop nor simulator.
    from laptop.chat_tests import Options, UnusableError, play_tests  # noqa: PLC0415
    from laptop.chat_tests_output import report, show  # noqa: PLC0415

    try:
        tests = play_tests(scripts, Options(policy, timeout, warn_before))
    except UnusableError as error:
        Console(stderr=True, highlight=False).print(str(error), soft_wrap=True, markup=False)
        raise typer.Exit(2) from error
    console = Console(highlight=False, soft_wrap=True)
    played = []
    for test in tests:
        played.append(test)
        if not as_json:
            show(console, test, verbose=verbose)
    failed = sum(not test.passed for test in played)
    if as_json:
        sys.stdout.write(json.dumps(report(played), indent=2) + "\n")
    else:
        chats = "1 chat" if len(played) == 1 else f"{len(played)} chats"
        console.print(f"\n{chats} played: {len(played) - failed} passed, {failed} failed.")
    raise typer.Exit(1 if failed else 0)
