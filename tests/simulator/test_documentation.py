"""docs/simulator.md says what is so: its examples are run as they stand, its tables name what there is."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import get_args

import pytest
from starlette.routing import Mount, Route

from simulator.control import control_app
from simulator.faults import Kind
from simulator.flex.chats import ACTIONS
from simulator.flex.oddities import Kind as OddityKind
from simulator.names import PRODUCTS
from simulator.running import RunningSimulator
from simulator.simulation import Simulation

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "simulator.md").read_text(encoding="utf-8")


def block(language: str, containing: str) -> str:
    """The page's one block of a language with these words in it."""
    found = [text for text in re.findall(rf"```{language}\n(.*?)```", PAGE, re.DOTALL) if containing in text]
    assert len(found) == 1, f"{len(found)} blocks of {language} contain {containing!r}"
    return str(found[0])


def shown_after(command: str) -> str:
    """What the page says that a command prints."""
    return block("console", command).partition(f"{command}\n")[2]


@pytest.fixture(scope="module")
def tls() -> Iterator[RunningSimulator]:
    """A simulator as `python -m simulator --tls` is one."""
    with RunningSimulator(tls=True) as simulator:
        yield simulator


def run(simulator: RunningSimulator, *command: str) -> str:
    """Run an example as a reader would, but for the port."""
    environment = {**os.environ, **simulator.client_environment(), "SIMULATOR": simulator.url}
    done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, timeout=60, check=False)

    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.mark.parametrize(("language", "name"), [("bash", "first_chat.sh"), ("python", "first_chat.py")])
def test_the_page_shows_the_examples_as_they_are(language: str, name: str) -> None:
    """So that running the file is running the page."""
    example = (ROOT / "simulator" / "examples" / name).read_text(encoding="utf-8")

    assert block(language, example.splitlines()[0]) == example


def test_the_curl_example_prints_what_the_page_says(tls: RunningSimulator) -> None:
    """With curl and sed alone."""
    assert shutil.which("curl"), "this test needs curl"
    tls.control("POST", "reset", {})

    assert run(tls, "bash", "simulator/examples/first_chat.sh") == shown_after(
        "$ bash simulator/examples/first_chat.sh"
    )


def test_the_client_example_prints_what_the_page_says(tls: RunningSimulator) -> None:
    """Under the variables that `names --env` prints, and nothing else."""
    tls.control("POST", "reset", {})
    told = run(tls, sys.executable, "-m", "simulator.examples.first_chat")

    assert shown_after("$ env $(python -m simulator names --env) python -m simulator.examples.first_chat") == told


def test_the_fault_on_the_page_is_taken(tls: RunningSimulator) -> None:
    """Shown back as it was set, not hit yet."""
    tls.control("POST", "reset", {})
    run(tls, "bash", "-c", block("bash", "/faults"))
    [fault] = tls.control("GET", "faults")

    assert (fault["kind"], fault["when"], fault["hit"]) == ("reset", "after", 0)


def test_the_credentials_on_the_page_are_the_simulators(tls: RunningSimulator) -> None:
    """They are the same on every machine."""
    assert f"account SID: {tls.account_sid}\nauth token: {tls.auth_token}\n" in block("console", "account SID")


def test_the_table_lists_every_call_of_the_control_plane() -> None:
    """With its method, and none that is not there."""
    mount = next(route for route in control_app(Simulation()).routes if isinstance(route, Mount))
    there = {
        (method, route.path.lstrip("/"))
        for route in mount.routes
        if isinstance(route, Route)
        for method in (route.methods or set()) - {"HEAD"}
    }
    listed = set(re.findall(r"`(GET|POST|PUT|DELETE) ([a-z{][^`?]*)(?:\?[^`]*)?`", PAGE))

    assert listed == there


def test_the_table_lists_every_kind_of_fault() -> None:
    """And none that is not there."""
    table = PAGE.partition("### Faults")[2].partition("### ")[0]
    rows = re.findall(r"^\| (`.*?) \|", table, re.MULTILINE)

    assert {kind for row in rows for kind in re.findall(r"`(\w+)`", row)} == set(get_args(Kind))


def test_the_table_lists_every_kind_of_oddity() -> None:
    """And none that is not there."""
    table = PAGE.partition("### Oddities")[2].partition("\n## ")[0]
    rows = re.findall(r"^\| `(\w+)` \|", table, re.MULTILINE)

    assert [str(kind) for kind in OddityKind] == rows


def test_the_table_lists_every_action() -> None:
    """And none that is not there."""
    row = next(line for line in PAGE.splitlines() if "/actions`" in line).split(" | ")[1]

    assert set(re.findall(r"`(\w+)`", row)) == set(ACTIONS)


def test_the_page_names_every_product_and_leads_somewhere() -> None:
    """Host names, and links to files that exist."""
    for product in PRODUCTS:
        assert f"{product}.twilio.com" in PAGE
    for target in re.findall(r"\]\(([^)#]+)(?:#\w+)?\)", PAGE):
        assert (ROOT / "docs" / target).exists(), target


def test_help_names_what_there_is() -> None:
    """`--help`: the prefixes, the clock, TLS, and where to read on."""
    told = subprocess.run(
        [sys.executable, "-m", "simulator", "--help"], cwd=ROOT, capture_output=True, text=True, timeout=20, check=True
    ).stdout

    for word in ("/conversations/v1/", "/_simulator/clock", "--tls", "names", "docs/simulator.md"):
        assert word in told
