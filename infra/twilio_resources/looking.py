"""One look at Twilio for `PriorSettings`: each kind of settings where the stack works, beside what it remembers."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from pulumi.dynamic import CheckFailure

from infra.twilio_resources.client import MissingError, TwilioClient
from infra.twilio_resources.default_timers import TimersKind
from infra.twilio_resources.kind import Kind, Props
from infra.twilio_resources.memory import Memory, Place, properties, remembered
from infra.twilio_resources.service_webhook import WebhookKind
from infra.twilio_resources.task_events import EventsKind

KINDS: tuple[Kind[Any, Any], ...] = (WebhookKind(), TimersKind(), EventsKind())


@dataclass(frozen=True)
class Look:
    """One kind of settings, looked at.

    Attributes:
        kind: which.
        memory: what the stack remembers of it.
        was: what the stack wanted here before this run; None when it did not want these settings.
        wanted: what it wants now; None when it does not want these settings.
        live: what is set at Twilio; None when the stack neither wants such settings nor wrote any.
    """

    kind: Kind[Any, Any]
    memory: Memory[Any, Any]
    was: Any
    wanted: Any
    live: Any

    @property
    def here(self) -> Place[Any, Any]:
        """Where the stack works."""
        return self.memory.here

    def remembering(self) -> "Look":
        """With what was there before us."""
        if self.live is None:
            return self
        before = self.kind.first_before_us(self.live, self.was, self.wanted, self.here.own, self.here.previous)
        return replace(self, memory=replace(self.memory, here=replace(self.here, previous=before)))

    def properties(self) -> Props:
        """The memory as properties; of our earlier wishes, only what is still there can matter later."""
        own = tuple(self.kind.still_own(self.live, self.here.own, self.wanted))
        return properties(self.kind, replace(self.memory, here=replace(self.here, own=own)))


def first_looks(client: TwilioClient, props: Props) -> list[Look]:
    """Look at Twilio for a stack that remembers nothing."""
    return [_look(client, kind, props, Memory(), None) for kind in KINDS]


def look_again(client: TwilioClient, kind: Kind[Any, Any], olds: Props, news: Props) -> Look:
    """Look at one kind of settings for an existing stack, in the place that is wanted now.

    A default place is not asked for again while it is there.
    """
    here, wanted = remembered(kind, olds).here, _wanted_place(kind, news)
    stays = not wanted and not _wanted_place(kind, olds) and _is_concerned(kind, news, here)
    try:
        return _look_in(client, kind, olds, news, wanted or (here.sid if stays else kind.default_place(client)))
    except MissingError:
        if not stays:
            raise
        return _look_in(client, kind, olds, news, kind.default_place(client))


def _look_in(client: TwilioClient, kind: Kind[Any, Any], olds: Props, news: Props, sid: str) -> Look:
    memory = remembered(kind, olds)
    was = kind.wanted(olds) if sid == memory.here.sid else None
    return _look(client, kind, news, memory.moved(sid, lambda place: _has_ours(client, kind, place)), was)


def _look(client: TwilioClient, kind: Kind[Any, Any], props: Props, memory: Memory[Any, Any], was: Any) -> Look:
    """Look at one kind of settings; where they are is read always, what they are unless the stack is not concerned."""
    here = memory.here
    sid = here.sid or _wanted_place(kind, props) or kind.default_place(client)
    memory = replace(memory, here=replace(here, sid=sid))
    live = kind.fetch(client, sid) if _is_concerned(kind, props, here) else None
    return Look(kind, memory, was, kind.wanted(props), live)


def _is_concerned(kind: Kind[Any, Any], props: Props, here: Place[Any, Any]) -> bool:
    """Whether such settings matter to a stack, because it wants some or may have left some there."""
    return not kind.optional or kind.wanted(props) is not None or bool(here.own)


def _wanted_place(kind: Kind[Any, Any], props: Props) -> str:
    """The place that the config names; empty for the default."""
    return str(props[kind.wanted_place_key or "account_sid"])


def settings_in(client: TwilioClient, kind: Kind[Any, Any], place: Place[Any, Any]) -> Any:
    """The settings in a place where we were; None when the place is gone."""
    try:
        return kind.fetch(client, place.sid)
    except MissingError:
        return None


def default_is_gone(client: TwilioClient, kind: Kind[Any, Any], props: Props) -> bool:
    """Whether the default place that the stack works in was deleted; `check` refuses one that the config names."""
    here = remembered(kind, props).here
    is_default = not _wanted_place(kind, props) and _is_concerned(kind, props, here)
    return is_default and settings_in(client, kind, here) is None


def unremembered(client: TwilioClient, kind: Kind[Any, Any], props: Props) -> bool:
    """Whether somebody else's settings are where the stack works, and are not what it remembers."""
    here, wanted = remembered(kind, props).here, kind.wanted(props)
    live = settings_in(client, kind, here) if kind.names_its_owner and wanted is not None else None
    return live is not None and bool(kind.before_us(live, [*here.own, wanted], here.previous) != here.previous)


def _has_ours(client: TwilioClient, kind: Kind[Any, Any], place: Place[Any, Any]) -> bool:
    """Whether something of ours is in a place where we were."""
    live = settings_in(client, kind, place)
    return live is not None and any(kind.recognised(live, own) is not None for own in place.own)


def refusals(client: TwilioClient, looks: Sequence[Look]) -> list[CheckFailure]:
    """Every value of somebody else where the stack wants its own."""
    found = []
    for look in looks:
        if look.wanted is not None and look.live is not None:
            live = look.live if look.was is None else look.kind.without_drift(look.live, look.was, look.wanted)
            reason = look.kind.foreign(client, look.here.sid, live, [*look.here.own, look.wanted])
            found += [CheckFailure(look.kind.wanted_key, reason)] if reason else []
    return found
