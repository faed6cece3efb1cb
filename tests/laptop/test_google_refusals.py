"""What Google refuses at once, in its own sentences: names that are taken, APIs that are off, policies."""

from typing import Any

import pytest

from laptop.gcp_provider import kinds
from laptop.gcp_provider.operations import RefusedError
from laptop.gcp_provider.values import Properties, Secret
from tests.laptop.local_google import EMAIL, SECRET_ID, Laptop, archive, function

LOCATION = "projects/local-laptop/locations/europe-west1"


def refusal(laptop: Laptop, token: str, **inputs: Any) -> str:
    """Why this creation is refused."""
    with pytest.raises(RefusedError) as refused:
        laptop.operations.create(token, inputs)
    return str(refused.value)


def job() -> Properties:
    """A job's inputs."""
    return {"name": "sweep", "region": "europe-west1", "schedule": "* * * * *", "httpTarget": {"uri": "http://f"}}


@pytest.mark.parametrize(
    ("token", "inputs", "sentence"),
    [
        (kinds.BUCKET, {"name": "source", "location": "EU"}, "Error 409: You already own this bucket."),
        (
            kinds.ACCOUNT,
            {"accountId": "runtime"},
            "Error 409: Service account runtime already exists within project projects/local-laptop.",
        ),
        (
            kinds.SECRET,
            {"secretId": "token", "replication": {"auto": {}}},
            "Error 409: Secret [projects/{number}/secrets/token] already exists.",
        ),
        (kinds.FUNCTION, function(), f"Error 409: Resource '{LOCATION}/functions/echo' already exists"),
        (kinds.JOB, job(), f"Error 409: Job {LOCATION}/jobs/sweep already exists."),
    ],
)
def test_a_name_that_is_taken_is_refused_in_the_words_of_its_service(
    token: str, inputs: Properties, sentence: str, laptop: Laptop
) -> None:
    """Whatever a killed run left, or somebody else made."""
    laptop.with_everything().make(kinds.SERVICE, service="cloudscheduler.googleapis.com")
    laptop.make(kinds.JOB, **job())
    laptop.make(kinds.FUNCTION, **function())

    assert sentence.format(number=laptop.cloud.place.number) in refusal(laptop, token, **inputs)


def test_what_google_takes_twice_is_no_conflict(laptop: Laptop) -> None:
    """An API is on, a binding is there, an object is replaced, and a secret gets one more version."""
    laptop.with_everything()

    laptop.make(kinds.SERVICE, service="run.googleapis.com")
    laptop.make(kinds.SECRET_MEMBER, secretId="token", role=kinds.ACCESSOR, member=f"serviceAccount:{EMAIL}")
    laptop.upload("1.zip", archive(main__py="x = 1"))

    assert laptop.cloud.get(kinds.BUCKET_OBJECT, "source-1.zip").value("generation") == 2
    assert laptop.make(kinds.SECRET_VERSION, secret=SECRET_ID, secretData=Secret("y")) == f"{SECRET_ID}/versions/2"


def test_a_service_account_that_exists_can_be_taken_as_it_is(laptop: Laptop) -> None:
    """With `createIgnoreAlreadyExists` the creation answers with what stands there."""
    laptop.with_everything()
    (before,) = laptop.cloud.all(kinds.ACCOUNT)

    taken = laptop.operations.create(kinds.ACCOUNT, {"accountId": "runtime", "createIgnoreAlreadyExists": True})

    assert (taken.id, taken.outputs) == (before.id, before.outputs)
    assert laptop.cloud.all(kinds.ACCOUNT) == (taken,)
