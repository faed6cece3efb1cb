"""schemathesis over every documented operation, short and always the same (long: `benchmarks/contract_campaign.py`)."""

from __future__ import annotations

import pytest

from tests.simulator.conftest import World
from tests.simulator.contract.documents import Operation, operations
from tests.simulator.contract.fuzzing import fuzz

DOCUMENTED = [pytest.param(one, id=one.name) for one in operations() if one.documented is not None]


@pytest.mark.parametrize("operation", DOCUMENTED)
def test_nothing_crashes_an_operation_or_makes_it_answer_against_its_document(
    world: World, operation: Operation
) -> None:
    """Valid and invalid parameters, existing SIDs and others: a documented answer, or a refusal in Twilio's format."""
    assert fuzz(operation, world, examples=3, seed_number=1).total() > 0
