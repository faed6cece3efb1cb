"""What the provider answers as the real one does: delete-first, generations, a secret without its payload."""

import pytest

from laptop.gcp_provider import tokens
from laptop.gcp_provider.operations import Difference, RefusedError
from laptop.gcp_provider.switches import Switches
from laptop.gcp_provider.values import Secret
from tests.laptop.local_google import MAIN, SECRET_ID, Laptop, archive, function

FUNCTION_ID = "projects/local-laptop/locations/europe-west1/functions/echo"
ELSEWHERE = {"location": "us-east1"}


def test_a_fixed_name_in_another_region_is_deleted_first(laptop: Laptop) -> None:
    """Unless the program says otherwise, both functions are gone before the new ones are built."""
    found = laptop.operations.diff(tokens.FUNCTION, "webhook", function(), function() | ELSEWHERE)
    assert found == Difference(changed=("location",), replaces=("location",), delete_first=True)


def test_an_automatic_name_or_another_name_is_deleted_last(laptop: Laptop) -> None:
    """The new resource does not need the old one's name."""
    automatic = {"name": "webhook-0a1b2c3"}
    changes = [
        (function() | automatic, function() | automatic | ELSEWHERE),
        (function(), function() | ELSEWHERE | {"name": "other"}),
    ]
    assert [laptop.operations.diff(tokens.FUNCTION, "webhook", *change).delete_first for change in changes] == [
        False
    ] * 2


def test_an_update_deletes_nothing(laptop: Laptop) -> None:
    """Another zip for the same name."""
    assert laptop.operations.diff(tokens.FUNCTION, "webhook", function(), function("2.zip")) == Difference(
        changed=("buildConfig",), replaces=(), delete_first=False
    )


def generation_of(function: dict[str, object]) -> object:
    """The generation in a function's outputs."""
    return function["buildConfig"]["source"]["storageSource"]["generation"]  # type: ignore[index]


def test_a_function_has_the_generation_of_googles_copy_unless_the_program_names_one(laptop: Laptop) -> None:
    """The copy gets another one with each build; what the program names stays."""
    laptop.with_everything().upload("1.zip", archive(main__py=MAIN % "1"))
    named = function()
    named["buildConfig"]["source"]["storageSource"]["generation"] = 2

    created = laptop.operations.create(tokens.FUNCTION, function())
    built_again = laptop.operations.update(tokens.FUNCTION, FUNCTION_ID, function())
    with_a_name = laptop.operations.update(tokens.FUNCTION, FUNCTION_ID, named)

    assert [generation_of(found.outputs) for found in (created, built_again, with_a_name)] == [1, 2, 2]


def test_a_generation_that_the_object_does_not_have_is_refused(laptop: Laptop) -> None:
    """It was replaced meanwhile, or named from memory."""
    old = function()
    old["buildConfig"]["source"]["storageSource"]["generation"] = 7
    with pytest.raises(RefusedError, match=r"object gs://source/1\.zip does not exist"):
        laptop.with_everything().operations.create(tokens.FUNCTION, old)


def test_a_secret_that_may_not_be_read_keeps_what_the_state_knows(laptop: Laptop) -> None:
    """A refresh by somebody without `versions.access` passes, and shows no change."""
    laptop.with_everything()
    id_ = f"{SECRET_ID}/versions/1"
    readable = laptop.operations.read(tokens.SECRET_VERSION, id_, {})
    laptop.operations.switches = Switches(unreadable_payloads=True)

    denied = laptop.operations.read(tokens.SECRET_VERSION, id_, {"secretData": Secret("of the state")})
    imported = laptop.operations.read(tokens.SECRET_VERSION, id_, {})

    payloads = [found and found.value("secretData") for found in (readable, denied, imported)]
    assert payloads == ["hush", "of the state", None]


def test_the_data_source_shows_state_and_time(laptop: Laptop) -> None:
    """With nested blocks as lists, as data sources have them."""
    made = laptop.with_everything().operations.create(tokens.FUNCTION, function())

    found = laptop.operations.get_function({"name": "echo", "location": "europe-west1"})

    assert (found["id"], found["state"], found["updateTime"]) == (FUNCTION_ID, "ACTIVE", made.value("updateTime"))
    assert found["serviceConfigs"] == [made.outputs["serviceConfig"]]
    assert found["eventTriggers"] == []


def test_the_data_source_finds_no_function(laptop: Laptop) -> None:
    """The provider's message has no status code."""
    with pytest.raises(RefusedError, match=f"^{FUNCTION_ID} not found$"):
        laptop.with_everything().operations.get_function({"name": "echo", "location": "europe-west1"})


def test_the_data_source_needs_its_api(laptop: Laptop) -> None:
    """In a fresh project it is off."""
    with pytest.raises(RefusedError, match="Error 403: Cloud Functions API has not been used in project"):
        laptop.operations.get_function({"name": "echo", "location": "europe-west1"})
