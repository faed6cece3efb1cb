"""Has anything changed? `python -m tests.baselines [--write] [PART...]` exits with 1 if something has.

`--write` records the present behaviour: an intended change is recorded in the commit that makes it.
"""

from __future__ import annotations

import argparse
import sys
import time

from rich.console import Console

from tests.baselines.comparing import HOW_TO_RECORD, PARTS, SHOWN, differences, write


def main() -> int:
    """Compare or record."""
    parser = argparse.ArgumentParser(prog="python -m tests.baselines", description=__doc__)
    parser.add_argument("parts", nargs="*", choices=[*PARTS, []], help="all of them unless named")
    parser.add_argument("--write", action="store_true", help="record what is so now")
    arguments = parser.parse_args()
    console, differ = Console(highlight=False, soft_wrap=True), False
    for part in arguments.parts or PARTS:
        began = time.perf_counter()
        now = PARTS[part]()
        seconds = time.perf_counter() - began
        if arguments.write:
            write(part, now)
            console.print(f"{part}: {len(now)} lines recorded [dim]({seconds:.1f} s)")
            continue
        found = differences(part, now)
        differ = differ or bool(found)
        verdict = f"[red]{len(found)} lines of differences" if found else "[green]nothing differs"
        console.print(f"{part}: {len(now)} lines, {verdict} [dim]({seconds:.1f} s)")
        console.print("\n".join(found[:SHOWN]), markup=False, end="\n" if found else "")
    if differ:
        console.print(f"If that is meant: {HOW_TO_RECORD}.")
    return 1 if differ else 0


if __name__ == "__main__":
    sys.exit(main())
