"""Retries while Google's changes take effect: recognized by its messages, side by side, and never in vain."""

import asyncio
from collections.abc import Coroutine
from typing import Any

import pulumi
import pytest

from infra.propagation import ATTEMPTS, BROKEN, CREATE, PAUSE, UPDATE, Propagation, Reaction, reaction
from laptop.gcp_provider import sentences

NUMBER = "403400409"
"""A project's number that looks like status codes."""

EMAIL = "inactivity-run-4c9b8d@a-project.iam.gserviceaccount.com"
NO_ACCOUNT = f"googleapi: {sentences.account_is_missing(EMAIL)}"
NO_ACTING = f"googleapi: Error 403: Permission 'iam.serviceaccounts.actAs' denied on service account {EMAIL} (or it ..."
API_IS_OFF = f"googleapi: {sentences.api_is_off('run.googleapis.com', NUMBER)}"
NO_SERVICE_USAGE = f"googleapi: {sentences.api_is_off('serviceusage.googleapis.com', NUMBER)}"
CREATING = "Error waiting to create function: Error waiting for Creating function: "
NO_SOURCE = CREATING + sentences.build_was_denied_its_source(NUMBER, "europe-west1", "f", EMAIL)
NO_SECRET = CREATING + sentences.secret_is_denied("f", f"projects/{NUMBER}/secrets/s", "1", EMAIL)
NO_START = CREATING + sentences.container_failed("f", "ImportError")


@pytest.mark.parametrize("operation", [CREATE, UPDATE])
@pytest.mark.parametrize(
    ("error", "new", "waits_for"),
    [
        (NO_ACCOUNT, set(), f"service account {EMAIL}"),
        (NO_ACTING, {EMAIL}, f"the right to act as {EMAIL}"),
        (API_IS_OFF, {"run.googleapis.com"}, "run.googleapis.com to be on"),
    ],
)
def test_a_refused_request_is_repeated_while_google_catches_up(
    operation: str, error: str, new: set[str], waits_for: str
) -> None:
    """Nothing was created, so nothing can be created twice."""
    assert reaction(error, operation, new) == Reaction(waits_for)


@pytest.mark.parametrize(
    ("error", "named"),
    [
        (NO_ACTING, f"grant roles/iam.serviceAccountUser on {EMAIL}"),
        (API_IS_OFF, "make setup"),
        (NO_SERVICE_USAGE, "gcloud services enable cloudresourcemanager.googleapis.com serviceusage.googleapis.com"),
    ],
)
def test_what_this_run_did_not_create_is_not_waited_for(error: str, named: str) -> None:
    """An older account or API is known everywhere: a role is missing, or the API is off."""
    found = reaction(error, CREATE, {"another.googleapis.com"})

    assert found.waits_for == ""
    assert named in (found.way_out or "")


@pytest.mark.parametrize("error", [NO_SOURCE, NO_SECRET, NO_START])
def test_a_creation_whose_operation_failed_is_never_repeated(error: str) -> None:
    """The broken function exists: another create would end in 409, and the state would lose it."""
    assert reaction(error, CREATE, {EMAIL}) == Reaction(way_out=BROKEN)


@pytest.mark.parametrize(
    ("error", "waits_for"),
    [
        (NO_SOURCE, f"the build account's right to read gcf-v2-sources-{NUMBER}-europe-west1"),
        (NO_SECRET, f"the right to read secret projects/{NUMBER}/secrets/s/versions/1"),
        (NO_START, ""),
    ],
)
def test_an_update_whose_rights_are_late_is_repeated(error: str, waits_for: str) -> None:
    """An update whose function does not start is not."""
    assert reaction(error, UPDATE, set()).waits_for == waits_for


@pytest.mark.parametrize(
    "error",
    [
        f"Error 404: bucket gcf-{NUMBER} does not exist",
        f"Error 400: Could not create Cloud Run service in project {NUMBER}: quota exceeded, permission denied",
        "Error 403: allUsers is not permitted by the organization policy",
        f"Error 500: the caller does not have permission in {NUMBER}",
    ],
)
def test_a_number_in_a_text_is_no_reason_to_wait(error: str) -> None:
    """Waiting for something that will never work helps nobody."""
    assert reaction(error, CREATE, {EMAIL}) == Reaction()


class Clock:
    """A clock whose sleeps take no time."""

    def __init__(self) -> None:
        self.slept = list[float]()

    async def sleep(self, seconds: float) -> None:
        """Let the others go on."""
        self.slept.append(seconds)
        await asyncio.sleep(0)


def failed(*errors: str, operation: str = CREATE, **inputs: str) -> pulumi.ErrorHookArgs:
    """Return what the engine passes to the hook about a secret, the newest error first."""
    kind = "gcp:secretmanager/secret:Secret"
    urn = f"urn:pulumi:prod::p::inactivity:google:Foundation${kind}::foundation-token"
    return pulumi.ErrorHookArgs(
        urn, "", "foundation-token", kind, new_inputs=inputs, failed_operation=operation, errors=list(errors)
    )


def run(waits: Coroutine[Any, Any, bool]) -> bool:
    """Return the hook's answer."""
    return asyncio.run(waits)


def test_patience_has_an_end() -> None:
    """After two minutes the error is Google's own."""
    clock = Clock()
    hook = Propagation("a-project", sleep=clock.sleep)

    answers = [run(hook.wait(failed(*[NO_ACCOUNT] * count))) for count in range(1, ATTEMPTS + 2)]

    assert answers == [True] * ATTEMPTS + [False]
    assert sum(clock.slept) == ATTEMPTS * PAUSE.total_seconds()


def test_waits_run_side_by_side() -> None:
    """A resource that waits does not keep another from waiting."""
    order = list[str]()

    async def sleep(_seconds: float) -> None:
        order.append("begins")
        await asyncio.sleep(0)
        order.append("ends")

    async def both() -> list[bool]:
        hook = Propagation("a-project", sleep=sleep)
        return await asyncio.gather(hook.wait(failed(NO_ACCOUNT)), hook.wait(failed(NO_ACCOUNT)))

    assert asyncio.run(both()) == [True, True]
    assert order == ["begins", "begins", "ends", "ends"]


def test_what_was_created_in_this_run_is_remembered() -> None:
    """By the address of an account and by the name of an API."""
    clock = Clock()
    hook = Propagation("a-project", sleep=clock.sleep)
    assert not run(hook.wait(failed(NO_ACTING)))

    hook.note(pulumi.ResourceHookArgs("urn", "id", "run", "account", new_outputs={"email": EMAIL}))
    hook.note(pulumi.ResourceHookArgs("urn", "id", "api", "service", new_inputs={"service": "run.googleapis.com"}))

    assert run(hook.wait(failed(NO_ACTING)))
    assert run(hook.wait(failed(API_IS_OFF)))


def test_what_exists_already_is_told_with_the_line_that_imports_it() -> None:
    """A killed run created it and did not record it."""
    error, said = f"googleapi: {sentences.secret_exists('projects/p/secrets/s')}", list[str]()

    assert not run(Propagation("a-project", complain=said.append).wait(failed(error, secretId="s")))

    (line,) = said
    assert "pulumi import gcp:secretmanager/secret:Secret foundation-token projects/a-project/secrets/s" in line


def test_a_reason_to_stop_is_told_with_its_way_out() -> None:
    """The error has Google's message too."""
    said = list[str]()

    assert not run(Propagation("a-project", complain=said.append).wait(failed(NO_SOURCE)))

    assert said == [f"foundation-token: {BROKEN}"]
