"""What a person does on the page and sees there, by the roles and names that assistive technology uses."""

from __future__ import annotations

import re
from collections.abc import Sequence

from playwright.sync_api import Locator, Page, expect

PATIENCE_MS = 15_000
"""How long the page has for anything; long, because the machine may be busy."""


class Person:
    """Somebody in front of the page."""

    def __init__(self, page: Page) -> None:
        self.page = page

    # -- what is there ---------------------------------------------------------------------------------------------

    @property
    def list(self) -> Locator:
        """The list of chats."""
        return self.page.get_by_role("listbox", name="Chats")

    @property
    def chats(self) -> Locator:
        """The rows of the list."""
        return self.list.get_by_role("option")

    @property
    def timeline(self) -> Locator:
        """Messages, changes of state and decisions of the chosen chat."""
        return self.page.get_by_role("log").get_by_role("listitem")

    @property
    def chat(self) -> Locator:
        """Everything about the chosen chat."""
        return self.page.locator("#chat")

    @property
    def tasks(self) -> Locator:
        """The rows of the table of tasks, without its head."""
        return self.page.locator("#tasks tr")

    @property
    def webhooks(self) -> Locator:
        """The deliveries about the chosen chat, newest first."""
        return self.page.get_by_role("list", name="Webhooks of this chat, newest first").get_by_role("listitem")

    @property
    def requests(self) -> Locator:
        """The requests, newest first."""
        return self.page.get_by_role("list", name="Requests, newest first").get_by_role("listitem")

    @property
    def decision(self) -> Locator:
        """The last decision's sentence, and then its rows."""
        return self.page.locator("#verdict, #rows li")

    def button(self, name: str) -> Locator:
        """A button by its exact name."""
        return self.page.get_by_role("button", name=name, exact=True)

    # -- what is seen ---------------------------------------------------------------------------------------------

    def sees(self, where: Locator, text: str | re.Pattern[str]) -> None:
        """Wait until a text is there."""
        expect(where.filter(has_text=text).first).to_be_visible()

    def sees_count(self, where: Locator, count: int) -> None:
        """Wait until there are so many."""
        expect(where).to_have_count(count)

    def reads(self, where: Locator, texts: Sequence[str | re.Pattern[str]]) -> None:
        """Wait until exactly these texts are there, in this order; the page may be in the middle of a change."""
        expect(where).to_have_text(texts, use_inner_text=True)

    # -- what is done ---------------------------------------------------------------------------------------------

    def creates(self, channel: str = "web", stage: str = "queued") -> None:
        """Create a chat, and wait until it is chosen."""
        before = self.page.url
        self.page.get_by_label("Channel", exact=True).select_option(channel)
        self.page.get_by_label("Stage", exact=True).select_option(stage)
        self.button("New chat").click()
        self.page.wait_for_url(lambda url: url != before)
        expect(self.button("Send")).to_be_visible()

    def chooses(self, name: str) -> None:
        """Choose a chat in the list by its name."""
        self.chats.filter(has_text=name).first.click()
        self.sees(self.chat.get_by_role("heading"), name)

    def writes(self, speaker: str, text: str) -> None:
        """Write a message, and wait until it is shown."""
        self.page.get_by_label("Write as").select_option(speaker)
        self.page.get_by_label("Message", exact=True).fill(text)
        self.button("Send").click()
        self.sees(self.timeline, text)

    def does(self, action: str) -> None:
        """Act in Flex, and wait until it is done."""
        self.button(action).click()
        self.sees(self.page.get_by_role("status"), f"Done: {action}.")

    def jumps(self) -> None:
        """Jump to the next timer, and wait until it has fired."""
        self.button("Jump to the next timer").click()
        self.sees(self.page.get_by_role("status"), "The next timer has fired.")

    def advances(self, length: int, unit: str) -> None:
        """Let time pass."""
        self.page.get_by_label("Advance by").fill(str(length))
        self.page.get_by_label("Unit").select_option(label=unit)
        self.button("Advance").click()
        self.sees(self.page.get_by_role("status"), "Time has passed.")
