"""`python -m tests.transcripts [PART...]` makes these parts of docs/transcripts.md anew; all of them unless named."""

import sys

from tests.transcripts.page import PARTS, put


def main(parts: list[str]) -> None:
    """Run each, and write what it said."""
    for part in parts or PARTS:
        put(part, PARTS[part]())
        print(part)


if __name__ == "__main__":
    main(sys.argv[1:])
