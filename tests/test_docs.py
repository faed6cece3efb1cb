"""A file that the docs name is there."""

import re
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
PAGES = [*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")]
NAMED = re.compile(r"`((?:function|infra|simulator|laptop|ops|tests|benchmarks|dev|chats)/[\w./-]+\.\w+)`")


def test_every_file_that_a_page_names_exists() -> None:
    """Whoever moves one is told where it was named."""
    named = {(page.name, path) for page in PAGES for path in NAMED.findall(page.read_text("utf-8"))}

    assert len(named) > 10
    assert sorted(one for one in named if not (ROOT / one[1]).exists()) == []
