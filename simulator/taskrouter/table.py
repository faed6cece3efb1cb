"""TaskRouter's table of operations, and what its files share; `routes.py` imports all of them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from simulator.shared.rest import Answer, Call, Routes, after, page
from simulator.taskrouter.collection import Collection, T
from simulator.taskrouter.models import TaskRouter
from simulator.taskrouter.workspace import Workspace

ROUTES: Final[Routes[TaskRouter]] = Routes()
WORKSPACE: Final = "/v1/Workspaces/{workspace_sid}"


def found(call: Call[TaskRouter], workspace_sid: str) -> Workspace:
    """The workspace in a path."""
    return call.product.workspace(workspace_sid)


def listed(
    call: Call[TaskRouter],
    key: str,
    collection: Collection[T],
    render: Callable[[T], dict[str, object]],
    wanted: Callable[[T], bool] = lambda _item: True,
) -> Answer:
    """One page of the items that are wanted."""
    rows = (row for row in collection.rows(after(call)) if wanted(row[1]))
    return page(call, key, rows, lambda row: render(row[1]), lambda row: row[0], maximum=1000)


def named(call: Call[TaskRouter]) -> Callable[[object], bool]:
    """A filter by the requested name; without one it matches everything."""
    name = call.asked("FriendlyName")
    return lambda item: name is None or getattr(item, "friendly_name", None) == name


def truth(text: str | None) -> bool:
    """Whether a query parameter is true: true, 1 or yes."""
    return (text or "").lower() in {"true", "1", "yes"}
