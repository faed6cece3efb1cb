"""The control plane's client over a world without sockets."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from local.control_plane import ControlPlane

if TYPE_CHECKING:
    from tests.world.world import World


class WorldControl(ControlPlane):
    """Speaks with a world in this process."""

    def __init__(self, world: World) -> None:
        self._world = world

    def _call(self, method: str, path: str, body: object = None) -> Any:
        if (method, path) == ("GET", "clock"):
            return {"now": self._world.now.isoformat()}
        answer = self._world.control(method, path, body)
        return {"deliveries": [], **answer} if path.endswith("/messages") else answer
