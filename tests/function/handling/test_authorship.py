"""Whose message is an answer: agents who return, unknown roles, bots that take part, undelivered messages."""

import pytest

from simulator.faults import REMOVED
from tests.function.handling.test_lost_tasks import alarms
from tests.function.handling.test_two_agents import invite
from tests.world.world import Chat, World


def agent_of(chat: Chat) -> tuple[str, str]:
    """Return the agent's participant SID and identity."""
    agent = next(each for each in chat.truth.participants if each.kind == "agent")
    return agent.sid, str(agent.identity)


def roles(world: World) -> dict[str, str]:
    """Return the roles' SIDs by name."""
    path = f"conversations/v1/Services/{world.twilio.account.service_sid}/Roles"
    return {role["friendly_name"]: role["sid"] for role in world.twilio.rest("GET", path)["roles"]}


@pytest.mark.parametrize("summary", ["failed", "undelivered"])
def test_an_agents_message_that_was_not_delivered_is_no_answer(summary: str) -> None:
    """The customer still waits: on WhatsApp after 24 hours, with a wrong number, after an opt-out."""
    with World() as world:
        chat = world.twilio.chat(channel="sms")
        chat.says("customer", "hello?")
        chat.says("agent", "hello!")
        world.twilio.fault(
            r"GET .*/Messages.*", kind="odd", at=f"messages.0.delivery.{summary}", value="all", times=None
        )
        world.twilio.advance("PT2H")

        assert (chat.ours, world.lines(conversation=chat.conversation)[-1]["reason"]) == ([], "agent_silent")


def test_before_the_customer_ever_wrote_nobody_is_warned() -> None:
    """An outbound chat ends without a notice at its timeout."""
    with World() as world:
        chat = world.twilio.chat(channel="sms")
        chat.says("agent", "your parcel has come")
        world.twilio.advance("PT9M")
        early = chat.state, chat.ours
        world.twilio.advance("PT1M")

        assert [] == early[1] == chat.ours
        assert (chat.state, chat.task_statuses) == ("closed", ["completed"])
        assert world.lines(conversation=chat.conversation)[-1]["facts"]["unsaid"] == "never_wrote"


def test_an_agent_who_was_removed_and_added_again_is_still_the_agent() -> None:
    """Their older messages are an agent's, and the silent customer is released."""
    with World() as world:
        chat = world.twilio.answered()
        sid, identity = agent_of(chat)
        world.twilio.rest("DELETE", f"{chat.path}/Participants/{sid}")
        world.twilio.rest("POST", f"{chat.path}/Participants", Identity=identity, RoleSid=roles(world)["agent"])
        world.twilio.advance("PT11M")

        assert (chat.state, chat.ours) == ("closed", ["warning", "closing"])


def test_an_agent_with_an_unknown_role_beside_a_supervisor_is_an_agent() -> None:
    """The supervisor's known role says nothing about the others."""
    with World() as world:
        service = f"conversations/v1/Services/{world.twilio.account.service_sid}"
        role = world.twilio.rest(
            "POST",
            f"{service}/Roles",
            FriendlyName="senior agent",
            Type="conversation",
            Permission=["sendMessage", "leaveConversation"],
        )["sid"]
        chat = world.twilio.answered()
        sid, _ = agent_of(chat)
        world.twilio.rest("POST", f"{chat.path}/Participants/{sid}", RoleSid=role)
        world.twilio.rest("POST", f"{chat.path}/Participants", Identity="boss", RoleSid=roles(world)["supervisor"])
        world.twilio.advance("PT11M")

        assert (chat.state, chat.ours) == ("closed", ["warning", "closing"])


@pytest.mark.parametrize("bots", [[], ["greeter"]])
def test_a_bot_that_takes_part_is_a_customer_unless_the_policy_names_it(bots: list[str]) -> None:
    """Without the name the chat is kept, because a customer may wait; with it the chat is ended."""
    with World({"policy": {"bots": bots}} if bots else {}) as world:
        chat = world.twilio.answered()
        world.twilio.rest("POST", f"{chat.path}/Participants", Identity="greeter", RoleSid=roles(world)["channel user"])
        world.twilio.rest("POST", f"{chat.path}/Messages", Author="greeter", Body="rate this chat")
        world.twilio.advance("PT15M")

        assert chat.state == ("closed" if bots else "inactive")


def test_our_messages_are_ours_even_if_an_agent_has_our_authors_name() -> None:
    """Twilio gives such a message a participant; the customer is warned once, and the chat is ended."""
    with World(author="Support") as world:
        chat = world.twilio.answered()
        world.twilio.rest("POST", f"{chat.path}/Participants", Identity="Support", RoleSid=roles(world)["agent"])
        chat.says("agent", "anything else?")
        world.twilio.advance("PT11M")

        decisions = [line["decision"] for line in world.lines(conversation=chat.conversation)]
        assert (chat.state, decisions.count("warn"), decisions[-1]) == ("closed", 1, "end")


def test_a_customers_message_that_a_server_posts_counts() -> None:
    """A custom channel posts it over REST under the customer's identity; the customer waits for an answer."""
    with World() as world:
        chat = world.twilio.answered()
        customer = next(each for each in chat.truth.participants if each.kind == "customer")
        world.twilio.rest("POST", f"{chat.path}/Messages", Author=customer.identity, Body="one more thing")
        world.twilio.advance("PT2H")

        assert (chat.ours, world.lines(conversation=chat.conversation)[-1]["reason"]) == ([], "agent_silent")


