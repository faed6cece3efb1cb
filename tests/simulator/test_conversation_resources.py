"""Conversations, messages, participants and configuration as REST resources."""

from __future__ import annotations

import json

import pytest
from twilio.base.exceptions import TwilioRestException

from simulator.running import RunningSimulator

from .conftest import World


def test_short_and_long_paths_name_the_same_conversation(world: World) -> None:
    """`/v1/Conversations` means the account's default service."""
    short = world.twilio.conversations.v1.conversations.create(friendly_name="hello")
    long = world.conversations(short.sid).fetch()

    assert (long.sid, long.friendly_name, long.chat_service_sid) == (short.sid, "hello", world.service_sid)


def test_a_conversation_of_another_service_is_not_found_in_ours(world: World) -> None:
    """Each service has its own conversations."""
    other = world.twilio.conversations.v1.services.create(friendly_name="other")
    foreign = world.twilio.conversations.v1.services(other.sid).conversations.create()

    with pytest.raises(TwilioRestException) as caught:
        world.conversations(foreign.sid).fetch()

    assert (caught.value.status, caught.value.code) == (404, 20404)


def test_a_unique_name_finds_its_conversation_and_is_taken(world: World) -> None:
    """50353 for the second one; free again after deletion."""
    first = world.conversations.create(unique_name="room")
    assert world.conversations("room").fetch().sid == first.sid
    with pytest.raises(TwilioRestException) as caught:
        world.conversations.create(unique_name="room")
    assert (caught.value.status, caught.value.code) == (409, 50353)

    world.conversations("room").delete()

    assert first.sid != world.conversations.create(unique_name="room").sid


@pytest.mark.parametrize("attributes", ["{", "not json", json.dumps({"a": "x" * 17_000})])
def test_attributes_must_be_json_of_at_most_16_kilobytes(world: World, attributes: str) -> None:
    """Refused on creation and on update."""
    conversation = world.conversations.create()
    for write in (world.conversations.create, world.conversations(conversation.sid).update):
        with pytest.raises(TwilioRestException) as caught:
            write(attributes=attributes)
        assert caught.value.status == 400


def test_unknown_parameters_are_ignored(world: World) -> None:
    """A typo in a timer is silently dropped, as on the platform."""
    answer = world.call("POST", "conversations/v1/Conversations", {"Timers.Inactiv": "PT1S", "Nonsense": "1"})

    assert (answer.status_code, answer.json()["timers"]) == (201, {})


def test_conversations_are_listed_by_state_page_by_page(world: World) -> None:
    """Page addresses are absolute and survive rows that leave the list meanwhile."""
    sids = [world.conversations.create().sid for _ in range(7)]
    world.conversations(sids[1]).update(state="inactive")
    listed, url = [], "conversations/v1/Conversations?State=active&PageSize=2"
    while url:
        page = world.call("GET", url).json()
        listed += [row["sid"] for row in page["conversations"]]
        world.conversations(page["conversations"][0]["sid"]).update(state="closed")
        following = page["meta"]["next_page_url"]
        url = following.removeprefix(f"{world.simulator.url}/") if following else None

    assert [sids[0], *sids[2:]] == listed
    assert [row.sid for row in world.conversations.list(state="inactive")] == [sids[1]]


def test_a_page_holds_at_most_a_hundred_conversations(world: World) -> None:
    """However many are asked for; the SDK's list still finds all."""
    for _ in range(105):
        world.conversations.create()

    page = world.call("GET", "conversations/v1/Conversations?PageSize=500").json()

    assert (len(page["conversations"]), page["meta"]["page_size"]) == (100, 100)
    assert len(world.conversations.list(limit=500)) == 105


@pytest.mark.parametrize("query", ["PageSize=0", "PageSize=x", "PageToken=x", "State=sleeping"])
def test_bad_list_parameters_are_refused(world: World, query: str) -> None:
    """400, without guessing."""
    assert world.call("GET", f"conversations/v1/Conversations?{query}").status_code == 400


