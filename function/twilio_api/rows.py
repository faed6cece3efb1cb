"""Reads Twilio's lists row by row and page by page, so that one bad row does not hide the others.

The attempt records every row that could not be read, so that a part of a list is never taken for the whole.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any, TypeVar

from .attempt import Attempt

T = TypeVar("T")


def read_rows(
    page: Any, read: Callable[[Any], T], attempt: Attempt, name: str, instead: T | None = None
) -> tuple[T, ...]:
    """Read the rows of one of the SDK's pages; rows that cannot be read are recorded, and omitted or replaced."""
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
        except Exception as error:  # noqa: BLE001 -- the SDK and `read` may raise anything for a bad row
            called = getattr(row, "sid", None)
            attempt.record_unreadable(
                name, f"{called if isinstance(called, str) else f'row {number}'} ({type(error).__name__})"
            )
            if instead is not None:
                yield instead
        number += 1


@dataclass
class Pages:
    """The pages of a list. A page that was read before ends the list."""

    attempt: Attempt
    name: str
    _seen: set[str] = field(default_factory=set)

    def next_of(self, page: Any) -> str | None:
        """Return the address of the next page; None after the last one."""
        url: str | None = page.next_page_url
        if not url:
            return None
        if url in self._seen:
            self.attempt.record_unreadable(self.name, "pages that repeat")
            return None
        self._seen.add(url)
        return url


def read_all(
    first: Any, page_at: Callable[[str], Any], read: Callable[[Any], T], attempt: Attempt, name: str
) -> tuple[T, ...]:
    """Read the rows of a whole list.

    Args:
        first: the first page.
        page_at: fetches the page at an address.
        read: makes a fact of a row.
        attempt: records the rows that cannot be read.
        name: the list's name in the log.
    """
    pages, page, found = Pages(attempt, name), first, list[T]()
    while True:
        found += read_rows(page, read, attempt, name)
        url = pages.next_of(page)
        if url is None:
            return tuple(found)
        page = page_at(url)
