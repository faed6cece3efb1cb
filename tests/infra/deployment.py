"""A deployment of the Twilio resources as Pulumi's engine runs it, small enough to be killed at every step.

It keeps a state, calls check, diff, create, update, read and delete in the engine's order with the engine's arguments
(checked inputs, old outputs), and can die between what a provider did and its recording.
"""

from collections.abc import Callable, Collection
from dataclasses import dataclass, field, replace
from typing import Any, Protocol

from pulumi.dynamic import ResourceProvider

from infra.twilio_resources.default_timers import DefaultTimersProvider
from infra.twilio_resources.prior_settings import PriorSettingsProvider
from infra.twilio_resources.service_webhook import EVENT, ServiceWebhookProvider
from infra.twilio_resources.task_events import EVENT as TASK_EVENT
from infra.twilio_resources.task_events import TaskEventsProvider

Props = dict[str, Any]
URL = "https://us-central1-a-project.cloudfunctions.net/flex-chat-inactivity-timeout-test/conversations"
EVENTS_URL = f"{URL.removesuffix('conversations')}tasks#rc=2&rp=5xx,ct,rt"


class Account(Protocol):
    """The account that the stack is deployed to."""

    sid: str

    def provider(self, kind: type[Any]) -> Any:
        """A provider of this kind that works on this account."""


class RefusedError(Exception):
    """The engine stopped because a check failed."""


class StoppedError(Exception):
    """The run ended before this resource, because another one failed."""


class KilledError(Exception):
    """The run ended here, before the last step could be recorded."""


@dataclass(frozen=True)
class Wish:
    """The stack's config; an empty text means a timer or an event callback that is not managed."""

    url: str = URL
    inactive: str = "PT8M"
    closed: str = ""
    takeover: bool = False
    service_sid: str = ""
    events_url: str = ""
    workspace_sid: str = ""


ON_ACCEPT = Wish(inactive="", events_url=EVENTS_URL)
"""What `timers: on-accept` asks for."""

UNMANAGED = Wish(inactive="")
"""What `timers: unmanaged` asks for."""


@dataclass
class Recorded:
    """One resource in the state."""

    id: str
    inputs: Props
    outputs: Props