def test_messages_are_listed_newest_first_when_asked(world: World) -> None:
    """The pages go on to the oldest."""
    chat = world.chat()
    for number in range(5):
        world.say(chat, "customer", f"message {number}")
    context = world.conversation(chat)

    assert [row.index for row in context.messages.list(order="desc", page_size=2)] == [4, 3, 2, 1, 0]
    assert [row.index for row in context.messages.list(page_size=2)] == [0, 1, 2, 3, 4]
    assert [row.body for row in context.messages.list(order="desc", limit=1)] == ["message 4"]


def test_a_message_over_rest_is_the_systems_unless_its_author_takes_part(world: World) -> None:
    """`system` and no participant; a participant's identity adds the participant."""
    chat = world.chat(stage="assigned")
    context = world.conversation(chat)
    agent = next(row for row in world.truth(chat)["participants"] if row["kind"] == "agent")

    system = context.messages.create(body="a")
    named = context.messages.create(body="b", author="Studio")
    speaking = context.messages.create(body="c", author=agent["identity"])

    assert [(row.author, row.participant_sid) for row in (system, named, speaking)] == [
        ("system", None),
        ("Studio", None),
        (agent["identity"], agent["sid"]),
    ]


def test_indexes_stay_when_a_message_is_deleted(world: World) -> None:
    """The next message has the next index."""
    context = world.conversation(world.chat())
    messages = [context.messages.create(body=str(number)) for number in range(3)]
    context.messages(messages[1].sid).delete()
    context.messages.create(body="next")

    assert [row.index for row in context.messages.list()] == [0, 2, 3]


def test_customers_and_agents_take_part_as_in_flex(world: World) -> None:
    """Web customers and agents by identity, the others by messaging binding; agents have the agent's role."""
    roles = {
        row.sid: row.friendly_name for row in world.twilio.conversations.v1.services(world.service_sid).roles.list()
    }
    web = world.conversation(world.chat(channel="web", stage="assigned")).participants.list()
    sms = world.conversation(world.chat(channel="whatsapp", stage="queued")).participants.list()

    assert [row.identity is not None and row.messaging_binding is None for row in web] == [True, True]
    assert [roles[row.role_sid] for row in web] == ["customer", "agent"]
    assert [(row.identity, row.messaging_binding["type"]) for row in sms] == [(None, "whatsapp")]
    assert sms[0].messaging_binding["address"].startswith("whatsapp:+")


def test_a_participant_is_found_by_identity_and_takes_part_once(world: World) -> None:
    """409 for the second time."""
    context = world.conversations(world.conversations.create().sid)
    created = context.participants.create(identity="alice", attributes='{"a":1}')

    assert context.participants("alice").fetch().sid == created.sid
    with pytest.raises(TwilioRestException) as caught:
        context.participants.create(identity="alice")
    assert caught.value.status == 409
    assert context.participants("alice").update(attributes='{"a":2}').attributes == '{"a":2}'
    context.participants(created.sid).delete()
    assert context.participants.list() == []


def test_the_configuration_keeps_what_is_not_sent(world: World) -> None:
    """A new account has no timers; each is set and cleared separately."""
    configuration = world.twilio.conversations.v1.configuration()
    assert (configuration.fetch().default_inactive_timer, configuration.fetch().default_closed_timer) == (None, None)

    configuration.update(default_inactive_timer="PT10M")
    configuration.update(default_closed_timer="P1D")
    configuration.update(default_closed_timer="PT0S")

    read = configuration.fetch()
    assert (
        read.default_inactive_timer,
        read.default_closed_timer,
        read.default_chat_service_sid,
    ) == ("PT10M", "PT0S", world.service_sid)


@pytest.mark.parametrize(("timer", "code"), [("PT59S", 50375), ("", 50379), ("soon", 50379)])
def test_a_bad_default_timer_is_refused(world: World, timer: str, code: int) -> None:
    """An empty value is refused too: PT0S clears a timer."""
    with pytest.raises(TwilioRestException) as caught:
        world.twilio.conversations.v1.configuration().update(default_inactive_timer=timer)

    assert caught.value.code == code


def test_an_unset_service_webhook_is_all_null(world: World) -> None:
    """An update keeps what is not sent; an empty URL clears it."""
    webhook = world.twilio.conversations.v1.services(world.service_sid).configuration.webhooks()
    read = webhook.fetch()
    assert [read.post_webhook_url, read.pre_webhook_url, read.filters, read.method] == [None] * 4

    webhook.update(pre_webhook_url="https://example.com/pre", filters=["onMessageAdd"])
    webhook.update(post_webhook_url="https://example.com/post", filters=["onMessageAdded", "onMessageAdd"])
    read = webhook.update(pre_webhook_url="")

    assert (
        read.pre_webhook_url,
        read.post_webhook_url,
        read.filters,
    ) == (None, "https://example.com/post", ["onMessageAdded", "onMessageAdd"])


