"""What the collections of a workspace share: they are found by SID or name, and listed in order of creation."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, ClassVar, Generic, Protocol, TypeVar

from simulator.shared.errors import not_found
from simulator.taskrouter import errors

if TYPE_CHECKING:
    from simulator.taskrouter.workspace import Workspace


class Named(Protocol):
    """A resource with a SID and a name."""

    @property
    def sid(self) -> str:
        """Its SID."""
        ...

    @property
    def friendly_name(self) -> str:
        """Its name."""
        ...


T = TypeVar("T", bound=Named)


class Collection(Generic[T]):
    """The workers, queues, ... of one workspace."""

    path: ClassVar[str]
    """Its spelling in addresses."""
    kind: ClassVar[str]
    """The word for one of them in refusals."""

    def __init__(self, workspace: Workspace) -> None:
        self.workspace = workspace
        self._rows: dict[str, tuple[int, T]] = {}
        self._sequence = 0

    def __iter__(self) -> Iterator[T]:
        """All of them, oldest first."""
        return (item for _, item in self._rows.values())

    def rows(self, after: int) -> Iterator[tuple[int, T]]:
        """The items after a number, with their numbers."""
        return (row for row in self._rows.values() if row[0] > after)

    def get(self, sid: str) -> T:
        """Find one by its SID.

        Raises:
            TwilioError: 20404.
        """
        row = self._rows.get(sid)
        if row is None:
            raise not_found(f"/Workspaces/{self.workspace.sid}/{self.path}/{sid}")
        return row[1]

    def get_if_named(self, sid: str | None) -> T | None:
        """Like `get`; None for an empty SID.

        Raises:
            TwilioError: 20404.
        """
        return self.get(sid) if sid else None

    def named(self, name: str) -> T | None:
        """Find one by its name."""
        return next((item for item in self if item.friendly_name == name), None)

    def require_free(self, name: str, owner: T | None = None) -> None:
        """Refuse a name that another item has.

        Raises:
            TwilioError: 20409.
        """
        found = self.named(name)
        if found is not None and found is not owner:
            raise errors.name_taken(self.kind, name)

    def add(self, item: T) -> T:
        """Add an item."""
        self._rows[item.sid] = (self._sequence, item)
        self._sequence += 1
        return item

    def remove(self, item: T) -> None:
        """Remove one.

        Raises:
            TwilioError: 20001 for one that Flex uses.
        """
        if item.sid in self.workspace.kept:
            raise errors.in_use(self.kind, item.sid, "Flex works with it")
        del self._rows[item.sid]