def test_a_message_of_an_agent_whose_own_task_is_over_does_not_count() -> None:
    """They still take part, but the customer waits for the two agents who joined later."""
    with World() as world:
        chat = world.twilio.answered()
        sid, identity = agent_of(chat)
        first = chat.task
        invite(world, chat)
        chat.does("accept")
        world.twilio.advance("PT1M")
        world.twilio.rest("POST", f"{chat.path}/Messages", Author=identity, Body="my colleagues take over")
        invite(world, chat)
        chat.does("accept")
        path = f"taskrouter/v1/Workspaces/{world.twilio.account.workspace_sid}/Tasks/{first}"
        world.twilio.rest("POST", path, AssignmentStatus="completed", Reason="done")
        if sid not in {each.sid for each in chat.truth.participants}:
            world.twilio.rest("POST", f"{chat.path}/Participants", Identity=identity, RoleSid=roles(world)["agent"])
        world.twilio.advance("PT2H")

        assert (chat.ours, world.lines(conversation=chat.conversation)[-1]["reason"]) == ([], "agent_silent")


def readd(world: World, chat: Chat) -> None:
    """Remove the customer from the conversation and add them again under the same address."""
    sid = next(each.sid for each in chat.truth.participants if each.kind == "customer")
    binding = world.twilio.rest("GET", f"{chat.path}/Participants/{sid}")["messaging_binding"]
    world.twilio.rest("DELETE", f"{chat.path}/Participants/{sid}")
    form = {"MessagingBinding.Address": binding["address"], "MessagingBinding.ProxyAddress": binding["proxy_address"]}
    world.twilio.rest("POST", f"{chat.path}/Participants", **form)


def test_a_customer_who_was_removed_and_added_again_is_no_agent_who_left() -> None:
    """A bot has the chat and no agent ever had it; the silent customer is released."""
    with World() as world:
        world.schedule_sweep()
        chat = world.twilio.answered("bot", channel="sms")
        readd(world, chat)
        world.twilio.advance("PT1H")

        assert (chat.state, alarms(world, chat)) == ("closed", [])


def test_a_customer_who_was_removed_and_added_again_is_warned_within_the_window() -> None:
    """They wrote minutes ago under this address, so a text reaches them."""
    with World() as world:
        chat = world.twilio.answered(channel="whatsapp")
        readd(world, chat)
        world.twilio.advance("PT20M")

        assert chat.ours == ["warning", "closing"]


def test_a_supervisor_who_listens_makes_no_customer_of_an_agent_who_dropped_out() -> None:
    """The agent's participant is gone and their task is still assigned: the chat ends as without a supervisor."""
    with World() as world:
        chat = world.twilio.chat()
        world.twilio.advance("PT10S")
        chat.says("customer", "hello")
        chat.says("agent", "how can I help?")
        sid, _ = agent_of(chat)
        world.twilio.rest("POST", f"{chat.path}/Participants", Identity="boss", RoleSid=roles(world)["supervisor"])
        world.twilio.rest("DELETE", f"{chat.path}/Participants/{sid}")
        world.twilio.advance("PT20M")

        assert (chat.state, chat.ours) == ("closed", ["warning", "closing"])


@pytest.mark.parametrize("value", [REMOVED, None], ids=["missing", "null"])
def test_a_message_under_the_customers_identity_is_theirs_without_a_participant(value: object) -> None:
    """Twilio names the author only; that author takes part and waits for an answer."""
    with World() as world:
        chat = world.twilio.answered()
        chat.says("customer", "but when?")
        world.twilio.fault(r"GET .*/Messages", kind="odd", at="messages.0.participant_sid", value=value, times=None)
        world.twilio.advance("PT20M")

        assert chat.ours == []


@pytest.mark.parametrize("what", ["Reservations", "Workers"])
def test_a_key_that_may_not_read_workers_keeps_no_silent_customer(what: str) -> None:
    """The agent's role shows whose task it is; the worker is looked up only because another person takes part.

    A refusal means that the worker cannot be known, not that Twilio is down.
    """
    with World() as world:
        world.schedule_sweep()
        chat = world.twilio.answered()
        role = roles(world)["customer"]
        world.twilio.rest("POST", f"{chat.path}/Participants", Identity="another customer", RoleSid=role)
        world.twilio.fault(rf"GET .*/{what}", kind="status", status=403, times=None)
        world.twilio.advance("PT1H")

        assert (chat.state, world.lines(outcome="called_back")) == ("closed", [])


def test_a_message_of_an_agent_who_left_is_not_the_customers() -> None:
    """The agent said goodbye and was removed from the conversation.

    No unread customer's message is reported, and the closing notice does not say that nobody answered.
    """
    with World({"policy": {"whenLeftOver": {"do": "end", "after": "PT1H"}}}) as world:
        world.schedule_sweep()
        chat = world.twilio.answered(interaction=False)
        world.twilio.advance("PT9M")
        chat.says("agent", "goodbye!")
        chat.does("leave")
        world.twilio.advance("PT2H")

        assert (chat.state, alarms(world, chat), chat.ours) == ("closed", [], ["warning"])
