"""The README tells the truth about what the code accepts."""

import re
from pathlib import Path

from infra.stack_config import KNOWN_KEYS

ROOT = Path(__file__).resolve().parents[1]
README = (ROOT / "README.md").read_text(encoding="utf-8")


def test_the_settings_table_lists_every_key_and_no_other() -> None:
    """What the table names is what the program accepts, beside the two of Google's own provider."""
    table = README.split("## Settings")[1].split("\n## ")[0]
    first_cells = [line.split("|")[1] for line in table.splitlines() if line.startswith("| `")]
    named = {key for cell in first_cells for key in re.findall(r"`([^`]+)`", cell)}

    assert set(KNOWN_KEYS) | {"gcp:project", "gcp:region"} == named


def test_every_make_command_in_the_readme_exists() -> None:
    """A newcomer can type each command that the README shows."""
    targets = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE))
    shown = set(re.findall(r"`?make ([a-z]+)", README))

    assert shown
    assert shown <= targets


def test_every_link_in_the_readme_leads_somewhere() -> None:
    """No link points at a file that is not there."""
    links = [link.split("#")[0] for link in re.findall(r"\]\(([^)]+)\)", README) if "://" not in link]

    assert [link for link in links if link and not (ROOT / link).exists()] == []
