"""Names fit Google's rules, and two stacks never share one."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from infra.names import (
    LONGEST_FUNCTION_NAME,
    LONGEST_PREFIX,
    function_name,
    project_host,
    project_of_account,
    service_account_id,
    sweep_name,
)

PROJECT = "flex-chat-inactivity-timeout"


def test_a_usual_name_carries_project_and_stack() -> None:
    """A refusal can name the owner of a URL."""
    assert function_name(PROJECT, "production") == "flex-chat-inactivity-timeout-production"


def test_names_that_had_to_be_changed_stay_apart() -> None:
    """Upper case, underscores and length are lost; a hash keeps the names different."""
    stacks = ["prod", "Prod", "pr_od", "pr.od", "pr-od", f"{'long' * 10}-a", f"{'long' * 10}-b"]

    assert len({function_name(PROJECT, stack) for stack in stacks}) == len(stacks)


@given(
    project=st.from_regex(r"[A-Za-z0-9_.-]{1,100}", fullmatch=True),
    stack=st.from_regex(r"[A-Za-z0-9_.-]{1,100}", fullmatch=True),
)
def test_every_name_is_one_that_google_takes(project: str, stack: str) -> None:
    """The limits are those of Cloud Run and of service accounts."""
    name = function_name(project, stack)

    assert re.fullmatch(r"[a-z]([a-z0-9-]*[a-z0-9])?", name)
    assert len(name) <= LONGEST_FUNCTION_NAME
    assert re.fullmatch(r"[a-z][a-z0-9-]{4,28}[a-z0-9]", service_account_id("build", name))


@pytest.mark.parametrize(("project", "host"), [("a-project", "a-project"), ("example.com:p", "p.example.com")])
def test_a_project_with_a_domain_is_turned_round_in_host_names(project: str, host: str) -> None:
    """And back: its colon would be a port's."""
    assert project_host(project) == host
    assert project_of_account(f"runner@{host}.iam.gserviceaccount.com") == project


def test_the_longest_prefix_fits_into_every_name() -> None:
    """A service account's id is the shortest, and its longest role is the schedule's."""
    prefix = "p" * LONGEST_PREFIX

    assert len(service_account_id("schedule", "a-function", prefix)) == 30
    for name in (function_name(PROJECT, "production", prefix), sweep_name(PROJECT, "production", prefix)):
        assert len(name) <= LONGEST_FUNCTION_NAME
        assert name.startswith(f"{prefix}-")
