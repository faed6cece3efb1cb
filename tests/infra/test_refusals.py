"""A permanent refusal of Google's is reported with the setting or the prerequisite that is the way out."""

import pytest

from infra.refusals import REFUSALS, way_out

NOT_A_MEMBER = (
    "Error 400: One or more users named in the policy do not belong to a permitted customer,  perhaps due to an "
    "organization policy."
)
SECRET_IN_GLOBAL = (
    "Error creating Secret: googleapi: Error 400: Constraint constraints/gcp.resourceLocations violated for "
    "[orgpolicy:projects/403400409] attempting to create a secret in [global]."
)
BUCKET_ELSEWHERE = "Error 412: 'US' violates constraint 'constraints/gcp.resourceLocations', conditionNotMet"
INGRESS = (
    "Error 400: Constraint constraints/cloudfunctions.allowedIngressSettings violated for projects/p attempting "
    "CreateFunctionActionV1 with ingress_settings set to ALLOW_ALL."
)
NO_JOBS = (
    'Error 403: The principal (user or service account) lacks IAM permission "cloudscheduler.jobs.create" for the '
    'resource "projects/p/locations/europe-west9" (or the resource may not exist).'
)
APP_ENGINE = "Error 400: Location must equal us-central1 because the App Engine app is located in us-central1."
NO_SCHEDULER = (
    "Error creating Job: googleapi: Error 400: Location 'europe-west9' is not a valid location. "
    "Use ListLocations to list valid locations."
)
TOO_MANY = "Error code 3, message: Max instances must be set to 5 or fewer: maxScale may not exceed 5."
CASES = [
    # Google's words, what the way out must name
    (NOT_A_MEMBER, ["pulumi config set publicAccess none", "allUsers"]),
    (SECRET_IN_GLOBAL, ["organisation policy", "pulumi config set secretRegions", "gcp:region"]),
    (BUCKET_ELSEWHERE, ["organisation policy", "gcp:region"]),
    (INGRESS, ["ALLOW_ALL"]),
    (NO_JOBS, ["pulumi config set schedulerRegion", "gcloud scheduler locations list", "roles/cloudscheduler.admin"]),
    (APP_ENGINE, ["pulumi config set schedulerRegion us-central1"]),
    (NO_SCHEDULER, ["pulumi config set schedulerRegion", "gcloud scheduler locations list"]),
    (TOO_MANY, ["pulumi config set maxInstances 5"]),
]


@pytest.mark.parametrize(("error", "named"), CASES)
def test_the_way_out_names_the_setting(error: str, named: list[str]) -> None:
    """It is one line."""
    said = way_out(error) or ""

    assert [part for part in named if part not in said] == []
    assert len(said.splitlines()) == 1


def test_every_sentence_has_a_case_here() -> None:
    """Each row of the table matches one of them."""
    found = {next(each for each in REFUSALS if each.sentence.search(error)) for error, _ in CASES}

    assert found == set(REFUSALS)


@pytest.mark.parametrize(
    "error", ["Error 400: 'x' is not a valid name", "Error 500: try again", "project 403 has no number 400"]
)
def test_what_nobody_knows_is_left_to_googles_own_words(error: str) -> None:
    """A guess would mislead."""
    assert way_out(error) is None
