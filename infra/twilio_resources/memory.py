"""What `PriorSettings` remembers of one kind of settings, and how that is written in the stack's state."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any, Generic, TypeVar

from infra.twilio_resources.kind import Kind, Props

Settings = TypeVar("Settings")
Own = TypeVar("Own")


@dataclass(frozen=True)
class Place(Generic[Settings, Own]):
    """Where settings of one kind are, and what this stack may have done there.

    Attributes:
        sid: the service's, the workspace's or the account's; empty while nobody had to know.
        own: what this stack may have left there; the last is what it wants now.
        previous: what was there before us; None when it was never ours to write.
    """

    sid: str = ""
    own: tuple[Own, ...] = ()
    previous: Settings | None = None


@dataclass(frozen=True)
class Memory(Generic[Settings, Own]):
    """What the stack remembers of one kind.

    Attributes:
        here: where the stack works.
        left: places that it worked on before, and where something of it may still be.
    """

    here: Place[Settings, Own] = Place()
    left: tuple[Place[Settings, Own], ...] = ()

    @property
    def places(self) -> tuple[Place[Settings, Own], ...]:
        """All places where something of the stack may be."""
        return tuple(place for place in (self.here, *self.left) if place.own)

    def moved(self, sid: str, still_there: Callable[[Place[Settings, Own]], bool]) -> "Memory[Settings, Own]":
        """The memory of a stack that works on this place now; a place that it left stays while ours is there."""
        if sid == self.here.sid:
            return replace(self, left=tuple(place for place in self.left if still_there(place)))
        left = [place for place in self.places if still_there(place)]
        here = next((place for place in left if place.sid == sid), Place[Settings, Own](sid))
        return Memory(here, tuple(place for place in left if place is not here))


def remembered(kind: Kind[Settings, Own], props: Props) -> Memory[Settings, Own]:
    """The memory as properties hold it; older states know nothing of events, nor of places that were left."""

    def place(sid: str, own: Sequence[Any] | None, previous: Props | None) -> Place[Settings, Own]:
        earlier = None if previous is None else kind.from_state(previous)
        return Place(sid, tuple(kind.own_from_state(each) for each in own or ()), earlier)

    here = place(props[kind.place_key], props.get(kind.remembered_own_key), props.get(kind.previous_key))
    left = (props.get(kind.left_key) or ()) if kind.left_key else ()
    return Memory(here, tuple(place(each["sid"], each["own_urls"], each["previous"]) for each in left))


def properties(kind: Kind[Settings, Own], memory: Memory[Settings, Own]) -> Props:
    """The memory as properties."""

    def own(place: Place[Settings, Own]) -> list[Any]:
        return [kind.own_to_state(each) for each in place.own]

    def previous(place: Place[Settings, Own]) -> Props | None:
        return None if place.previous is None else kind.to_state(place.previous)

    here = memory.here
    props = {kind.place_key: here.sid, kind.previous_key: previous(here), kind.remembered_own_key: own(here)}
    if kind.left_key:
        props[kind.left_key] = [
            {"sid": place.sid, "own_urls": own(place), "previous": previous(place)} for place in memory.left
        ]
    return props
