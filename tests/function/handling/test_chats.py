"""Whole chats through the function as it ships, with silent customers and with customers who wait."""

import pytest

from tests.world.driving import Twilio, eventually
from tests.world.running import RunningFunction


@pytest.mark.parametrize("channel", ["web", "sms", "whatsapp"])
def test_a_silent_customer_is_warned_and_then_released(twilio: Twilio, function: RunningFunction, channel: str) -> None:
    """The warning after eight minutes; after ten the notice, the task completed, the conversation closed."""
    chat = twilio.answered(channel=channel)

    twilio.advance("PT8M")
    warned = chat.ours, chat.state
    twilio.advance("PT1M59S")
    still = chat.state
    twilio.advance("PT1S")

    assert warned == (["warning"], "active")
    assert still == "active"
    assert chat.ours == ["warning", "closing"]
    assert chat.state == "closed"
    assert chat.task_statuses == ["completed"]
    assert chat.truth.interaction_channel.status == "closed"


def test_a_customer_who_waits_for_an_answer_is_never_cut_off(twilio: Twilio, function: RunningFunction) -> None:
    """The customer wrote last: nothing is posted or closed, however long it takes."""
    chat = twilio.answered()
    chat.says("customer", "my order has not come")

    twilio.advance("P3D")

    assert chat.ours == []
    assert chat.state == "inactive"
    assert chat.task_statuses == ["assigned"]
    assert {line["reason"] for line in function.lines(conversation=chat.conversation)} == {"agent_silent"}


def test_a_chat_without_messages_waits_for_the_agent(twilio: Twilio, function: RunningFunction) -> None:
    """It is as if the customer had written."""
    chat = twilio.chat("assigned")

    twilio.advance("PT1H")

    assert (chat.ours, chat.state) == ([], "inactive")


def test_a_reply_after_the_warning_starts_a_new_silence(twilio: Twilio, function: RunningFunction) -> None:
    """The timer, which is short after a warning, is set again, and the next silence has its full length."""
    chat = twilio.answered()
    twilio.advance("PT9M")
    chat.says("customer", "yes, wait")
    twilio.advance("PT5M")
    kept = chat.ours, chat.task_statuses
    chat.says("agent", "I wait")

    twilio.advance("PT7M59S")
    quiet = chat.ours
    twilio.advance("PT1S")
    warned = chat.ours
    twilio.advance("PT2M")

    assert kept == (["warning"], ["assigned"])
    assert quiet == ["warning"]
    assert warned == ["warning", "warning"]
    assert chat.ours == ["warning", "warning", "closing"]
    assert chat.state == "closed"


@pytest.mark.parametrize("origin", ["latest_activity", "message_or_reactivation", "message"])
def test_the_length_of_a_silence_does_not_depend_on_what_timers_count_from(
    twilio: Twilio, function: RunningFunction, origin: str
) -> None:
    """Twilio does not document what a timer counts from; after one warning the next one is on time either way."""
    twilio.reset(dialect={"timerOrigin": origin})
    twilio.configure(f"{function.url}/conversations", "PT8M")
    chat = twilio.answered()
    twilio.advance("PT9M")
    chat.says("customer", "yes")
    chat.says("agent", "good")

    twilio.advance("PT7M50S")
    quiet = chat.ours
    twilio.advance("PT20S")
    warned = chat.ours
    twilio.advance("PT2M")

    assert quiet == ["warning"]
    assert warned == ["warning", "warning"]
    assert chat.state == "closed"
    decisions = [line["decision"] for line in function.lines(conversation=chat.conversation)]
    assert decisions == ["warn", "rearm", "warn", "end"], "a timer that is off is set right once, not chased"


