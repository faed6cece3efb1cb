"""Compare, write and restore: the life of a settings object that always exists at Twilio.

Such an object is never created or deleted, only found, changed and put back. Two outputs belong to us alone: `applied`,
what we wrote, and `previous`, what stood there before. `read` never touches them; otherwise, after a refresh, whatever
stands there would look like ours. Which fields are ours, and when a value is somebody else's, is each kind's matter.

Every run begins with a refresh (`Pulumi.yaml`), and a refresh asks with the credentials of the last run, which a
rotation may have ended. So a look that fails stops nobody: the state says `unseen`, and the update looks again with the
credentials of now.
"""

from abc import ABC, abstractmethod
from typing import ClassVar, Generic, TypeVar

from pulumi.dynamic import CreateResult, DiffResult, ReadResult, UpdateResult

from infra.twilio_resources.client import (
    CredentialsError,
    MissingError,
    NoCredentialsError,
    TwilioClient,
    TwilioError,
)
from infra.twilio_resources.provider import PROVIDER_KEY, Props, TwilioProvider, differs, say

Live = TypeVar("Live")

UNSEEN = "unseen"
"""The output that says that the last refresh could not look."""


class SingletonProvider(TwilioProvider, ABC, Generic[Live]):
    """The operations, written once for every kind of settings object.

    Attributes:
        inputs: the properties that the program gives.
        managed: those of them that are compared with what stands at Twilio.
        identity: those that say which object is meant; another value means another resource.
    """

    inputs: ClassVar[tuple[str, ...]]
    managed: ClassVar[tuple[str, ...]]
    identity: ClassVar[tuple[str, ...]]

    @abstractmethod
    def id_of(self, props: Props) -> str:
        """The resource's id."""

    @abstractmethod
    def fetch(self, client: TwilioClient, props: Props) -> Live:
        """What stands at Twilio."""

    @abstractmethod
    def write(self, client: TwilioClient, props: Props, before: Live, after: Live) -> None:
        """Change what stands."""

    @abstractmethod
    def objection(self, client: TwilioClient, props: Props, live: Live, applied: Live | None) -> str | None:
        """Why what stands must not be overwritten: it is somebody else's. None when it is nobody's or ours."""

    @abstractmethod
    def before_us(self, props: Props, live: Live, applied: Live | None, previous: Live) -> Live:
        """What to put back later, when what stands is replaced although it is somebody else's."""

    @abstractmethod
    def desired(self, props: Props, live: Live, applied: Live | None, previous: Live) -> Live:
        """What shall stand instead: ours in its place, everything else as it is."""

    @abstractmethod
    def restored(self, live: Live, applied: Live, previous: Live) -> Live:
        """What shall stand after us: the previous wherever ours still stands, everything else as it is."""

    @abstractmethod
    def owned(self, props: Props, written: Live) -> Live:
        """The part of what was written that is ours, to be recognised later."""

    @abstractmethod
    def shown(self, props: Props, live: Live) -> Props:
        """The managed properties as they stand; spelled as in `props` where they mean the same."""

    @abstractmethod
    def to_state(self, settings: Live) -> Props:
        """Settings as properties."""

    @abstractmethod
    def from_state(self, props: Props) -> Live:
        """Properties as settings."""

    def diff(self, _id: str, olds: Props, news: Props) -> DiffResult:
        """Compare what stood at the last look with what is wanted; also notice that the code has moved."""
        replaces = [key for key in self.identity if differs(olds, news, key)]
        changed = UNSEEN in olds or any(self.field_differs(olds, news, key) for key in self.managed)
        moved = olds.get(PROVIDER_KEY) != news.get(PROVIDER_KEY)
        return DiffResult(changes=bool(replaces) or changed or moved, replaces=replaces)

    def field_differs(self, olds: Props, news: Props, key: str) -> bool:
        """Whether one managed property changes."""
        return olds.get(key) != news.get(key)

    def create(self, props: Props) -> CreateResult:
        """Write ours over what `PriorSettings` found; refuse what came there since.

        Raises:
            TwilioError: somebody else's value stands there, or Twilio did not do it.
        """
        return CreateResult(
            self.id_of(props), self._apply(props, applied=None, previous=self.from_state(props["prior"]))
        )

    def update(self, _id: str, olds: Props, news: Props) -> UpdateResult:
        """Write ours again, also over drift.

        Raises:
            TwilioError: somebody else's value stands there, or Twilio did not do it.
        """
        remembered = olds["previous"] if olds["prior"] == news["prior"] else news["prior"]
        outs = self._apply(news, applied=self.from_state(olds["applied"]), previous=self.from_state(remembered))
        return UpdateResult(outs)

    def read(self, id_: str, props: Props) -> ReadResult:
        """Report what stands, so that drift shows field by field; `applied` and `previous` stay as they are."""
        outs = {key: value for key, value in props.items() if key != UNSEEN}
        try:
            outs |= self.shown(props, self.fetch(self.client(props), props))
        except NoCredentialsError as error:
            say(f"did not look at {id_}: {error}")
            outs = props  # a preview, which says that it could not look, or a run that the program will refuse
        except MissingError:
            return ReadResult(None, {})
        except TwilioError as error:
            stale = "a refresh has the credentials of the last up, and Twilio refuses them (401)"
            why = stale if isinstance(error, CredentialsError) else error
            say(f"could not look at {id_}, so it counts as changed: {why}")
            outs[UNSEEN] = True
        return ReadResult(id_, outs, {key: outs[key] for key in self.inputs if key in outs})

    def delete(self, id_: str, props: Props) -> None:
        """Put back what stood before us, as far as ours still stands; leave the rest, and say so."""
        client = self.client(props)
        applied, previous = self.from_state(props["applied"]), self.from_state(props["previous"])
        try:
            live = self.fetch(client, props)
        except MissingError:
            return
        after = self.restored(live, applied, previous)
        if after != live:
            self.write(client, props, live, after)
        now, then, ours, before = (self.shown(props, each) for each in (live, after, applied, previous))
        stays = [key for key in self.managed if not self.field_differs(now, then, key)]
        left = [key for key in stays if self._is_neither(now, ours, before, key)]
        if left:
            say(f"{id_}: {', '.join(left)} left as found, because what stands there is not what this stack wrote")

    def _apply(self, props: Props, *, applied: Live | None, previous: Live) -> Props:
        client = self.client(props)
        live = self.fetch(client, props)
        if objection := self.objection(client, props, live, applied):
            if not props["takeover"]:
                raise TwilioError(objection)
            previous = self.before_us(props, live, applied, previous)
        after = self.desired(props, live, applied, previous)
        if after != live:
            self.write(client, props, live, after)
            self._read_back(props, self.fetch(client, props))
        outs = {key: props[key] for key in self.inputs}
        return {**outs, "applied": self.to_state(self.owned(props, after)), "previous": self.to_state(previous)}

    def _read_back(self, props: Props, live: Live) -> None:
        """Twilio ignores what it does not understand, so look at what became of it."""
        shown = self.shown(props, live)
        if ignored := [key for key in self.managed if self.field_differs(shown, props, key)]:
            facts = "; ".join(f"{key} reads {shown.get(key)!r} after {props.get(key)!r}" for key in ignored)
            raise TwilioError(f"Twilio accepted a change of {self.id_of(props)} but did not make it: {facts}")

    def _is_neither(self, now: Props, ours: Props, before: Props, key: str) -> bool:
        return self.field_differs(now, ours, key) and self.field_differs(now, before, key)
