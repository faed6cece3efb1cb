"""Sizes, names and dates: what is too long, what is out of range, and which conversations a list by date has."""

from __future__ import annotations

from typing import Any

import pytest
from twilio.base.exceptions import TwilioRestException

from .conftest import World


def code(action: Any, **form: object) -> int:
    """The code of a refusal."""
    with pytest.raises(TwilioRestException) as caught:
        action(**form)
    return int(caught.value.code)


def test_chat_accepts_32_kilobytes_and_carriers_1600_characters(world: World) -> None:
    """50504 beyond; the bounds themselves are allowed, and a kilobyte is counted in bytes."""
    chat, sms = world.conversations.create(), world.conversation(world.chat(channel="sms"))
    chat.participants.create(identity="alice")

    assert chat.messages.create(body="x" * 32_768).sid
    assert code(chat.messages.create, body="x" * 32_769) == 50504
    assert code(chat.messages.create, body="ü" * 16_385) == 50504
    assert sms.messages.create(body="ü" * 1_600).sid
    assert code(sms.messages.create, body="x" * 1_601) == 50504


def test_an_edit_has_the_same_limit(world: World) -> None:
    """The message is not changed."""
    message = world.conversation(world.chat(channel="whatsapp")).messages.create(body="short")

    assert code(message.update, body="x" * 1_601) == 50504
    assert message.fetch().body == "short"


def test_attributes_of_messages_and_participants_have_4_kilobytes(world: World) -> None:
    """50303; a conversation's have 16."""
    conversation = world.conversations.create()
    large = f'{{"a": "{"x" * 4_100}"}}'

    assert code(conversation.messages.create, body="a", attributes=large) == 50303
    assert code(conversation.participants.create, identity="alice", attributes=large) == 50303
    assert conversation.update(attributes=large).attributes == large
    assert code(conversation.update, attributes=f'{{"a": "{"x" * 16_400}"}}') == 50303


def test_names_have_256_characters(world: World) -> None:
    """50003 for friendly names, 50004 for unique ones."""
    assert world.conversations.create(friendly_name="x" * 256, unique_name="y" * 256).sid
    assert code(world.conversations.create, friendly_name="x" * 257) == 50003
    assert code(world.conversations.create, unique_name="y" * 257) == 50004
    assert code(world.conversations.create().update, friendly_name="x" * 257) == 50003


def test_conversations_are_listed_by_date_of_creation_the_newest_first(world: World) -> None:
    """Both ends belong to the range; a single day means all of it."""
    sids = []
    for _ in range(4):
        sids.append(world.conversations.create().sid)
        world.advance("P1D")

    def listed(**query: str) -> list[str]:
        return [row.sid for row in world.conversations.list(**query)]

    assert listed(start_date="2026-01-06T00:00:00Z") == list(reversed(sids[1:]))
    assert listed(end_date="2026-01-06T23:59:59Z") == [sids[1], sids[0]]
    assert listed(start_date="2026-01-06", end_date="2026-01-07") == [sids[2], sids[1]]
    assert listed(start_date="2026-02-01") == []
    world.conversations(sids[2]).update(state="closed")
    assert listed(start_date="2026-01-06", state="active") == [sids[3], sids[1]]


def test_a_list_by_date_pages_through_everything(world: World) -> None:
    """The pages together have what one page has."""
    sids = [world.conversations.create().sid for _ in range(7)]

    assert [row.sid for row in world.conversations.list(start_date="2026-01-01", page_size=3)] == list(reversed(sids))


@pytest.mark.parametrize(
    "form",
    [
        {"MessagingServiceSid": "MG1"},
        {"DateCreated": "yesterday"},
        {"DateCreated": "0001-01-01T00:00:00+10:00"},
    ],
)
def test_a_parameter_of_the_wrong_type_is_refused(world: World, form: dict[str, str]) -> None:
    """400, and nothing is created, because an answer must have the documented types."""
    assert world.call("POST", "conversations/v1/Conversations", form).status_code == 400
    assert world.conversations.list() == []


def test_an_early_date_is_shown_with_all_its_digits(world: World) -> None:
    """The year 33 is 0033."""
    made = world.call("POST", "conversations/v1/Conversations", {"DateCreated": "0033-04-03T15:00:00Z"}).json()

    assert made["date_created"] == "0033-04-03T15:00:00Z"


@pytest.mark.parametrize("query", ["StartDate=yesterday", "EndDate=2026-13-01"])
def test_an_invalid_date_is_refused(world: World, query: str) -> None:
    """400, without guessing."""
    assert world.call("GET", f"conversations/v1/Conversations?{query}").status_code == 400


def test_a_conversation_keeps_everything_that_is_documented(world: World) -> None:
    """All parameters of creation are read back."""
    made = world.conversations.create(
        friendly_name="Room",
        unique_name="room",
        attributes='{"topic": "feedback"}',
        messaging_service_sid=f"MG{'a' * 32}",
        date_created="2015-12-16T22:18:37Z",
        date_updated="2015-12-16T22:18:38Z",
        state="inactive",
        timers_inactive="PT1M",
        timers_closed="PT10M",
        bindings_email_address="us@example.com",
        bindings_email_name="Us",
    )
    read = world.conversations(made.sid).fetch()

    assert (
        read.friendly_name,
        read.unique_name,
        read.attributes,
        read.messaging_service_sid,
        read.state,
    ) == ("Room", "room", '{"topic": "feedback"}', f"MG{'a' * 32}", "inactive")
    assert (
        read.date_created.isoformat(),
        read.date_updated.isoformat(),
    ) == ("2015-12-16T22:18:37+00:00", "2015-12-16T22:18:38+00:00")
    assert read.timers == {"date_closed": "2026-01-05T00:10:00Z"}
    assert read.bindings == {"email": {"address": "us@example.com", "name": "Us"}}


def test_nothing_documented_counts_as_unknown_and_a_typo_does(world: World) -> None:
    """The log lists parameters that no operation reads, as Twilio's warning 20001 does."""
    world.control("DELETE", "log")
    sid = world.conversations.create(timers_inactive="PT1M", bindings_email_name="Us").sid
    world.conversations(sid).messages.create(body="a", date_updated="2026-01-05T00:00:00Z", subject="b")
    world.call("POST", f"conversations/v1/Conversations/{sid}", {"Timers.Inactiv": "PT5M", "FriendlyName": "a"})

    assert [row["ignored"] for row in world.control("GET", "requests")["requests"]] == [[], [], ["Timers.Inactiv"]]


def test_messages_to_customers_outside_chat_have_receipts(world: World) -> None:
    """There is one for each of them, none for the author and none for chat participants."""
    chat = world.chat(channel="whatsapp", stage="assigned")
    context = world.conversation(chat)
    ours = context.messages.create(body="hello")
    theirs = context.messages(world.say(chat, "customer")["sid"])

    (receipt,) = context.messages(ours.sid).delivery_receipts.list()
    customer = world.truth(chat)["participants"][0]["sid"]
    assert (receipt.status, receipt.participant_sid, receipt.message_sid) == ("delivered", customer, ours.sid)
    assert context.messages(ours.sid).delivery_receipts(receipt.sid).fetch().sid == receipt.sid
    assert (ours.delivery["total"], ours.delivery["delivered"]) == (1, "all")
    assert (theirs.fetch().delivery, theirs.delivery_receipts.list()) == (None, [])
