"""The simulator's README and reference are right: their examples run as they are, their tables are complete."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import tomllib
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
README, REFERENCE = ROOT / "simulator" / "README.md", ROOT / "docs" / "simulator.md"
PAGE = REFERENCE.read_text(encoding="utf-8")
BOTH = README.read_text(encoding="utf-8") + PAGE


def block(language: str, containing: str) -> str:
    """Return the one block of a language with these words, on either page."""
    found = [text for text in re.findall(rf"```{language}\n(.*?)```", BOTH, re.DOTALL) if containing in text]
    assert len(found) == 1, f"{len(found)} blocks of {language} contain {containing!r}"
    return str(found[0])


def shown_after(command: str) -> str:
    """Return what the pages say that a command prints."""
    return block("console", command).partition(f"{command}\n")[2]


@pytest.fixture(scope="module")
def tls() -> Iterator[RunningSimulator]:
    """A simulator as `python -m simulator --tls` is one."""
    with RunningSimulator(tls=True) as simulator:
        yield simulator


def run(simulator: RunningSimulator, *command: str) -> str:
    """Run an example as a reader does, except for the port."""
    environment = {**os.environ, **simulator.client_environment(), "SIMULATOR": simulator.url}
    done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, timeout=60, check=False)

    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.mark.parametrize(
    ("language", "name"), [("bash", "first_chat.sh"), ("python", "silence.py"), ("python", "first_chat.py")]
)
def test_the_pages_show_the_examples_as_they_are(language: str, name: str) -> None:
    """Running the file runs what the page shows."""
    example = (ROOT / "simulator" / "examples" / name).read_text(encoding="utf-8")

    assert block(language, example.splitlines()[0]) == example


def test_the_curl_example_prints_what_the_readme_says(tls: RunningSimulator) -> None:
    """With curl and sed alone."""
    assert shutil.which("curl"), "this test needs curl"
    tls.control("POST", "reset", {})

    assert run(tls, "bash", "simulator/examples/first_chat.sh") == shown_after(
        "$ bash simulator/examples/first_chat.sh"
    )


def test_the_example_in_one_process_prints_what_the_readme_says(tls: RunningSimulator) -> None:
    """It starts a simulator of its own."""
    printed = run(tls, sys.executable, "-m", "simulator.examples.silence")

    assert printed == shown_after("$ python -m simulator.examples.silence")


def test_the_client_example_prints_what_the_page_says(tls: RunningSimulator) -> None:
    """It needs only the variables that `names --env` prints."""
    tls.control("POST", "reset", {})
    printed = run(tls, sys.executable, "-m", "simulator.examples.first_chat")

    assert shown_after("$ env $(python -m simulator names --env) python -m simulator.examples.first_chat") == printed


def test_the_fault_on_the_page_is_accepted(tls: RunningSimulator) -> None:
    """It is returned as it was set, with no hits."""
    tls.control("POST", "reset", {})
    run(tls, "bash", "-c", block("bash", "/faults"))
    [fault] = tls.control("GET", "faults")

    assert (fault["kind"], fault["when"], fault["hit"]) == ("reset", "after", 0)


def test_the_credentials_on_the_page_are_the_simulators(tls: RunningSimulator) -> None:
    """They are the same on every machine."""
    assert f"account SID: {tls.account_sid}\nauth token: {tls.auth_token}\n" in block("console", "account SID")


def test_the_table_lists_every_call_of_the_control_plane() -> None:
    """Each has its method, and there are no others."""
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
    """There are no others."""
    table = PAGE.partition("### Faults")[2].partition("### ")[0]
    rows = re.findall(r"^\| (`.*?) \|", table, re.MULTILINE)

    assert {kind for row in rows for kind in re.findall(r"`(\w+)`", row)} == set(get_args(Kind))


def test_the_table_lists_every_kind_of_oddity() -> None:
    """There are no others."""
    table = PAGE.partition("### Oddities")[2].partition("\n## ")[0]
    rows = re.findall(r"^\| `(\w+)` \|", table, re.MULTILINE)

    assert [str(kind) for kind in OddityKind] == rows


def test_the_table_lists_every_action() -> None:
    """There are no others."""
    row = next(line for line in PAGE.splitlines() if "/actions`" in line).split(" | ")[1]

    assert set(re.findall(r"`(\w+)`", row)) == set(ACTIONS)


def test_the_reference_names_every_product() -> None:
    """By its host name."""
    assert [product for product in PRODUCTS if f"{product}.twilio.com" not in PAGE] == []


@pytest.mark.parametrize("page", [README, REFERENCE], ids=["README", "reference"])
def test_every_link_leads_to_a_file_and_a_heading(page: Path) -> None:
    """Links to other pages and to their headings."""
    links = re.findall(r"\]\(([^)#]+)(?:#([\w-]+))?\)", page.read_text(encoding="utf-8"))
    missing = [
        (target, heading)
        for target, heading in links
        if not (page.parent / target).exists() or (heading and heading not in headings(page.parent / target))
    ]

    assert missing == []


def headings(page: Path) -> set[str]:
    """A page's headings, as links name them."""
    found = re.findall(r"^#+ (.*)$", page.read_text(encoding="utf-8"), re.MULTILINE)
    return {re.sub(r"[^\w -]", "", heading.lower()).replace(" ", "-") for heading in found}


def test_the_readme_shows_the_layers_that_the_linter_checks() -> None:
    """From Flex down to what the products share, in the same order."""
    contracts = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["tool"]["importlinter"]["contracts"]
    [layers] = [each["layers"] for each in contracts if each.get("containers") == ["simulator"]]
    products = [re.findall(r"\w+", layer) for layer in layers[layers.index("flex") :]]
    picture = block("text", "conversations").partition("-\n")[2]
    shown = [re.findall(r"\w+", line[:36]) for line in picture.splitlines()]

    assert shown == products


def test_help_names_prefixes_clock_and_tls() -> None:
    """`--help` also says where to read more."""
    printed = subprocess.run(
        [sys.executable, "-m", "simulator", "--help"], cwd=ROOT, capture_output=True, text=True, timeout=20, check=True
    ).stdout

    wanted = (
        "/conversations/v1/",
        "/_simulator/clock",
        "--tls",
        "names",
        "simulator/README.md",
        "docs/simulator.md",
    )
    assert [word for word in wanted if word not in printed] == []
