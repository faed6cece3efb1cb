"""Compare, write and restore: the life of a settings object that always exists at Twilio.

Such an object is never created or deleted, only found, changed and put back. Two outputs belong to us alone: `applied`,
what we wrote, and `previous`, what was there before. `read` never touches the former; otherwise, after a refresh,
whatever is there would look like ours. It touches the latter only where `takeover` lets the next write replace what it
found, because a run that is cut after that write records nothing. Which fields are ours, and when a value is somebody
else's, is each kind's matter.

Every run begins with a refresh (`Pulumi.yaml`), and a refresh asks with the credentials of the last run, which a
rotation may have ended. So a look that fails stops nobody: the state says `unseen`, and the update looks again with the
credentials of now.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar, Generic, TypeVar

import pulumi
from pulumi.dynamic import CreateResult, DiffResult, ReadResult, Resource, UpdateResult

from infra.twilio_resources.client import (
    CredentialsError,
    MissingError,
    NoCredentialsError,
    TwilioClient,
    TwilioError,
)
from infra.twilio_resources.kind import Kind, Props
from infra.twilio_resources.provider import PROVIDER_KEY, TwilioProvider, differs, say

Settings = TypeVar("Settings")
Own = TypeVar("Own")

UNSEEN = "unseen"
"""The output that says that the last refresh could not look."""

OURS = ("applied", "previous")
"""The outputs that are not inputs: what this stack wrote, and what was there before."""


class SingletonProvider(TwilioProvider, Generic[Settings, Own]):
    """The operations, written once for every kind of settings.

    Attributes:
        kind: what differs between them.
    """

    kind: ClassVar[Kind[Any, Any]]

    def diff(self, _id: str, olds: Props, news: Props) -> DiffResult:
        """Compare what was there at the last look with what is wanted; also notice that the code has moved."""
        replaces = [self.kind.place_key] if self._moves(olds, news) else []
        changed = UNSEEN in olds or bool(self._different(olds, news))
        # A run that was cut may have remembered what was there, and not told it this resource.
        moved = olds.get(PROVIDER_KEY) != news.get(PROVIDER_KEY) or differs(olds, news, "prior")
        return DiffResult(changes=bool(replaces) or changed or moved, replaces=replaces)

    def create(self, props: Props) -> CreateResult:
        """Write ours over what `PriorSettings` found; refuse what came there since.

        Raises:
            TwilioError: somebody else's value is there, or Twilio did not do it.
        """
        return CreateResult(
            self._id(props), self._apply(props, applied=None, previous=self.kind.from_state(props["prior"]))
        )

    def update(self, _id: str, olds: Props, news: Props) -> UpdateResult:
        """Write ours again, also over drift.

        Raises:
            TwilioError: somebody else's value is there, or Twilio did not do it.
        """
        remembered = olds["previous"] if olds["prior"] == news["prior"] else news["prior"]
        applied, previous = self.kind.from_state(olds["applied"]), self.kind.from_state(remembered)
        return UpdateResult(self._apply(news, applied=applied, previous=previous))

    def read(self, id_: str, props: Props) -> ReadResult:
        """Report what is there, so that drift shows field by field, and remember what may be replaced."""
        outs = {key: value for key, value in props.items() if key != UNSEEN}
        try:
            live = self.kind.fetch(self.client(props), props[self.kind.place_key])
            outs |= self.kind.shown(props, live) | self._replaceable(props, live)
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
        return ReadResult(id_, outs, {key: outs[key] for key in self.kind.inputs if key in outs})

    def delete(self, id_: str, props: Props) -> None:
        """Put back what was there before us, as far as ours is still there; leave the rest, and say so."""
        client, place = self.client_of_destroy(props), props[self.kind.place_key]
        applied, previous = self.kind.from_state(props["applied"]), self.kind.from_state(props["previous"])
        try:
            live = self.kind.fetch(client, place)
        except MissingError:
            return
        after = self.kind.restored(live, applied, previous)
        if after != live:
            self.kind.write(client, place, live, after)
        now, then, ours, before = (self.kind.shown(props, each) for each in (live, after, applied, previous))
        stays = set(self.kind.managed) - set(self._different(now, then))
        theirs = set(self._different(now, ours)) & set(self._different(now, before))
        if left := [key for key in self.kind.managed if key in stays & theirs]:
            say(f"{id_}: {', '.join(left)} left as found, because what is there now is not what this stack wrote")

    def _id(self, props: Props) -> str:
        return f"{props[self.kind.place_key]}/{self.kind.name}"

    def _moves(self, olds: Props, news: Props) -> bool:
        """Whether another service or workspace is meant; another account is refused before."""
        return self.kind.wanted_place_key != "" and differs(olds, news, self.kind.place_key)

    def _different(self, one: Props, other: Props) -> list[str]:
        """The managed properties that differ."""
        return [key for key in self.kind.managed if self.kind.differs(one.get(key), other.get(key))]

    def _apply(self, props: Props, *, applied: Settings | None, previous: Settings) -> Props:
        kind, client, place = self.kind, self.client(props), props[self.kind.place_key]
        live = kind.fetch(client, place)
        own = self._own(props, applied)
        found = kind.without_drift(live, kind.mark(applied), kind.ours(props)) if applied else live
        if reason := kind.foreign(client, place, found, own):
            if not props["takeover"]:
                raise TwilioError(reason)
            previous = kind.before_us(found, own, previous)
        after = kind.desired(live, kind.ours(props), applied, previous)
        if after != live and self._write(props, client, live, after):
            self._read_back(props, client)
        written = {"applied": kind.to_state(kind.owned(kind.ours(props), after)), "previous": kind.to_state(previous)}
        return {key: props[key] for key in kind.inputs} | written

    def _own(self, props: Props, applied: Settings | None) -> list[Any]:
        """All that is recognised as ours; the last is what this stack wants."""
        earlier = [self.kind.own_from_state(each) for each in props[self.kind.own_key]]
        return [*earlier, *([self.kind.mark(applied)] if applied else []), self.kind.ours(props)]

    def _replaceable(self, props: Props, live: Settings) -> Props:
        """What the next write will replace, as what was there before us; nothing where that is refused or unknown."""
        if not props["takeover"] or not self.kind.names_its_owner:
            return {}
        applied, previous = self.kind.from_state(props["applied"]), self.kind.from_state(props["previous"])
        return {"previous": self.kind.to_state(self.kind.before_us(live, self._own(props, applied), previous))}

    def _write(self, props: Props, client: TwilioClient, live: Settings, after: Settings) -> bool:
        """Change what is set at Twilio, and return whether somebody must still look at what became of it.

        An error does not mean that Twilio did nothing. What it did must be recorded: otherwise nothing knows that it is
        ours, and once it is emptied, nothing puts back what was there before.
        """
        place = props[self.kind.place_key]
        try:
            self.kind.write(client, place, live, after)
        except TwilioError as error:
            try:
                done = self.kind.fetch(client, place) == after
            except TwilioError:
                done = False
            if not done:
                raise
            say(f"{self._id(props)} is set, although Twilio answered with an error: {error}")
            return False
        return True

    def _read_back(self, props: Props, client: TwilioClient) -> None:
        """Twilio ignores what it does not understand, so look at what became of it.

        A look that fails proves nothing, and stops nobody: what was written, and what was there before, is recorded.
        """
        try:
            live = self.kind.fetch(client, props[self.kind.place_key])
        except TwilioError as error:
            say(f"wrote {self._id(props)}, and could not look at it afterwards: {error}")
            return
        shown = self.kind.shown(props, live)
        if ignored := self._different(shown, props):
            facts = "; ".join(f"{key} reads {shown.get(key)!r} after {props.get(key)!r}" for key in ignored)
            raise TwilioError(f"Twilio accepted a change of {self._id(props)} but did not make it: {facts}")


@dataclass(frozen=True)
class Remembered:
    """What `PriorSettings` knows of the settings that a resource is about to write.

    Attributes:
        by: the resource that remembers; a replacement takes back what the memory knows, so all is made again.
        account_sid: whose settings.
        own: further values that this stack may have left there.
        prior: the settings that were there before.
        takeover: whether somebody else's may be replaced.
    """

    by: pulumi.Resource
    account_sid: pulumi.Input[str]
    own: pulumi.Input[list[Any]]
    prior: pulumi.Input[Props]
    takeover: bool


class SettingsResource(Resource):
    """One settings object as a resource of the stack."""

    def __init__(
        self,
        provider: SingletonProvider[Any, Any],
        name: str,
        wanted: Mapping[str, pulumi.Input[Any]],
        remembered: Remembered,
        opts: pulumi.ResourceOptions | None,
    ) -> None:
        """Declare it: where it is and what is wanted there, by the kind's own keys, and what was there before."""
        kind = provider.kind
        props = {
            "account_sid": remembered.account_sid,
            **wanted,
            kind.own_key: remembered.own,
            "prior": remembered.prior,
            "takeover": remembered.takeover,
            **dict.fromkeys(OURS),
        }
        own = pulumi.ResourceOptions(
            additional_secret_outputs=list(OURS) if kind.secret else None,
            delete_before_replace=True,  # the other way round, putting back what was there before takes ours away
            replace_with=[remembered.by],
        )
        super().__init__(provider, name, props, pulumi.ResourceOptions.merge(opts, own))
