"""A deployer who administers nobody's rights: accounts, secret and APIs are somebody else's, on the real engine."""

import json
import re
from pathlib import Path

import pytest

from laptop.gcp_provider import tokens
from laptop.gcp_provider.cloud import Cloud
from laptop.gcp_provider.iam import ACCESSOR
from laptop.gcp_provider.operations import Operations
from laptop.gcp_provider.values import Secret
from tests.engine_failures import why_it_fails
from tests.infra.account import TwilioAccount
from tests.infra.conftest import MakeStack

pytestmark = [pytest.mark.engine, pytest.mark.story, pytest.mark.timeout(180)]

PROJECT = "local-laptop"
ACCOUNTS = {role: f"our-{role}@{PROJECT}.iam.gserviceaccount.com" for role in ("build", "run", "schedule")}
VERSION = f"projects/{PROJECT}/secrets/twilio/versions/1"
CONFIG = {
    "token": "",
    "monitoring": "false",
    "enableApis": "false",
    "twilioAuthTokenVersion": VERSION,
    **{f"{role}ServiceAccount": email for role, email in ACCOUNTS.items()},
}
TOKEN = "TWILIO_AUTH_TOKEN"
APIS = ("artifactregistry", "cloudbuild", "cloudfunctions", "cloudscheduler", "iam", "run", "secretmanager")
NEEDS_AN_ADMINISTRATOR = {
    tokens.ACCOUNT,
    tokens.PROJECT_MEMBER,
    tokens.SERVICE,
    tokens.SECRET,
    tokens.SECRET_VERSION,
    tokens.SECRET_MEMBER,
}


def prepare(home: Path, token: str) -> Operations:
    """What its owner makes and grants, as docs/operations.md lists it, but for the right to read the secret."""
    owner = Operations(Cloud(home / "cloud"), "", {})
    for api in APIS:
        owner.create(tokens.SERVICE, {"service": f"{api}.googleapis.com"})
    for email in ACCOUNTS.values():
        owner.create(tokens.ACCOUNT, {"accountId": email.partition("@")[0]})
    builder = {"role": "roles/cloudbuild.builds.builder", "member": f"serviceAccount:{ACCOUNTS['build']}"}
    owner.create(tokens.PROJECT_MEMBER, {"project": PROJECT, **builder})
    owner.create(tokens.SECRET, {"secretId": "twilio", "replication": {"auto": {}}})
    owner.create(tokens.SECRET_VERSION, {"secret": f"projects/{PROJECT}/secrets/twilio", "secretData": Secret(token)})
    return owner


def let_the_functions_read(owner: Operations) -> None:
    """The right that only the secret's owner can grant."""
    member = f"serviceAccount:{ACCOUNTS['run']}"
    owner.create(tokens.SECRET_MEMBER, {"secretId": "twilio", "role": ACCESSOR, "member": member})


def test_a_stack_of_what_others_own_has_no_token_in_its_state(
    account: TwilioAccount, make_stack: MakeStack, tmp_path: Path
) -> None:
    """It deploys, sweeps and answers as any other, and destroy leaves what others own."""
    home, before = tmp_path / "home", account.settings()
    let_the_functions_read(prepare(home, account.token))
    theirs = len(Cloud(home / "cloud").all())

    with make_stack(**CONFIG, cleans_up=False, environment={TOKEN: account.token}) as stack:
        stack.up(preview=False)
        state = stack.export()
        assert account.token not in json.dumps(state)
        assert {each["type"] for each in state["resources"]} & NEEDS_AN_ADMINISTRATOR == set()
        assert stack.up(preview=False).changed == 0
        stack.destroy()

    assert account.settings() == before
    assert len(Cloud(home / "cloud").all()) == theirs


def test_a_right_that_the_owner_did_not_grant_is_named_by_google(
    account: TwilioAccount, make_stack: MakeStack, tmp_path: Path
) -> None:
    """The run stops before Twilio is changed."""
    home, before = tmp_path / "home", account.settings()
    prepare(home, account.token)

    with make_stack(**CONFIG, cleans_up=False, environment={TOKEN: account.token}) as stack:
        assert re.search(
            f"Permission denied on secret.*{ACCOUNTS['run']}", why_it_fails(lambda: stack.up(preview=False))
        )
        assert account.settings() == before
