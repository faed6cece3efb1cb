"""Chat v2: a second view of a Conversations service, and its retry counts."""

from __future__ import annotations

from typing import Any

import pytest
from twilio.base.exceptions import TwilioRestException

from simulator.client import SimulatorError
from simulator.running import RunningSimulator

from .conftest import Receiver, World, connect


def chat(world: World) -> Any:
    """The default service as Chat v2 shows it."""
    return world.twilio.chat.v2.services(world.service_sid)


def webhook(world: World) -> Any:
    """Its webhook as Conversations shows it."""
    return world.twilio.conversations.v1.services(world.service_sid).configuration.webhooks()


def test_both_apis_show_the_same_services(world: World) -> None:
    """They can be created, named and deleted in either."""
    made = world.twilio.chat.v2.services.create(friendly_name="made by chat")
    assert world.twilio.conversations.v1.services(made.sid).fetch().friendly_name == "made by chat"
    world.twilio.chat.v2.services(made.sid).update(friendly_name="renamed")
    assert world.twilio.conversations.v1.services(made.sid).fetch().friendly_name == "renamed"
    world.twilio.conversations.v1.services(made.sid).delete()

    with pytest.raises(TwilioRestException) as caught:
        world.twilio.chat.v2.services(made.sid).fetch()

    assert (caught.value.status, caught.value.code) == (404, 20404)
    assert [row.sid for row in world.twilio.chat.v2.services.list()] == [world.service_sid]


def test_default_roles_and_reachability_are_shared(world: World) -> None:
    """Either API can set them."""
    role = world.twilio.conversations.v1.services(world.service_sid).roles.list()[0].sid
    chat(world).update(default_channel_role_sid=role, reachability_enabled=True)

    read = world.twilio.conversations.v1.services(world.service_sid).configuration().fetch()
    assert (read.default_conversation_role_sid, read.reachability_enabled) == (role, True)


def test_settings_that_only_chat_has_are_kept(world: World) -> None:
    """A parameter that is not sent keeps its value."""
    before = chat(world).fetch()
    assert (
        before.read_status_enabled,
        before.typing_indicator_timeout,
        before.limits["channel_members"],
        before.notifications["new_message"]["enabled"],
    ) == (True, 5, 100, False)
    chat(world).update(
        read_status_enabled=False,
        limits_channel_members=500,
        notifications_new_message_enabled=True,
        notifications_new_message_template="hello",
    )
    chat(world).update(typing_indicator_timeout=9)

    after = chat(world).fetch()
    assert (
        after.read_status_enabled,
        after.typing_indicator_timeout,
        after.limits["channel_members"],
        after.notifications["new_message"],
    ) == (False, 9, 500, {"enabled": True, "template": "hello"})


def test_the_webhook_is_shared_by_both_apis(world: World) -> None:
    """In the default dialect, each API shows what the other has set."""
    chat(world).update(post_webhook_url="https://example.com/a", webhook_filters=["onMessageAdded"])
    assert (
        webhook(world).fetch().post_webhook_url,
        webhook(world).fetch().filters,
    ) == ("https://example.com/a", ["onMessageAdded"])

    webhook(world).update(pre_webhook_url="https://example.com/b", method="GET")

    read = chat(world).fetch()
    assert (read.pre_webhook_url, read.webhook_method) == ("https://example.com/b", "GET")


def test_the_webhooks_may_be_two(running: RunningSimulator, receiver: Receiver) -> None:
    """In the other dialect, Chat's retry counts do not apply to Conversations' events either."""
    world = connect(running, dialect={"chatWebhook": "separate"})
    receiver.status = 503
    world.listen(receiver.url, "onMessageAdded")
    chat(world).update(post_webhook_url="https://example.com/a", post_webhook_retry_count=3)
    said = world.say(world.chat(), "customer")

    assert webhook(world).fetch().post_webhook_url == receiver.url
    assert chat(world).fetch().post_webhook_url == "https://example.com/a"
    assert [one["status"] for one in said["deliveries"]] == [503]


