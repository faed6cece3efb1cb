"""Runs tests against one mutant after the other: `python -P worker.py MODULE TEST...`, in a copy.

A line of standard input is a mutant's source as JSON, null for the module as it is; a line of standard output is what
became of it: the exit status of pytest. Libraries are imported once, then every mutant has a process of its own. The
tests that have killed the most recent mutants are asked first: neighbours often die of the same. Nothing but the copy
may be on the path.
"""

from __future__ import annotations

import json
import os
import resource
import sys
from dataclasses import dataclass
from importlib.util import cache_from_source
from pathlib import Path

import pytest
from hypothesis import HealthCheck, Phase, settings

LEAST, TIMES = 10, 3
"""A mutant has so many seconds of CPU at least, and so many times what the module as it is took."""

FIRST = 6
"""Tests that are asked before all others."""

KNOWS_NOBODY = "simulator"
"""It need not be imported anew: it imports nothing that may be a mutant (`make check` holds it)."""

NOT_FAILED = (0, int(pytest.ExitCode.USAGE_ERROR), int(pytest.ExitCode.NO_TESTS_COLLECTED))
"""What says nothing of a mutant: with other parameters, a test may not be there by the same name."""


@dataclass(frozen=True)
class Ran:
    """What became of a run: pytest's status, seconds of CPU, and the test that failed first, if one did."""

    status: int
    seconds: float
    failed: str


settings.register_profile(
    "mutation",
    derandomize=True,
    database=None,
    deadline=None,
    phases=[Phase.explicit, Phase.generate],
    report_multiple_bugs=False,
    suppress_health_check=list(HealthCheck),
)


OPTIONS = (
    *("-x", "-q", "-p", "no:cacheprovider", "--timeout=30", "--hypothesis-profile=mutation"),
    *("-p", "pytest_timeout", "-p", "xdist.plugin", "-p", "_hypothesis_pytestplugin"),
    *("-W", "ignore::pytest.PytestAssertRewriteWarning"),  # the libraries are imported already
)


def main() -> None:
    """Answer until standard input ends."""
    module, tests = Path(sys.argv[1]), sys.argv[2:]
    answers = os.fdopen(os.dup(1), "w")
    _silence(1)
    os.environ["PYTEST_DISABLE_PLUGIN_AUTOLOAD"] = "1"  # others cost every mutant half a second
    _import_libraries(tests)
    Path(cache_from_source(module)).unlink(missing_ok=True)
    original = module.read_text(encoding="utf-8")
    limit = 600.0
    killers: list[str] = []
    for line in sys.stdin:
        source = json.loads(line)
        module.write_text(source or original, encoding="utf-8")
        ran = _in_a_process_of_its_own(killers, limit) if killers and source else None
        if ran is None or ran.status in NOT_FAILED:
            ran = _in_a_process_of_its_own(tests, limit)
        if source is None:
            limit = max(LEAST, TIMES * ran.seconds)
        if ran.failed:
            killers = [ran.failed, *(test for test in killers if test != ran.failed)][:FIRST]
        print(json.dumps(ran.status), file=answers, flush=True)


def _silence(stream: int) -> None:
    """What tests print is of no interest here."""
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, stream)
    os.close(nowhere)


def _import_libraries(tests: list[str]) -> None:
    """Collect once, and forget what is of the copy: a mutant must be imported anew, and so must who imports it."""
    sys.dont_write_bytecode = False
    pytest.main([*OPTIONS, "--collect-only", *tests])
    sys.dont_write_bytecode = True
    here = str(Path.cwd())
    for name, module in list(sys.modules.items()):
        if name.partition(".")[0] != KNOWS_NOBODY and str(getattr(module, "__file__", None) or "").startswith(here):
            del sys.modules[name]


def _in_a_process_of_its_own(tests: list[str], limit: float) -> Ran:
    """Run the tests; other than 0 is a failed test, a module that cannot be imported, or no end within the limit."""
    before = _children()
    told, tell = os.pipe()
    child = os.fork()
    if child == 0:
        os.close(told)
        _silence(2)
        resource.setrlimit(resource.RLIMIT_CPU, (int(limit) + 1, int(limit) + 2))
        os._exit(int(pytest.main([*OPTIONS, *tests], plugins=[_Failures(tell)])))
    os.close(tell)
    _, status = os.waitpid(child, 0)
    with os.fdopen(told, "rb") as pipe:
        failed = pipe.read().decode().partition("\n")[0]
    return Ran(os.waitstatus_to_exitcode(status), _children() - before, failed)


class _Failures:
    """Tells which tests failed, a line each."""

    def __init__(self, tell: int) -> None:
        self._tell = tell

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        if report.failed:
            os.write(self._tell, f"{report.nodeid}\n".encode())


def _children() -> float:
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


if __name__ == "__main__":
    main()
