"""The transcript of `inactivity test` in docs/chats.md, made by running it: `python -m dev.chat_tests_page [--check]`.

The page itself has the script and the policy that are played: the code blocks before the transcript. A test says when
the transcript is out of date.
"""

from __future__ import annotations

import re
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Final

ROOT: Final = Path(__file__).parents[1]
PAGE: Final = ROOT / "docs" / "chats.md"
COMMANDS: Final = (
    "inactivity test parcel.chat invoice.chat --policy policy.json",
    "inactivity test parcel.chat --policy policy.json --timeout PT20M",
)
_BEGIN: Final = "<!-- transcript: made by `python -m dev.chat_tests_page`; do not edit -->\n"
_END: Final = "<!-- transcript: end -->"
_FILE: Final = re.compile(r"^`([\w.-]+)`:\n\n```\w*\n(.*?)^```$", re.DOTALL | re.MULTILINE)


def page() -> str:
    """The page as it is when it is current.

    Raises:
        LookupError: it lacks the markers of the transcript.
    """
    text = PAGE.read_text("utf-8")
    if text.count(_BEGIN) != 1 or text.count(_END) != 1:
        raise LookupError(f"{PAGE.name} lacks {_BEGIN.strip()} or {_END}")
    before, rest = text.split(_BEGIN)
    return f"{before}{_BEGIN}{transcript(dict(_FILE.findall(before)))}{_END}{rest.split(_END)[1]}"


def transcript(files: dict[str, str]) -> str:
    """What the commands print in a folder with these files, and their exit status, as a code block."""
    with tempfile.TemporaryDirectory() as folder:
        for name, text in files.items():
            (Path(folder) / name).write_text(text, "utf-8")
        return "".join(["```console\n", *(_typed(command, folder) for command in COMMANDS), "```\n"])


def _typed(command: str, folder: str) -> str:
    ran = subprocess.run(
        [sys.executable, "-m", "ops", *command.split()[1:]],
        capture_output=True,
        text=True,
        cwd=folder,
        env={"PYTHONPATH": str(ROOT), "LANG": "C.UTF-8"},
        check=False,
    )
    return f"$ bin/{command}; echo $?\n{ran.stdout}{ran.stderr}{ran.returncode}\n"


def main(arguments: list[str]) -> int:
    """Write the page, or with --check say whether it is out of date."""
    text = page()
    if "--check" in arguments:
        current = PAGE.read_text("utf-8") == text
        print("the page is current" if current else f"{PAGE.name} is out of date: python -m dev.chat_tests_page")
        return 0 if current else 1
    PAGE.write_text(text, "utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
