"""Who may take part: an address pair has one conversation, nobody takes part twice, and numbers are limited."""

from __future__ import annotations

from typing import Any

import pytest
from twilio.base.exceptions import TwilioRestException

from .conftest import World

CUSTOMER, OURS = "+15550100001", "+15550199999"


def pair(address: str = CUSTOMER, proxy: str = OURS) -> dict[str, str]:
    """Return a binding as the SDK sends it."""
    return {"messaging_binding_address": address, "messaging_binding_proxy_address": proxy}


def refused(action: Any, **form: object) -> tuple[int, int]:
    """Return status and code of a refusal."""
    with pytest.raises(TwilioRestException) as caught:
        action(**form)
    return caught.value.status, caught.value.code


def test_an_address_pair_leads_to_one_conversation_until_that_one_is_closed(world: World) -> None:
    """50416 names the conversation; an inactive one keeps the pair, a closed one releases it."""
    first, second = world.conversations.create(), world.conversations.create()
    first.participants.create(**pair())

    with pytest.raises(TwilioRestException) as caught:
        second.participants.create(**pair())
    assert (caught.value.status, caught.value.code) == (409, 50416)
    assert first.sid in caught.value.msg
    first.update(state="inactive")
    assert refused(second.participants.create, **pair()) == (409, 50416)
    first.update(state="closed")
    assert second.participants.create(**pair()).messaging_binding["address"] == CUSTOMER


def test_a_timer_that_closes_frees_the_pair_too(world: World) -> None:
    """How a conversation was closed does not matter."""
    first = world.conversations.create(state="active", timers_closed="PT10M")
    first.participants.create(**pair())
    world.advance("PT10M")

    assert world.conversations.create().participants.create(**pair()).sid


@pytest.mark.parametrize("ending", ["remove the participant", "delete the conversation"])
def test_a_pair_is_free_when_its_participant_or_its_conversation_is_gone(world: World, ending: str) -> None:
    """Deleting an earlier holder does not free the pair of a new one."""
    first, second = world.conversations.create(), world.conversations.create()
    participant = first.participants.create(**pair())
    if ending == "remove the participant":
        participant.delete()
    else:
        first.delete()
    second.participants.create(**pair())
    if ending == "remove the participant":
        first.delete()

    assert refused(world.conversations.create().participants.create, **pair()) == (409, 50416)


def test_pairs_are_counted_over_all_services(world: World) -> None:
    """An inbound message names no service."""
    other = world.twilio.conversations.v1.services(
        world.twilio.conversations.v1.services.create(friendly_name="other").sid
    )
    world.conversations.create().participants.create(**pair())

    assert refused(other.conversations.create().participants.create, **pair()) == (409, 50416)


def test_the_same_customer_may_write_to_another_number_of_ours(world: World) -> None:
    """Only the pair is unique."""
    world.conversations.create().participants.create(**pair())

    assert world.conversations.create().participants.create(**pair(proxy="+15550199998")).sid


@pytest.mark.parametrize(
    ("binding", "code"),
    [
        (pair(address=""), 50411),
        (pair(proxy=""), 50412),
        (pair(address="hello"), 50407),
        (pair(proxy="0155"), 50408),
        (pair(proxy=CUSTOMER), 50409),
        (pair(address=f"whatsapp:{CUSTOMER}"), 50414),
        ({}, 20001),
    ],
)
def test_addresses_must_be_given_and_match(world: World, binding: dict[str, str], code: int) -> None:
    """Each mistake has its own code."""
    assert refused(world.conversations.create().participants.create, **binding) == (400, code)


def test_a_participant_cannot_be_added_twice(world: World) -> None:
    """50433, by identity and by address."""
    conversation = world.conversations.create()
    conversation.participants.create(identity="alice")
    conversation.participants.create(**pair())

    assert refused(conversation.participants.create, identity="alice") == (409, 50433)
    assert refused(conversation.participants.create, **pair(proxy="+15550199998")) == (409, 50433)


def test_at_most_fifty_take_part_outside_chat(world: World) -> None:
    """50418; chat participants can still be added."""
    conversation = world.conversations.create()
    for number in range(50):
        conversation.participants.create(**pair(address=f"+1555020{number:04d}"))

    assert refused(conversation.participants.create, **pair(address="+15550300000")) == (400, 50418)
    assert conversation.participants.create(identity="alice").sid


def test_a_participant_remembers_what_it_has_read(world: World) -> None:
    """Index and time are kept as sent."""
    conversation = world.conversations.create()
    participant = conversation.participants.create(identity="alice")

    updated = participant.update(last_read_message_index=3, last_read_timestamp="2026-01-05T00:00:00Z")

    assert (updated.last_read_message_index, updated.last_read_timestamp) == (3, "2026-01-05T00:00:00Z")


def test_a_proxy_address_is_given_once_and_can_be_taken_away(world: World) -> None:
    """50441 for another one; `null` removes it, and the pair is free."""
    conversation = world.conversations.create()
    participant = conversation.participants.create(**pair())

    assert refused(participant.update, messaging_binding_proxy_address="+15550199998") == (400, 50441)
    assert participant.update(messaging_binding_proxy_address="null").messaging_binding["proxy_address"] is None
    assert world.conversations.create().participants.create(**pair()).sid


def test_an_unknown_role_is_refused(world: World) -> None:
    """404, and no participant was added."""
    conversation = world.conversations.create()

    assert refused(conversation.participants.create, identity="alice", role_sid=f"RL{'0' * 32}") == (404, 20404)
    assert conversation.participants.list() == []


def test_a_conversation_can_begin_with_its_participants(world: World) -> None:
    """They are given by identity or by binding."""
    made = world.twilio.conversations.v1.services(world.service_sid).conversation_with_participants.create(
        friendly_name="together",
        participant=[
            '{"identity": "alice"}',
            f'{{"messaging_binding": {{"address": "{CUSTOMER}", "proxy_address": "{OURS}"}}}}',
        ],
    )

    people = world.conversations(made.sid).participants.list()
    assert [(row.identity, row.messaging_binding and row.messaging_binding["address"]) for row in people] == [
        ("alice", None),
        (None, CUSTOMER),
    ]


@pytest.mark.parametrize(
    ("participants", "code"),
    [
        (['{"identity": "alice"}', '{"identity": "alice"}'], 50433),
        ([f'{{"messaging_binding": {{"address": "{CUSTOMER}", "proxy_address": "{OURS}"}}}}'], 50425),
        (["alice"], 20001),
        ([f'{{"identity": "guest {number}"}}' for number in range(11)], 20001),
    ],
)
def test_a_conversation_does_not_begin_with_some_of_its_participants(
    world: World, participants: list[str], code: int
) -> None:
    """All or nothing: no conversation is left behind, and its name is free."""
    world.conversations.create().participants.create(**pair())
    create = world.twilio.conversations.v1.services(world.service_sid).conversation_with_participants.create

    assert refused(create, unique_name="together", participant=participants)[1] == code
    assert len(world.conversations.list()) == 1
    assert world.conversations.create(unique_name="together").sid
