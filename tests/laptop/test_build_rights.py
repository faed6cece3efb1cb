"""What a build account must be allowed to do: read the copy of the zip in its region, and write to the repository."""

import pytest

from laptop.gcp_provider import tokens
from laptop.gcp_provider.operations import PartlyDoneError, RefusedError
from laptop.gcp_provider.values import Properties
from tests.laptop.local_google import Laptop, function

BUILDER = "builder@local-laptop.iam.gserviceaccount.com"
MEMBER = f"serviceAccount:{BUILDER}"
REPOSITORY = "projects/local-laptop/locations/europe-west1/repositories/images"


def built_by_an_account(laptop: Laptop) -> Properties:
    """A function with a build account and a repository, which exist."""
    laptop.with_everything().make(tokens.ACCOUNT, accountId="builder")
    laptop.make(tokens.REPOSITORY, repositoryId="images", location="europe-west1", format="DOCKER")
    inputs = function()
    inputs["buildConfig"] |= {
        "serviceAccount": f"projects/local-laptop/serviceAccounts/{BUILDER}",
        "dockerRepository": REPOSITORY,
    }
    return inputs


def may_read_copies(laptop: Laptop, region: str) -> None:
    """On the copies in one region alone."""
    bucket = f"projects/_/buckets/gcf-v2-sources-{laptop.cloud.place.number}-{region}"
    expression = f'resource.name == "{bucket}" || resource.name.startsWith("{bucket}/")'
    laptop.make(
        tokens.PROJECT_MEMBER,
        project="local-laptop",
        role="roles/storage.objectViewer",
        member=MEMBER,
        condition={"title": region, "expression": expression},
    )


def may_store_images(laptop: Laptop) -> None:
    """In the one repository."""
    role = "roles/artifactregistry.writer"
    laptop.make(tokens.REPOSITORY_MEMBER, repository="images", location="europe-west1", role=role, member=MEMBER)


def test_with_both_rights_it_builds(laptop: Laptop) -> None:
    """No other rights are needed."""
    inputs = built_by_an_account(laptop)
    may_read_copies(laptop, "europe-west1")
    may_store_images(laptop)

    assert laptop.operations.create(tokens.FUNCTION, inputs).value("state") == "ACTIVE"


def test_the_right_to_copies_of_another_region_does_not_count(laptop: Laptop) -> None:
    """The condition of the binding is evaluated."""
    inputs = built_by_an_account(laptop)
    may_read_copies(laptop, "us-east1")
    may_store_images(laptop)

    with pytest.raises(PartlyDoneError, match=r"Access to bucket gcf-v2-sources-.*-europe-west1 denied"):
        laptop.operations.create(tokens.FUNCTION, inputs)


def test_without_the_right_to_store_images_the_build_fails(laptop: Laptop) -> None:
    """In Artifact Registry's words."""
    inputs = built_by_an_account(laptop)
    may_read_copies(laptop, "europe-west1")

    with pytest.raises(PartlyDoneError, match=r"uploadArtifacts.* denied on resource"):
        laptop.operations.create(tokens.FUNCTION, inputs)


def test_a_repository_that_does_not_exist_is_refused(laptop: Laptop) -> None:
    """Before anything is built."""
    inputs = built_by_an_account(laptop)
    laptop.operations.delete(tokens.REPOSITORY, REPOSITORY)

    with pytest.raises(RefusedError, match="repositories/images does not exist"):
        laptop.operations.create(tokens.FUNCTION, inputs)
