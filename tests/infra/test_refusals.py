"""What Google refuses for good is told with the setting or the prerequisite that is the way out."""

import pytest

from infra.propagation import is_propagation
from infra.refusals import way_out

NO_SCHEDULER = (
    "Error creating Job: googleapi: Error 400: Location 'europe-west9' is not a valid location. "
    "Use ListLocations to list valid locations."
)
NOT_IN_GLOBAL = (
    "Error creating Secret: googleapi: Error 400: Constraint constraints/gcp.resourceLocations violated for "
    "[orgpolicy:projects/1] attempting to create a secret in [global]."
)
API_IS_OFF = (
    "Error 403: Cloud Resource Manager API has not been used in project 1 before or it is disabled. Enable it by "
    "visiting https://console.developers.google.com/apis/api/cloudresourcemanager.googleapis.com/overview"
)
OTHER_API_IS_OFF = "Error 403: Service Usage API has not been used in project 1 before or it is disabled."
REFUSALS = [
    # Google's words, what the way out must name
    (NO_SCHEDULER, ["gcp:region", "gcloud scheduler locations list"]),
    (NOT_IN_GLOBAL, ["organisation policy", "secretmanager.googleapis.com", "gcp:region"]),
    (API_IS_OFF, ["gcloud services enable cloudresourcemanager.googleapis.com"]),
    (OTHER_API_IS_OFF, ["serviceusage.googleapis.com"]),
]


@pytest.mark.parametrize(("error", "named"), REFUSALS)
def test_the_way_out_is_named_at_once(error: str, named: list[str]) -> None:
    """No minutes of waiting for what will not change."""
    said = way_out(error)

    assert not is_propagation(error)
    assert said is not None
    assert [part for part in named if part not in said] == []


@pytest.mark.parametrize(
    "error",
    [
        "Error 403: Cloud Functions API has not been used in project 1 before or it is disabled.",
        "Error 409: already exists",
        "Error 400: 'x' is not a valid name",
    ],
)
def test_what_nobody_knows_is_left_to_googles_own_words(error: str) -> None:
    """An API that this program has just turned on is waited for; a guess would mislead."""
    assert way_out(error) is None