@pytest.mark.parametrize("interaction", [True, False])
@pytest.mark.parametrize(
    "dialect",
    [
        {"restReactivation": "echoed"},
        {"taskCompletion": "closes_conversation"},
        {"transferStatus": "active"},
        {"creationTimers": "refused_without_state"},
    ],
    ids=lambda dialect: next(iter(dialect)),
)
def test_the_end_does_not_depend_on_what_is_undocumented(
    twilio: Twilio, function: RunningFunction, dialect: dict[str, str], interaction: bool
) -> None:
    """Each open question is answered the other way, with and without an interaction."""
    twilio.reset(dialect=dialect)
    twilio.configure(f"{function.url}/conversations", "PT8M")
    chat = twilio.answered(interaction=interaction)

    twilio.advance("PT10M")

    assert chat.ours == ["warning", "closing"]
    assert (chat.state, chat.task_statuses) == ("closed", ["completed"])


def test_messages_over_rest_are_neither_the_customers_nor_the_agents(twilio: Twilio, function: RunningFunction) -> None:
    """A bot's message in an agent's chat restarts Twilio's timer, but the customer's silence continues."""
    chat = twilio.answered()
    twilio.advance("PT7M")
    chat.says("bot", "your place in the queue is ...")
    twilio.advance("PT8M")

    assert chat.ours == ["warning"]


def test_a_bots_chat_is_released_too(twilio: Twilio, function: RunningFunction) -> None:
    """There is no task yet; the bot wrote last, so the customer is silent."""
    chat = twilio.chat("bot")
    chat.says("customer", "hello")
    chat.says("bot", "what is it about?")

    twilio.advance("PT10M")

    assert chat.ours == ["warning", "closing"]
    assert chat.state == "closed"


def test_a_chat_whose_agent_left_long_ago_is_not_a_bots(twilio: Twilio, function: RunningFunction) -> None:
    """The task is gone and a bot has filled a page of messages since; an agent wrote earlier, so the chat is kept."""
    chat = twilio.chat()
    chat.says("customer")
    chat.says("agent")
    chat.does("leave")
    for _ in range(45):
        chat.says("bot")

    twilio.advance("PT1H")

    assert chat.ours == []
    assert function.lines(conversation=chat.conversation)[-1]["reason"] == "no_live_task"


def test_the_newest_counted_message_may_be_pages_back(twilio: Twilio, function: RunningFunction) -> None:
    """A bot wrote a lot; the customer has not answered the agent's message before that."""
    chat = twilio.answered()
    for _ in range(45):
        chat.says("bot")

    twilio.advance("PT10M")

    assert chat.ours == ["warning", "closing"]
    assert chat.state == "closed"


def test_a_queued_customer_is_kept(twilio: Twilio, function: RunningFunction) -> None:
    """Nobody has accepted; the customer waits, whatever a bot writes."""
    chat = twilio.chat("queued")
    chat.says("customer", "hello")
    chat.says("bot", "you are number 4")

    twilio.advance("PT23H")

    assert (chat.ours, chat.task_statuses) == ([], ["pending"])
    assert {line["reason"] for line in function.lines(conversation=chat.conversation)} == {"queued"}


def test_without_an_interaction_the_task_is_completed_and_the_conversation_closed(
    twilio: Twilio, function: RunningFunction
) -> None:
    """Both are ended directly."""
    chat = twilio.answered(interaction=False)

    twilio.advance("PT10M")

    assert chat.ours == ["warning", "closing"]
    assert chat.task_statuses == ["completed"]
    assert chat.state == "closed"


@pytest.mark.parametrize(("action", "reason"), [("leave", "no_live_task"), ("pause", "paused")])
def test_chats_that_an_agent_set_aside_are_kept(
    twilio: Twilio, function: RunningFunction, action: str, reason: str
) -> None:
    """Left and paused conversations look abandoned and are not."""
    chat = twilio.answered()
    chat.does(action)

    twilio.advance("PT1H")

    assert (chat.ours, chat.state) == ([], "inactive")
    assert {reason} <= {line["reason"] for line in function.lines(conversation=chat.conversation)}


