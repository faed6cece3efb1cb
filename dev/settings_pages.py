"""What is made from the declared settings: `python -m dev.settings_pages [--check]`.

The tables in docs/settings.md and README.md, and the whole of Pulumi.example.yaml. A test says when one is out of date.
"""

from __future__ import annotations

import sys
from collections.abc import Iterable
from pathlib import Path
from typing import Any, Final

from infra.stack_settings import MAIN, SETTINGS, Setting
from infra.twilio_resources.client import ENVIRONMENT_OF

ROOT: Final = Path(__file__).parents[1]
PROJECT: Final = "flex-chat-inactivity-timeout"
BEGIN: Final = "<!-- settings: made by `python -m dev.settings_pages`; do not edit -->"
END: Final = "<!-- settings: end -->"

EXAMPLE: Final = """\
# Made by `python -m dev.settings_pages` from infra/stack_settings.py; docs/settings.md explains every key.
# Copy to Pulumi.<stack>.yaml, or write each key with `pulumi config set`. Beside the required ones here, only the token
# is needed: `pulumi config set --secret twilioAuthToken`, or TWILIO_AUTH_TOKEN in the environment.
config:
"""


def pages() -> dict[Path, str]:
    """Each page with what it says when it is current.

    Raises:
        LookupError: a page lacks the markers of its table.
    """
    return {
        ROOT / "docs" / "settings.md": _with_table(ROOT / "docs" / "settings.md", table(SETTINGS)),
        ROOT / "README.md": _with_table(ROOT / "README.md", table(MAIN).replace("](", "](docs/")),
        ROOT / "Pulumi.example.yaml": EXAMPLE + "".join(_example(each) for each in SETTINGS if each.example),
    }


def table(settings: Iterable[Setting[Any]]) -> str:
    """One row for each setting."""
    rows = (
        f"| `{each.key}` | {each.type.bounds} | {each.shown_default} | {each.about}{_environment(each)} |"
        for each in settings
    )
    return "\n".join(["| key | value | default | what it is |", "|---|---|---|---|", *rows])


def _environment(setting: Setting[Any]) -> str:
    variable = ENVIRONMENT_OF.get(setting.key)
    return f"; or `{variable}` in the environment" if variable else ""


def _example(setting: Setting[Any]) -> str:
    key = setting.key if ":" in setting.key else f"{PROJECT}:{setting.key}"
    separator = "" if setting.example.startswith("\n") else " "
    return f"  {key}:{separator}{setting.example}\n"


def _with_table(page: Path, wanted: str) -> str:
    text = page.read_text("utf-8")
    if BEGIN not in text or END not in text:
        raise LookupError(f"{page.name} lacks the markers of the settings' table")
    return f"{text.partition(BEGIN)[0]}{BEGIN}\n{wanted}\n{END}{text.partition(END)[2]}"


def outdated() -> list[str]:
    """The pages that say something else."""
    return [page.name for page, text in pages().items() if page.read_text("utf-8") != text]


def main(arguments: list[str]) -> int:
    """Write the pages, or with --check say which are out of date."""
    if "--check" in arguments:
        different = outdated()
        print("\n".join(different) or "the pages are current")
        return 1 if different else 0
    for page, text in pages().items():
        page.write_text(text, "utf-8")
        print(page.relative_to(ROOT))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
