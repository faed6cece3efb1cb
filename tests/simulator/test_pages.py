"""The generated pages about the simulator are current and complete."""

from __future__ import annotations

from dev import simulator_pages
from simulator.app import PRODUCTS
from simulator.known_differences import KNOWN
from simulator.shared.dialect import switches


def test_the_pages_are_current() -> None:
    """`python -m dev.simulator_pages` changes nothing."""
    assert simulator_pages.outdated() == []


def test_an_outdated_page_is_named() -> None:
    """`--check` reports it."""
    assert simulator_pages.outdated(KNOWN[1:]) == ["simulator-coverage.md"]
    assert (simulator_pages.main(["--check"]), simulator_pages.main(["--check"], KNOWN[1:])) == (0, 1)


def test_every_product_and_every_switch_is_on_its_page() -> None:
    """None is missing."""
    coverage, dialects = simulator_pages.coverage(), simulator_pages.dialects()

    assert set(simulator_pages.NAMES) == set(PRODUCTS)
    assert [name for name in simulator_pages.NAMES.values() if f"## {name}" not in coverage] == []
    assert [switch.name for switch in switches() if f"`{switch.name}`" not in dialects] == []
    assert [
        answer.value for switch in switches() for answer in switch.answers if f"| `{answer.value}`" not in dialects
    ] == []


def test_every_known_difference_is_of_a_product() -> None:
    """It may be of all products."""
    assert {difference.product for difference in KNOWN} <= {None, *PRODUCTS}
