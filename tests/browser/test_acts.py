"""What a person does on the page: chats, time, decisions, faults."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import timedelta
from typing import get_args

import pytest

from laptop.decision_feed import decision_feed
from simulator.client import SimulatorError
from simulator.faults import Kind
from simulator.shared.clock import START
from tests.browser.conftest import Open
from tests.browser.person import Person
from tests.world.driving import Twilio
from tests.world.running import RunningFunction

ANYTHING = re.compile(".")

SILENT = [
    "✗ unknown status",
    "✗ closed (inactive)",
    "✗ set aside (active)",
    "✗ exempt",
    "✗ on hold",
    "✗ channel unknown (active)",
    "✗ transfer (active)",
    "✗ notice sent",
    "✗ left over",
    "✗ no live task (assigned)",
    "✗ queued (assigned)",
    "✗ agent silent (last word: agent)",
    "✗ not yet (8:00)",
    "✓ warning due (8:00)",
]
"""What the page shows of the decision to warn."""


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_a_silent_customer_is_warned_and_the_chat_ends(
    scheme: str,
    twilio: Twilio,
    function: RunningFunction,
    open_page: Open,
    picture: Callable[[Person, str], None],
) -> None:
    """A person plays the whole chat on the page; the function that ships does its part."""
    for stage in ("queued", "assigned", "assigned"):
        other = twilio.create_chat(stage=stage, channel="whatsapp").conversation
        twilio.say(other, "customer", "Hello, can you help me?")
        twilio.advance("PT40S")
    person = open_page(twilio, scheme)
    person.creates("web", "queued")
    person.writes("customer", "My parcel has not arrived.")
    person.does("Accept")
    person.sees(person.chat.get_by_role("cell"), "assigned")
    person.advances(30, "seconds")
    person.writes("agent", "I am sorry to hear that. What is the order number?")
    person.sees(person.chats.filter(has_text="Customer 4"), "inactive in 8:00")

    with decision_feed(twilio, function.log):
        for _ in range(4):  # those of the other chats fire first
            person.jumps()
        person.sees(person.timeline, "Are you still there?")
        person.sees(person.decision, "✓ warning due (8:00)")
        person.reads(person.decision, [ANYTHING, *SILENT])
        person.page.get_by_label("only of this chat").check()
        picture(person, f"simulator-page-{scheme}")
        person.jumps()
        person.sees(person.timeline, "This chat has ended")
        person.sees(person.chats.filter(has_text="Customer 4"), "closed")
        person.sees(person.chat.get_by_role("cell"), "completed")


def test_an_agent_transfers_pauses_resumes_and_leaves(twilio: Twilio, open_page: Open) -> None:
    """The page shows who holds which task, and the channel's status."""
    person = open_page(twilio)
    person.creates(stage="assigned")
    person.does("Transfer")
    person.sees_count(person.tasks, 2)
    person.does("Accept")
    person.sees(person.tasks, "agent 2")
    person.reads(
        person.tasks, [re.compile(r"completed\s+Everyone\s+agent$"), re.compile(r"assigned\s+Everyone\s+agent 2$")]
    )
    person.does("Pause")
    person.sees(person.chat, "channel pause")
    person.does("Resume")
    person.sees(person.chat, "channel active")
    person.does("Leave")
    person.sees(person.chat, "channel inactive")


def test_what_is_impossible_is_refused_with_the_reason(twilio: Twilio, open_page: Open) -> None:
    """In the words of the control plane."""
    person = open_page(twilio)
    person.creates(stage="assigned")
    person.button("Accept").click()

    person.sees(person.page.get_by_role("alert"), "cannot accept: it needs a task that is pending or reserved")


def test_timers_run_down_with_the_virtual_time(twilio: Twilio, open_page: Open) -> None:
    """By a step, and by themselves while time runs."""
    twilio.rest("POST", "conversations/v1/Configuration", DefaultInactiveTimer="PT4M")
    person = open_page(twilio)
    person.creates()
    person.sees(person.chats, "inactive in 4:00")
    person.advances(1, "minutes")
    person.sees(person.chats, "inactive in 3:00")
    person.page.get_by_label("Time", exact=True).select_option(label="runs 60 times as fast")
    person.sees(person.chats, re.compile(r"inactive in [0-2]:\d\d"))
    person.sees(person.chats, "inactive, no timer runs")
    person.page.get_by_label("Time", exact=True).select_option(label="stands still")

    assert twilio.now() >= START + timedelta(minutes=4)