def test_a_chat_that_was_left_is_known_by_its_channel_when_its_task_is_gone(
    twilio: Twilio, function: RunningFunction
) -> None:
    """The SIDs that were noted with the warning lead to the channel, whose status is `inactive`."""
    chat = twilio.answered()
    twilio.advance("PT9M")
    chat.says("customer", "yes?")
    chat.says("agent", "we call you tomorrow")
    chat.does("leave")

    twilio.advance("PT1H")

    assert (chat.ours, chat.state) == (["warning"], "inactive")
    assert function.lines(conversation=chat.conversation)[-1]["reason"] == "left"


def test_an_agent_who_left_without_a_message_is_known_by_the_channel(twilio: Twilio, function: RunningFunction) -> None:
    """The task is gone and nothing was noted; a bot's message since then is no answer to the customer."""
    twilio.reset(dialect={"flexAttributes": "named"})
    twilio.configure(f"{function.url}/conversations", "PT8M")
    chat = twilio.chat("queued")
    chat.says("customer", "please call me")
    chat.does("accept")
    chat.does("leave")
    chat.says("bot", "We have your number.")

    twilio.advance("PT1H")

    assert (chat.ours, chat.state) == ([], "inactive")
    assert function.lines(conversation=chat.conversation)[-1]["reason"] == "left"


def test_a_chat_being_wrapped_up_is_kept(twilio: Twilio, function: RunningFunction) -> None:
    """The agent is finishing it."""
    chat = twilio.answered()
    chat.does("wrap")

    twilio.advance("PT1H")

    assert (chat.ours, chat.task_statuses) == ([], ["wrapping"])
    assert {line["reason"] for line in function.lines(conversation=chat.conversation)} == {"no_live_task"}


@pytest.mark.parametrize("status", ["transfer", "active"])
def test_a_customer_who_is_transferred_waits_and_is_kept(
    twilio: Twilio, function: RunningFunction, status: str
) -> None:
    """The first agent wrote last, "I pass you on"; this holds whether or not the channel shows the transfer."""
    twilio.reset(dialect={"transferStatus": status})
    twilio.configure(f"{function.url}/conversations", "PT8M")
    chat = twilio.answered()
    twilio.advance("PT1M")
    chat.does("transfer")

    twilio.advance("PT30M")
    waiting = chat.ours
    chat.does("accept")
    twilio.advance("PT30M")

    assert waiting == []
    assert chat.ours == [], "the first agent's last word does not answer for the second"
    assert chat.task_statuses == ["completed", "assigned"]


def test_a_transfer_is_found_even_if_the_first_task_is_known(twilio: Twilio, function: RunningFunction) -> None:
    """The process knows the first task and the channel shows no transfer; the last check before acting finds it."""
    twilio.reset(dialect={"transferStatus": "active"})
    twilio.configure(f"{function.url}/conversations", "PT8M")
    chat = twilio.answered()
    twilio.advance("PT9M")
    chat.says("customer", "yes")
    chat.says("agent", "I pass you on")
    twilio.advance("PT1M")
    chat.does("transfer")

    twilio.advance("PT30M")

    assert chat.ours == ["warning"]
    assert function.lines(conversation=chat.conversation)[-1]["reason"] == "transfer"


def test_after_a_transfer_the_second_agents_silence_counts(twilio: Twilio, function: RunningFunction) -> None:
    """The second agent answers and the customer is silent: the chat is released and both tasks end."""
    chat = twilio.answered()
    twilio.advance("PT1M")
    chat.does("transfer")
    chat.does("accept")
    chat.says("agent", "I have taken over")

    twilio.advance("PT10M")

    assert chat.state == "closed"
    assert chat.task_statuses == ["completed", "completed"]


def test_agents_are_known_by_their_worker_if_roles_do_not_tell(twilio: Twilio, function: RunningFunction) -> None:
    """An agent with a customer's role is still the worker who has the task."""
    chat = twilio.chat()
    people = {each.kind: each for each in chat.truth.participants}
    base = chat.path
    twilio.rest("POST", f"{base}/Participants/{people['agent'].sid}", RoleSid=people["customer"].role_sid)
    chat.says("customer")
    chat.says("agent")

    twilio.advance("PT10M")

    assert chat.state == "closed"


