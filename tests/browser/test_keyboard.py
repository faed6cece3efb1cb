"""The page without a mouse."""

from __future__ import annotations

from playwright.sync_api import expect

from tests.browser.conftest import Open
from tests.browser.person import Person
from tests.world.driving import Twilio

MANY = 60
"""More than the page has stops of the Tab key."""


NAME = """() => {
    const at = document.activeElement;
    const name = at.getAttribute("aria-label") ?? at.labels?.[0]?.textContent ?? at.textContent;
    return name.trim().split("\\n")[0].trim();
}"""
"""The accessible name of what has the focus, from its label or its text."""

OUTLINE = """() => {
    const at = document.activeElement, style = getComputedStyle(at);
    const name = at.id || `${at.form?.id} ${at.name || at.textContent}`;
    return at !== document.body && [name, `${style.outlineStyle} ${style.outlineWidth}`];
}"""
"""Which control has the focus, and its outline; false after the last one."""

STEPS = (("ArrowDown", "Customer 1"), ("ArrowDown", "Customer 2"), ("End", "Customer 3"), ("Home", "Customer 1"))
"""Keys in the list of chats, and which chat each chooses."""


def focused(person: Person) -> str:
    """The name of what has the focus."""
    return str(person.page.evaluate(NAME))


def tab_to(person: Person, name: str) -> None:
    """Press Tab until the control with this name has the focus."""
    for _ in range(MANY):
        person.page.keyboard.press("Tab")
        if focused(person) == name:
            return
    raise AssertionError(f"Tab never reached {name!r}")


def test_a_chat_is_played_with_the_keyboard_alone(twilio: Twilio, open_page: Open) -> None:
    """Create, accept, write as both, and jump to the timer."""
    twilio.rest("POST", "conversations/v1/Configuration", DefaultInactiveTimer="PT10M")
    person = open_page(twilio)
    press = person.page.keyboard.press
    tab_to(person, "New chat")
    press("Enter")
    person.sees(person.chats, "Customer 1")
    tab_to(person, "Accept")
    press("Enter")
    person.sees(person.tasks, "assigned")
    tab_to(person, "Message")
    person.page.keyboard.insert_text("Where is my parcel?")
    press("Enter")
    person.sees(person.timeline, "Where is my parcel?")
    press("Shift+Tab")
    press("ArrowDown")
    press("Tab")
    person.page.keyboard.insert_text("On its way.")
    press("Enter")
    person.sees(person.timeline, "On its way.")
    tab_to(person, "Jump to the next timer")
    press("Enter")
    person.sees(person.timeline, "active to inactive (TIMER)")

    [chat] = twilio.truth(person.page.url.rpartition("=")[2]).messages[-1:]
    assert (chat.speaker, chat.text) == ("agent", "On its way.")


def test_arrow_keys_choose_a_chat(twilio: Twilio, open_page: Open) -> None:
    """The list is one stop of the Tab key, however many chats there are."""
    twilio.rest("POST", "conversations/v1/Configuration", DefaultInactiveTimer="PT10M")
    for _ in range(3):
        twilio.create_chat()
        twilio.advance("PT1S")
    person = open_page(twilio)
    person.sees_count(person.chats, 3)
    person.list.focus()
    for key, name in STEPS:
        person.page.keyboard.press(key)
        expect(person.chat.get_by_role("heading")).to_have_text(name)
        expect(person.page.get_by_role("option", selected=True).filter(has_text=name)).to_have_count(1)

    expect(person.list).to_be_focused()


def test_the_first_stop_skips_the_list(twilio: Twilio, open_page: Open) -> None:
    """And the chosen chat stays chosen."""
    chat = twilio.create_chat().conversation
    person = open_page(twilio)
    person.chooses("Customer 1")
    address = person.page.url
    person.page.goto("about:blank")
    person.page.goto(address)
    person.page.keyboard.press("Tab")
    assert focused(person) == "Skip to the chat"
    person.page.keyboard.press("Enter")

    expect(person.chat).to_be_focused()
    assert person.page.url.endswith(f"#chat={chat}")


def test_the_focus_stays_while_chats_move(twilio: Twilio, open_page: Open) -> None:
    """A draft is not lost when something happens elsewhere."""
    twilio.rest("POST", "conversations/v1/Configuration", DefaultInactiveTimer="PT10M")
    chosen = twilio.create_chat().conversation
    other = twilio.create_chat().conversation
    person = open_page(twilio)
    person.chooses("Customer 1")
    message = person.page.get_by_label("Message", exact=True)
    message.fill("A dra")
    twilio.advance("PT1M")
    twilio.say(chosen, "customer", "Hello?")
    twilio.say(other, "customer", "Hello, too?")
    person.sees(person.chats, "Hello, too?")
    person.page.keyboard.insert_text("ft")

    expect(message).to_be_focused()
    expect(message).to_have_value("A draft")


def test_every_stop_of_the_tab_key_is_visible(twilio: Twilio, open_page: Open) -> None:
    """Each has an outline when it has the focus."""
    twilio.create_chat(stage="assigned")
    person = open_page(twilio)
    person.chooses("Customer 1")
    person.page.get_by_text("Break things").focus()
    person.page.keyboard.press("Enter")
    person.page.get_by_text("More", exact=True).focus()
    person.page.keyboard.press("Enter")
    person.page.get_by_role("link", name="Skip to the chat").focus()
    outlines = {}
    while (stop := person.page.evaluate(OUTLINE)) and stop[0] not in outlines:
        outlines[stop[0]] = stop[1]
        person.page.keyboard.press("Tab")

    assert len(outlines) > 30
    assert {name: outline for name, outline in outlines.items() if outline != "solid 3px"} == {}
