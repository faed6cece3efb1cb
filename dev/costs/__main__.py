"""Print what a deployment costs a month, and write docs/costs.md: `python -m dev.costs [--check]`."""

import sys

from dev.costs.page import PAGE, page


def main(arguments: list[str]) -> int:
    """Write the page and print it, or with --check say whether it is out of date."""
    text = page()
    if "--check" in arguments:
        current = PAGE.exists() and PAGE.read_text("utf-8") == text
        print("the page is current" if current else f"{PAGE.name} is out of date: python -m dev.costs")
        return 0 if current else 1
    PAGE.write_text(text, "utf-8")
    print(text)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
