"""Google catching up with itself: which errors go away by waiting, and the hook that waits.

A new account, role or API is not known everywhere at once: two minutes in general, seven or more at times
(https://cloud.google.com/iam/docs/access-change-propagation, November 2026). Every other error stops the deployment.

Errors are recognised by Google's sentences, never by bare numbers: a project's number may contain 403. A creation whose
*operation* failed is never tried again, because what it was to create stands already, broken: Create would end in 409,
and the state would forget it.
"""

import asyncio
import re
from collections.abc import Awaitable, Callable, Collection, Mapping
from dataclasses import dataclass
from datetime import timedelta

import pulumi

from infra.importing import import_line
from infra.refusals import TURN_ON_BEFOREHAND, way_out

PAUSE = timedelta(seconds=15)
ATTEMPTS = 8

CREATE, UPDATE = "create", "update"
"""Operations, as the engine calls them."""


@dataclass(frozen=True)
class Passing:
    """A sentence that Google says until it has caught up.

    Attributes:
        sentence: with a group `what`: the account, API, bucket or secret.
        waits_for: what is waited for, in words.
        only_if_new: whether to wait only for what this run created; nothing else is still on its way.
        otherwise: the way out for what this run did not create.
    """

    sentence: re.Pattern[str]
    waits_for: str
    only_if_new: bool = False
    otherwise: str = ""


def _sentence(pattern: str) -> re.Pattern[str]:
    return re.compile(pattern, re.IGNORECASE | re.DOTALL)


PASSING: tuple[Passing, ...] = (
    Passing(_sentence(r"Error 400: .*?Service account (?P<what>\S+) does not exist"), "service account {what}"),
    Passing(
        _sentence(r"Error 403: .*?iam\.serviceaccounts\.actAs' denied on service account (?P<what>[^\s,]+)"),
        "the right to act as {what}",
        only_if_new=True,
        otherwise="grant roles/iam.serviceAccountUser on {what}, or in the project, to whoever deploys",
    ),
    Passing(
        _sentence(r"has not been used in project \S+ before or it is disabled.*?/apis/api/(?P<what>[a-z]+\.[a-z.]+)"),
        "{what} to be on",
        only_if_new=True,
        otherwise=f"{{what}} is off: {TURN_ON_BEFOREHAND} (make setup checks these two), or turn {{what}} on",
    ),
)
"""Requests that were refused, so nothing was made."""

PASSING_OPERATIONS: tuple[Passing, ...] = (
    Passing(_sentence(r"Access to bucket (?P<what>\S+) denied"), "the build account's right to read {what}"),
    Passing(_sentence(r"Permission denied on secret: (?P<what>\S+)"), "the right to read secret {what}"),
)
"""Operations that failed; an update may be tried again."""

_FAILED_OPERATION = _sentence(r"Error waiting (to create|for)|Error code \d+, message:")

BROKEN = "Google keeps what it could not finish; the next pulumi up builds it again"


@dataclass(frozen=True)
class Reaction:
    """What becomes of an error.

    Attributes:
        waits_for: what to wait for before the next attempt; empty to stop.
        way_out: what the engineer can do; None where Google's own words must do.
    """

    waits_for: str = ""
    way_out: str | None = None


def reaction(error: str, operation: str, new: Collection[str]) -> Reaction:
    """What to do about an error of Google's.

    Args:
        error: its text.
        operation: what failed: `create`, `update` or `delete`.
        new: addresses of accounts and names of APIs that this run created.
    """
    if _FAILED_OPERATION.search(error):
        if operation == CREATE:
            return Reaction(way_out=way_out(error) or BROKEN)
        candidates = PASSING_OPERATIONS
    else:
        candidates = PASSING
    for each in candidates:
        if found := each.sentence.search(error):
            what = found["what"].rstrip(".'\"")
            if each.only_if_new and what not in new:
                return Reaction(way_out=each.otherwise.format(what=what))
            return Reaction(waits_for=each.waits_for.format(what=what))
    return Reaction(way_out=way_out(error))


class Propagation:
    """Waits in one run of the program, for all of its resources side by side.

    Args:
        project: id of the Google project.
        pause: between two attempts.
        sleep: takes seconds.
        complain: tells a person why the run stops.
    """

    def __init__(
        self,
        project: str,
        *,
        pause: timedelta = PAUSE,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
        complain: Callable[[str], None] = pulumi.log.error,
    ) -> None:
        self._project = project
        self._pause = pause.total_seconds()
        self._sleep = sleep
        self._complain = complain
        self._new = set[str]()
        self._components: dict[str, str] = {}

    def hooks(self) -> pulumi.ResourceHookBinding:
        """For resources in Google; made once in a run, because a hook's name is unique."""
        return pulumi.ResourceHookBinding(
            on_error=[pulumi.ErrorHook("wait-for-propagation", self.wait)],
            after_create=[pulumi.ResourceHook("note-what-is-new", self.note)],
        )

    def knows(self, component: pulumi.Resource) -> None:
        """Remember a component, which a line for `pulumi import` names as the parent."""
        self._components[component.pulumi_resource_type] = component.pulumi_resource_name

    def note(self, args: pulumi.ResourceHookArgs) -> None:
        """Remember an account or an API that this run created."""
        created: Mapping[str, object] = {**(args.new_inputs or {}), **(args.new_outputs or {})}
        self._new |= {str(created[key]) for key in ("email", "service") if created.get(key)}

    async def wait(self, args: pulumi.ErrorHookArgs) -> bool:
        """Whether to try again, after a pause; a reason to stop is told with its way out."""
        error, earlier = args.errors[0], len(args.errors) - 1
        found = reaction(error, args.failed_operation, self._new)
        if found.waits_for and earlier < ATTEMPTS:
            if not earlier:
                seconds = ATTEMPTS * self._pause
                pulumi.log.info(f"{args.name}: waiting for {found.waits_for}, for up to {seconds:.0f} s")
            await self._sleep(self._pause)
            return True
        if way_out := self._import_line(args) or found.way_out:
            self._complain(f"{args.name}: {way_out}")
        return False

    def _import_line(self, args: pulumi.ErrorHookArgs) -> str | None:
        """How to bring what exists already into the state; None for every other error."""
        if args.failed_operation != CREATE or "Error 409:" not in args.errors[0]:
            return None
        line = import_line(args.urn, args.new_inputs or {}, self._project, self._components)
        return f"an earlier run created it and did not record it; run {line}" if line else None
