"""The account's default state timers, which every new conversation of every service gets.

The inactive timer is ours, the closed timer only when the stack sets it. Timers carry no mark of their owner: an equal
value that was there before is shared, and stays. They are compared as durations, never as texts.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import asdict, replace
from typing import Any

import pulumi

from infra.twilio_resources.client import TimerSettings, TwilioClient, same_timer
from infra.twilio_resources.kind import Kind, Props
from infra.twilio_resources.singleton import Remembered, SettingsResource, SingletonProvider


class TimersKind(Kind[TimerSettings, TimerSettings]):
    """The default timers of one account; nothing but their values tells whose they are."""

    name = "default-timers"
    nothing = TimerSettings()
    place_key = "account_sid"
    managed = ("inactive", "closed")
    own_key = "own_timers"
    secret = False
    names_its_owner = False
    wanted_key = "inactive"
    previous_key = "previous_timers"
    remembered_own_key = "own_timers"

    def fetch(self, client: TwilioClient, place: str) -> TimerSettings:
        """Read the timers."""
        return client.default_timers()

    def write(self, client: TwilioClient, place: str, before: TimerSettings, after: TimerSettings) -> None:
        """Change the timers."""
        client.write_default_timers(before, after)

    def to_state(self, settings: TimerSettings) -> Props:
        """Settings as properties."""
        return asdict(settings)

    def from_state(self, props: Mapping[str, Any]) -> TimerSettings:
        """Properties as settings."""
        return TimerSettings(str(props["inactive"]), str(props["closed"]))

    def own_to_state(self, own: TimerSettings) -> Props:
        """A pair of timers as properties."""
        return self.to_state(own)

    def own_from_state(self, value: Mapping[str, Any]) -> TimerSettings:
        """Properties as a pair of timers."""
        return self.from_state(value)

    def ours(self, props: Props) -> TimerSettings:
        """Both; an empty closed timer is left to others."""
        return self.from_state(props)

    def wanted(self, props: Props) -> TimerSettings | None:
        """Both; None when there is no inactive timer of ours."""
        return self.from_state(props) if props["inactive"] else None

    def mark(self, settings: TimerSettings) -> TimerSettings:
        """Both."""
        return settings

    def recognised(self, live: TimerSettings, own: TimerSettings) -> TimerSettings | None:
        """Those of the two that are there; none of ours is none."""
        closed = own.closed if same_timer(live.closed, own.closed) else ""
        return replace(own, closed=closed) if closed or same_timer(live.inactive, own.inactive) else None

    def with_ours(self, live: TimerSettings, own: TimerSettings) -> TimerSettings:
        """Ours, and a closed timer of somebody else."""
        return _spelled_as(live, TimerSettings(own.inactive, own.closed or live.closed))

    def without_ours(self, live: TimerSettings, applied: TimerSettings, previous: TimerSettings) -> TimerSettings:
        """Each timer's previous value, as it was spelled, while ours is there."""
        inactive = previous.inactive if same_timer(live.inactive, applied.inactive) else live.inactive
        closed = previous.closed if applied.closed and same_timer(live.closed, applied.closed) else live.closed
        return TimerSettings(inactive, closed)

    def foreign(
        self, client: TwilioClient, place: str, live: TimerSettings, own: Sequence[TimerSettings]
    ) -> str | None:
        """A timer of another length; the closed one counts only where the stack sets one."""
        way_out = (
            "they hold for the whole account: clear it at Twilio, write timers: unmanaged in all stacks but one, "
            "or run pulumi config set takeover true to replace it; destroy puts it back"
        )
        ours = own[-1]
        compared = [("inactive", live.inactive, ours.inactive, [each.inactive for each in own])]
        if ours.closed:
            compared.append(("closed", live.closed, ours.closed, [each.closed for each in own]))
        for name, found, mine, known in compared:
            if not _is_one_of(found, known):
                return f"the default {name} timer of the account is {found}, and this stack wants {mine}; {way_out}"
        return None

    def without_drift(self, live: TimerSettings, was: TimerSettings, wanted: TimerSettings) -> TimerSettings:
        """A timer that was the stack's before is drift, whatever it is now; it names no owner."""
        inactive = wanted.inactive if was.inactive else live.inactive
        return TimerSettings(inactive, wanted.closed if was.closed and wanted.closed else live.closed)

    def before_us(self, live: TimerSettings, own: Sequence[TimerSettings], previous: TimerSettings) -> TimerSettings:
        """Each timer of somebody else, else what was remembered."""
        return TimerSettings(
            previous.inactive if _is_one_of(live.inactive, [each.inactive for each in own]) else live.inactive,
            previous.closed if _is_one_of(live.closed, [each.closed for each in own]) else live.closed,
        )

    def first_before_us(
        self,
        live: TimerSettings,
        was: TimerSettings | None,
        wanted: TimerSettings | None,
        own: Sequence[TimerSettings],
        previous: TimerSettings | None,
    ) -> TimerSettings:
        """A timer that was not ours until now was there before us, whatever is there; unless a killed run wrote it."""
        previous, was = previous or live, was or self.nothing
        if not was.inactive and not any(same_timer(live.inactive, each.inactive) for each in own):
            previous = replace(previous, inactive=live.inactive)
        if not was.closed and not any(each.closed and same_timer(live.closed, each.closed) for each in own):
            previous = replace(previous, closed=live.closed)
        if not wanted:
            return previous
        return self.before_us(self.without_drift(live, was, wanted), [*own, wanted], previous)

    def desired(
        self, live: TimerSettings, own: TimerSettings, applied: TimerSettings | None, previous: TimerSettings
    ) -> TimerSettings:
        """Ours; a closed timer that is not ours any more goes back to what it was."""
        if applied and applied.closed and not own.closed:
            live = replace(live, closed=self.restored(live, applied, previous).closed)
        return self.with_ours(live, own)

    def restored(self, live: TimerSettings, applied: TimerSettings, previous: TimerSettings) -> TimerSettings:
        """The previous. None where ours was recorded means that ours was taken away, and belongs to nobody else."""

        def as_if_there(found: str, ours: str, before: str) -> str:
            return ours if ours and same_timer(found, "") and not same_timer(before, "") else found

        there = TimerSettings(
            as_if_there(live.inactive, applied.inactive, previous.inactive),
            as_if_there(live.closed, applied.closed, previous.closed),
        )
        return self.without_ours(there, applied, previous)

    def owned(self, own: TimerSettings, written: TimerSettings) -> TimerSettings:
        """Only what the stack sets; a closed timer of somebody else is not ours."""
        return own

    def without_unwanted(
        self,
        live: TimerSettings,
        wanted: TimerSettings | None,
        own: Sequence[TimerSettings],
        previous: TimerSettings,
    ) -> TimerSettings:
        """Those that are not wanted go back; one that is wanted is written later.

        A killed run may have left them there, and then no other resource knows. Nor could they stay remembered: a timer
        names no owner, so once ours is gone, the same one is another stack's, which a later destroy must not take.
        """
        after = self.taken_back(live, own, previous)
        return TimerSettings(
            live.inactive if wanted else after.inactive, live.closed if wanted and wanted.closed else after.closed
        )

    def still_own(
        self, live: TimerSettings | None, own: Sequence[TimerSettings], wanted: TimerSettings | None
    ) -> list[TimerSettings]:
        """Nothing without a wish for timers: those of ours went back just now."""
        return super().still_own(live, own, wanted) if wanted else []

    def differs(self, one: Any, other: Any) -> bool:
        """Whether two timers differ; PT90S and PT1M30S are one."""
        one, other = one or "", other or ""
        return not (isinstance(one, str) and isinstance(other, str) and same_timer(one, other))

    def shown(self, props: Props, live: TimerSettings) -> Props:
        """Both; a closed timer that the stack does not set is left out."""
        spelled = _spelled_as(self.ours(props), live)
        return {"inactive": spelled.inactive, "closed": spelled.closed if props["closed"] else ""}

    def caution(self, live: TimerSettings, wanted: TimerSettings | None) -> str | None:
        """A closed timer of somebody else."""
        if same_timer(live.closed, "") or (wanted and wanted.closed):
            return None
        return (
            f"the account's default closed timer is {live.closed}, and not this stack's: Twilio will close chats by it "
            "whoever is waited for, a customer who waits for an answer included"
        )


def _is_one_of(timer: str, known: Collection[str]) -> bool:
    """Whether a timer is one of these, or none."""
    return any(same_timer(timer, each) for each in ("", *known))


def _spelled_as(live: TimerSettings, after: TimerSettings) -> TimerSettings:
    """A timer that means what is there keeps its present spelling, so that nothing looks changed."""
    return TimerSettings(
        live.inactive if same_timer(live.inactive, after.inactive) else after.inactive,
        live.closed if same_timer(live.closed, after.closed) else after.closed,
    )


class DefaultTimersProvider(SingletonProvider[TimerSettings, TimerSettings]):
    """The default timers of one account."""

    kind = TimersKind()


class DefaultTimers(SettingsResource, module="twilio", name="DefaultTimers"):
    """Sets the account's default timers."""

    inactive: pulumi.Output[str]
    closed: pulumi.Output[str]

    def __init__(
        self,
        name: str,
        *,
        ours: TimerSettings,
        remembered: Remembered,
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        """Declare the timers of the account; an empty closed timer is left to others."""
        wanted = {"inactive": ours.inactive, "closed": ours.closed}
        super().__init__(DefaultTimersProvider(), name, wanted, remembered, opts)
