"""Twilio's own libraries, as published, run a whole chat over TLS and report the same facts."""

from __future__ import annotations

from collections.abc import Iterator
from importlib.metadata import version
from pathlib import Path

import pytest

from simulator.running import RunningSimulator

from .clients.libraries import (
    NODE_FOLDERS,
    WAYS,
    Library,
    UnavailableError,
    live,
    locked_version,
    twilio_node,
    twilio_python,
)

PAGE = Path(__file__).parents[2] / "docs" / "simulator-clients.md"

STORY = {
    "timers at creation": ["date_closed", "date_inactive"],
    "participants": ["ada", "whatsapp:+15550100"],
    "messages": [f"Grüße, {number} & more" for number in range(5)],
    "scoped webhook": ["onConversationStateUpdated"],
    "as Chat v2": "Shop, 2 retries",
    "next page": "conversations.twilio.com",
    "after ten minutes": "inactive",
    "after a message": "active",
    "a timer of 30 seconds": 50375,
    "task before": "assigned, reservation accepted",
    "task after": "completed",
    "channel": "closed",
    "conversation": "closed",
    "an interaction of our own": "task pending, invite KG",
    "a deleted service": 20404,
    "webhooks": {"onConversationStateUpdated": 2, "onMessageAdded": 5, "onParticipantAdded": 2},
    "forged webhooks": 0,
}


@pytest.fixture(scope="module")
def tls() -> Iterator[RunningSimulator]:
    """A simulator with a TLS port."""
    with RunningSimulator(tls=True) as simulator:
        yield simulator


def node(folder: str) -> Library:
    """Return a twilio-node, or skip with the reason."""
    try:
        return twilio_node(folder)
    except UnavailableError as error:
        pytest.skip(f"DID NOT RUN with twilio-node {locked_version(folder)}: {error}")


@pytest.mark.parametrize("way", WAYS)
def test_twilio_python_runs_a_chat(tls: RunningSimulator, way: str) -> None:
    """The version that the function ships with."""
    life = live(twilio_python(), way, tls)

    assert life.version == version("twilio")
    assert life.facts == STORY


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("folder", NODE_FOLDERS)
def test_twilio_node_runs_a_chat(tls: RunningSimulator, folder: str, way: str) -> None:
    """The current and the previous major, in the versions that the locks name."""
    library = node(folder)
    life = live(library, way, tls)

    assert life.version == locked_version(folder)
    assert life.facts == STORY


@pytest.mark.parametrize("folder", NODE_FOLDERS)
def test_the_locks_contain_no_address_of_a_registry(folder: str) -> None:
    """They have versions and hashes only, so each machine uses its own registry."""
    lock = Path(__file__).parent / "clients" / folder / "package-lock.json"

    assert '"resolved"' not in lock.read_text()
    assert '"integrity": "sha512-' in lock.read_text()


def test_the_page_names_the_versions_that_are_run() -> None:
    """`python -m tests.simulator.clients` writes the page."""
    page = PAGE.read_text(encoding="utf-8")

    assert f"| twilio-python | {version('twilio')} |" in page
    for folder in NODE_FOLDERS:
        assert f"| twilio-node | {locked_version(folder)} |" in page
