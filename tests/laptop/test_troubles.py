"""A creation that goes wrong in each of Google's ways: what the provider says, and what is there afterwards."""

import pytest

from laptop.gcp_provider import tokens
from laptop.gcp_provider.function_kind import FAILED
from laptop.gcp_provider.operations import PartlyDoneError, RefusedError
from laptop.gcp_provider.switches import Switches, Trouble, Way
from tests.laptop.local_google import Laptop, function

BUCKET = {"name": "zips", "location": "EU"}


def troubled(laptop: Laptop, way: Way) -> Laptop:
    """The project, in which the second bucket goes wrong."""
    laptop.operations.switches = Switches(trouble=Trouble(2, way))
    laptop.operations.create(tokens.BUCKET, BUCKET | {"name": "first"})
    return laptop


def buckets(laptop: Laptop) -> list[str]:
    """The buckets that exist."""
    return [each.id for each in laptop.cloud.all(tokens.BUCKET)]


@pytest.mark.parametrize(
    ("way", "said", "there"),
    [
        (Way.REFUSED, "googleapi: Error 403: Permission denied", ["first"]),
        (Way.FAILED_OPERATION, "Error waiting to create .*: Error code 13, message: ", ["first"]),
        (Way.TIMED_OUT, "Error waiting to create .*: timeout while waiting for state", ["first", "zips"]),
    ],
)
def test_the_engine_hears_of_nothing_that_was_made(laptop: Laptop, way: Way, said: str, there: list[str]) -> None:
    """After a refusal or a failure nothing exists; after a timeout it exists, unrecorded."""
    with pytest.raises(RefusedError, match=said):
        troubled(laptop, way).operations.create(tokens.BUCKET, BUCKET)

    assert buckets(laptop) == there


def test_what_failed_later_is_known(laptop: Laptop) -> None:
    """The engine records it, with its error."""
    with pytest.raises(PartlyDoneError, match="Error code 13, message: ") as failed:
        troubled(laptop, Way.FAILED_LATER).operations.create(tokens.BUCKET, BUCKET)

    assert (failed.value.resource.id, buckets(laptop)) == ("zips", ["first", "zips"])


def test_a_function_whose_operation_failed_is_kept(laptop: Laptop) -> None:
    """As Google keeps it, in state FAILED."""
    operations = laptop.with_everything().operations
    operations.switches = Switches(trouble=Trouble(len(laptop.cloud.all()) + 1, Way.FAILED_OPERATION))
    with pytest.raises(PartlyDoneError, match="Error code 13, message: ") as failed:
        operations.create(tokens.FUNCTION, function())

    assert failed.value.resource.value("state") == FAILED


def test_only_one_creation_goes_wrong(laptop: Laptop) -> None:
    """The next attempt succeeds."""
    with pytest.raises(RefusedError):
        troubled(laptop, Way.REFUSED).operations.create(tokens.BUCKET, BUCKET)

    laptop.operations.create(tokens.BUCKET, BUCKET)
    assert buckets(laptop) == ["first", "zips"]
