"""The README matches what the code accepts."""

import re
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
README = (ROOT / "README.md").read_text(encoding="utf-8")


def test_every_make_command_in_the_readme_exists() -> None:
    """A newcomer can type each command that the README shows."""
    targets = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE))
    shown = set(re.findall(r"`?make ([a-z]+)", README))

    assert shown
    assert shown <= targets


def test_every_link_in_the_readme_leads_somewhere() -> None:
    """No link points at a missing file."""
    links = [link.split("#")[0] for link in re.findall(r"\]\(([^)]+)\)", README) if "://" not in link]

    assert [link for link in links if link and not (ROOT / link).exists()] == []
