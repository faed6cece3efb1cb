"""Print what a deployment costs a month, and write docs/costs.md: `python -m dev.costs [--check]`."""

import sys
from datetime import timedelta

from dev.costs.assumptions import CPU_OF_A_REQUEST
from dev.costs.page import PAGE, page
from dev.costs.usage import cpu_of_a_request


def main(arguments: list[str]) -> int:
    """Write the page and print it, or with --check say whether it is out of date."""
    text = page()
    if "--check" in arguments:
        current = PAGE.exists() and PAGE.read_text("utf-8") == text
        print("the page is current" if current else f"{PAGE.name} is out of date: python -m dev.costs")
        return 0 if current else 1
    PAGE.write_text(text, "utf-8")
    print(text)
    measured, assumed = cpu_of_a_request(), CPU_OF_A_REQUEST
    print(f"CPU of a request on this machine: {_ms(measured)}; the page assumes {_ms(assumed)}.")
    return 0


def _ms(time: timedelta) -> str:
    return f"{time.total_seconds() * 1000:.1f} ms"


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
