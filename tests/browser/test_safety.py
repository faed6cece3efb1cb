"""Texts of chats are only ever text, and the page talks to nobody but its simulator."""

from __future__ import annotations

from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Error

from tests.browser.conftest import Open
from tests.world.driving import Twilio

HOSTILE = "<img src=x onerror=\"document.title = 'hacked'\"><script>document.title = 'hacked'</script>"

LOADED = """() => new Promise((done) => {
    const image = new Image();
    document.addEventListener("securitypolicyviolation", (event) => done(event.effectiveDirective));
    image.src = "http://127.0.0.1:9/x.png";
})"""


def test_a_text_that_looks_like_markup_stays_text(twilio: Twilio, open_page: Open) -> None:
    """In messages, names, decisions, requests, webhooks and refusals."""
    chat = twilio.create_chat(stage="assigned").conversation
    twilio.configure("http://127.0.0.1:9/<img src=x onerror=alert(1)>", "PT10M")
    twilio.say(chat, "customer", HOSTILE)
    twilio.rest("POST", f"conversations/v1/Conversations/{chat}", FriendlyName=HOSTILE)
    twilio.rest("POST", f"conversations/v1/Conversations/{chat}/Messages", Author=HOSTILE, Body=HOSTILE)
    twilio.report_decision(chat, HOSTILE, reason=HOSTILE, message=HOSTILE, rows=[{"row": HOSTILE, "why": HOSTILE}])
    twilio.fault(f"GET .*{HOSTILE}", "slow")
    person = open_page(twilio)
    person.chats.first.click()
    person.sees(person.timeline, HOSTILE)
    person.sees(person.chat.get_by_role("heading"), HOSTILE)
    person.sees(person.decision, HOSTILE)
    person.sees(person.requests, HOSTILE)
    person.sees(person.page.get_by_role("list", name="Faults"), HOSTILE)

    assert person.page.locator("img, body script, iframe").count() == 0
    assert person.page.title() == "Simulated Twilio"


@pytest.mark.parametrize(
    ("attempt", "refusal"),
    [
        ("document.body.innerHTML = '<b>text</b>'", "TrustedHTML"),
        ("document.createElement('script').text = '1'", "TrustedScript"),
        ("document.body.insertAdjacentHTML('beforeend', '<b>text</b>')", "TrustedHTML"),
    ],
)
def test_the_browser_refuses_to_make_markup_or_code_of_text(
    attempt: str, refusal: str, twilio: Twilio, open_page: Open
) -> None:
    """Even if the module had a mistake."""
    page = open_page(twilio).page
    with pytest.raises(Error, match=refusal):
        page.evaluate(f"() => {{ {attempt} }}")


def test_no_request_leaves_the_origin(twilio: Twilio, open_page: Open) -> None:
    """Through a whole chat; and none of the page's own is in the log of Twilio's API."""
    person = open_page(twilio)
    asked: list[str] = []
    person.page.on("request", lambda request: asked.append(request.url))
    person.page.goto(f"{twilio.url}/")
    person.creates(stage="assigned")
    person.writes("customer", "See https://example.com/picture.png and //example.com/x")
    person.advances(1, "minutes")
    origins = {f"{parts.scheme}://{parts.netloc}" for parts in map(urlsplit, asked)}

    assert len(asked) > 8
    assert origins == {twilio.url}
    assert twilio.requests() == []


def test_another_origin_cannot_be_reached(twilio: Twilio, open_page: Open) -> None:
    """The Content-Security-Policy forbids it."""
    page = open_page(twilio).page
    with pytest.raises(Error, match="Failed to fetch"):
        page.evaluate("() => fetch('http://127.0.0.1:9/')")

    assert page.evaluate(LOADED) == "img-src"
