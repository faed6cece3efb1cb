"""What Google refuses at once, in its own sentences: names that are taken, APIs that are off, policies."""

from typing import Any

import pytest

from laptop.gcp_provider import iam, tokens
from laptop.gcp_provider.operations import RefusedError
from laptop.gcp_provider.switches import OrganisationPolicies, Switches
from laptop.gcp_provider.values import Properties, Secret
from tests.laptop.local_google import EMAIL, SECRET_ID, Laptop, archive, function

EUROPE_ONLY = OrganisationPolicies(locations=frozenset({"europe-west1"}))
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
        (tokens.BUCKET, {"name": "source", "location": "EU"}, "Error 409: You already own this bucket."),
        (
            tokens.ACCOUNT,
            {"accountId": "runtime"},
            "Error 409: Service account runtime already exists within project projects/local-laptop.",
        ),
        (
            tokens.SECRET,
            {"secretId": "token", "replication": {"auto": {}}},
            "Error 409: Secret [projects/{number}/secrets/token] already exists.",
        ),
        (tokens.FUNCTION, function(), f"Error 409: Resource '{LOCATION}/functions/echo' already exists"),
        (tokens.JOB, job(), f"Error 409: Job {LOCATION}/jobs/sweep already exists."),
    ],
)
def test_a_name_that_is_taken_is_refused_in_the_words_of_its_service(
    token: str, inputs: Properties, sentence: str, laptop: Laptop
) -> None:
    """A killed run left it, or somebody else created it."""
    laptop.with_everything().make(tokens.SERVICE, service="cloudscheduler.googleapis.com")
    laptop.make(tokens.JOB, **job())
    laptop.make(tokens.FUNCTION, **function())

    assert sentence.format(number=laptop.cloud.place.number) in refusal(laptop, token, **inputs)


def test_what_google_takes_twice_is_no_conflict(laptop: Laptop) -> None:
    """APIs, bindings and objects may be made twice, and a secret gets another version."""
    laptop.with_everything()

    laptop.make(tokens.SERVICE, service="run.googleapis.com")
    laptop.make(tokens.SECRET_MEMBER, secretId="token", role=iam.ACCESSOR, member=f"serviceAccount:{EMAIL}")
    laptop.upload("1.zip", archive(main__py="x = 1"))

    assert laptop.cloud.get(tokens.BUCKET_OBJECT, "source-1.zip").value("generation") == 2
    assert laptop.make(tokens.SECRET_VERSION, secret=SECRET_ID, secretData=Secret("y")) == f"{SECRET_ID}/versions/2"


def test_a_service_account_that_exists_can_be_taken_as_it_is(laptop: Laptop) -> None:
    """With `createIgnoreAlreadyExists` the creation returns the existing account."""
    laptop.with_everything()
    (before,) = laptop.cloud.all(tokens.ACCOUNT)

    taken = laptop.operations.create(tokens.ACCOUNT, {"accountId": "runtime", "createIgnoreAlreadyExists": True})

    assert (taken.id, taken.outputs) == (before.id, before.outputs)
    assert laptop.cloud.all(tokens.ACCOUNT) == (taken,)


@pytest.mark.parametrize(
    ("token", "inputs", "prefix"),
    [
        (
            tokens.SERVICE,
            {"service": "run.googleapis.com"},
            "Error reading Project Service local-laptop/run.googleapis.com",
        ),
        (
            tokens.PROJECT_MEMBER,
            {"project": "local-laptop", "role": "roles/logging.logWriter", "member": "user:a@example.com"},
            'Error applying IAM policy for project "local-laptop": Error setting IAM policy for project "local-laptop"',
        ),
    ],
)
def test_without_the_project_api_no_api_is_turned_on_and_nobody_gets_a_role(
    token: str, inputs: Properties, prefix: str, laptop: Laptop
) -> None:
    """The provider reads the project for each of them; the number in the sentence is the project's."""
    laptop.operations.switches = Switches(enabled_apis=frozenset())
    number = laptop.cloud.place.number

    assert refusal(laptop, token, **inputs) == (
        f"{prefix}: googleapi: Error 403: Cloud Resource Manager API has not been used in project {number} before or "
        "it is disabled. Enable it by visiting https://console.developers.google.com/apis/api/"
        f"cloudresourcemanager.googleapis.com/overview?project={number} then retry. If you enabled this API recently, "
        "wait a few minutes for the action to propagate to our systems and retry."
    )


def test_an_api_that_is_on_already_needs_no_program(laptop: Laptop) -> None:
    """Somebody else enabled it."""
    laptop.operations.switches = Switches(enabled_apis=frozenset({"secretmanager.googleapis.com"}))

    assert laptop.make(tokens.SECRET, secretId="token", replication={"auto": {}}) == SECRET_ID


def by_region(*regions: str) -> Properties:
    """A secret with replicas in these regions."""
    replicas = [{"location": region} for region in regions]
    return {"secretId": "other", "replication": {"userManaged": {"replicas": replicas}}}


@pytest.mark.parametrize(
    ("policies", "token", "inputs", "sentence"),
    [
        (
            OrganisationPolicies(own_members_only=True),
            tokens.SECRET_MEMBER,
            {"secretId": "token", "role": iam.ACCESSOR, "member": "allUsers"},
            "Error 400: One or more users named in the policy do not belong to a permitted customer,",
        ),
        (
            EUROPE_ONLY,
            tokens.SECRET,
            {"secretId": "other", "replication": {"auto": {}}},
            "Constraint constraints/gcp.resourceLocations violated for [orgpolicy:projects/{number}]",
        ),
        (
            EUROPE_ONLY,
            tokens.SECRET,
            by_region("europe-west1", "us-east1"),
            "attempting to create a secret in [us-east1]",
        ),
        (
            EUROPE_ONLY,
            tokens.BUCKET,
            {"name": "other", "location": "US"},
            "Error 412: 'us' violates constraint 'constraints/gcp.resourceLocations', conditionNotMet",
        ),
        (
            OrganisationPolicies(ingress_settings=frozenset({"ALLOW_INTERNAL_AND_GCLB"})),
            tokens.FUNCTION,
            function(),
            "Constraint constraints/cloudfunctions.allowedIngressSettings violated for projects/local-laptop",
        ),
    ],
)
def test_a_policy_of_the_organisation_refuses(
    policies: OrganisationPolicies, token: str, inputs: Properties, sentence: str, laptop: Laptop
) -> None:
    """The message says which policy."""
    laptop.with_everything().operations.switches = Switches(policies=policies)

    assert sentence.format(number=laptop.cloud.place.number) in refusal(laptop, token, **inputs)


def test_what_the_policies_allow_passes(laptop: Laptop) -> None:
    """Replicas by region, a regional bucket, a function behind a load balancer, a role for a service account."""
    laptop.with_everything().operations.switches = Switches(
        policies=OrganisationPolicies(
            own_members_only=True,
            locations=frozenset({"europe-west1"}),
            ingress_settings=frozenset({"ALLOW_INTERNAL_AND_GCLB"}),
        )
    )

    laptop.make(tokens.SECRET, **by_region("europe-west1"))
    laptop.make(tokens.BUCKET, name="other", location="EUROPE-WEST1")
    laptop.make(tokens.FUNCTION, **function(ingressSettings="ALLOW_INTERNAL_AND_GCLB"))
    member = {"role": iam.INVOKER, "member": f"serviceAccount:{EMAIL}"}

    assert laptop.make(tokens.RUN_MEMBER, name="echo", location="europe-west1", **member) == (
        f"{LOCATION}/services/echo/{iam.INVOKER}/serviceAccount:{EMAIL}"
    )
