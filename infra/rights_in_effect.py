"""A pause between the build account's rights and the first build that needs them.

IAM's changes take effect after two minutes in general, and after seven or more at times
(https://cloud.google.com/iam/docs/access-change-propagation, November 2026). A build that starts earlier fails on
`Access to bucket gcf-v2-sources-... denied`, in half of the runs of Google's own test with a fresh build account
(https://github.com/hashicorp/terraform-provider-google/issues/20571, December 2024). The pause is a resource, so that a
preview shows it and an interrupted run says what it was waiting for.
"""

import time
from collections.abc import Callable, Sequence
from datetime import timedelta

import pulumi
from pulumi.dynamic import CreateResult, DiffResult, Resource, ResourceProvider, UpdateResult

from infra.twilio_resources.kind import Props
from infra.twilio_resources.provider import PROVIDER_KEY, differs, say

A_MINUTE = timedelta(minutes=1)
"""How long new rights are waited for."""

BETWEEN_LINES = timedelta(seconds=10)


class RightsInEffectProvider(ResourceProvider):
    """Waits when it is created and when the rights are others; nothing is made, so nothing is read or deleted."""

    def diff(self, _id: str, olds: Props, news: Props) -> DiffResult:
        """Only other rights are a reason to wait; how long is not."""
        moved = olds.get(PROVIDER_KEY) != news.get(PROVIDER_KEY)
        return DiffResult(changes=moved or differs(olds, news, "rights"))

    def create(self, props: Props) -> CreateResult:
        """Wait."""
        wait_for_rights(timedelta(seconds=props["seconds"]))
        return CreateResult("rights-in-effect", dict(props))

    def update(self, _id: str, olds: Props, news: Props) -> UpdateResult:
        """Wait again, if the rights are others."""
        if olds.get("rights") != news["rights"]:
            wait_for_rights(timedelta(seconds=news["seconds"]))
        return UpdateResult(dict(news))


def wait_for_rights(
    duration: timedelta, *, sleep: Callable[[float], None] = time.sleep, tell: Callable[[str], None] = say
) -> None:
    """Wait, and say every ten seconds for what and how much longer."""
    left = duration
    while left > timedelta():
        tell(f"waiting {left.seconds} s until the build account's rights are in effect everywhere at Google")
        pause = min(left, BETWEEN_LINES)
        sleep(pause.total_seconds())
        left -= pause


class RightsInEffect(Resource, module="google", name="RightsInEffect"):
    """What builds depend on, instead of the rights themselves."""

    def __init__(
        self,
        name: str,
        *,
        rights: Sequence[pulumi.Input[str]],
        wait: timedelta,
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        """Declare it.

        Args:
            name: of the resource.
            rights: the bindings' ids, each of which names role, member and what it is on.
            wait: how long.
            opts: of the resource.
        """
        super().__init__(
            RightsInEffectProvider(), name, {"rights": list(rights), "seconds": int(wait.total_seconds())}, opts
        )