def test_chats_are_in_order_of_their_next_step(twilio: Twilio, open_page: Open) -> None:
    """A message that restarts a timer moves its chat down."""
    twilio.rest("POST", "conversations/v1/Configuration", DefaultInactiveTimer="PT10M")
    first = twilio.create_chat(stage="assigned").conversation
    twilio.advance("PT1M")
    twilio.create_chat(stage="assigned")
    person = open_page(twilio)
    person.sees_count(person.chats, 2)
    person.reads(person.chats, [re.compile("^Customer 1,"), re.compile("^Customer 2,")])
    twilio.advance("PT1M")
    twilio.say(first, "customer", "Hello?")
    person.sees(person.chats, "customer: Hello?")

    person.reads(person.chats, [re.compile("^Customer 2,"), re.compile("^Customer 1,")])


def test_a_fault_hits_a_request_and_the_page_shows_both(twilio: Twilio, open_page: Open) -> None:
    """Set on the page, met by a client, seen in the log of requests, removed on the page."""
    person = open_page(twilio)
    person.creates()
    person.page.get_by_text("Break things").click()
    person.page.get_by_label("To requests that match").fill("POST .*/Configuration")
    person.button("Break").click()
    person.sees(person.page.get_by_role("list", name="Faults"), "status on POST .*/Configuration, from 1, 1: hit 0")
    with pytest.raises(SimulatorError, match="503"):
        twilio.rest("POST", "conversations/v1/Configuration", DefaultInactiveTimer="PT10M")

    person.sees(person.requests, re.compile(r"POST /conversations/v1/Configuration 503, .*fault: status before"))
    person.sees(person.requests, "DefaultInactiveTimer: PT10M")
    person.sees(person.page.get_by_role("list", name="Faults"), "hit 1")
    person.button("Remove all faults").click()
    person.sees_count(person.page.get_by_role("list", name="Faults").get_by_role("listitem"), 0)


def test_every_kind_of_fault_can_be_set(twilio: Twilio, open_page: Open) -> None:
    """With the fields that it needs, as the page fills them."""
    person = open_page(twilio)
    person.page.get_by_text("Break things").click()
    for number, kind in enumerate(get_args(Kind), 1):
        person.page.get_by_label("What happens").select_option(kind)
        person.button("Break").click()
        person.sees_count(person.page.get_by_role("list", name="Faults").get_by_role("listitem"), number)

    assert len(twilio.hits()) == len(get_args(Kind))


def test_webhooks_are_lost_and_the_page_says_so(twilio: Twilio, open_page: Open) -> None:
    """Until they are delivered normally again."""
    twilio.configure("http://127.0.0.1:9/conversations", "PT10M")
    person = open_page(twilio)
    person.creates()
    person.page.get_by_text("Break things").click()
    person.page.get_by_label("Webhooks lost, in percent").fill("100")
    person.button("Disturb webhooks").click()
    person.sees(person.page.get_by_role("status"), "Webhooks are disturbed.")
    person.jumps()
    person.sees(person.webhooks, "onConversationStateUpdated to http://127.0.0.1:9/conversations: dropped")
    person.button("Deliver normally").click()
    person.writes("customer", "Hello?")
    person.sees(person.webhooks, "ClientConnectorError")


def test_only_the_requests_of_the_chosen_chat_are_shown(twilio: Twilio, open_page: Open) -> None:
    """Those that name it, its interaction or one of its tasks."""
    person = open_page(twilio)
    person.creates()
    sid = person.page.url.rpartition("=")[2]
    task = twilio.truth(sid).tasks[0].sid
    twilio.rest("GET", f"conversations/v1/Conversations/{sid}")
    twilio.rest("GET", f"taskrouter/v1/Workspaces/{twilio.account.workspace_sid}/Tasks/{task}")
    twilio.rest("GET", "conversations/v1/Configuration")
    person.sees_count(person.requests, 3)
    person.page.get_by_label("only of this chat").check()
    person.sees_count(person.requests, 2)


def test_a_decision_is_shown_to_whoever_uses_the_simulator_alone(twilio: Twilio, open_page: Open) -> None:
    """Any software may post it; without one the page says that there is none."""
    person = open_page(twilio)
    person.creates()
    person.sees(person.decision, "None was posted for this chat.")
    sid = person.page.url.rpartition("=")[2]
    rows = [{"row": "queued", "matched": False, "why": "assigned"}, {"row": "night", "matched": True}]
    twilio.report_decision(sid, "wait", message="The shop is closed", rows=rows)
    person.sees(person.decision, "The shop is closed")

    person.reads(person.decision, ["00:00:00 wait: The shop is closed", "✗ queued (assigned)", "✓ night"])
    person.sees(person.timeline, "decided: wait")
