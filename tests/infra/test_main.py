"""The start of `pulumi up`: what a person sees of a refusal and of an interruption."""

import runpy
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.infra.program_graph import Graph, declare

MAIN = str(Path(__file__).resolve().parents[2] / "__main__.py")


@pytest.fixture(autouse=True)
def _own_interrupts() -> Iterator[None]:
    """The program changes this process's handler, which the next test needs."""
    handler = signal.getsignal(signal.SIGINT)
    yield
    signal.signal(signal.SIGINT, handler)


def test_a_config_that_cannot_be_used_is_said_once() -> None:
    """It is an error, with the status that tells the language host to print nothing more."""
    graph = Graph()

    with pytest.raises(SystemExit) as ended:
        declare({"timeout": "5m"}, secrets=set(), preview=True, graph=graph, entry_point=lambda: runpy.run_path(MAIN))

    assert ended.value.code == 32
    (said,) = graph.warnings
    assert said.startswith("the stack's config cannot be used:\n")
    assert "timeout is '5m'" in said
    assert graph.resources.keys() <= {"flex-chat-inactivity-timeout-test (Stack)"}


def test_an_interruption_ends_the_program_without_a_traceback() -> None:
    """The host sends SIGINT when the engine stops; Python's own handler would raise KeyboardInterrupt."""
    with pytest.raises(SystemExit):
        declare({}, secrets=set(), preview=True, entry_point=lambda: runpy.run_path(MAIN))

    assert signal.getsignal(signal.SIGINT) is signal.SIG_DFL
