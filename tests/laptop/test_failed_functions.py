"""A function whose build or start fails: Google keeps it in state FAILED, and so does the laptop."""

from pathlib import Path

import pytest

from laptop.gcp_provider import iam, tokens
from laptop.gcp_provider.operations import PartlyDoneError, RefusedError
from laptop.gcp_provider.switches import ALL_WORKS, Switches
from tests.laptop.local_google import EMAIL, MAIN, SECRET_ID, Laptop, archive, function, open_laptop

FUNCTION_ID = "projects/local-laptop/locations/europe-west1/functions/echo"
BUILDER = "builder@local-laptop.iam.gserviceaccount.com"
FAILING = Switches(failing_builds=frozenset({"echo"}))


def invoker() -> dict[str, str]:
    """What lets everybody call the function."""
    return {"name": "echo", "location": "europe-west1", "role": iam.INVOKER, "member": "allUsers"}


def fail(laptop: Laptop) -> PartlyDoneError:
    """Create the function, whose build fails."""
    laptop.with_everything().operations.switches = FAILING
    with pytest.raises(PartlyDoneError) as failed:
        laptop.operations.create(tokens.FUNCTION, function())
    return failed.value


def test_a_failed_build_says_what_google_says(laptop: Laptop) -> None:
    """With the project's number in the bucket's name."""
    number = laptop.cloud.place.number
    bucket = f"gcf-v2-sources-{number}-europe-west1"

    assert str(fail(laptop)) == (
        "Error waiting to create function: Error waiting for Creating function: Error code 3, message: Build failed "
        "with status: FAILURE and message: failed to Fetch: failed to download archive "
        f"gs://{bucket}/echo/function-source.zip: Access to bucket {bucket} denied. You must grant Storage Object "
        f"Viewer permission to {number}-compute@developer.gserviceaccount.com. If you are using VPC Service Controls, "
        "you must also grant it access to your service perimeter.\n. For more details see the logs at "
        f"https://console.cloud.google.com/cloud-build/builds;region=europe-west1/local?project={number}"
    )


def test_the_function_of_a_failed_build_stays_without_a_service(laptop: Laptop) -> None:
    """A read finds it without any error, no binding can be made, and its name is taken."""
    failed = fail(laptop).resource

    assert failed.id == FUNCTION_ID
    assert laptop.operations.read(tokens.FUNCTION, FUNCTION_ID) == failed
    assert failed.value("state") == "FAILED"
    assert failed.value("serviceConfig").keys() == function()["serviceConfig"].keys()
    assert laptop.functions.names() == []
    with pytest.raises(RefusedError, match="Error 404: Resource 'echo' of kind 'SERVICE' in region 'europe-west1'"):
        laptop.make(tokens.RUN_MEMBER, **invoker())
    with pytest.raises(RefusedError, match="Error 409: Resource"):
        laptop.operations.create(tokens.FUNCTION, function())


def test_an_update_that_is_built_puts_it_right(laptop: Laptop) -> None:
    """State ACTIVE, another time, a service that answers."""
    failed = fail(laptop).resource
    laptop.operations.switches = ALL_WORKS

    updated = laptop.operations.update(tokens.FUNCTION, FUNCTION_ID, function())

    assert updated.value("state") == "ACTIVE"
    assert updated.value("updateTime") > failed.value("updateTime")
    assert laptop.ask()["version"] == "1"
    laptop.make(tokens.RUN_MEMBER, **invoker())


def test_an_update_whose_build_fails_leaves_the_old_revision_answering(laptop: Laptop) -> None:
    """Customers are served while it is repaired."""
    laptop.with_everything().operations.create(tokens.FUNCTION, function())
    laptop.upload("2.zip", archive(main__py=MAIN % "2"))
    laptop.operations.switches = FAILING

    with pytest.raises(PartlyDoneError, match=r"^Error waiting for Updating function: Error code 3") as failed:
        laptop.operations.update(tokens.FUNCTION, FUNCTION_ID, function("2.zip"))

    assert failed.value.resource.value("state") == "FAILED"
    assert laptop.ask()["version"] == "1"


def test_a_failed_function_is_not_started_by_the_next_process(laptop: Laptop) -> None:
    """Google has nothing to start either."""
    fail(laptop)

    again = open_laptop(laptop.home)
    again.functions.restore()

    assert again.functions.names() == []


def test_the_build_account_needs_its_right_to_the_copies(laptop: Laptop) -> None:
    """Without it the build fails, and with it the update passes."""
    laptop.with_everything().make(tokens.ACCOUNT, accountId="builder")
    inputs = function()
    inputs["buildConfig"]["serviceAccount"] = f"projects/local-laptop/serviceAccounts/{BUILDER}"
    with pytest.raises(PartlyDoneError, match=f"Access to bucket .* permission to {BUILDER}"):
        laptop.operations.create(tokens.FUNCTION, inputs)

    role, member = "roles/storage.objectViewer", f"serviceAccount:{BUILDER}"
    laptop.make(tokens.PROJECT_MEMBER, project="local-laptop", role=role, member=member)

    assert laptop.operations.update(tokens.FUNCTION, FUNCTION_ID, inputs).value("state") == "ACTIVE"


def test_the_functions_account_needs_its_right_to_the_secret(laptop: Laptop) -> None:
    """The service is refused its start, in Cloud Run's words."""
    laptop.with_everything()
    laptop.operations.delete(tokens.SECRET_MEMBER, f"{SECRET_ID}/{iam.ACCESSOR}/serviceAccount:{EMAIL}")
    secret = f"projects/{laptop.cloud.place.number}/secrets/token/versions/1"

    with pytest.raises(PartlyDoneError, match=f"Permission denied on secret: {secret} for Revision service account"):
        laptop.operations.create(tokens.FUNCTION, function())


def test_what_fails_is_said_with_the_region_of_the_function(tmp_path: Path) -> None:
    """The build's log is in the function's region, not in the provider's."""
    laptop = open_laptop(tmp_path).with_everything()
    laptop.upload("bad.zip", archive(other__py="x = 1"))

    with pytest.raises(PartlyDoneError, match="cloud-build/builds;region=us-east1/local"):
        laptop.operations.create(tokens.FUNCTION, function("bad.zip") | {"location": "us-east1"})
