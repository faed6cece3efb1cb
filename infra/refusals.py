"""What Google refuses for good, and which setting or prerequisite is the way out.

Google's words come through the gcp provider as one text; they are matched by what has stayed in them for years.
"""

import re
from dataclasses import dataclass

BEFOREHAND = ("cloudresourcemanager.googleapis.com", "serviceusage.googleapis.com")
"""APIs that must be on before the first `up`: with them the provider looks at the project and turns the others on."""

TURN_ON_BEFOREHAND = f"run gcloud services enable {' '.join(BEFOREHAND)}, wait a minute, and pulumi up again"


@dataclass(frozen=True)
class Refusal:
    """A sentence that no waiting changes.

    Attributes:
        sentence: what has stayed in Google's words; its groups may be named in the way out.
        way_out: what the engineer can do, in one line.
    """

    sentence: re.Pattern[str]
    way_out: str


def _refusal(pattern: str, way_out: str) -> Refusal:
    return Refusal(re.compile(pattern, re.IGNORECASE | re.DOTALL), way_out)


_SCHEDULER = "run pulumi config set schedulerRegion with one of gcloud scheduler locations list"

REFUSALS = (
    _refusal(
        "do not belong to a permitted customer",
        "an organisation policy (iam.allowedPolicyMemberDomains) forbids allUsers: run pulumi config set publicAccess "
        "none, and ask its owner to let allUsers call the function (docs/operations.md, an organisation's policies)",
    ),
    _refusal(
        r"constraints/gcp\.resourceLocations",
        "an organisation policy names the locations that resources may have: gcp:region must be one of them, and "
        "secrets are replicated automatically, which counts as global, unless you run pulumi config set secretRegions",
    ),
    _refusal(
        "allowedIngressSettings",
        "an organisation policy forbids functions that the internet can call, and Twilio calls from the internet: ask "
        "its owner to allow ALLOW_ALL in this project",
    ),
    _refusal(
        r'lacks IAM permission "?(?P<right>cloudscheduler\.[\w.]+\w)"?.*may not exist',
        "Cloud Scheduler says so of a region that it does not have, above all: " + _SCHEDULER + "; otherwise grant "
        "roles/cloudscheduler.admin to whoever deploys",
    ),
    _refusal(
        r"Location must equal (?P<region>[a-z0-9-]+)",
        "Cloud Scheduler runs in one region of this project: run pulumi config set schedulerRegion {region}",
    ),
    _refusal(
        r"maxScale may not exceed (?P<most>\d+)",
        "this project may have {most} instances: run pulumi config set maxInstances {most}, or ask Google for more",
    ),
    _refusal("is not a valid location.*ListLocations", "Cloud Scheduler does not exist in this region: " + _SCHEDULER),
)
"""Every sentence with its way out, in the order in which they are looked for."""


def way_out(error: str) -> str | None:
    """What the engineer can do about an error, in one line; None where Google's own words must do."""
    for each in REFUSALS:
        if found := each.sentence.search(error):
            return each.way_out.format(**found.groupdict())
    return None
