"""What whoever previews must be allowed to read in Google: `python -m dev.preview_role [--check]` makes the role.

A preview refreshes each resource of the stack, so each type needs the permissions that its provider reads it with
(names: https://cloud.google.com/iam/docs/permissions-reference). `secretmanager.versions.access` is left out:
the provider goes on without a secret's payload. Nobody has tried the list on a real project yet.
"""

from __future__ import annotations

import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Final

ROLE: Final = Path(__file__).parents[1] / "ci" / "preview-role.yaml"

READS: Final[Mapping[str, tuple[str, ...]]] = {
    "gcp:artifactregistry/repository:Repository": ("artifactregistry.repositories.get",),
    "gcp:artifactregistry/repositoryIamMember:RepositoryIamMember": ("artifactregistry.repositories.getIamPolicy",),
    "gcp:cloudfunctionsv2/function:Function": ("cloudfunctions.functions.get",),
    "gcp:cloudrunv2/serviceIamMember:ServiceIamMember": ("run.services.getIamPolicy",),
    "gcp:cloudscheduler/job:Job": ("cloudscheduler.jobs.get",),
    "gcp:logging/metric:Metric": ("logging.logMetrics.get",),
    "gcp:monitoring/alertPolicy:AlertPolicy": ("monitoring.alertPolicies.get",),
    "gcp:monitoring/dashboard:Dashboard": ("monitoring.dashboards.get",),
    "gcp:monitoring/notificationChannel:NotificationChannel": ("monitoring.notificationChannels.get",),
    "gcp:projects/iAMMember:IAMMember": ("resourcemanager.projects.get", "resourcemanager.projects.getIamPolicy"),
    "gcp:projects/service:Service": (
        "resourcemanager.projects.get",
        "serviceusage.services.get",
        "serviceusage.services.list",
    ),
    "gcp:secretmanager/secret:Secret": ("secretmanager.secrets.get",),
    "gcp:secretmanager/secretIamMember:SecretIamMember": ("secretmanager.secrets.getIamPolicy",),
    "gcp:secretmanager/secretVersion:SecretVersion": ("secretmanager.versions.get",),
    "gcp:serviceaccount/account:Account": ("iam.serviceAccounts.get",),
    "gcp:storage/bucket:Bucket": ("storage.buckets.get",),
    "gcp:storage/bucketIAMMember:BucketIAMMember": ("storage.buckets.getIamPolicy",),
    "gcp:storage/bucketObject:BucketObject": ("storage.objects.get",),
}
"""The permissions that a refresh of each type needs."""

ALWAYS: Final = ("compute.regions.list",)
"""Read by the provider itself, which checks `gcp:region`; without it each run begins with a warning."""


def role() -> str:
    """The role as `gcloud iam roles create --file` reads it."""
    permissions = sorted({*ALWAYS, *(each for needed in READS.values() for each in needed)})
    listed = "".join(f"  - {permission}\n" for permission in permissions)
    return (
        "# Made by `python -m dev.preview_role`; do not edit. docs/ci.md says who gets it.\n"
        "title: Preview of flex-chat-inactivity-timeout\n"
        "description: Reads the stack's resources, and no secret's payload.\n"
        "stage: GA\n"
        f"includedPermissions:\n{listed}"
    )


def main(arguments: list[str]) -> int:
    """Write the role, or with --check say whether it is out of date."""
    if "--check" in arguments:
        current = ROLE.read_text("utf-8") == role()
        print("the role is current" if current else f"{ROLE.name} is out of date: python -m dev.preview_role")
        return 0 if current else 1
    ROLE.write_text(role(), "utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
