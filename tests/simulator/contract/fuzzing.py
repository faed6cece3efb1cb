"""Calls the operations as schemathesis generates them: no answer is a crash or against its document."""

from __future__ import annotations

import logging
from collections import Counter
from functools import cache
from typing import Any, Final

import schemathesis
from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis import strategies as st
from schemathesis import GenerationMode

from simulator.app import PRODUCTS
from tests.simulator.conftest import World
from tests.simulator.contract.documents import Operation, document, shape, violations
from tests.simulator.contract.exercising import Exerciser

REFUSALS: Final = frozenset({400, 404, 405, 409, 412})
logging.getLogger("schemathesis").setLevel(logging.ERROR)


@cache
def _schema(product: str) -> Any:
    """The reduced document with the operations that the simulator has, and no other."""
    implemented = {(route.method.lower(), shape(route.template)) for route in PRODUCTS[product]}
    paths = {
        template: {method: described for method, described in item.items() if (method, shape(template)) in implemented}
        for template, item in document(product)["paths"].items()
    }
    kept = {template: item for template, item in paths.items() if item}
    return schemathesis.openapi.from_dict({**document(product), "paths": kept})


def _strategy(operation: Operation) -> st.SearchStrategy[Any]:
    schema = _schema(operation.product)
    template = next(path for path in schema.raw_schema["paths"] if shape(path) == operation.shape)
    described = schema[template][operation.route.method]
    return st.one_of(
        described.as_strategy(generation_mode=GenerationMode.POSITIVE),
        described.as_strategy(generation_mode=GenerationMode.NEGATIVE),
    )


def fuzz(operation: Operation, world: World, *, examples: int, seed_number: int) -> Counter[int]:
    """Call an operation with valid and invalid parameters, with known and unknown SIDs.

    Args:
        operation: What to call.
        world: A fresh account.
        examples: How many calls.
        seed_number: The same number makes the same calls.

    Returns:
        How often each status was answered.

    Raises:
        AssertionError: a status of 500 or above, an answer against the document, a refusal without Twilio's body.
    """
    statuses: Counter[int] = Counter()

    @seed(seed_number)
    @settings(
        max_examples=examples,
        database=None,
        deadline=None,
        suppress_health_check=list(HealthCheck),
        phases=[Phase.generate],
    )
    @given(case=_strategy(operation), real=st.integers(0, 3), good=st.booleans())
    def call(case: Any, real: int, good: bool) -> None:
        kwargs = case.as_transport_kwargs(base_url=f"{world.simulator.url}/{operation.product}")
        exerciser = Exerciser(world) if real or good else None
        if exerciser is not None and real:
            kwargs["url"] = f"{world.simulator.url}/{exerciser.path(operation)}"
        if exerciser is not None and good and isinstance(kwargs.get("data"), dict):
            kwargs["data"] = {**kwargs["data"], **exerciser.form(operation)}
        kwargs.pop("cookies", None)
        answer = world.http.request(**kwargs, timeout=10)
        statuses[answer.status_code] += 1
        _judge(operation, answer.status_code, answer.json() if answer.content else None)

    call()
    return statuses


def _judge(operation: Operation, status: int, body: Any) -> None:
    if status >= 400:
        assert status in REFUSALS, f"{operation.name}: {status} {body}"
        assert set(body) == {"code", "message", "more_info", "status"}
    else:
        assert list(violations(operation, status, body)) == [], operation.name
