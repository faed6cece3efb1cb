"""Mutation testing tells good tests from weak ones, and an argument that fits from one that does not."""

from pathlib import Path

import pytest

from benchmarks.mutation.campaign import MutationError, argued_among, judge
from benchmarks.mutation.equivalent import Equivalent
from benchmarks.mutation.mutants import mutants
from benchmarks.mutation.report import alive_before, record

MODULE = '''"""Whether a silence is over."""


def due(silence: int, limit: int = 10) -> bool:
    """From the limit on."""
    return silence >= limit
'''
STRONG = """
from small import due

def test_due():
    assert [False, True, True] == [due(9), due(10), due(11)]
"""
WEAK = """
from small import due

def test_due():
    assert due(11)
"""
AT_THE_LIMIT = Equivalent("small", "due", "return silence >= limit", "return silence > limit", "for the test")
CHANGE = "``return silence >= limit`` → ``return silence > limit``"


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """A repository of one module."""
    (tmp_path / "small.py").write_text(MODULE)
    (tmp_path / "test_strong.py").write_text(STRONG)
    (tmp_path / "test_weak.py").write_text(WEAK)
    (tmp_path / "test_wrong.py").write_text("def test_it():\n    assert False\n")
    return tmp_path


def test_each_mutant_says_one_thing_else() -> None:
    """Operators, numbers and results; neither annotations nor docstrings."""
    changes = {mutant.mutated for mutant in mutants(MODULE)}

    assert {"return silence > limit", "return silence < limit", "return None"} == {
        each for each in changes if each.startswith("return")
    }
    assert 5 == len(changes)
    assert all(mutant.source != MODULE and "-> bool" in mutant.source for mutant in mutants(MODULE))


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (
            "if a and (not b):\n    c()",
            {"if True:", "if False:", "if a or not b:", "if a:", "if not b:", "if a and b:"},
        ),
        (
            "x = min(1, y + 2)",
            {"pass", "x = max(1, y + 2)", "x = min(1, y - 2)", "x = min(2, y + 2)", "x = min(0, y + 2)"},
        ),
        ("y = [z for z in w if z is None]", {"y = [z for z in w]", "y = [z for z in w if z is not None]"}),
        ("call(a, b='c')", {"pass", "call(a)", "call(a, b='c~')", "call(a, b='')"}),
        (
            "@dataclass(frozen=True)\nclass A:\n    b: int",
            {"@dataclass(frozen=False)\nclass A:", "@dataclass()\nclass A:"},
        ),
    ],
)
def test_what_is_changed(before: str, after: set[str]) -> None:
    """Conditions, operators, swapped functions, filters, arguments, statements."""
    assert after <= {mutant.mutated for mutant in mutants(before)}


def test_a_weak_test_leaves_survivors_and_a_strong_one_none(root: Path) -> None:
    """But for the one with an argument; the page tells of each once, and the module stays as it is."""
    page = root / "figures.md"

    strong = judge(Path("small.py"), ["test_strong.py"], root=root, equivalent=())
    weak = judge(Path("small.py"), ["test_weak.py"], root=root, equivalent=[AT_THE_LIMIT])
    for _ in range(2):
        record(weak, page)

    assert (strong.mutants, ()) == (strong.killed, strong.survivors)
    assert ["return silence > limit"] == [mutant.mutated for mutant, _ in weak.equivalent]
    assert "def due(silence: int, limit: int=11) -> bool:" in [mutant.mutated for mutant in weak.survivors]
    assert 1 == page.read_text().count(f"- equivalent: small.py:6 {CHANGE}: for the test\n")
    assert len(weak.survivors) == page.read_text().count("- survivor: small.py:")
    assert MODULE == (root / "small.py").read_text()


def test_who_survived_can_be_run_again_with_better_tests(root: Path) -> None:
    """The dead stay dead, because tests only grow; of a module that has changed since, the page proves nothing."""
    page = root / "figures.md"
    every = list(mutants(MODULE))
    weak = judge(Path("small.py"), ["test_weak.py"], root=root, equivalent=[AT_THE_LIMIT])
    record(weak, page)
    asked = alive_before("small", every, page)

    strong = judge(
        Path("small.py"),
        ["test_strong.py"],
        root=root,
        equivalent=(),
        among=lambda _: alive_before("small", every, page),
    )

    assert {mutant.mutated for mutant in asked} == {
        mutant.mutated for mutant in (*weak.survivors, *(each for each, _ in weak.equivalent))
    }
    assert 0 < len(asked) < len(every)
    assert (len(every), (), len(every)) == (strong.mutants, strong.survivors, strong.killed)
    with pytest.raises(MutationError, match="run all of them"):
        alive_before("small", [mutant for mutant in every if mutant != asked[0]], page)
    with pytest.raises(MutationError, match="run all of them"):
        alive_before("small", [*every, every[0]], page)
    with pytest.raises(MutationError, match="run all of them"):
        alive_before("another", every, page)


def test_an_argument_must_fit_one_survivor() -> None:
    """Else the code or the tests have changed since."""
    (survivor,) = (mutant for mutant in mutants(MODULE) if mutant.mutated == AT_THE_LIMIT.mutated)

    assert ((survivor, AT_THE_LIMIT),) == argued_among("small", [survivor], [AT_THE_LIMIT])
    assert () == argued_among("another", [], [AT_THE_LIMIT])
    for alive in ([], [survivor, survivor]):
        with pytest.raises(MutationError, match=f"{len(alive)} survivors fit"):
            argued_among("small", alive, [AT_THE_LIMIT])


def test_tests_that_fail_without_a_mutant_prove_nothing(root: Path) -> None:
    """Every mutant would count as killed."""
    with pytest.raises(MutationError, match="fail without a mutant"):
        judge(Path("small.py"), ["test_wrong.py"], root=root)
