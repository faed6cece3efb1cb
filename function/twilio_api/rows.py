"""Reads Twilio's lists row by row and page by page, so that one bad row does not hide the others.

The attempt records every row that could not be read, so that a part of a list is never taken for the whole.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any, TypeVar

from .attempt import Attempt
from .errors import UnreadableError

T = TypeVar("T")


@dataclass
class Reading:
    """One reading of a list.

    Attributes:
        attempt: records what cannot be read.
        name: the list's name in the log.
        whole: whether all of it could be read so far.
    """

    attempt: Attempt
    name: str
    whole: bool = True
    _seen: set[str] = field(default_factory=set)

    def rows(self, page: Any, read: Callable[[Any], T], instead: T | None = None) -> Iterator[T]:
        """Read the rows of one of the SDK's pages."""
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
                self._leave_out(f"{called if isinstance(called, str) else f'row {number}'} ({type(error).__name__})")
                if instead is not None:
                    yield instead
            number += 1

    def next_of(self, page: Any) -> str | None:
        """Return the address of the next page; None after the last one, or if that page was read before."""
        url: str | None = page.next_page_url
        if not url:
            return None
        if url in self._seen:
            self._leave_out("pages that repeat")
            return None
        self._seen.add(url)
        return url

    def pages(self, first: Any, page_at: Callable[[str], Any], read: Callable[[Any], T]) -> tuple[T, ...]:
        """Read the rows of all pages."""
        page, found = first, list[T]()
        while True:
            found += self.rows(page, read)
            url = self.next_of(page)
            if url is None:
                return tuple(found)
            page = page_at(url)

    def _leave_out(self, what: str) -> None:
        self.whole = False
        self.attempt.record_unreadable(self.name, what)


def read_rows(
    page: Any, read: Callable[[Any], T], attempt: Attempt, name: str, instead: T | None = None
) -> tuple[T, ...]:
    """Read the rows of one of the SDK's pages; rows that cannot be read are recorded, and omitted or replaced."""
    return tuple(Reading(attempt, name).rows(page, read, instead))


def read_all(
    first: Any, page_at: Callable[[str], Any], read: Callable[[Any], T], attempt: Attempt, name: str
) -> tuple[T, ...]:
    """Read the rows of a whole list, as far as they can be read.

    Args:
        first: the first page.
        page_at: fetches the page at an address.
        read: makes a fact of a row.
        attempt: records the rows that cannot be read.
        name: the list's name in the log.
    """
    return Reading(attempt, name).pages(first, page_at, read)


def read_whole(
    first: Any, page_at: Callable[[str], Any], read: Callable[[Any], T], attempt: Attempt, name: str
) -> tuple[T, ...]:
    """As `read_all`, for a list in which an absence proves something.

    Raises:
        UnreadableError: a part of it cannot be read.
    """
    reading = Reading(attempt, name)
    found = reading.pages(first, page_at, read)
    if not reading.whole:
        raise UnreadableError(name, "a part of the list cannot be read")
    return found
