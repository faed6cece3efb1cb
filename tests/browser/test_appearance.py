"""The page can be read: names and roles, contrast in light and dark, and a narrow window."""

from __future__ import annotations

import pytest

from tests.browser.conftest import Open
from tests.browser.person import Person
from tests.world.driving import Twilio

CONTRASTS = """() => {
    const channels = (colour) => colour.match(/[\\d.]+/g).map(Number);
    const light = (value) => (value / 255 <= 0.04045 ? value / 255 / 12.92 : ((value / 255 + 0.055) / 1.055) ** 2.4);
    const luminance = ([red, green, blue]) => 0.2126 * light(red) + 0.7152 * light(green) + 0.0722 * light(blue);
    const behind = (node) => {
        for (let at = node; at; at = at.parentElement) {
            const colour = channels(getComputedStyle(at).backgroundColor);
            if (colour.length === 3 || colour[3] === 1) return colour;
        }
        return [255, 255, 255];
    };
    const found = [];
    for (const node of document.querySelectorAll("body *")) {
        const own = [...node.childNodes].some((child) => child.nodeType === Node.TEXT_NODE && child.data.trim());
        if (!own || !node.checkVisibility()) continue;
        const pair = [luminance(channels(getComputedStyle(node).color)), luminance(behind(node))].sort((a, b) => b - a);
        found.push([node.id || node.className || node.textContent.trim(), (pair[0] + 0.05) / (pair[1] + 0.05)]);
    }
    return found;
}"""
"""The contrast of each element that has text of its own, with what is behind it
(https://www.w3.org/TR/WCAG22/#dfn-contrast-ratio)."""

NAMELESS = """() => [...document.querySelectorAll("button, input, select, summary, a, [role], section, ol[tabindex]")]
    .filter((node) => !node.hasAttribute("aria-label") && !node.hasAttribute("aria-labelledby")
        && !node.labels?.[0]?.textContent.trim() && !node.textContent.trim() && node.getAttribute("role") !== "status"
        && node.getAttribute("role") !== "alert")
    .map((node) => node.outerHTML.slice(0, 80))"""
"""Controls and regions without a name."""

STRUCTURE = """() => ({
    language: document.documentElement.lang,
    titles: document.querySelectorAll("h1").length,
    mains: document.querySelectorAll("main").length,
    twice: [...document.querySelectorAll("[id]")].map(({ id }) => id).filter((id, at, all) => all.indexOf(id) !== at),
    broken: [...document.querySelectorAll("[aria-labelledby], [aria-describedby], [aria-activedescendant]")].flatMap(
        (node) => ["aria-labelledby", "aria-describedby", "aria-activedescendant"].flatMap(
            (name) => (node.getAttribute(name) ?? "").split(" ").filter((id) => id && !document.getElementById(id)))),
    orphans: document.querySelectorAll("li:not(ul > li):not(ol > li)").length,
    strangers: document.querySelectorAll("[role=listbox] > :not([role=option])").length,
})"""


def furnished(twilio: Twilio, open_page: Open, scheme: str, **size: int) -> Person:
    """A page on which everything is open: messages of everybody, a decision, a failed request, a refusal, faults."""
    chat = twilio.create_chat(stage="assigned").conversation
    for speaker in ("customer", "agent", "bot"):
        twilio.say(chat, speaker, f"This is the {speaker}.")
    rows = [{"row": "queued", "matched": False, "why": "assigned"}, {"row": "warning due", "matched": True}]
    twilio.report_decision(chat, "warn", rows=rows)
    twilio.rest("POST", f"conversations/v1/Conversations/{chat}", **{"Timers.Inactive": "PT10M"})
    twilio.fault("GET .*/Configuration", "status", times=None)
    person = open_page(twilio, scheme, **size)
    person.chooses("Customer 1")
    person.page.get_by_text("Break things").click()
    person.page.get_by_text("More", exact=True).click()
    person.button("Accept").click()
    person.sees(person.page.get_by_role("alert"), "cannot accept")
    person.sees(person.requests, "Timers.Inactive: PT10M")
    return person


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_every_text_has_enough_contrast(scheme: str, twilio: Twilio, open_page: Open) -> None:
    """4.5 to 1, as WCAG's level AA asks of small text."""
    contrasts = furnished(twilio, open_page, scheme).page.evaluate(CONTRASTS)

    assert len(contrasts) > 60
    assert [(name, round(ratio, 2)) for name, ratio in contrasts if ratio < 4.5] == []


def test_the_page_is_dark_where_the_system_is(twilio: Twilio, open_page: Open) -> None:
    """And light where it is light."""
    background = "() => getComputedStyle(document.body).backgroundColor"
    found = [open_page(twilio, scheme).page.evaluate(background) for scheme in ("light", "dark")]

    assert found == ["rgb(255, 255, 255)", "rgb(20, 23, 26)"]


def test_every_control_has_a_name(twilio: Twilio, open_page: Open) -> None:
    """From its label, its text or an attribute."""
    assert furnished(twilio, open_page, "light").page.evaluate(NAMELESS) == []


def test_roles_and_references_are_valid(twilio: Twilio, open_page: Open) -> None:
    """One title, no ID twice, every reference leads somewhere, items are in lists and options in the listbox."""
    assert furnished(twilio, open_page, "light").page.evaluate(STRUCTURE) == {
        "language": "en",
        "titles": 1,
        "mains": 1,
        "twice": [],
        "broken": [],
        "orphans": 0,
        "strangers": 0,
    }


def test_what_happens_is_announced(twilio: Twilio, open_page: Open) -> None:
    """Messages in a log, results as a status, refusals as an alert."""
    person = furnished(twilio, open_page, "light")
    person.sees(person.page.get_by_role("log", name="Messages and events"), "This is the agent.")
    person.sees(person.page.get_by_role("alert"), "cannot accept")
    person.does("Pause")

    person.reads(person.page.get_by_role("alert"), [""])


def test_a_narrow_window_needs_no_scrolling_to_the_side(twilio: Twilio, open_page: Open) -> None:
    """At 320 pixels, as WCAG asks of content that reflows."""
    person = furnished(twilio, open_page, "light", width=320, height=640)

    assert person.page.evaluate("() => document.documentElement.scrollWidth") == 320
