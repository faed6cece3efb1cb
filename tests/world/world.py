"""The sandbox with the methods that tests and campaigns use: `World.twilio` creates chats and events."""

from collections.abc import Mapping
from typing import Any

from sandbox.sandbox import PUBLIC_URL, Instance, Sandbox
from tests.world.driving import Chat, Twilio


class World(Sandbox):
    """One account and one deployment in this process; see `Sandbox` for the options.

    Attributes:
        twilio: the tests' client of its simulator.
    """

    def __init__(self, policy: Mapping[str, object] | None = None, **options: Any) -> None:
        super().__init__(policy, **options)
        self.twilio = Twilio(self)


__all__ = ["PUBLIC_URL", "Chat", "Instance", "World"]
