"""The `pulumi import` line for something in Google that a killed run created and did not record."""

from collections.abc import Callable, Mapping
from typing import Any

IDS: Mapping[str, Callable[[Mapping[str, Any], str], str]] = {
    "gcp:secretmanager/secret:Secret": lambda inputs, project: f"projects/{project}/secrets/{inputs['secretId']}",
    "gcp:cloudfunctionsv2/function:Function": lambda inputs, project: (
        f"projects/{project}/locations/{inputs['location']}/functions/{inputs['name']}"
    ),
    "gcp:cloudscheduler/job:Job": lambda inputs, project: (
        f"projects/{project}/locations/{inputs['region']}/jobs/{inputs['name']}"
    ),
    "gcp:artifactregistry/repository:Repository": lambda inputs, project: (
        f"projects/{project}/locations/{inputs['location']}/repositories/{inputs['repositoryId']}"
    ),
    "gcp:storage/bucket:Bucket": lambda inputs, _project: str(inputs["name"]),
    "gcp:logging/metric:Metric": lambda inputs, _project: str(inputs["name"]),
}
"""What `pulumi import` takes as the id of each type that has a fixed name, or may be left over (pulumi.com/registry,
gcp 10, November 2026). Alerts and dashboards have none: Google numbers them, and makes a second one without a 409."""

PROVIDER = "google"
"""Name of the explicit provider."""


def import_line(urn: str, inputs: Mapping[str, Any], project: str, components: Mapping[str, str]) -> str | None:
    """The line; None for a type that needs none.

    Args:
        urn: of the resource that exists already.
        inputs: its inputs.
        project: id of the Google project.
        components: name of each component by its type.
    """
    stack, _, types, name = urn.split("::", 3)
    parent, _, own = types.rpartition("$")
    if own not in IDS:
        return None
    prefix = "::".join(urn.split("::", 2)[:2])
    parent = parent.rpartition("$")[2]
    options = [f"--parent parent={prefix}::{parent}::{components[parent]}"] if parent in components else []
    options.append(f"--provider provider={prefix}::pulumi:providers:gcp::{PROVIDER}")
    stack = stack.removeprefix("urn:pulumi:")
    return " ".join(
        ["pulumi import", own, name, IDS[own](inputs, project), *options, "--protect=false", f"--stack {stack}"]
    )
