"""The notes of a release, out of CHANGELOG.md: `python -m dev.release_notes VERSION [BASE]`.

BASE is where the repository's files of this version can be read, so that the links work outside the repository too.
Standard library only.
"""

from __future__ import annotations

import re
import sys
from pathlib import Path
from typing import Final

CHANGELOG: Final = Path(__file__).parents[1] / "CHANGELOG.md"

_HEADING: Final = re.compile(r"^## (\S+).*$", re.MULTILINE)
_RELATIVE_LINK: Final = re.compile(r"\]\((?![a-z]+:|#)")


def notes(changelog: str, version: str, base: str = "") -> str:
    """What the changelog says of a version, without its heading.

    Raises:
        LookupError: it says nothing; the message names the versions of which it does.
    """
    headings = list(_HEADING.finditer(changelog))
    ends = [heading.start() for heading in headings[1:]] + [len(changelog)]
    sections = {heading[1]: changelog[heading.end() : end].strip() for heading, end in zip(headings, ends, strict=True)}
    if not sections.get(version):
        raise LookupError(f"the changelog says nothing of {version}, only of: {', '.join(sections)}")
    link = f"]({base.rstrip('/')}/" if base else "]("
    return _RELATIVE_LINK.sub(lambda _: link, sections[version]) + "\n"


def main(arguments: list[str]) -> int:
    """Print the notes; where there are none, print why on standard error and return 1."""
    try:
        sys.stdout.write(notes(CHANGELOG.read_text("utf-8"), *arguments))
    except LookupError as error:
        sys.stderr.write(f"{error}\n")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
