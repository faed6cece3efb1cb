"""The example stacks of `environments/`: each can be deployed, and somebody has read what it creates."""

import difflib

import pytest
import yaml

from tests.infra.plans import ENVIRONMENTS, PROJECT, plan

STACKS = ("dev", "staging", "prod")


def names(stack: str) -> set[str]:
    """The resources of a stack's plan."""
    lines = plan(ENVIRONMENTS / f"{stack}.yaml").splitlines()
    return {line.removesuffix(" protected") for line in lines if line.endswith((")", " protected")) and line[0] != " "}


@pytest.mark.parametrize("stack", STACKS)
def test_the_plan_is_the_one_that_somebody_read(stack: str) -> None:
    """A change shows here as the difference of a text; `python -m tests.infra.plans --write` records it."""
    recorded = ENVIRONMENTS / f"{stack}.plan.txt"
    now = plan(ENVIRONMENTS / f"{stack}.yaml")
    difference = difflib.unified_diff(recorded.read_text("utf-8").splitlines(), now.splitlines(), lineterm="", n=1)

    assert list(difference) == []


def test_staging_is_production_but_for_its_alerts() -> None:
    """What was tried in staging is what production gets."""
    alerts = {name for name in names("prod") if name.endswith("(AlertPolicy)")}

    assert len(alerts) == 6
    assert names("prod") - names("staging") == alerts | {"flex-chat-inactivity-timeout-prod (Stack)"}
    assert names("staging") - names("prod") == {"flex-chat-inactivity-timeout-staging (Stack)"}


def test_only_production_is_protected() -> None:
    """Whoever tries something in dev destroys it again."""
    plans = {stack: plan(ENVIRONMENTS / f"{stack}.yaml") for stack in STACKS}

    assert [stack for stack, text in plans.items() if " protected" in text] == ["prod"]


@pytest.mark.parametrize("stack", STACKS)
def test_no_example_has_a_secret_or_somebodys_account(stack: str) -> None:
    """They are copied and committed; the token is written by `pulumi config set --secret`."""
    config = yaml.safe_load((ENVIRONMENTS / f"{stack}.yaml").read_text("utf-8"))["config"]

    assert config[f"{PROJECT}:twilioAccountSid"] == "AC" + "x" * 32
    assert [key for key in config if "Token" in key or "Secret" in key] == []