@pytest.mark.parametrize(
    "update",
    [
        {"PostWebhookUrl": "nonsense"},
        {"PreWebhookUrl": "ftp://example.com"},
        {"Filters": "onEverything"},
        {"Method": "PUT"},
    ],
)
def test_an_invalid_webhook_is_refused(world: World, update: dict[str, str]) -> None:
    """Its URL, filter or method is wrong."""
    path = f"conversations/v1/Services/{world.service_sid}/Configuration/Webhooks"
    assert world.call("POST", path, update).status_code == 400


@pytest.mark.parametrize(
    "credentials",
    [None, ("AC" + "0" * 32, "wrong"), ("account", "wrong"), ("account", ""), ("key", "wrong")],
)
def test_wrong_credentials_are_refused(world: World, credentials: tuple[str, str] | None) -> None:
    """401 with code 20003, whatever the path."""
    account = world.control("GET", "state")["account"]
    names = {"account": account["accountSid"], "key": account["apiKeySid"]}
    auth = None if credentials is None else (names.get(credentials[0], credentials[0]), credentials[1])
    world.http.auth = auth

    for path in ("conversations/v1/Conversations", "conversations/v1/Nonsense"):
        answer = world.call("GET", path)
        assert answer.status_code == 401
        assert set(answer.json()) == {"code", "message", "more_info", "status"}
        assert answer.json()["code"] == 20003


def test_an_api_key_works_like_the_token(world: World) -> None:
    """For REST; signatures need the token."""
    account = world.control("GET", "state")["account"]
    world.http.auth = (account["apiKeySid"], account["apiKeySecret"])

    assert world.call("GET", "flex-api/v1/Configuration").status_code == 200


def test_products_are_reached_by_host_name_too(world: World) -> None:
    """An unmodified client uses these names."""
    answer = world.call("GET", "v1/Conversations", headers={"Host": "conversations.twilio.com"})

    assert answer.status_code == 200
    assert answer.json()["meta"]["url"].startswith("http://conversations.twilio.com/v1/Conversations?")


def test_a_missing_path_product_or_sid_is_20404(world: World) -> None:
    """The answer has Twilio's format."""
    for path in ("conversations/v1/Nonsense", "video/v1/Rooms", "conversations/v1/Conversations/CH0"):
        answer = world.call("GET", path)
        assert (answer.status_code, answer.json()["code"]) == (404, 20404)


def test_every_request_is_logged_with_its_connection(world: World, running: RunningSimulator) -> None:
    """The log shows whether a client reuses connections, and can be read from a number on."""
    world.control("DELETE", "log")
    for _ in range(2):
        world.call("GET", "conversations/v1/Conversations?PageSize=1")
    world.call("GET", "conversations/v1/Nonsense")
    log = world.control("GET", "requests")

    assert [(row["method"], row["path"], row["status"]) for row in log["requests"]] == [
        ("GET", "/conversations/v1/Conversations?PageSize=1", 200),
        ("GET", "/conversations/v1/Conversations?PageSize=1", 200),
        ("GET", "/conversations/v1/Nonsense", 404),
    ]
    assert len({row["connection"] for row in log["requests"]}) == 1
    assert [row["status"] for row in world.control("GET", f"requests?after={log['total'] - 1}")["requests"]] == [404]


def test_the_accounts_webhook_has_a_second_address(world: World) -> None:
    """`/v1/Conversations/Webhooks`, which public SDKs use; it is the same one, and no conversation of that SID."""
    first, second = "conversations/v1/Configuration/Webhooks", "conversations/v1/Conversations/Webhooks"
    written = world.call("POST", second, {"PostWebhookUrl": "https://example.com/hook", "Filters": "onMessageAdded"})

    assert world.call("GET", first).json()["post_webhook_url"] == "https://example.com/hook"
    assert written.json() == world.call("GET", first).json() == world.call("GET", second).json()