@dataclass
class Deployment:
    """One stack.

    Attributes:
    account: where it is deployed to.
    state: its resources by name.
    steps_before_kill: how many more steps are recorded in this run; None for all.
    """

    account: Account
    state: dict[str, Recorded] = field(default_factory=dict)
    steps_before_kill: int | None = None

    def provider(self, kind: type[ResourceProvider]) -> Any:
        """A provider in the process of one run."""
        return self.account.provider(kind)

    def up(
        self,
        wish: Wish = Wish(),
        *,
        kill_at: int | None = None,
        stop_before: str | None = None,
        replace: Collection[str] = (),
    ) -> list[str]:
        """Run `pulumi up`, and return the names of the resources that were created or changed.

        Args:
        wish: the config.
        kill_at: how many steps are recorded before the kill; the next one is done but not recorded.
        stop_before: the name of a resource that the run does not come to.
        replace: the names of resources to make again; with the memory goes all that it remembers for.
        """
        self.steps_before_kill = kill_at
        changed = []
        for name, kind in reversed(_KINDS):
            if name in self.state and (name in replace or "prior" in replace):
                self._delete(name, kind)
        for name, kind, inputs_of in self._program(wish):
            if name == stop_before:
                raise StoppedError
            if self._apply(name, kind, inputs_of()):
                changed.append(name)
        wanted = {"events": wish.events_url, "timers": wish.inactive}
        for name, kind in reversed(_KINDS):
            if name in self.state and not wanted.get(name, "always"):
                self._delete(name, kind)
                changed.append(name)
        return changed

    def preview(self, wish: Wish) -> None:
        """Run `pulumi preview`: check and compare each resource that stands, and write nothing."""
        for name, kind, inputs_of in self._program(wish):
            if old := self.state.get(name):
                self.provider(kind).diff(old.id, old.outputs, self._checked(kind, old.inputs, inputs_of()))

    def refresh(self) -> None:
        """Run `pulumi refresh`."""
        for name, kind in _KINDS:
            if recorded := self.state.get(name):
                result = self.provider(kind).read(recorded.id, dict(recorded.outputs))
                if result.id is None:
                    del self.state[name]
                    continue
                inputs = recorded.inputs if result.inputs is None else result.inputs
                self.state[name] = Recorded(result.id, inputs, result.outs)

    def destroy(self, *, kill_at: int | None = None) -> None:
        """Run `pulumi destroy`, last resource first."""
        self.steps_before_kill = kill_at
        for name, kind in reversed(_KINDS):
            if name in self.state:
                self._delete(name, kind)

    def _program(self, wish: Wish) -> list[tuple[str, type[ResourceProvider], Callable[[], Props]]]:
        base = {"account_sid": self.account.sid, "takeover": wish.takeover}
        prior = base | {
            "wanted_service_sid": wish.service_sid,
            "wanted_workspace_sid": wish.workspace_sid,
            "webhook_url": wish.url,
            "inactive": wish.inactive,
            "closed": wish.closed,
            "events_url": wish.events_url,
        }

        def found(key: str) -> Any:
            return self.state["prior"].outputs[key]

        def webhook() -> Props:
            ours = {"url": wish.url, "method": "POST", "events": [EVENT], "service_sid": found("service_sid")}
            return base | ours | {"own_urls": found("own_urls"), "prior": found("previous_webhook")}

        def timers() -> Props:
            ours = {"inactive": wish.inactive, "closed": wish.closed}
            return base | ours | {"own_timers": found("own_timers"), "prior": found("previous_timers")}

        def events() -> Props:
            ours = {"url": wish.events_url, "events": [TASK_EVENT], "workspace_sid": found("workspace_sid")}
            return base | ours | {"own_urls": found("own_event_urls"), "prior": found("previous_events")}

        resources = [("prior", PriorSettingsProvider, lambda: prior), ("webhook", ServiceWebhookProvider, webhook)]
        if wish.inactive:
            resources.append(("timers", DefaultTimersProvider, timers))
        if wish.events_url:
            resources.append(("events", TaskEventsProvider, events))
        return resources

    def _apply(self, name: str, kind: type[ResourceProvider], inputs: Props) -> bool:
        provider, old = self.provider(kind), self.state.get(name)
        checked = self._checked(kind, old.inputs if old else {}, inputs)
        if old:
            difference = provider.diff(old.id, old.outputs, checked)
            if not difference.changes:
                self.state[name] = replace(old, inputs=checked)
                return False
            if not difference.replaces:
                outputs = provider.update(old.id, old.outputs, checked).outs
                self._record(name, Recorded(old.id, checked, outputs))
                return True
            self._delete(name, kind)
        made = provider.create(dict(checked))
        self._record(name, Recorded(made.id, checked, made.outs))
        return True

    def _checked(self, kind: type[ResourceProvider], olds: Props, news: Props) -> Props:
        checked = self.provider(kind).check(olds, dict(news))
        if checked.failures:
            raise RefusedError("; ".join(f"{each.property}: {each.reason}" for each in checked.failures))
        return dict(checked.inputs)

    def _delete(self, name: str, kind: type[ResourceProvider]) -> None:
        recorded = self.state[name]
        self.provider(kind).delete(recorded.id, recorded.outputs)
        self._record(name, None)

    def _record(self, name: str, recorded: Recorded | None) -> None:
        self._count_step()
        if recorded is None:
            del self.state[name]
        else:
            self.state[name] = recorded

    def _count_step(self) -> None:
        if self.steps_before_kill == 0:
            raise KilledError
        if self.steps_before_kill is not None:
            self.steps_before_kill -= 1


_KINDS: list[tuple[str, type[ResourceProvider]]] = [
    ("prior", PriorSettingsProvider),
    ("webhook", ServiceWebhookProvider),
    ("timers", DefaultTimersProvider),
    ("events", TaskEventsProvider),
]
