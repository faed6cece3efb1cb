"""docs/figures.md says which code each table judged, so that an interrupted run goes on where it stopped."""

import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from benchmarks.campaigns.campaign import Figure, Result
from benchmarks.campaigns.code import ROOT, fingerprint
from benchmarks.campaigns.report import Run, record, recorded
from benchmarks.page import section

RUN = Run("0123456789ab", 1.0, 1)
OTHER = Run("ba9876543210", 0.02, 3)

FAULTS, RACES = "benchmarks.faults", "benchmarks.races"


@pytest.fixture
def page(tmp_path: Path) -> Path:
    """An empty page of figures."""
    return tmp_path / "figures.md"


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    """A copy of a part of what a fingerprint covers, with a campaign that imports a module."""
    for folder in ("function/chat", "requirements"):
        shutil.copytree(ROOT / folder, tmp_path / folder, ignore=shutil.ignore_patterns("__pycache__"))
    (tmp_path / "tests" / "world").mkdir(parents=True)
    (tmp_path / "tests" / "world" / "world.py").write_text("FIRST = 1\n")
    (tmp_path / "benchmarks").mkdir()
    (tmp_path / "benchmarks" / "faults.py").write_text("import os\n\nfrom tests.world import world\n")
    (tmp_path / "benchmarks" / "races.py").write_text("import os\n")
    return tmp_path


def found(name: str, *, kept: bool = True) -> Result:
    """What a campaign found."""
    return Result(name, 10, 10, 2.0, (Figure("ended", "10 of 10", "all", kept),))


def test_a_part_of_the_page_says_which_run_it_is_from(page: Path) -> None:
    """Code, scale and seed."""
    record(found("faults"), {"faults": OTHER}, page)
    record(found("faults"), {"faults": RUN}, page)

    assert recorded("faults", page) == RUN
    assert recorded("races", page) is None


def test_a_part_with_a_broken_promise_is_run_again(page: Path) -> None:
    """Whatever its code."""
    record(found("faults", kept=False), {"faults": RUN}, page)

    assert recorded("faults", page) is None


def test_the_page_says_whether_its_tables_are_of_one_tree(page: Path) -> None:
    """By code, scale and seed; each campaign may judge code of its own."""
    before = {"faults": RUN, "races": replace(RUN, code=OTHER.code)}
    now = {**before, "faults": replace(RUN, code="abcdef012345")}
    said = []
    for name, runs in (("faults", before), ("races", before), ("races", now), ("faults", now)):
        record(found(name), runs, page)
        said.append(section("<!-- together: begin -->", "<!-- together: end -->", page))

    assert said == [
        "Not of this tree at scale 1, seed 1, or with a broken promise: races.",
        "All 2 campaigns judged the same tree at scale 1, seed 1, and kept every promise.",
        "Not of this tree at scale 1, seed 1, or with a broken promise: faults.",
        "All 2 campaigns judged the same tree at scale 1, seed 1, and kept every promise.",
    ]


def a_comment(path: Path) -> None:
    """A line that Python does not read."""
    path.write_text(f"# why\n{path.read_text()}")


def another_docstring(path: Path) -> None:
    """Other words about the same code."""
    path.write_text(f'"""Other words."""\n{path.read_text().partition(chr(34) * 3)[2].partition(chr(34) * 3)[2]}')


def another_statement(path: Path) -> None:
    """Code."""
    path.write_text(f"{path.read_text()}\nLATER = 1\n")


@pytest.mark.parametrize(("change", "same"), [(a_comment, True), (another_docstring, True), (another_statement, False)])
def test_only_code_changes_the_fingerprint(tree: Path, change: Callable[[Path], None], same: bool) -> None:
    """Prose about it does not."""
    before = fingerprint(FAULTS, root=tree)
    change(tree / "function" / "chat" / "decisions.py")

    assert (fingerprint(FAULTS, root=tree) == before) is same


def test_another_dependency_changes_the_fingerprint(tree: Path) -> None:
    """The function may do otherwise with it."""
    before = fingerprint(FAULTS, root=tree)
    (tree / "requirements" / "function.txt").write_text("twilio==0\n")

    assert fingerprint(FAULTS, root=tree) != before


def test_a_campaign_depends_on_what_it_imports_and_on_no_other_campaign(tree: Path) -> None:
    """So that one that was changed is run again, and the others are not."""
    before, others = fingerprint(FAULTS, root=tree), fingerprint(RACES, root=tree)
    another_statement(tree / "tests" / "world" / "world.py")
    changed = fingerprint(FAULTS, root=tree)
    another_statement(tree / "benchmarks" / "faults.py")

    assert len({before, changed, fingerprint(FAULTS, root=tree)}) == 3
    assert fingerprint(RACES, root=tree) == others


def test_a_campaign_may_judge_what_it_does_not_import(tree: Path) -> None:
    """As the program, which Pulumi's engine runs."""
    more = tree / "infra" / "program.py"
    more.parent.mkdir()
    more.write_text("FIRST = 1\n")
    before, others = fingerprint(FAULTS, ["infra"], tree), fingerprint(FAULTS, root=tree)
    another_statement(more)

    assert fingerprint(FAULTS, ["infra"], tree) != before
    assert fingerprint(FAULTS, root=tree) == others
