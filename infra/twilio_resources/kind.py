"""What differs between the settings that this stack writes at Twilio: one description for each kind.

Two providers work from it: the one of the kind's own resource (`singleton`), and `PriorSettings`, which remembers what
was there before. A kind is stateless and belongs to the provider's class, never to an instance: instances are pickled
into every stack's state.
"""

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from typing import Any, ClassVar, Generic, TypeVar

from infra.twilio_resources.client import TwilioClient

Settings = TypeVar("Settings")
Own = TypeVar("Own")

Props = dict[str, Any]
"""A resource's properties as Pulumi's protocol carries them; they become typed settings at once."""


class Kind(ABC, Generic[Settings, Own]):
    """One kind of settings. `Settings` is all that is set at Twilio; `Own` is what makes it recognisable as ours.

    Attributes:
        name: the last part of resource ids.
        nothing: settings that nobody has made.
        place_key: the property that says where the settings are: the account, a service or a workspace.
        managed: the properties that are compared with what is set at Twilio.
        own_key: the property with further values of ours that may be there.
        secret: whether what was there may hold somebody's password.
        names_its_owner: whether the settings themselves show that they are somebody else's.
        optional: whether a stack that does not want these settings does not read them either.
        wanted_place_key: the property of `PriorSettings` that names a place; empty where there is only the account.
        wanted_key: its property that says what is wanted, under which a refusal is reported.
        previous_key: its output with what was there before.
        remembered_own_key: its output with what this stack may have left there.
        left_key: its output with the places that this stack has left; empty where there is only the account.
    """

    name: ClassVar[str]
    nothing: ClassVar[Any]
    place_key: ClassVar[str]
    managed: ClassVar[tuple[str, ...]]
    own_key: ClassVar[str]
    secret: ClassVar[bool] = True
    names_its_owner: ClassVar[bool] = True
    optional: ClassVar[bool] = False
    wanted_place_key: ClassVar[str] = ""
    wanted_key: ClassVar[str]
    previous_key: ClassVar[str]
    remembered_own_key: ClassVar[str]
    left_key: ClassVar[str] = ""

    @property
    def inputs(self) -> tuple[str, ...]:
        """The properties that the program gives the kind's own resource."""
        keys = ("account_sid", self.place_key, *self.managed, self.own_key, "prior", "takeover")
        return tuple(dict.fromkeys(keys))

    @property
    def remembered_keys(self) -> tuple[str, ...]:
        """The outputs of `PriorSettings` about this kind."""
        keys = (self.place_key, self.previous_key, self.remembered_own_key, self.left_key)
        return tuple(key for key in keys if key not in {"", "account_sid"})

    @abstractmethod
    def fetch(self, client: TwilioClient, place: str) -> Settings:
        """Read what is set at Twilio."""

    @abstractmethod
    def write(self, client: TwilioClient, place: str, before: Settings, after: Settings) -> None:
        """Change what is set at Twilio."""

    def default_place(self, client: TwilioClient) -> str:
        """Read where the settings are when the config names no place.

        Raises:
            NotImplementedError: there is only the account.
        """
        raise NotImplementedError

    @abstractmethod
    def to_state(self, settings: Settings) -> Props:
        """Settings as properties."""

    @abstractmethod
    def from_state(self, props: Mapping[str, Any]) -> Settings:
        """Properties as settings."""

    def own_to_state(self, own: Own) -> Any:
        """A value of ours as a property."""
        return own

    def own_from_state(self, value: Any) -> Own:
        """A property as a value of ours."""
        own: Own = value
        return own

    @abstractmethod
    def ours(self, props: Props) -> Own:
        """What the kind's own resource wants."""

    @abstractmethod
    def wanted(self, props: Props) -> Own | None:
        """What the stack wants, by the properties of `PriorSettings`; None when it does not want these settings."""

    @abstractmethod
    def mark(self, settings: Settings) -> Own:
        """What makes written settings recognisable as ours."""

    @abstractmethod
    def recognised(self, live: Settings, own: Own) -> Own | None:
        """The part of this value of ours that the live settings show; None for nothing."""

    @abstractmethod
    def with_ours(self, live: Settings, own: Own) -> Settings:
        """The live settings with ours in them; everything else stays as it is."""

    @abstractmethod
    def without_ours(self, live: Settings, applied: Settings, previous: Settings) -> Settings:
        """The live settings with the previous ones wherever ours are; everything else stays as it is."""

    @abstractmethod
    def foreign(self, client: TwilioClient, place: str, live: Settings, own: Sequence[Own]) -> str | None:
        """Why the live settings are not ours to write, in one line with the way out; None when it is ours or nobody's.

        The last of `own` is what this stack wants.
        """

    @abstractmethod
    def before_us(self, live: Settings, own: Sequence[Own], previous: Settings) -> Settings:
        """What to remember when the live settings are replaced: somebody else's settings, else what was remembered."""

    @abstractmethod
    def shown(self, props: Props, live: Settings) -> Props:
        """The managed properties as they are, without secrets; spelled as in `props` where they mean the same."""

    @abstractmethod
    def first_before_us(
        self, live: Settings, was: Own | None, wanted: Own | None, own: Sequence[Own], previous: Settings | None
    ) -> Settings | None:
        """What was there before us, after another look.

        Args:
            live: what is there now.
            was: what the stack wanted before this run.
            wanted: what it wants now.
            own: what it may have left there.
            previous: what it remembers; None when it never looked at this place.
        """

    def without_drift(self, live: Settings, was: Own, wanted: Own) -> Settings:
        """The live settings as if what is wanted were there, wherever they only drifted from what the stack had."""
        return live

    def desired(self, live: Settings, own: Own, applied: Settings | None, previous: Settings) -> Settings:
        """What the kind's own resource writes."""
        return self.with_ours(live, own)

    def restored(self, live: Settings, applied: Settings, previous: Settings) -> Settings:
        """What its destroy writes; `applied` is known to have been there."""
        return self.without_ours(live, applied, previous)

    def owned(self, own: Own, written: Settings) -> Settings:
        """The part of what was written that is ours, to be recognised later."""
        return written

    def differs(self, one: Any, other: Any) -> bool:
        """Whether two values of a managed property mean different things."""
        return bool(one != other)

    def taken_back(self, live: Settings, own: Sequence[Own], previous: Settings) -> Settings:
        """The live settings without anything that this stack may have left there."""
        for each in own:
            if self.recognised(live, each) is not None:
                live = self.without_ours(live, self.owned(each, self.with_ours(previous, each)), previous)
        return live

    def without_unwanted(self, live: Settings, wanted: Own | None, own: Sequence[Own], previous: Settings) -> Settings:
        """The live settings after the first run that does not want all of ours any more."""
        return live

    def still_own(self, live: Settings | None, own: Sequence[Own], wanted: Own | None) -> list[Own]:
        """What must be remembered as ours: what is still there, and last what is wanted."""
        found = [self.recognised(live, each) for each in own] if live is not None else []
        kept = [each for each in dict.fromkeys(found) if each is not None and each != wanted]
        return kept if wanted is None else [*kept, wanted]

    def caution(self, live: Settings, wanted: Own | None) -> str | None:
        """What the engineer should know of settings that are not ours; None for nothing."""
        return None
