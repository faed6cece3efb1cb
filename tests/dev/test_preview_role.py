"""Whoever previews may read every resource of the program, and may change none and read no secret."""

import re

import pytest

from dev.preview_role import READS, ROLE, role
from tests.baselines.resources import CONFIGURATIONS, GOOD, SECRETS
from tests.infra.program_graph import declare


@pytest.mark.parametrize("configuration", CONFIGURATIONS)
def test_every_type_that_the_program_declares_can_be_read(configuration: str) -> None:
    """A preview refreshes first: a type that is missing here ends it with 403."""
    graph = declare({**GOOD, **CONFIGURATIONS[configuration]}, secrets=set(SECRETS), preview=False)

    declared = {each.type for each in graph.resources.values() if each.type.startswith("gcp:")}

    assert declared - READS.keys() == set()


def test_the_role_only_reads() -> None:
    """No permission writes, uses a service account, or opens a secret's payload."""
    permissions = re.findall(r"^  - (.+)$", role(), re.MULTILINE)

    assert len(permissions) > 10
    assert {permission.rpartition(".")[2] for permission in permissions} == {"get", "getIamPolicy", "list"}


def test_the_role_that_is_handed_out_is_current() -> None:
    """`python -m dev.preview_role` makes it."""
    assert ROLE.read_text("utf-8") == role()
