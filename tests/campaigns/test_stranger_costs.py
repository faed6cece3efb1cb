"""A stranger's request costs about the same in any form, so nobody can overload us."""

import pytest

from benchmarks.campaigns.strangers import ODD_FORMS, milliseconds
from tests.world.world import World

MAX_TIMES = 20
"""How much more than an ordinary refusal; a form of many escapes once took sixty times as much."""

ORDINARY, *ODD = ODD_FORMS


@pytest.mark.parametrize("name", ODD)
def test_no_form_costs_much_more_than_an_ordinary_one(name: str) -> None:
    """Each is refused cheaply; the campaign `strangers` measures the milliseconds."""
    with World() as world:
        ordinary, odd = (milliseconds(world, ODD_FORMS[each]) for each in (ORDINARY, name))

    assert odd < MAX_TIMES * ordinary
