"""Users, roles, and the conversations of an identity."""

from __future__ import annotations

from typing import Any

import pytest
from twilio.base.exceptions import TwilioRestException

from .conftest import Receiver, World


def service(world: World) -> Any:
    """The SDK's default service."""
    return world.twilio.conversations.v1.services(world.service_sid)


def code(action: Any, **form: object) -> int:
    """The code of a refusal."""
    with pytest.raises(TwilioRestException) as caught:
        action(**form)
    return int(caught.value.code)


def test_an_identity_that_takes_part_has_a_user(world: World) -> None:
    """It is created when the identity first takes part."""
    for _ in range(2):
        world.conversations.create().participants.create(identity="alice")

    (user,) = service(world).users.list()
    assert (user.identity, user.attributes, service(world).users("alice").fetch().sid) == ("alice", "{}", user.sid)


def test_an_identity_has_one_user(world: World) -> None:
    """50201 for the second; 20001 without one."""
    users = service(world).users
    users.create(identity="bob", friendly_name="Bob", attributes='{"a": 1}')

    assert code(users.create, identity="bob") == 50201
    assert world.call("POST", "conversations/v1/Users", {}).json()["code"] == 20001


def test_an_update_of_a_user_keeps_what_is_not_sent(world: World) -> None:
    """It is found by SID and by identity afterwards."""
    users = service(world).users
    made = users.create(identity="bob", friendly_name="Bob")
    users("bob").update(attributes='{"team": "red"}')

    read = users(made.sid).fetch()
    assert (read.friendly_name, read.attributes) == ("Bob", '{"team": "red"}')
    assert code(users("nobody").fetch) == 20404


def test_a_deleted_user_leaves_every_open_conversation(world: World) -> None:
    """A closed one is not changed."""
    going, closed = world.conversations.create(), world.conversations.create()
    for conversation in (going, closed):
        conversation.participants.create(identity="alice")
    closed.update(state="closed")

    service(world).users("alice").delete()

    assert tuple([row.identity for row in conversation.participants.list()] for conversation in (going, closed)) == (
        [],
        ["alice"],
    )


def test_changes_of_users_fire_events_of_the_account(world: World, receiver: Receiver) -> None:
    """The request must ask for it, as for every change over REST."""
    world.twilio.conversations.v1.configuration.webhooks().update(
        post_webhook_url=receiver.url, filters=["onUserAdded", "onUserUpdated"], method="POST"
    )
    users = service(world).users
    users.create(identity="quiet")
    users.create(identity="loud", x_twilio_webhook_enabled="true")
    users("loud").update(friendly_name="Loud", x_twilio_webhook_enabled="true")
    world.advance("PT0S")

    assert sorted(
        (got.value("EventType"), got.value("Identity"), got.value("FriendlyName")) for got in receiver.got
    ) == [("onUserAdded", "loud", None), ("onUserUpdated", "loud", "Loud")]


def test_a_users_conversations_count_unread_messages(world: World) -> None:
    """The count starts at the index that it has read; without one it is unknown."""
    conversation = world.conversations.create(friendly_name="room")
    conversation.participants.create(identity="alice")
    for number in range(4):
        conversation.messages.create(body=str(number))
    mine = service(world).users("alice").user_conversations

    assert [row.unread_messages_count for row in mine.list()] == [None]
    updated = mine(conversation.sid).update(last_read_message_index=1, notification_level="muted")
    assert (updated.unread_messages_count, updated.notification_level, updated.friendly_name) == (2, "muted", "room")
    assert code(mine(conversation.sid).update, notification_level="loud") == 20001


def test_a_user_leaves_a_conversation(world: World) -> None:
    """By deleting its own view of it."""
    conversation = world.conversations.create(unique_name="room")
    conversation.participants.create(identity="alice")

    service(world).users("alice").user_conversations("room").delete()

    assert conversation.participants.list() == []


def test_the_conversations_of_an_identity_or_an_address_are_listed(world: World) -> None:
    """Closed ones too, with their state."""
    chats = [world.chat(channel="sms"), world.chat(channel="web")]
    world.conversation(chats[0]).update(state="closed")
    address = world.truth(chats[0])["participants"][0]["address"]
    identity = world.truth(chats[1])["participants"][0]["identity"]
    listed = service(world).participant_conversations

    (by_address,) = listed.list(address=address)
    (by_identity,) = listed.list(identity=identity)

    assert (by_address.conversation_sid, by_address.conversation_state) == (chats[0]["conversation"], "closed")
    assert (by_identity.conversation_sid, by_identity.participant_identity) == (chats[1]["conversation"], identity)
    assert by_identity.participant_user_sid.startswith("US")
    assert world.call("GET", "conversations/v1/ParticipantConversations").json()["code"] == 20001


def test_roles_are_created_changed_and_removed(world: World) -> None:
    """A role has a permission; a default role of the service cannot be removed."""
    roles = service(world).roles
    made = roles.create(friendly_name="guest", type="conversation", permission=["sendMessage"])
    changed = roles(made.sid).update(permission=["sendMessage", "leaveConversation"])
    assert changed.permissions == ["sendMessage", "leaveConversation"]
    assert code(roles.create, friendly_name="x", type="planet", permission=["sendMessage"]) == 20001
    assert code(roles.create, friendly_name="x", type="service", permission=[]) == 20001

    service(world).configuration().update(default_conversation_role_sid=made.sid)
    assert code(roles(made.sid).delete) == 20409
    assert world.conversations.create().participants.create(identity="carol").role_sid == made.sid


def test_roles_and_users_have_short_paths(world: World) -> None:
    """They are those of the default service."""
    long = service(world).users.create(identity="bob")

    assert world.twilio.conversations.v1.users("bob").fetch().sid == long.sid
    assert len(world.twilio.conversations.v1.roles.list()) == len(service(world).roles.list())
