"""The account's default state timers, which every new conversation of every service gets.

The inactive timer is ours, the closed timer only when the stack sets it. Timers carry no mark of their owner: an equal
value that stood there before is shared, and stays. They are compared as durations, never as texts.
"""

from collections.abc import Collection, Mapping
from dataclasses import asdict, replace

import pulumi
from pulumi.dynamic import Resource

from infra.twilio_resources.client import TimerSettings, TwilioClient, same_timer
from infra.twilio_resources.provider import Props
from infra.twilio_resources.singleton import SingletonProvider


def with_ours(
    live: TimerSettings, ours: TimerSettings, applied: TimerSettings | None, previous: TimerSettings
) -> TimerSettings:
    """What shall stand. A closed timer that is not ours any more goes back to what it was."""
    closed = ours.closed or live.closed
    if not ours.closed and applied and applied.closed:
        closed = without_ours(_as_if_there(live, applied, previous), applied, previous).closed
    return _keep_spelling(live, TimerSettings(ours.inactive, closed))


def without_ours(live: TimerSettings, applied: TimerSettings, previous: TimerSettings) -> TimerSettings:
    """What shall stand after us: each timer's previous value, as it was spelled, while ours stands."""
    inactive = previous.inactive if same_timer(live.inactive, applied.inactive) else live.inactive
    closed = previous.closed if applied.closed and same_timer(live.closed, applied.closed) else live.closed
    return TimerSettings(inactive, closed)


def without_unwanted(
    live: TimerSettings, wanted: TimerSettings | None, own: Collection[TimerSettings], previous: TimerSettings
) -> TimerSettings:
    """What shall stand when not all of ours are wanted any more: those go back, one that is wanted is written later."""
    after = live
    for each in own:
        after = without_ours(after, each, previous)
    return TimerSettings(
        live.inactive if wanted else after.inactive, live.closed if wanted and wanted.closed else after.closed
    )


def foreign(live: TimerSettings, ours: TimerSettings, own: Collection[TimerSettings]) -> str | None:
    """Why these timers are not ours to write, in one line with the way out; None when they are."""
    way_out = (
        "they hold for the whole account: clear it at Twilio, write timers: unmanaged in all stacks but one, "
        "or run pulumi config set takeover true to replace it; destroy puts it back"
    )
    wanted = [("inactive", live.inactive, ours.inactive, [each.inactive for each in own])]
    if ours.closed:
        wanted.append(("closed", live.closed, ours.closed, [each.closed for each in own if each.closed]))
    for name, stands, mine, known in wanted:
        if not any(same_timer(stands, each) for each in ("", mine, *known)):
            return f"the default {name} timer of the account is {stands}, and this stack wants {mine}; {way_out}"
    return None


def before_us(
    live: TimerSettings, ours: TimerSettings, own: Collection[TimerSettings], previous: TimerSettings
) -> TimerSettings:
    """What to remember when what stands there is replaced: each timer of somebody else, else what was remembered."""

    def each(stands: str, known: Collection[str], remembered: str) -> str:
        return remembered if any(same_timer(stands, one) for one in ("", *known)) else stands

    return TimerSettings(
        each(live.inactive, [ours.inactive, *(one.inactive for one in own)], previous.inactive),
        each(live.closed, [ours.closed, *(one.closed for one in own)], previous.closed),
    )


def standing(live: TimerSettings, ours: TimerSettings) -> TimerSettings | None:
    """Which of these timers of ours may be what stands there; None when none of them is."""
    closed = ours.closed if same_timer(live.closed, ours.closed) else ""
    return replace(ours, closed=closed) if closed or same_timer(live.inactive, ours.inactive) else None


def _as_if_there(live: TimerSettings, applied: TimerSettings, previous: TimerSettings) -> TimerSettings:
    """What stands, but that none where ours was recorded means that ours was taken away, and belongs to nobody else."""

    def each(stands: str, ours: str, before: str) -> str:
        return ours if ours and same_timer(stands, "") and not same_timer(before, "") else stands

    return TimerSettings(
        each(live.inactive, applied.inactive, previous.inactive), each(live.closed, applied.closed, previous.closed)
    )


def _keep_spelling(live: TimerSettings, after: TimerSettings) -> TimerSettings:
    """A timer that means what stands there is written as it stands there, so that nothing looks changed."""
    return TimerSettings(
        live.inactive if same_timer(live.inactive, after.inactive) else after.inactive,
        live.closed if same_timer(live.closed, after.closed) else after.closed,
    )


