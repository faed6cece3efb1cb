"""Names fit Google's rules, and two stacks never share one."""

import re

from hypothesis import given
from hypothesis import strategies as st

from infra.names import LONGEST_FUNCTION_NAME, function_name, service_account_id

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