def test_nothing_is_retried_unless_asked(world: World, receiver: Receiver) -> None:
    """Both counts are zero at first."""
    receiver.status = 503
    world.listen(receiver.url, "onMessageAdded")
    world.say(world.chat(), "customer")

    read = chat(world).fetch()
    assert (read.pre_webhook_retry_count, read.post_webhook_retry_count, len(receiver.got)) == (0, 0, 1)


@pytest.mark.parametrize(("status", "attempts"), [(429, 3), (503, 3), (504, 3), (500, 1), (404, 1), (204, 1)])
def test_a_post_webhook_is_repeated_after_a_temporary_failure(
    world: World, receiver: Receiver, status: int, attempts: int
) -> None:
    """429, 503 and 504; every attempt is signed and logged."""
    receiver.status = status
    world.listen(receiver.url, "onMessageAdded")
    chat(world).update(post_webhook_retry_count=2)
    said = world.say(world.chat(), "customer")

    assert [one["status"] for one in said["deliveries"]] == [status] * attempts
    assert len({got.headers["X-Twilio-Signature"] for got in receiver.got}) == 1


def test_a_retry_ends_with_the_first_good_answer(world: World, receiver: Receiver) -> None:
    """No more attempts than needed."""

    def recover() -> None:
        receiver.status = 503 if len(receiver.got) < 2 else 204

    receiver.before_answer = recover
    world.listen(receiver.url, "onMessageAdded")
    chat(world).update(post_webhook_retry_count=3)
    said = world.say(world.chat(), "customer")

    assert [one["status"] for one in said["deliveries"]] == [503, 204]


def test_a_timeout_is_retried(world: World, receiver: Receiver) -> None:
    """Each attempt has its five seconds."""
    receiver.delay = 5.5
    world.listen(receiver.url, "onMessageAdded")
    chat(world).update(post_webhook_retry_count=1)
    said = world.say(world.chat(), "customer")

    assert [one["error"] for one in said["deliveries"]] == ["timeout", "timeout"]


def test_a_pre_webhook_is_called_again_before_it_rejects(world: World, receiver: Receiver) -> None:
    """The last answer counts."""
    receiver.status = 503
    webhook(world).update(pre_webhook_url=receiver.url, filters=["onMessageAdd"])
    chat(world).update(pre_webhook_retry_count=2)
    one = world.chat()

    with pytest.raises(SimulatorError):
        world.say(one, "customer")

    assert len(receiver.got) == 3


@pytest.mark.parametrize("count", ["4", "-1", "x", "1.5", ""])
def test_a_retry_count_is_0_to_3(world: World, count: str) -> None:
    """50065, and nothing else of the request is applied."""
    with pytest.raises(TwilioRestException) as caught:
        chat(world).update(post_webhook_retry_count=count, post_webhook_url="https://example.com/a")

    assert (caught.value.status, caught.value.code) == (400, 50065)
    assert chat(world).fetch().post_webhook_url is None


def test_chat_accepts_its_own_names_of_events(world: World) -> None:
    """It accepts Conversations' names too, and no others."""
    chat(world).update(webhook_filters=["onMessageSent", "onMessageAdded"])

    with pytest.raises(TwilioRestException) as caught:
        chat(world).update(webhook_filters=["onNonsense"])

    assert caught.value.code == 20001
    assert chat(world).fetch().webhook_filters == ["onMessageSent", "onMessageAdded"]


def test_it_answers_by_its_host_name_too(world: World) -> None:
    """The host name is chat.twilio.com."""
    answer = world.call("GET", f"v2/Services/{world.service_sid}", headers={"Host": "chat.twilio.com"})

    assert (
        answer.status_code,
        answer.json()["url"],
    ) == (200, f"http://chat.twilio.com/v2/Services/{world.service_sid}")
