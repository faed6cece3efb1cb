"""The notes of a release are its section of the changelog."""

import pytest

from dev.release_notes import CHANGELOG, notes

LOG = """\
# Changelog

Words about it.

## Unreleased

### Added

- Something.

## 1.1.0 - 2026-12-01

### Fixed

- A bug: [how](docs/operations.md#drift), [why](https://example.com/a), [above](#changed).

## 1.0.0
"""


def test_the_notes_are_the_versions_own_section() -> None:
    """Neither its heading nor the next section."""
    assert notes(LOG, "Unreleased") == "### Added\n\n- Something.\n"


def test_links_into_the_repository_work_from_outside() -> None:
    """They become absolute, because a release's page is not in the repository; other links stay."""
    assert notes(LOG, "1.1.0", "https://host/owner/name/blob/v1.1.0").splitlines()[-1] == (
        "- A bug: [how](https://host/owner/name/blob/v1.1.0/docs/operations.md#drift), "
        "[why](https://example.com/a), [above](#changed)."
    )


@pytest.mark.parametrize("version", ["1.0.0", "1.1", "2.0.0"])
def test_a_version_without_an_entry_is_refused(version: str) -> None:
    """A missing or empty entry fails, and the message names the versions that exist."""
    with pytest.raises(LookupError, match=f"nothing of {version}, only of: Unreleased, 1.1.0, 1.0.0"):
        notes(LOG, version)


def test_our_own_changelog_has_notes() -> None:
    """It has the format that is expected."""
    assert notes(CHANGELOG.read_text("utf-8"), "Unreleased").startswith("### Added\n")
