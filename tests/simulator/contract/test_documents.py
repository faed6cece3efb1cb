"""The reductions match Twilio's documents, if those are beside this repository."""

from __future__ import annotations

import pytest

from tests.simulator.contract.documents import Operation, document, operations, violations
from tests.simulator.contract.reduce import DOCUMENTS, HERE, ORIGINALS, outdated

KIB = 1024


def test_the_reductions_are_current() -> None:
    """`python -m tests.simulator.contract.reduce` changes nothing; a checkout without the originals says so."""
    if not ORIGINALS.is_dir():
        pytest.skip("DID NOT RUN: Twilio's OpenAPI documents are not beside the repository (see reduce.py)")

    assert outdated() == []


def test_the_reductions_are_small_and_carry_the_notice() -> None:
    """Less than 300 KiB, with Twilio's licence beside them."""
    assert sum((HERE / f"{product}.json").stat().st_size for product in DOCUMENTS) < 300 * KIB
    assert "Twilio, Inc." in (HERE / "LICENSE-twilio-oai").read_text("utf-8")


@pytest.mark.parametrize("product", DOCUMENTS)
def test_a_reduction_is_an_openapi_document(product: str) -> None:
    """Version 3.0, every reference leads somewhere."""
    reduced = document(product)
    assert reduced["openapi"].startswith("3.0")
    assert [ref for ref in _references(reduced) if ref.rpartition("/")[2] not in reduced["components"]["schemas"]] == []


def _references(node: object) -> list[str]:
    if isinstance(node, list):
        return [ref for each in node for ref in _references(each)]
    if not isinstance(node, dict):
        return []
    here = [node["$ref"]] if isinstance(node.get("$ref"), str) else []
    return here + [ref for value in node.values() for ref in _references(value)]


def _operation(name: str) -> Operation:
    return next(operation for operation in operations() if operation.name == name)


@pytest.mark.parametrize(
    ("status", "change", "complaint"),
    [
        (200, {"sid": "WT1"}, "WT1"),
        (200, {"assignment_status": "done"}, "done"),
        (200, {"made_up": 1}, "made_up"),
        (200, {"date_created": "yesterday"}, "yesterday"),
        (200, {"age": "old"}, "old"),
        (418, {}, "418"),
    ],
)
def test_the_check_finds_violations(status: int, change: dict[str, object], complaint: str) -> None:
    """A wrong SID, value, field, date, type or status is found; so is a missing field."""
    operation = _operation("GET /taskrouter/v1/Workspaces/{workspace_sid}/Tasks/{task_sid}")
    described = document("taskrouter")["components"]["schemas"]["taskrouter.v1.workspace.task"]["properties"]
    good: dict[str, object] = dict.fromkeys(described)
    good["assignment_status"] = "pending"
    good["age"], good["priority"], good["timeout"], good["ignore_capacity"] = 1, 0, 60, False

    assert list(violations(operation, 200, good)) == []
    assert any(complaint in violation for violation in violations(operation, status, {**good, **change}))
    assert any("is a required property" in violation for violation in violations(operation, 200, {}))
