"""The parts of docs/transcripts.md, each between its markers, and what makes them."""

from collections.abc import Callable, Mapping
from pathlib import Path

from tests.transcripts.ci_preview import ci_preview
from tests.transcripts.failed_build import failed_build
from tests.transcripts.refusals import config_refusals, google_refusals

PAGE = Path(__file__).resolve().parents[2] / "docs" / "transcripts.md"
PARTS: Mapping[str, Callable[[], str]] = {
    "config": config_refusals,
    "google": google_refusals,
    "failed-build": failed_build,
    "ci-preview": ci_preview,
}


def recorded(part: str) -> str:
    """What the page says.

    Raises:
        LookupError: it lacks the markers.
    """
    text, (begin, end) = PAGE.read_text("utf-8"), _markers(part)
    if begin not in text or end not in text:
        raise LookupError(f"{PAGE.name} lacks the markers of {part}")
    return text.partition(begin)[2].partition(end)[0].strip()


def put(part: str, text: str) -> None:
    """Write it to the page."""
    page, (begin, end) = PAGE.read_text("utf-8"), _markers(part)
    before, rest = page.partition(begin)[0], page.partition(end)[2]
    PAGE.write_text(f"{before}{begin}\n{text}\n{end}{rest}", "utf-8")


def _markers(part: str) -> tuple[str, str]:
    return f"<!-- {part}: made by `python -m tests.transcripts`; do not edit -->", f"<!-- {part}: end -->"
