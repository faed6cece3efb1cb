"""Every operation of the simulator answers as Twilio's OpenAPI documents say; the route tables list them."""

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
    """With valid parameters: a documented status, the documented fields and no other, values of their types."""
    answer = Exerciser(world).call(operation)

    assert answer.ok, f"{answer.status_code} {answer.text}; a form of its own belongs into exercising.FORMS"
    body = answer.json() if answer.content else None
    assert list(violations(operation, answer.status_code, body)) == []
    record_property("validated operation", operation.name)


@pytest.mark.parametrize("operation", ALL)
def test_every_operation_is_documented(operation: Operation) -> None:
    """The document has an operation at this path."""
    assert operation.documented is not None


@pytest.mark.parametrize("operation", ALL)
def test_a_missing_resource_is_20404(world: World, operation: Operation) -> None:
    """The answer has Twilio's format, for reads and writes."""
    exerciser = Exerciser(world)
    for path in unknown_sids(operation, exerciser.path(operation)):
        answer = exerciser.send(operation, path)
        assert (answer.status_code, answer.json()["code"], answer.json()["status"]) == (404, 20404, 404)


def test_every_product_has_its_document() -> None:
    """There is no document without a product."""
    assert set(DOCUMENTS) == set(PRODUCTS)
