"""Functions that Google keeps although their build or start failed, and how the next `up` builds them again.

Google keeps a new function whose build failed, in state FAILED; UNKNOWN is a deployment that cannot serve
(https://cloud.google.com/functions/docs/reference/rest/v2/projects.locations.functions, November 2026). Pulumi records
the function, a refresh clears the error, and nothing is different from the program: the next `up` would leave it
broken. So the program asks Google, and gives the build of a broken function a variable that differs each time. That is
an update: a replacement would leave Twilio with nothing to call for the length of a build.
"""

import pulumi
import pulumi_gcp as gcp

BROKEN = frozenset({"FAILED", "UNKNOWN"})

VARIABLE = "BUILT_AGAIN_AFTER"
"""The build variable with the time of the change that failed; nothing reads it."""

_NOTHING_TO_ASK = ("Error 404:", "SERVICE_DISABLED", "has not been used in project", "notFound")
"""What Google says where there is no function yet, or where its API is still off."""


def broken_since(name: str, location: str, provider: pulumi.ProviderResource) -> str | None:
    """When Google last changed a function that it calls broken; None for every other function.

    An answer that does not come is no reason to stop: the identity of a preview may not be allowed to ask.
    """
    try:
        found = gcp.cloudfunctionsv2.get_function(
            name=name, location=location, opts=pulumi.InvokeOptions(provider=provider)
        )
    except Exception as error:  # noqa: BLE001 -- the SDK raises nothing more specific
        if not any(each in str(error) for each in _NOTHING_TO_ASK):
            pulumi.log.info(f"could not ask Google whether function {name} is broken: {error}")
        return None
    if found.state not in BROKEN:
        return None
    pulumi.log.warn(
        f"Google calls function {name} {found.state} since {found.update_time}: its last build or start failed; "
        "pulumi up builds it again"
    )
    return found.update_time


def rebuilding(broken_since: str | None) -> pulumi.ResourceOptions:
    """The options of a function: the variable of an earlier repair stays as it is, unless it is broken again."""
    earlier = f"buildConfig.environmentVariables.{VARIABLE}"
    return pulumi.ResourceOptions(ignore_changes=[] if broken_since else [earlier])
