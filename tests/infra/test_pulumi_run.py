"""What is read from `pulumi.runtime`, in both ways of running a program."""

import ast
import json
from pathlib import Path

import pulumi
import pytest
from pulumi.runtime import settings

from infra.pulumi_run import PulumiRun, current_run

INFRA = Path(__file__).resolve().parents[2] / "infra"
CONFIG = {"p:timeout": "PT5M", "p:twilioAuthToken": "a token", "gcp:project": "a-project"}
RUN = PulumiRun("p", "s", preview=True, values=CONFIG, secret_keys=frozenset({"p:twilioAuthToken"}))


@pytest.fixture(autouse=True)
def _a_preview() -> None:
    settings.reset_options(project="p", stack="s", preview=True)


def test_a_program_of_the_cli_reads_its_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    """The language host passes the config and the names of its secrets in two variables."""
    pulumi.runtime.set_all_config({}, [])
    monkeypatch.setenv("PULUMI_CONFIG", json.dumps(CONFIG))
    monkeypatch.setenv("PULUMI_CONFIG_SECRET_KEYS", json.dumps(["p:twilioAuthToken"]))

    assert current_run() == RUN


def test_an_inline_program_reads_what_the_automation_api_has_set() -> None:
    """The same run, without a process of its own."""
    pulumi.runtime.set_all_config(CONFIG, ["p:twilioAuthToken"])

    assert current_run() == RUN


def test_nothing_else_reads_the_runtime() -> None:
    """It is no documented interface, so one file depends on it."""
    readers = {
        path.relative_to(INFRA).as_posix()
        for path in INFRA.rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text("utf-8")))
        if (isinstance(node, ast.ImportFrom) and (node.module or "").startswith("pulumi.runtime"))
        or (isinstance(node, ast.Import) and any(each.name.startswith("pulumi.runtime") for each in node.names))
        or (isinstance(node, ast.Attribute) and ast.unparse(node) == "pulumi.runtime")
    }

    assert readers == {"pulumi_run.py"}
