"""What the code imports is in the lock of the place where it runs."""

import re
import sys
from importlib.metadata import packages_distributions
from pathlib import Path

import grimp
import pytest

ROOT = Path(__file__).resolve().parents[1]
OURS = ("infra", "function", "ops", "laptop", "sandbox", "simulator")


@pytest.fixture(scope="module")
def imports() -> grimp.ImportGraph:
    """Return the import graph, with external packages."""
    return grimp.build_graph(*OURS, include_external_packages=True, cache_dir=None)


def locked(group: str) -> set[str]:
    """Return the distributions of a lock."""
    lock = (ROOT / "requirements" / f"{group}.txt").read_text(encoding="utf-8")
    return set(re.findall(r"^([a-z0-9-]+)==", lock, re.MULTILINE))


@pytest.mark.parametrize(
    ("start", "group"),
    [("infra.program", "infra"), ("ops", "infra"), ("function.main", "function")],
)
def test_the_lock_has_every_package_that_is_imported(start: str, group: str, imports: grimp.ImportGraph) -> None:
    """Pulumi installs the lock of `infra` for the program and the operator's command, Google that of `function`."""
    reached = imports.find_upstream_modules(start, as_package=start == "ops")
    imported = {module.split(".")[0] for module in reached} - {*sys.stdlib_module_names, *OURS}
    distributions = packages_distributions()
    needed = {distributions[package][0].lower().replace("_", "-") for package in imported}

    assert needed
    assert needed - locked(group) == set()
