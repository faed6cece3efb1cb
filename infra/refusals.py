"""What Google refuses for good, and which setting or prerequisite is the way out.

Google's words come through the gcp provider as one text; they are matched by what has stayed in them for years.
"""

BEFOREHAND = ("cloudresourcemanager.googleapis.com", "serviceusage.googleapis.com")
"""APIs that must be on before the first `up`: with them the provider looks at the project and turns the others on."""

_NAMES_OF_THESE = ("cloudresourcemanager", "cloud resource manager", "serviceusage", "service usage")


def is_prerequisite(error: str) -> bool:
    """Whether an API is off that this program cannot turn on, so that waiting helps nobody."""
    text = error.lower()
    off = "has not been used in project" in text or "it is disabled" in text
    return off and any(name in text for name in _NAMES_OF_THESE)


def way_out(error: str) -> str | None:
    """What the engineer can do about it, in one line; None where Google's own words must do."""
    text = error.lower()
    if is_prerequisite(error):
        return f"run gcloud services enable {' '.join(BEFOREHAND)}, wait a minute, and pulumi up again"
    if "constraints/gcp.resourcelocations" in text:
        return (
            "an organisation policy names the locations that resources may have: gcp:region must be one of them, and "
            "secrets are replicated automatically, which counts as global; ask its owner to allow that for "
            "secretmanager.googleapis.com"
        )
    if "is not a valid location" in text and "listlocations" in text:
        return (
            "Cloud Scheduler does not exist in this region: run pulumi config set gcp:region with one of "
            "gcloud scheduler locations list (Twilio was not changed)"
        )
    return None
