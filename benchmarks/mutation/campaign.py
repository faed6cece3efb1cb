"""What becomes of the mutants of a module: killed, argued to be equivalent, or survivors."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from benchmarks.mutation.equivalent import EQUIVALENT, Equivalent
from benchmarks.mutation.mutants import Mutant, mutants

ROOT = Path(__file__).parents[2]
WORKER = Path(__file__).with_name("worker.py")


class MutationError(Exception):
    """The result would mean nothing: the tests fail without a mutant, or an argument fits no survivor."""


@dataclass(frozen=True)
class Result:
    """What became of the mutants of one module."""

    module: str
    mutants: int
    equivalent: tuple[tuple[Mutant, Equivalent], ...]
    survivors: tuple[Mutant, ...]
    seconds: float

    @property
    def killed(self) -> int:
        """By a test, or by their not ending."""
        return self.mutants - len(self.equivalent) - len(self.survivors)


def judge(
    file: Path,
    tests: Sequence[str],
    *,
    root: Path = ROOT,
    equivalent: Sequence[Equivalent] = EQUIVALENT,
    tell: Callable[[int, int, int], None] = lambda *_: None,
    among: Callable[[Sequence[Mutant]], Sequence[Mutant]] = lambda all_of_them: all_of_them,
) -> Result:
    """Run a module's tests against each of its mutants, in a copy of the repository.

    Args:
        file: the module, relative to the root.
        tests: the files with the tests that are about it, likewise; quick ones first.
        root: the repository.
        equivalent: the arguments; those for other modules are not looked at.
        tell: is told after each mutant how many are done, of how many, and how many are alive.
        among: which of the mutants to run; the others count as killed.

    Raises:
        MutationError: see there.
    """
    began = time.monotonic()
    every = list(mutants((root / file).read_text(encoding="utf-8")))
    changed = among(every)
    alive: list[Mutant] = []
    with _worker(root, file, tests) as (requests, answers):
        if status := _status(requests, answers, None):
            raise MutationError(f"{file}: its tests fail without a mutant, pytest ended with {status}: {tests}")
        for done, mutant in enumerate(changed, start=1):
            if _status(requests, answers, mutant.source) == 0:
                alive.append(mutant)
            tell(done, len(changed), len(alive))
    argued = argued_among(file.stem, alive, equivalent)
    survivors = tuple(mutant for mutant in alive if mutant not in [each for each, _ in argued])
    return Result(file.stem, len(every), argued, survivors, time.monotonic() - began)


@contextmanager
def _worker(root: Path, file: Path, tests: Sequence[str]) -> Iterator[tuple[IO[str], IO[str]]]:
    with tempfile.TemporaryDirectory() as folder:
        scratch = Path(folder).resolve() / "copy"
        shutil.copytree(root, scratch, ignore=shutil.ignore_patterns(".*", "__pycache__"), symlinks=True)
        worker = subprocess.Popen(
            [sys.executable, "-P", WORKER, str(file), *tests],
            cwd=scratch,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        with worker:
            assert worker.stdin
            assert worker.stdout
            try:
                yield worker.stdin, worker.stdout
            finally:
                worker.terminate()


def _status(requests: IO[str], answers: IO[str], source: str | None) -> int:
    """Pytest's, for the module with this source."""
    print(json.dumps(source), file=requests, flush=True)
    answer = answers.readline()
    if not answer:
        raise MutationError("the worker ended")
    status: int = json.loads(answer)
    return status


def argued_among(
    module: str, alive: Sequence[Mutant], equivalent: Sequence[Equivalent]
) -> tuple[tuple[Mutant, Equivalent], ...]:
    """The survivors with an argument.

    Raises:
        MutationError: an argument fits none of them, or more than one.
    """
    argued = []
    for each in equivalent:
        if each.module != module:
            continue
        key = (each.scope, each.original, each.mutated)
        fitting = [mutant for mutant in alive if (mutant.scope, mutant.original, mutant.mutated) == key]
        if len(fitting) != 1:
            raise MutationError(
                f"{module}.{each.scope}: {len(fitting)} survivors fit the argument for `{each.original}` -> "
                f"`{each.mutated}`, not one; make the argument anew"
            )
        argued.append((fitting[0], each))
    return tuple(argued)
