"""Every operation that the simulator has answers as Twilio's OpenAPI documents say; found from the route tables."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from simulator.app import PRODUCTS
from tests.simulator.conftest import World
from tests.simulator.contract.documents import Operation, operations, violations
from tests.simulator.contract.exercising import Exerciser, unknown_sids
from tests.simulator.contract.reduce import DOCUMENTS

ALL = [pytest.param(operation, id=operation.name) for operation in operations()]


@pytest.mark.parametrize("operation", ALL)
def test_every_operation_answers_as_documented(
    world: World, operation: Operation, record_property: Callable[[str, object], None]
) -> None:
    """Called with good parameters: a documented status, the documented fields and no other, values of their types."""
    answer = Exerciser(world).call(operation)

    assert answer.ok, f"{answer.status_code} {answer.text}; a form of its own belongs into exercising.FORMS"
    body = answer.json() if answer.content else None
    assert list(violations(operation, answer.status_code, body)) == []
    record_property("validated operation", operation.name)


@pytest.mark.parametrize("operation", ALL)
def test_every_operation_is_documented(operation: Operation) -> None:
    """Nothing is made up: the document has an operation at this place."""
    assert operation.documented is not None


@pytest.mark.parametrize("operation", ALL)
def test_what_is_not_there_is_20404(world: World, operation: Operation) -> None:
    """In Twilio's body, for reading and writing alike."""
    exerciser = Exerciser(world)
    for path in unknown_sids(operation, exerciser.path(operation)):
        answer = exerciser.send(operation, path)
        assert (answer.status_code, answer.json()["code"], answer.json()["status"]) == (404, 20404, 404)


def test_every_product_has_its_document() -> None:
    """And there is no document without a product."""
    assert set(DOCUMENTS) == set(PRODUCTS)
