"""The docs name files that exist, and link to pages and headings that exist."""

import re
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
PAGES = [*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")]
LINK = re.compile(r"\]\((?!https?:)([^)#\s]*)(?:#([^)\s]*))?\)")
HEADING = re.compile(r"^#+ (.*)$", re.MULTILINE)
NAMED = re.compile(
    r"`((?:function|infra|simulator|sandbox|laptop|ops|tests|benchmarks|dev|chats|ci|\.github)/[\w./-]+\.\w+)`"
)


def test_every_file_that_a_page_names_exists() -> None:
    """A file that moves is renamed on every page."""
    named = {(page.name, path) for page in PAGES for path in NAMED.findall(page.read_text("utf-8"))}

    assert len(named) > 10
    assert sorted(one for one in named if not (ROOT / one[1]).exists()) == []


def test_every_link_leads_to_a_page_and_a_heading() -> None:
    """A heading that changes changes in every link to it."""
    links = {(page, *found) for page in PAGES for found in LINK.findall(page.read_text("utf-8"))}
    broken = [f"{page.name}: {path}#{anchor}" for page, path, anchor in links if not leads(page, path, anchor)]

    assert len(links) > 50
    assert sorted(broken) == []


def leads(page: Path, path: str, anchor: str) -> bool:
    """Whether a link leads to a file, and to its heading if it names one."""
    target = page.parent / path if path else page
    if not anchor:
        return target.exists()
    return target.is_file() and anchor in {slug(heading) for heading in HEADING.findall(target.read_text("utf-8"))}


def slug(heading: str) -> str:
    """A heading's anchor as GitHub makes it: in lower case, spaces as hyphens, without other punctuation."""
    return re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-")
