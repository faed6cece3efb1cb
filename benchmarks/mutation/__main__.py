"""Mutation testing of the function: `python -m benchmarks.mutation [MODULE...] [--again] [--write]`.

Ends with 1 when a mutant of decisions, signature or durations survives. `--write` puts the figures of the modules that
were run into docs/figures.md.
"""

from __future__ import annotations

import argparse
import functools
import sys
from pathlib import Path

from rich.console import Console
from rich.progress import Progress

from benchmarks.mutation.campaign import MutationError, Result, judge
from benchmarks.mutation.report import alive_before, describe, record

T = "tests/function"
DECISIONS = (f"{T}/chat/test_decisions.py", f"{T}/chat/test_policy_decisions.py")
AT_WORK = (f"{T}/handling/test_narrow_places.py", f"{T}/handling/test_policies_at_work.py")
CALLS, LINES, ROUNDS = f"{T}/handling/test_calls.py", f"{T}/entry/test_log_lines.py", f"{T}/handling/test_rounds.py"
SAMPLE = "tests/campaigns/test_campaigns.py::test_a_sample_of_the_campaign_breaks_no_promise"
LOST, FAULTS = f"{SAMPLE}[lost]", f"{SAMPLE}[faults]"
"""The function and Twilio in one process, in virtual time."""
LAST_SEARCH, SWEEPING = f"{T}/handling/test_last_search.py", f"{T}/handling/test_sweeping.py"
SLOW = (
    "every_lost_webhook_is_found_within_the_bound",
    "the_cost_is_pages_plus_candidates",
    "two_sweeps_at_once_say_nothing_twice",
    "a_sweep_beside_webhooks_says_nothing_twice",
    "ten_minutes_without_twilio_are_made_up_for",
    "failures_in_a_row_end_the_sweep",
)
SWEEPS = (f"{T}/handling/test_sweep.py", *(f"--deselect={T}/handling/test_sweep.py::test_{name}" for name in SLOW))
"""Those that are over soon."""
DOCUMENT = (f"{T}/policy/test_policy_complaints.py", f"{T}/policy/test_policy.py")
TESTS = {
    "decisions": ("tests/test_operations_page.py", *DECISIONS),
    "signature": (f"{T}/twilio_api/test_signature.py",),
    "durations": (f"{T}/contract/test_durations.py",),
    "rules": (f"{T}/policy/test_rules.py", *DOCUMENT, f"{T}/policy/test_policy_page.py", *DECISIONS),
    "treatments": (*DOCUMENT, f"{T}/chat/test_attributes.py", *DECISIONS, f"{T}/policy/test_rules.py"),
    "snapshot": (f"{T}/chat/test_snapshot.py", *DECISIONS, f"{T}/twilio_api/test_events.py", *AT_WORK),
    "markers": (f"{T}/chat/test_attributes.py", *DECISIONS, f"{T}/chat/test_snapshot.py"),
    "events": (f"{T}/twilio_api/test_events.py", "tests/test_operations_page.py"),
    "policy": (*DOCUMENT, f"{T}/policy/test_policy_page.py", f"{T}/policy/test_rules.py", *DECISIONS),
    "document": (*DOCUMENT, f"{T}/policy/test_policy_page.py", f"{T}/policy/test_rules.py"),
    "texts": (*DOCUMENT, f"{T}/chat/test_wording.py", f"{T}/policy/test_policy_page.py", f"{T}/policy/test_rules.py"),
    "messages": (f"{T}/chat/test_wording.py", *AT_WORK),
    "settings": (f"{T}/test_settings.py", "tests/infra/test_stack_config.py"),
    "budget": (f"{T}/twilio_api/test_budget.py", f"{T}/twilio_api/test_transport.py", LAST_SEARCH),
    "logs": (f"{T}/entry/test_logs.py", LINES, f"{T}/entry/test_main.py", f"{T}/entry/test_webhook_endpoint.py"),
    "candidates": (f"{T}/handling/test_candidates.py", LOST),
    "handling": (f"{T}/handling/test_turns.py", LINES, ROUNDS, SWEEPING, *AT_WORK, FAULTS),
    "carry_out": (CALLS, *AT_WORK, LINES, FAULTS, LAST_SEARCH),
    "reading": (f"{T}/handling/test_memory.py", CALLS, *AT_WORK, LAST_SEARCH, f"{T}/handling/test_chats.py"),
    "on_accept": (
        "tests/test_operations_page.py",
        f"{T}/handling/test_narrow_places.py",
        f"{T}/handling/test_acceptance.py",
    ),
    "transport": (CALLS, f"{T}/twilio_api/test_transport.py", *AT_WORK),
    "sweep": (LINES, ROUNDS, SWEEPING, LOST, *SWEEPS),
    "twilio_api": (f"{T}/twilio_api/test_api.py", CALLS, LINES, LAST_SEARCH),
    "main": (LINES, *AT_WORK, f"{T}/entry/test_main.py"),
}
"""What is about a module, quick tests first, and of those that take long only some: a survivor costs them all."""
EVERY = (f"{T}/test_facts_are_frozen.py",)
"""What is about every module."""
SOME = 50
"""Where there is no terminal, a line tells of so many mutants."""
ALL_KILLED = ("decisions", "signature", "durations")
"""Here a survivor is a defect of the tests."""


def main() -> int:
    """Run it."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.mutation", description=__doc__)
    parser.add_argument("modules", nargs="*", metavar="MODULE", help=f"of {', '.join(TESTS)} (default: all)")
    parser.add_argument("--write", action="store_true", help="put the figures into docs/figures.md")
    parser.add_argument("--again", action="store_true", help="only those that survived the last time")
    arguments = parser.parse_args()
    if unknown := sorted(set(arguments.modules) - set(TESTS)):
        parser.error(f"no module {', '.join(unknown)}; there are {', '.join(TESTS)}")
    console = Console()
    good = True
    for module in arguments.modules or TESTS:
        try:
            result = _watched(module, console, again=arguments.again)
        except MutationError as error:
            console.print(f"[bold red]{module}[/]: ", end="")
            console.print(str(error), markup=False, highlight=False)
            good = False
            continue
        for line in describe(result):
            console.print(line, markup=False, highlight=False, soft_wrap=True)
        good = good and not (module in ALL_KILLED and result.survivors)
        if arguments.write:
            record(result)
    return 0 if good else 1


def _watched(module: str, console: Console, *, again: bool) -> Result:
    with Progress(console=console, transient=True) as progress:
        shown = progress.add_task(module, total=None)

        def tell(done: int, of: int, alive: int) -> None:
            progress.update(shown, completed=done, total=of, description=f"{module}, {alive} alive")
            if not console.is_terminal and done % SOME == 0:
                console.print(f"{module}: {done} of {of}, {alive} alive", highlight=False)

        among = functools.partial(alive_before, module) if again else tuple
        return judge(Path(f"function/{module}.py"), (*TESTS[module], *EVERY), tell=tell, among=among)


if __name__ == "__main__":
    sys.exit(main())
