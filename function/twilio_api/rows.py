"""Lists of Twilio's, row by row and page by page: one that makes no sense costs itself and not the others.

What was left out is noted on the attempt, by name: part of a list is never taken for the whole.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any, TypeVar

from .attempt import Attempt

T = TypeVar("T")


def read_rows(
    page: Any, read: Callable[[Any], T], attempt: Attempt, name: str, instead: T | None = None
) -> tuple[T, ...]:
    """The rows of one of the SDK's pages; those that make no sense are noted, and left out or stood in for."""
    return tuple(_rows(page, read, attempt, name, instead))


def _rows(page: Any, read: Callable[[Any], T], attempt: Attempt, name: str, instead: T | None) -> Iterator[T]:
    number = 0
    while True:
        row = None
        try:
            row = next(page)
            yield read(row)
        except StopIteration:
            return
        except Exception as error:  # noqa: BLE001 -- the SDK raises what it likes over a row, and so may reading it
            called = getattr(row, "sid", None)
            attempt.leave_out(
                name, f"{called if isinstance(called, str) else f'row {number}'} ({type(error).__name__})"
            )
            if instead is not None:
                yield instead
        number += 1


@dataclass
class Pages:
    """The way through a list, page by page, and whether it ends: a page that was seen already ends it."""

    attempt: Attempt
    name: str
    _seen: set[str] = field(default_factory=set)

    def next_of(self, page: Any) -> str | None:
        """The way to the page after this one; None after the last."""
        url: str | None = page.next_page_url
        if not url:
            return None
        if url in self._seen:
            self.attempt.leave_out(self.name, "pages that repeat")
            return None
        self._seen.add(url)
        return url


def read_all(
    first: Any, page_at: Callable[[str], Any], read: Callable[[Any], T], attempt: Attempt, name: str
) -> tuple[T, ...]:
    """The rows of a whole list.

    Args:
        first: its first page.
        page_at: fetches the page at an address that a page told.
        read: makes a fact of a row.
        attempt: whose list it is.
        name: of the list, in the log.
    """
    pages, page, found = Pages(attempt, name), first, list[T]()
    while True:
        found += read_rows(page, read, attempt, name)
        url = pages.next_of(page)
        if url is None:
            return tuple(found)
        page = page_at(url)