def to_state(settings: TimerSettings) -> Props:
    """Settings as properties."""
    return asdict(settings)


def from_state(props: Mapping[str, object]) -> TimerSettings:
    """Properties as settings."""
    return TimerSettings(str(props["inactive"]), str(props["closed"]))


class DefaultTimersProvider(SingletonProvider[TimerSettings]):
    """The default timers of one account."""

    inputs = ("account_sid", "inactive", "closed", "own_timers", "prior", "takeover")
    managed = ("inactive", "closed")
    identity = ()

    def id_of(self, props: Props) -> str:
        """One pair of timers an account."""
        return f"{props['account_sid']}/default-timers"

    def field_differs(self, olds: Props, news: Props, key: str) -> bool:
        """Whether one timer changes; PT90S and PT1M30S are one."""
        one, other = olds.get(key) or "", news.get(key) or ""
        return not (isinstance(one, str) and isinstance(other, str) and same_timer(one, other))

    def fetch(self, client: TwilioClient, props: Props) -> TimerSettings:
        """What stands."""
        return client.default_timers()

    def write(self, client: TwilioClient, props: Props, before: TimerSettings, after: TimerSettings) -> None:
        """Change what stands."""
        client.write_default_timers(before, after)

    def objection(
        self, client: TwilioClient, props: Props, live: TimerSettings, applied: TimerSettings | None
    ) -> str | None:
        """Somebody else's timers, before ours were there; later ones are drift, for a timer names no owner."""
        own = [from_state(each) for each in props["own_timers"]]
        return None if applied else foreign(live, self._ours(props), own)

    def before_us(
        self, props: Props, live: TimerSettings, applied: TimerSettings | None, previous: TimerSettings
    ) -> TimerSettings:
        """Each timer of somebody else, else what was remembered."""
        return before_us(live, self._ours(props), [from_state(each) for each in props["own_timers"]], previous)

    def desired(
        self, props: Props, live: TimerSettings, applied: TimerSettings | None, previous: TimerSettings
    ) -> TimerSettings:
        """Ours in its place."""
        return with_ours(live, self._ours(props), applied, previous)

    def restored(self, live: TimerSettings, applied: TimerSettings, previous: TimerSettings) -> TimerSettings:
        """The previous, while ours stands or ours is gone."""
        return without_ours(_as_if_there(live, applied, previous), applied, previous)

    def owned(self, props: Props, written: TimerSettings) -> TimerSettings:
        """Only what the stack sets; a closed timer of somebody else is not ours."""
        return self._ours(props)

    def shown(self, props: Props, live: TimerSettings) -> Props:
        """A closed timer that the stack does not set is none of its business."""
        kept = _keep_spelling(self._ours(props), live)
        return {"inactive": kept.inactive, "closed": kept.closed if props["closed"] else ""}

    def to_state(self, settings: TimerSettings) -> Props:
        """Settings as properties."""
        return to_state(settings)

    def from_state(self, props: Props) -> TimerSettings:
        """Properties as settings."""
        return from_state(props)

    def _ours(self, props: Props) -> TimerSettings:
        return TimerSettings(props["inactive"], props["closed"])


class DefaultTimers(Resource, module="twilio", name="DefaultTimers"):
    """Sets the account's default timers."""

    inactive: pulumi.Output[str]
    closed: pulumi.Output[str]

    def __init__(
        self,
        name: str,
        *,
        account_sid: pulumi.Input[str],
        ours: TimerSettings,
        own_timers: pulumi.Input[list[Props]],
        prior: pulumi.Input[Props],
        takeover: bool,
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        """Declare the timers.

        Args:
            name: of the resource.
            account_sid: whose timers.
            ours: what shall stand; an empty closed timer is left to others.
            own_timers: further timers that this stack may have left there.
            prior: the timers that `PriorSettings` found.
            takeover: whether somebody else's may be replaced.
            opts: of the resource.
        """
        props = {
            "account_sid": account_sid,
            "inactive": ours.inactive,
            "closed": ours.closed,
            "own_timers": own_timers,
            "prior": prior,
            "takeover": takeover,
            "applied": None,
            "previous": None,
        }
        super().__init__(DefaultTimersProvider(), name, props, opts)
