"""The repository of the functions' images: our own, so that the build account may write to it alone.

Google's default is one repository for all functions of a region, `gcf-artifacts`, which nobody cleans up. Cloud Run
keeps its own copy of the image of a revision that serves (https://cloud.google.com/run/docs/deploying, November 2026),
so cleaning up stops nothing.
"""

from datetime import timedelta

import pulumi
import pulumi_gcp as gcp

IMAGES_KEPT = 5
"""The newest images of each function, however old they are."""


def image_repository(
    name: str, repository_id: str, location: str, kept_for: timedelta, opts: pulumi.ResourceOptions
) -> gcp.artifactregistry.Repository:
    """Declare it; `kept_for` is how long older images stay."""
    # A changed region must not delete the repository of the function that still serves.
    replaced_last = pulumi.ResourceOptions(delete_before_replace=False)
    return gcp.artifactregistry.Repository(
        name,
        repository_id=repository_id,
        location=location,
        format="DOCKER",
        description="Images of the functions that release silent Flex chats. Managed by Pulumi.",
        cleanup_policies=[
            {"id": "keep-newest", "action": "KEEP", "most_recent_versions": {"keep_count": IMAGES_KEPT}},
            {
                "id": "delete-old",
                "action": "DELETE",
                "condition": {"tag_state": "ANY", "older_than": f"{int(kept_for.total_seconds())}s"},
            },
        ],
        opts=pulumi.ResourceOptions.merge(opts, replaced_last),
    )
