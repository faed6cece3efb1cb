"""The page follows what happens: on other pages, in a simulator that starts again, in 1,000 chats."""

from __future__ import annotations

import time

from playwright.sync_api import Page, expect

from simulator.running import RunningSimulator
from tests.browser.conftest import Open
from tests.browser.person import PATIENCE_MS
from tests.world.driving import Twilio
from tests.world.running import free_port

LONG_TASKS = """() => {
    window.longest = 0;
    new PerformanceObserver((list) => {
        for (const entry of list.getEntries()) window.longest = Math.max(window.longest, entry.duration);
    }).observe({ type: "longtask", buffered: true });
}"""
FREEZE_MS = 1_000
"""The longest that a person's train of thought is not interrupted
(https://www.nngroup.com/articles/response-times-3-important-limits/, 1993)."""


def test_what_one_person_does_another_sees(twilio: Twilio, open_page: Open) -> None:
    """At once, without reloading."""
    one, other = open_page(twilio), open_page(twilio)
    one.creates(stage="assigned")
    other.chooses("Customer 1")
    one.writes("customer", "Where is my parcel?")

    other.sees(other.timeline, "Where is my parcel?")


def test_the_page_goes_on_when_the_simulator_starts_again(open_page: Open) -> None:
    """It says that nobody answers, then shows the new simulator's chats and not the old one's."""
    port = free_port()
    with RunningSimulator(port) as simulator:
        Twilio(simulator).create_chat(channel="sms")
        person = open_page(Twilio(simulator))
        person.sees(person.chats, "Customer 1, sms")
    person.sees(person.page.get_by_role("status"), "The simulator does not answer")
    with RunningSimulator(port) as simulator:
        Twilio(simulator).create_chat(channel="whatsapp")
        person.sees(person.chats, "Customer 1, whatsapp")

        person.sees_count(person.chats, 1)
        expect(person.page.locator("#connection")).to_be_empty()


def test_a_reset_empties_the_page(twilio: Twilio, open_page: Open) -> None:
    """The chosen chat is gone too."""
    person = open_page(twilio)
    person.creates()
    twilio.reset()

    person.sees_count(person.chats, 0)
    person.sees(person.chat.get_by_role("heading"), "No chat is chosen")


def test_a_thousand_chats_do_not_freeze_the_page(twilio: Twilio, open_page: Open) -> None:
    """While time runs and every timer runs down, a message is sent and shown."""
    twilio.rest("POST", "conversations/v1/Configuration", DefaultInactiveTimer="PT1H")
    for _ in range(1_000):
        twilio.create_chat(stage="bot", interaction=False)
    page = open_page(twilio).page
    page.evaluate(LONG_TASKS)
    await_text(page, "#chats", "Customer 1000, web")
    page.locator("#pace").select_option("60")
    page.locator("#create button").click()
    page.locator("#say [name=body]").fill("Where is my parcel?")
    page.locator("#say button").click()
    await_text(page, "#story", "Where is my parcel?")
    await_text(page, "#more", "1 more chats come later.")

    assert page.evaluate("() => document.querySelectorAll('#chats > *').length") == 1_000
    assert page.evaluate("() => window.longest") < FREEZE_MS


def await_text(page: Page, css: str, text: str) -> None:
    """Wait for a text at little cost: the expectations of Playwright read the whole page, which takes seconds here."""
    until = time.monotonic() + PATIENCE_MS / 1000
    while text not in page.evaluate("css => document.querySelector(css).textContent", css):
        assert time.monotonic() < until, f"{text!r} is not in {css}"
        time.sleep(0.1)
