"""A browser, a simulator with its page, and a person who uses it."""

from __future__ import annotations

import base64
import os
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect, sync_playwright

from dev.browser import chromium
from function.policy import parse_policy
from simulator.running import RunningSimulator
from tests.browser.person import PATIENCE_MS, Person
from tests.world.driving import Twilio
from tests.world.running import RunningFunction, free_port, running_function, settings_for

DOCS = Path(__file__).resolve().parents[2] / "docs"

Open = Callable[..., Person]


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """Chromium, as it is installed on this machine."""
    with sync_playwright() as playwright:
        arguments = ["--no-sandbox"] if os.geteuid() == 0 else []
        expect.set_options(timeout=PATIENCE_MS)
        browser = playwright.chromium.launch(executable_path=chromium(), args=arguments)
        yield browser
        browser.close()


@pytest.fixture(scope="session")
def running() -> Iterator[RunningSimulator]:
    """One simulator for the whole session; `twilio` resets it for each test."""
    with RunningSimulator() as simulator:
        yield simulator


@pytest.fixture
def twilio(running: RunningSimulator) -> Twilio:
    """An account without any settings, at the beginning of time."""
    twilio = Twilio(running)
    twilio.reset()
    twilio.clear_log()
    return twilio


@pytest.fixture(scope="session")
def deployed(running: RunningSimulator, tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningFunction]:
    """The function that ships, with a warning after eight minutes and the end after ten."""
    port = free_port()
    settings = settings_for(Twilio(running), port, parse_policy({}))
    with running_function(tmp_path_factory.mktemp("function"), settings, port) as function:
        yield function


@pytest.fixture
def function(twilio: Twilio, deployed: RunningFunction) -> RunningFunction:
    """The same, called by the account."""
    twilio.configure(f"{deployed.url}/conversations", "PT8M")
    return deployed


@pytest.fixture
def open_page(browser: Browser) -> Iterator[Open]:
    """Opens the page of a simulator for a person; at the end no script has failed on any page."""
    problems: list[str] = []
    contexts = []

    def opened(twilio: Twilio, scheme: str = "light", width: int = 1360, height: int = 820) -> Person:
        context = browser.new_context(color_scheme=scheme, viewport={"width": width, "height": height})
        contexts.append(context)
        page: Page = context.new_page()
        page.set_default_timeout(PATIENCE_MS)
        page.on("pageerror", lambda error: problems.append(str(error)))
        page.goto(f"{twilio.url}/")
        return Person(page)

    yield opened
    for context in contexts:
        context.close()
    assert problems == []


@pytest.fixture
def picture() -> Callable[[Person, str], None]:
    """Keeps a picture of the page for the docs, if PICTURES is set."""

    def take(person: Person, name: str) -> None:
        if os.environ.get("PICTURES"):
            devtools = person.page.context.new_cdp_session(person.page)
            shot = devtools.send("Page.captureScreenshot", {"format": "webp", "quality": 80})
            (DOCS / f"{name}.webp").write_bytes(base64.b64decode(shot["data"]))

    return take
