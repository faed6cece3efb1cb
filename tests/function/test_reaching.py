"""A property that does not reach its point fails, and every property with a condition is counted."""

import ast
import inspect
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import Phase, assume, example, given, settings
from hypothesis import strategies as st

from tests.function.reaching import Reached, reaching

HERE = Path(__file__).parent
numbers = st.integers(0, 99)
quickly = settings(database=None, derandomize=True, max_examples=50)


def property_of(
    least: float, condition: Callable[[int], bool], holds: Callable[[int], bool], how: settings = quickly
) -> Callable[[], None]:
    """Return a property that asserts something of some numbers."""

    @reaching(here=least)
    @how
    @given(numbers)
    def asserted(reached: Reached, number: int) -> None:
        if reached("here", condition(number)):
            assert holds(number), f"{number} does not"

    return asserted


def always(_: int) -> bool:
    """Return true for any number."""
    return True


def never(_: int) -> bool:
    """Return false for any number."""
    return False


def test_a_property_that_never_reaches_its_point_fails() -> None:
    """None of its assertions is wrong."""
    with pytest.raises(AssertionError, match=r"0 of 50 draws reached 'here', which should be 1% at least"):
        property_of(0.01, never, always)()


def test_a_property_that_hardly_ever_reaches_its_point_fails() -> None:
    """Twelve percent are less than sixty."""
    with pytest.raises(AssertionError, match=r"of 50 draws reached 'here', which should be 60% at least"):
        property_of(0.6, lambda number: number < 12, always)()


def test_a_property_that_reaches_its_point_passes_each_time() -> None:
    """Each run counts by itself."""
    often = property_of(0.6, lambda number: number >= 12, always)

    often()
    often()


@pytest.mark.parametrize("phases", [Phase, [Phase.generate]], ids=["shrunk", "not shrunk"])
@pytest.mark.parametrize("least", [0, 1])
def test_a_property_that_is_wrong_fails_with_its_own_error(phases: list[Phase], least: float) -> None:
    """This holds however seldom it reached its point, also after shrinking."""
    how = settings(quickly, phases=phases)
    wrong = property_of(least, lambda number: number >= 12, lambda number: number < 17, how)

    with pytest.raises(AssertionError, match=r"^17 does not" if Phase.shrink in phases else r"does not") as failed:
        wrong()
    assert "draws reached" not in str(failed.value)


def test_a_rejected_draw_counts_as_not_reached() -> None:
    """`assume` is a condition like any other."""

    @reaching(here=0.6)
    @quickly
    @given(numbers)
    def asserted(reached: Reached, number: int) -> None:
        assume(number % 3 == 0)
        assert reached("here", True)

    with pytest.raises(AssertionError, match=r"draws reached 'here'"):
        asserted()


def test_each_point_has_a_share_of_its_own() -> None:
    """The share is of all draws, and only declared points count."""

    @reaching(even=0.3, never=0.1)
    @quickly
    @given(numbers)
    def asserted(reached: Reached, number: int) -> None:
        if reached("even", number % 2 == 0):
            reached("never", False)

    @reaching(even=0)
    @quickly
    @given(numbers)
    def mistaken(reached: Reached, number: int) -> None:
        reached("odd", number % 2)

    with pytest.raises(AssertionError, match=r"0 of 50 draws reached 'never'"):
        asserted()
    with pytest.raises(LookupError, match="'odd' is none of this property's points, which are even"):
        mistaken()


def test_a_property_may_have_fixtures_and_parameters() -> None:
    """Pytest sees neither the count nor the drawn arguments."""

    @reaching(here=0)
    @quickly
    @given(st.integers(0, 9))
    def asserted(reached: Reached, fixture: str, number: int) -> None:
        assert reached("here", fixture == "given")

    assert list(inspect.signature(asserted).parameters) == ["fixture"]
    asserted(fixture="given")


def test_settings_and_examples_may_be_above_and_below() -> None:
    """They work as with any other property."""
    seen: list[int] = []

    @settings(database=None, max_examples=7)
    @example(1000)
    @reaching(here=1)
    @example(2000)
    @given(numbers)
    def asserted(reached: Reached, number: int) -> None:
        assert reached("here", True)
        seen.append(number)

    asserted()

    assert {number for number in seen if number >= 100} == {1000, 2000}
    assert len(seen) == 7 + 2


def conditions(function: ast.FunctionDef) -> list[str]:
    """Return what keeps draws from the assertions: an `if` (except to leave a loop), a `try`, an `assume`."""
    found = []
    for node in ast.walk(function):
        match node:
            case ast.If(body=[ast.Break()]):
                continue
            case ast.If(test=condition):
                found.append(ast.unparse(condition))
            case ast.Try() | ast.Call(func=ast.Name(id="assume")):
                found.append(ast.unparse(node))
    return found


def names(function: ast.FunctionDef) -> set[str]:
    """Return the names of its decorators."""
    calls = (each.func for each in function.decorator_list if isinstance(each, ast.Call))
    return {each.id for each in calls if isinstance(each, ast.Name)}


FILES = sorted(HERE.rglob("test_*.py"))


def test_the_check_below_finds_the_properties() -> None:
    """There are some in every room."""
    assert sum(file.read_text("utf-8").count("@given(") for file in FILES) >= 20


@pytest.mark.parametrize("file", FILES, ids=lambda file: str(file.relative_to(HERE)))
def test_every_property_with_a_condition_counts(file: Path) -> None:
    """A property of the function with an `if` must declare how often it is true."""
    functions = [node for node in ast.parse(file.read_text("utf-8")).body if isinstance(node, ast.FunctionDef)]
    uncounted = {
        each.name: found
        for each in functions
        if "given" in names(each) and "reaching" not in names(each) and (found := conditions(each))
    }

    assert uncounted == {}
