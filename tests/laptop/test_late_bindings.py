"""IAM bindings that take effect late, as at Google."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from laptop.gcp_provider import iam, tokens
from laptop.gcp_provider.iam import invokers
from laptop.gcp_provider.operations import PartlyDoneError
from laptop.gcp_provider.switches import Switches
from tests.laptop.local_google import EMAIL, SECRET_ID, Laptop, function, open_laptop

MINUTE = timedelta(minutes=1)
FUNCTION_ID = "projects/local-laptop/locations/europe-west1/functions/echo"


class Clock:
    """Seconds that pass when a test says so."""

    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        """The present second."""
        return self.now


@pytest.fixture
def clock() -> Clock:
    """The project's clock."""
    return Clock()


@pytest.fixture
def laptop(tmp_path: Path, clock: Clock) -> Iterator[Laptop]:
    """A project in which a binding takes a minute."""
    opened = open_laptop(tmp_path, Switches(binding_delay=MINUTE), clock)
    yield opened
    opened.functions.close()


def test_a_right_counts_after_the_delay(laptop: Laptop, clock: Clock) -> None:
    """A function that is created too early fails; the same update succeeds a minute later."""
    laptop.with_everything()
    clock.now = 59
    with pytest.raises(PartlyDoneError, match="Permission denied on secret"):
        laptop.operations.create(tokens.FUNCTION, function())
    clock.now = 60

    assert laptop.operations.update(tokens.FUNCTION, FUNCTION_ID, function()).value("state") == "ACTIVE"


def test_a_binding_that_exists_does_not_start_its_delay_again(laptop: Laptop, clock: Clock) -> None:
    """Granting it again changes nothing; revoking and granting it does."""
    member = {"secretId": "token", "role": iam.ACCESSOR, "member": f"serviceAccount:{EMAIL}"}
    laptop.with_everything()
    clock.now = 60
    id_ = laptop.make(tokens.SECRET_MEMBER, **member)
    (granted,) = laptop.cloud.all(tokens.SECRET_MEMBER)
    assert (id_, laptop.cloud.age(granted)) == (f"{SECRET_ID}/{iam.ACCESSOR}/serviceAccount:{EMAIL}", MINUTE)

    laptop.operations.delete(tokens.SECRET_MEMBER, id_)
    laptop.make(tokens.SECRET_MEMBER, **member)

    assert laptop.cloud.age(granted) == timedelta()


def test_everybody_may_call_after_the_delay(laptop: Laptop, clock: Clock) -> None:
    """Until then the front refuses."""
    laptop.with_everything()
    clock.now = 60
    laptop.operations.create(tokens.FUNCTION, function())
    laptop.make(tokens.RUN_MEMBER, name="echo", location="europe-west1", role=iam.INVOKER, member="allUsers")
    early = invokers(laptop.cloud, "echo", MINUTE)
    clock.now = 120

    assert (early, invokers(laptop.cloud, "echo", MINUTE)) == (frozenset(), frozenset({"allUsers"}))


def test_the_bindings_of_an_earlier_process_count(laptop: Laptop) -> None:
    """What was granted long ago is in effect."""
    laptop.with_everything()

    again = open_laptop(laptop.home, Switches(binding_delay=MINUTE))
    try:
        assert again.operations.create(tokens.FUNCTION, function()).value("state") == "ACTIVE"
    finally:
        again.functions.close()
