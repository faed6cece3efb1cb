"""Address configurations of the account: stored, shown, one for each address."""

from __future__ import annotations

from typing import Any

import pytest
from twilio.base.exceptions import TwilioRestException

from .conftest import World

STUDIO = f"FW{'a' * 32}"


def code(action: Any, **form: object) -> int:
    """Return the code of a refusal."""
    with pytest.raises(TwilioRestException) as caught:
        action(**form)
    return int(caught.value.code)


def addresses(world: World) -> Any:
    """The SDK's address configurations."""
    return world.twilio.conversations.v1.address_configurations


def test_an_address_that_creates_conversations_with_a_webhook(world: World) -> None:
    """Its type is read in any case, and only the fields of its kind of auto-creation are shown."""
    made = addresses(world).create(
        type="whAtsAPP",
        address="whatsapp:+15550100",
        friendly_name="Support",
        auto_creation_enabled=True,
        auto_creation_type="webhook",
        auto_creation_conversation_service_sid=world.service_sid,
        auto_creation_webhook_url="https://example.com/hook",
        auto_creation_webhook_filters=["onMessageAdded"],
    )

    assert (made.type, made.friendly_name) == ("whatsapp", "Support")
    assert addresses(world)(made.sid).fetch().auto_creation == {
        "enabled": True,
        "type": "webhook",
        "conversation_service_sid": world.service_sid,
        "webhook_url": "https://example.com/hook",
        "webhook_method": "POST",
        "webhook_filters": ["onMessageAdded"],
    }


def test_an_update_keeps_what_is_not_sent(world: World) -> None:
    """It changes from a webhook to a Studio flow, and the name stays."""
    made = addresses(world).create(type="sms", address="+15550100", friendly_name="Support")
    made.update(auto_creation_enabled=True, auto_creation_type="studio", auto_creation_studio_flow_sid=STUDIO)

    read = made.fetch()
    assert (
        read.friendly_name,
        read.auto_creation,
    ) == ("Support", {"enabled": True, "type": "studio", "studio_flow_sid": STUDIO, "studio_retry_count": 0})


@pytest.mark.parametrize(
    ("wrong", "expected"),
    [
        ({"type": "pigeon"}, 20001),
        ({"address": ""}, 20001),
        ({"auto_creation_type": "magic"}, 20001),
        ({"auto_creation_webhook_filters": ["onMessageAdd"]}, 20001),
        ({"auto_creation_conversation_service_sid": f"IS{'0' * 32}"}, 20404),
        ({"auto_creation_enabled": True, "auto_creation_type": "webhook"}, 20001),
        ({"auto_creation_enabled": True, "auto_creation_type": "studio"}, 20001),
        ({"auto_creation_studio_retry_count": 4}, 20001),
        ({"friendly_name": "x" * 257}, 50003),
    ],
)
def test_missing_and_wrong_parameters_are_refused(world: World, wrong: dict[str, object], expected: int) -> None:
    """Nothing is created."""
    assert code(addresses(world).create, **{"type": "sms", "address": "+15550100", **wrong}) == expected
    assert addresses(world).list() == []


def test_an_address_has_one_configuration(world: World) -> None:
    """20409 for the second; after its deletion the address is free."""
    made = addresses(world).create(type="sms", address="+15550100")

    assert code(addresses(world).create, type="sms", address="+15550100") == 20409
    made.delete()
    assert addresses(world).create(type="sms", address="+15550100").sid


def test_addresses_are_listed_by_type(world: World) -> None:
    """Without a type all are listed."""
    addresses(world).create(type="sms", address="+15550100")
    addresses(world).create(type="email", address="us@example.com")

    assert (
        len(addresses(world).list()),
        [row.address for row in addresses(world).list(type="email")],
    ) == (2, ["us@example.com"])