def test_other_peoples_attributes_survive(twilio: Twilio, function: RunningFunction) -> None:
    """On conversation and task, our notes and the outcome are added to what is there."""
    chat = twilio.answered(attributes={"vip": {"level": 3}, "name": "Grüße"})
    before = chat.truth

    twilio.advance("PT10M")

    after = chat.truth
    theirs = {key: value for key, value in after.attributes.items() if key != "inactivityTimeout"}
    task = after.tasks[0].attributes
    assert before.attributes == theirs
    assert after.attributes["inactivityTimeout"] == {
        "of": chat.conversation,
        "task": chat.task,
        "interaction": task["flexInteractionSid"],
        "channel": task["flexInteractionChannelSid"],
    }
    assert before.tasks[0].attributes.items() <= task.items()
    assert task["conversations"]["outcome"] == "inactivity_timeout"


def test_our_own_writes_cause_no_webhook(twilio: Twilio, function: RunningFunction) -> None:
    """No request asks Twilio for webhooks, so none of our writes is delivered."""
    chat = twilio.answered()

    deliveries = twilio.advance("PT10M")

    assert [each.kind for each in deliveries] == ["onConversationStateUpdated"] * 2
    assert chat.state == "closed"


def test_a_conversation_that_was_closed_meanwhile_keeps_no_agent(twilio: Twilio, function: RunningFunction) -> None:
    """Somebody closed the conversation and left the task: its agent has ten minutes, and ten more to wrap up."""
    chat = twilio.answered()
    twilio.rest("POST", chat.path, State="closed")
    closed = twilio.event(chat, StateTo="closed", StateFrom="inactive")

    statuses = []
    for after in ("PT9M50S", "PT10S", "PT9M50S", "PT10S"):
        twilio.advance(after)
        assert twilio.send(function.url, closed).status == 204
        statuses += chat.task_statuses

    assert statuses == ["assigned", "wrapping", "wrapping", "completed"]
    assert chat.ours == []
    assert [line["reason"] for line in function.lines(conversation=chat.conversation)] == ["closed_by_timer"] * 4


def test_a_conversation_that_was_closed_in_the_middle_of_our_end_is_ended_at_once(
    twilio: Twilio, function: RunningFunction
) -> None:
    """Our notice is posted, so nobody will finish the task."""
    chat = twilio.answered()
    twilio.advance("PT10M", before=True)
    twilio.fault(r"POST .*/Channels/UO\w+$", kind="status", times=None)
    twilio.advance("PT1S")
    twilio.rest("POST", chat.path, State="closed")
    left = chat.ours, chat.task_statuses
    twilio.clear_faults()

    assert twilio.send(function.url, twilio.event(chat, StateTo="closed")).status == 204

    assert left == (["warning", "closing"], ["assigned"])
    assert (chat.ours, chat.task_statuses) == (["warning", "closing"], ["completed"])


def test_lines_of_the_log_say_who_when_and_why_and_nothing_private(twilio: Twilio, function: RunningFunction) -> None:
    """The keys are stable; there is no text of a message, no address, no token."""
    chat = twilio.answered(channel="sms")
    chat.says("customer", "my secret is 4711")
    chat.says("agent", "thank you")
    twilio.advance("PT10M")
    eventually(lambda: len(function.lines(conversation=chat.conversation)) == 2)

    end = function.lines(conversation=chat.conversation)[-1]
    text = function.log.read_text()
    assert set(end) == {
        *("severity", "message", "event", "conversation", "decision", "reason", "rule"),
        *("facts", "calls", "durationMs", "outcome", "at"),
    }
    assert (
        end["event"],
        end["decision"],
        end["reason"],
        end["outcome"],
    ) == ("decision", "end", "customer_silent", "done")
    assert tuple(end["facts"][key] for key in ("lastWord", "silentFor", "taskStatus")) == ("agent", "PT10M", "assigned")
    assert not [
        secret for secret in ("4711", "Are you still there", "+1555", twilio.account.auth_token) if secret in text
    ]
