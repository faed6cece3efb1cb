"""The settings page, the README's table and the example of a stack's file are made from the declarations."""

import json
from pathlib import Path
from typing import Any

import yaml

from dev import settings_pages
from infra.pulumi_run import PulumiRun
from infra.stack_config import StackConfig, parse_stack_config

ROOT = Path(__file__).resolve().parents[1]
PROJECT = "flex-chat-inactivity-timeout"
ACCOUNT = "AC" + "0a" * 16


def example() -> dict[str, Any]:
    """Return the config of Pulumi.example.yaml."""
    config: dict[str, Any] = yaml.safe_load((ROOT / "Pulumi.example.yaml").read_text("utf-8"))["config"]
    return config


def parse(values: dict[str, str]) -> StackConfig:
    """Return a config as a preview without a token reads it."""
    return parse_stack_config(PulumiRun(PROJECT, "prod", True, values, frozenset()), environment={})


def test_the_pages_are_made_from_the_declared_settings() -> None:
    """`python -m dev.settings_pages` changes nothing."""
    assert settings_pages.outdated() == []


def test_the_example_is_accepted_as_it_is_but_for_the_account() -> None:
    """A copy needs an account, and no repair."""
    written = example() | {f"{PROJECT}:twilioAccountSid": ACCOUNT}
    values = written | {f"{PROJECT}:policy": json.dumps(written[f"{PROJECT}:policy"])}

    assert parse(values).google_project == "my-google-project"
