"""Google catching up with itself: which errors go away by waiting, and the hook that waits.

A new account, role or API is not known everywhere at once (Google Cloud docs, IAM: propagation takes minutes). Every
other error stops the deployment.
"""

import time

import pulumi

from infra.refusals import is_prerequisite, way_out

PAUSE_SECONDS = 15
ATTEMPTS = 8
MARKERS = (
    "does not exist",
    "does not have permission",
    "permission denied",
    "iam.serviceaccounts.actas",
    "has not been used in project",
    "it is disabled",
    "unable to retrieve",
)
"""What Google says meanwhile."""


def is_propagation(error: str) -> bool:
    """Whether this error goes away by waiting for IAM and newly enabled APIs."""
    text = error.lower()
    known = any(marker in text for marker in MARKERS) and ("403" in text or "400" in text)
    return known and not is_prerequisite(error)


def retrying_propagation() -> pulumi.ResourceHookBinding:
    """For resources whose creation may fail for minutes; made once in a run, because a hook's name is unique."""
    return pulumi.ResourceHookBinding(on_error=[_wait()])


def _wait() -> pulumi.ErrorHook:
    @pulumi.error_hook("wait-for-propagation")
    def wait(args: pulumi.ErrorHookArgs) -> bool:
        if len(args.errors) > ATTEMPTS or not is_propagation(args.errors[0]):
            if hint := way_out(args.errors[0]):
                pulumi.log.error(f"{args.name}: {hint}")
            return False
        if len(args.errors) == 1:
            seconds = ATTEMPTS * PAUSE_SECONDS
            pulumi.log.info(f"{args.name}: Google has not caught up with itself; trying again for up to {seconds} s")
        time.sleep(PAUSE_SECONDS)
        return True

    return wait
