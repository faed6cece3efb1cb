"""Found by reading, as somebody whose account and data are others.

Each test's docstring says what is right, and why.
"""

import json
from dataclasses import replace

import pytest

from function.policy import parse_policy
from function.settings import Mode
from simulator.client import REMOVED
from tests.function.handling.test_two_agents import invite
from tests.function.handling.test_who_is_who import agent_of, roles
from tests.function.handling.test_whose_task import path_of
from tests.world.world import Chat, World

NAMED = {"flexAttributes": "named"}
"""Flex writes its interaction and channel on the conversation, so they are known when the task is gone."""


def alarms(world: World, chat: Chat) -> list[str]:
    """What a person was told of."""
    return [line["alarm"] for line in world.lines(conversation=chat.conversation) if line.get("alarm")]


def test_a_copied_note_lets_nobody_close_the_channel_of_another_chat() -> None:
    """A plugin copies the old chat's attributes to the new conversation: its customer still waits, and keeps waiting.

    Where nobody lets us read invites, our note is all that proves a channel, so it must say whose note it is.
    """
    with World() as world:
        other = world.twilio.answered()
        world.twilio.advance("PT8M")
        other.says("customer", "and my money?")
        chat = world.twilio.answered()
        world.twilio.rest("POST", chat.path, Attributes=world.twilio.rest("GET", other.path)["attributes"])
        world.twilio.fault(r"GET .*/Invites", kind="status", status=403, times=None)
        world.twilio.advance("PT10M")

        assert ("closed", "inactive") == (chat.state, other.state)


def test_a_bots_word_from_before_the_task_was_lost_is_no_answer() -> None:
    """Asked to wait for an agent, the customer waits; that the workflow cancels the task answers nothing."""
    with World() as world:
        chat = world.twilio.chat("queued")
        chat.says("customer", "hello?")
        chat.says("bot", "an agent will be with you shortly")
        world.twilio.advance("PT9M")
        chat.does("cancel")
        world.schedule_sweep()
        world.twilio.advance("PT30M")

        assert ([], True) == (chat.ours, chat.state != "closed")


def test_a_machines_word_while_an_agent_had_the_chat_is_no_answer_after_the_agents_task_was_lost() -> None:
    """The customer asked the agent; "thank you for waiting" is not the agent's answer, deleted task or not."""
    with World() as world:
        chat = world.twilio.answered()
        chat.says("customer", "but when does it come?")
        chat.says("bot", "thank you for waiting")
        world.twilio.advance("PT9M")
        chat.does("delete")
        world.schedule_sweep()
        world.twilio.advance("PT30M")

        assert ([], True) == (chat.ours, chat.state != "closed")


def test_the_fate_of_the_newest_task_is_not_another_tasks() -> None:
    """The first agent's task ended with the hand-over, the second's is lost, and its event is a minute late.

    That says nothing yet: it is asked again, and the silent customer of the second agent is released.
    """
    with World(dialect={**NAMED, "eventLag": "a_minute"}) as world:
        chat = world.twilio.answered()
        world.twilio.advance("PT10S")
        chat.does("transfer")
        chat.does("accept")
        world.twilio.advance("PT10S")
        chat.says("agent", "I take over")
        world.twilio.advance("PT7M50S")
        chat.does("delete")
        world.schedule_sweep()
        world.twilio.advance("PT2H")

        assert ("closed", ["warning", "closing"]) == (chat.state, chat.ours)


def test_invites_that_nobody_took_do_not_hide_that_the_agent_finished() -> None:
    """Three colleagues were asked in and did not come, then the agent completed their own task: kept, not lost."""
    with World(dialect=NAMED) as world:
        chat = world.twilio.answered()
        for _ in range(3):
            world.twilio.advance("PT10S")
            invite(world, chat)
            chat.does("cancel")
        world.twilio.advance("PT10S")
        chat.says("agent", "I have sent it to you")
        world.twilio.rest("POST", path_of(world, chat.task), AssignmentStatus="completed", Reason="done")
        world.twilio.advance("PT30M")

        assert ("inactive", []) == (chat.state, chat.ours)


def test_a_word_of_an_agent_who_has_gone_is_not_the_customers() -> None:
    """The agent said goodbye and left, and was taken out of the conversation.

    Nobody is told that a customer's word goes unread, and whoever is ended at last is not told that nobody answered.
    """
    with World({"policy": {"whenLeftOver": {"do": "end", "after": "PT1H"}}}) as world:
        world.schedule_sweep()
        chat = world.twilio.answered(interaction=False)
        world.twilio.advance("PT9M")
        chat.says("agent", "goodbye!")
        chat.does("leave")
        world.twilio.advance("PT2H")

        assert ("closed", [], ["warning"]) == (chat.state, alarms(world, chat), chat.ours)


def test_attributes_copied_from_an_older_conversation_do_not_keep_a_new_one() -> None:
    """A flow carries a customer's attributes on: that an agent finished the old chat says nothing of the new one."""
    with World() as world:
        world.schedule_sweep()
        old = world.twilio.answered()
        world.twilio.advance("PT9M")
        old.says("agent", "done")
        world.twilio.rest("POST", path_of(world, old.task), AssignmentStatus="completed", Reason="done")
        world.twilio.advance("PT20M")
        chat = world.twilio.answered("bot")
        world.twilio.rest("POST", chat.path, Attributes=world.twilio.rest("GET", old.path)["attributes"])
        world.twilio.advance("PT1H")

        assert ("closed", ["warning", "closing"]) == (chat.state, chat.ours)


def readd(world: World, chat: Chat) -> None:
    """Somebody takes the customer out of the conversation and adds them again, under the same address."""
    sid = next(each.sid for each in chat.truth.participants if each.kind == "customer")
    binding = world.twilio.rest("GET", f"{chat.path}/Participants/{sid}")["messaging_binding"]
    world.twilio.rest("DELETE", f"{chat.path}/Participants/{sid}")
    form = {"MessagingBinding.Address": binding["address"], "MessagingBinding.ProxyAddress": binding["proxy_address"]}
    world.twilio.rest("POST", f"{chat.path}/Participants", **form)


def test_a_customer_who_was_removed_and_added_again_is_no_agent_who_left() -> None:
    """A bot has the chat, and no agent ever had: the silent customer is released."""
    with World() as world:
        world.schedule_sweep()
        chat = world.twilio.answered("bot", channel="sms")
        readd(world, chat)
        world.twilio.advance("PT1H")

        assert ("closed", []) == (chat.state, alarms(world, chat))


def test_a_customer_who_was_removed_and_added_again_is_warned_within_the_window() -> None:
    """They wrote minutes ago under this very address, so a text reaches them."""
    with World() as world:
        chat = world.twilio.answered(channel="whatsapp")
        readd(world, chat)
        world.twilio.advance("PT20M")

        assert ["warning", "closing"] == chat.ours


def test_a_supervisor_who_listens_makes_no_customer_of_an_agent_who_dropped_out() -> None:
    """The agent's participant is gone and their task is still assigned: ended as it is without the supervisor."""
    with World() as world:
        chat = world.twilio.chat()
        world.twilio.advance("PT10S")
        chat.says("customer", "hello")
        chat.says("agent", "how can I help?")
        sid, _ = agent_of(chat)
        world.twilio.rest("POST", f"{chat.path}/Participants", Identity="boss", RoleSid=roles(world)["supervisor"])
        world.twilio.rest("DELETE", f"{chat.path}/Participants/{sid}")
        world.twilio.advance("PT20M")

        assert ("closed", ["warning", "closing"]) == (chat.state, chat.ours)


def test_a_noted_rule_without_a_name_is_not_another_rule_of_a_newer_policy() -> None:
    """The task is gone, and a rule for others, which exempts them, now stands where its rule stood.

    A place in a list is no name: what a rule says must not be looked up by it.
    """
    patient = {"match": {"task": {"tier": "gold"}}, "timeout": "PT30M"}
    exempt = {"match": {"task": {"tier": "staff"}}, "exempt": True}
    with World({"policy": {"rules": [patient]}}) as world:
        chat = world.twilio.answered(attributes={"tier": "gold"})
        world.twilio.advance("PT25M")
        chat.says("agent", "are you there?")
        chat.does("delete")
        world.settings = replace(world.settings, policy=parse_policy({"policy": {"rules": [exempt, patient]}}))
        world.restart()
        world.schedule_sweep()
        world.twilio.advance("PT2H")

        assert "closed" == chat.state


def test_an_exemption_that_the_policy_has_no_more_keeps_nobody() -> None:
    """It was noted while the task was there; the owners have taken all their exemptions back since."""
    with World({"policy": {"exempt": {"channels": ["web"]}}}) as world:
        world.schedule_sweep()
        chat = world.twilio.answered()
        world.twilio.advance("PT25M")
        chat.says("agent", "are you there?")
        chat.does("delete")
        world.settings = replace(world.settings, policy=parse_policy({"policy": {"exempt": {"channels": []}}}))
        world.restart()
        world.schedule_sweep()
        world.twilio.advance("PT2H")

        assert "closed" == chat.state


def test_a_warning_that_somebody_deletes_is_not_said_again_and_again() -> None:
    """A retention tool takes our messages away: the claim on the task says what was said, and the chat ends."""
    with World() as world:
        chat = world.twilio.answered()
        for _ in range(30):
            world.twilio.advance("PT1M")
            shown = world.twilio.rest("GET", f"{chat.path}/Messages")["messages"]
            for each in shown if chat.state != "closed" else ():
                if each["author"] == "system":
                    world.twilio.rest("DELETE", f"{chat.path}/Messages/{each['sid']}")

        assert ("closed", True) == (chat.state, len(world.lines(decision="warn")) <= 2)


def test_messages_without_authors_do_not_make_us_warn_for_ever() -> None:
    """The answer leaves the authors out, so that our warning is not to be recognised: warned twice at the most."""
    with World() as world:
        chat = world.twilio.answered()
        world.twilio.fault(r"GET .*/Messages", kind="odd", at="messages.*.author", value=None, times=None)
        world.twilio.advance("PT1H")

        assert 2 >= chat.ours.count("warning")


def test_a_fate_that_nobody_tells_and_that_cannot_be_noted_is_not_asked_for_every_minute() -> None:
    """The conversation's attributes are full: asked with growing pauses all the same, a dozen times an hour at most."""
    with World(dialect=NAMED) as world:
        chat = world.twilio.answered()
        attributes = json.loads(world.twilio.rest("GET", chat.path)["attributes"])
        full = json.dumps({**attributes, "notes": "x" * (16_300 - len(json.dumps(attributes)))})
        world.twilio.rest("POST", chat.path, Attributes=full)
        chat.does("delete")
        world.twilio.fault(r"GET .*/Events", kind="odd", at="events.*.event_date", value="x", times=None)
        world.twilio.advance("PT2H")
        world.clear_log()
        world.twilio.advance("PT2H")

        assert 24 >= len(world.lines(conversation=chat.conversation))


def test_a_silence_of_an_agent_that_cannot_be_noted_is_told_of_once() -> None:
    """The task has no room for the mark; the log of this process tells of it once, and no timer is armed for it again.

    Today it is a WARNING and five calls in each minute, for as long as the agent is silent.
    """
    policy = {"whenAgentSilent": {"do": "notify", "after": "PT5M"}}
    with World({"timeout": "PT2M", "warnBefore": "PT1M", "policy": policy}) as world:
        world.schedule_sweep()
        chat = world.twilio.chat()
        chat.says("customer", "hello?")
        world.twilio.fault(r"POST .*/Tasks/WT\w+$", kind="status", status=400, code=20001, times=None)
        world.twilio.advance("PT2H")

        assert len(world.lines(conversation=chat.conversation, decision="notify")) <= 2, "once by each of two processes"


def test_a_transfer_that_the_channel_shows_holds_where_its_task_cannot_be_searched_for() -> None:
    """The chat is older than `pendingInvite`, its transfer is not: whoever is passed on is not warned meanwhile."""
    with World() as world:
        chat = world.twilio.answered()
        for _ in range(13):
            world.twilio.advance("PT5M")
            chat.says("customer", "...")
            chat.says("agent", "...")
        world.twilio.advance("PT7M30S")
        chat.says("agent", "my colleague takes over")
        chat.does("transfer")
        world.twilio.fault(r"GET .*/Tasks\?.*Evaluate", kind="status", status=503, times=None)
        world.twilio.advance("PT20M")

        assert [] == chat.ours


@pytest.mark.parametrize("date", ["2099-01-01T00:00:00Z", "9999-12-31T23:59:59Z"])
@pytest.mark.parametrize(
    ("match", "at"),
    [
        (r"GET .*/Participants", "participants.*.date_created"),
        (r"GET .*/Messages", "messages.*.date_created"),
        (r"GET .*/Tasks/WT\w+$", "date_created"),
    ],
    ids=["participants", "messages", "task"],
)
def test_a_time_to_come_keeps_no_silent_customer(match: str, at: str, date: str) -> None:
    """Nothing was made, nor said, later than now: the silent customer is released, and nothing overflows."""
    with World() as world:
        world.schedule_sweep()
        chat = world.twilio.answered()
        world.twilio.fault(match, kind="odd", at=at, value=date, times=None)
        world.twilio.advance("PT2H")

        assert ("closed", []) == (chat.state, world.lines(outcome="failed"))


@pytest.mark.parametrize("date", ["2099-01-01T00:00:00Z", "9999-12-31T23:59:59Z"])
def test_a_closing_in_times_to_come_keeps_no_agents_task(date: str) -> None:
    """Closed by the site: the task is the agent's for `timeout`, counted from now at the latest."""
    with World() as world:
        world.schedule_sweep()
        chat = world.twilio.answered()
        world.twilio.advance("PT2M")
        world.twilio.rest("POST", chat.path, State="closed")
        world.twilio.fault(r"GET .*/Conversations/CH\w+$", kind="odd", at="date_updated", value=date, times=None)
        world.twilio.advance("P2D")

        assert ["completed"] == chat.task_statuses


def test_a_chat_of_the_year_1_does_not_fail() -> None:
    """Where messages tell such a time the customer waits or not as ever; nothing is computed before the calendar."""
    with World() as world:
        world.schedule_sweep()
        world.twilio.answered()
        date = "0001-01-01T00:00:00Z"
        world.twilio.fault(r"GET .*/Messages", kind="odd", at="messages.*.date_created", value=date, times=None)
        world.twilio.advance("PT2H")

        assert [] == world.lines(outcome="failed")


def test_a_timer_of_the_year_1_is_no_bug() -> None:
    """The customer is warned and ended in time, without a line that says we failed."""
    with World() as world:
        chat = world.twilio.answered()
        match, date = r"(GET|POST) .*/Conversations/CH\w+$", "0001-01-01T00:00:00Z"
        world.twilio.fault(match, kind="odd", at="timers.date_inactive", value=date, times=None)
        world.twilio.advance("PT12M")

        assert ("closed", []) == (chat.state, world.lines(outcome="failed"))


@pytest.mark.parametrize("value", [REMOVED, None], ids=["missing", "null"])
def test_attributes_that_an_answer_does_not_show_are_not_written_over(value: object) -> None:
    """Nobody knows what stands there, so no note is written: what others wrote into the conversation stays."""
    with World() as world:
        chat = world.twilio.answered()
        world.twilio.rest("POST", chat.path, Attributes='{"crm": 12}')
        match = r"GET .*/Conversations/CH\w+$"
        world.twilio.fault(match, kind="odd", at="attributes", value=value, times=None)
        world.twilio.advance("PT9M")
        world.simulation.faults.clear()
        attributes = world.twilio.rest("GET", chat.path)["attributes"]

        assert (["warning"], 12) == (chat.ours, json.loads(attributes).get("crm"))


@pytest.mark.parametrize("value", [REMOVED, None], ids=["missing", "null"])
def test_a_tasks_attributes_that_an_answer_does_not_show_are_not_written_over(value: object) -> None:
    """The answer to our claim leaves them out: what Flex and others wrote into the task stays, outcome or not."""
    with World() as world:
        chat = world.twilio.answered()
        world.twilio.fault(r"POST .*/Tasks/WT\w+$", kind="odd", at="attributes", value=value, times=None)
        world.twilio.advance("PT10M")

        assert ("closed", chat.conversation) == (chat.state, chat.truth.tasks[0].attributes.get("conversationSid"))


def test_a_word_after_the_invite_of_an_agent_whose_own_task_is_over_does_not_count() -> None:
    """They ask a colleague in, write "my colleague comes", and are done once the colleague is there.

    They still take part, as in a chat without an interaction, but the customer waits for the colleague: a word that is
    newer than the colleague's task, and older than their coming, is no word of theirs.
    """
    with World() as world:
        chat = world.twilio.answered()
        world.twilio.advance("PT1M")
        invite(world, chat)
        world.twilio.advance("PT5S")
        chat.says("agent", "my colleague comes")
        world.twilio.advance("PT5S")
        chat.does("accept")
        world.twilio.rest("POST", path_of(world, chat.task), AssignmentStatus="completed", Reason="passed on")
        world.twilio.advance("PT2H")

        assert ([], "assigned") == (chat.ours, chat.task_statuses[-1])


def test_a_task_that_is_being_wrapped_up_is_not_one_of_which_nothing_tells() -> None:
    """Without an interaction; its reservation says `wrapping`, so its worker is there to prove it: no WARNING."""
    with World() as world:
        world.schedule_sweep()
        chat = world.twilio.answered(interaction=False)
        chat.does("wrap")
        world.twilio.advance("PT30M")

        assert ([], ["wrapping"]) == (alarms(world, chat), chat.task_statuses)


def test_in_a_parked_chat_a_word_that_wakes_nobody_is_told_of() -> None:
    """The template's hook is lost, so that no task is made: nobody is going to read that word, and somebody must know.

    The customer's word stands newest for five minutes with no live task and no invite.
    """
    with World() as world:
        world.schedule_sweep()
        chat = world.twilio.answered()
        sids = chat.truth.sids
        parked = json.dumps({"interactionSid": sids.interaction, "channelSid": sids.channel})
        world.twilio.rest("POST", chat.path, Attributes=parked)
        world.twilio.rest("POST", path_of(world, chat.task), AssignmentStatus="completed", Reason="parked")
        world.twilio.advance("PT1H")
        chat.says("customer", "here I am again")
        world.twilio.advance("P2D")

        assert ["unread"] == alarms(world, chat)


def test_a_word_that_nobody_is_going_to_read_is_told_of_within_the_hour() -> None:
    """The workflow cancels the task of a chat that was kept as queued; a list of tasks shows that it is gone.

    Today the sweep looks again only after most of a day, because nothing of the conversation has changed.
    """
    with World() as world:
        world.schedule_sweep()
        chat = world.twilio.chat("queued")
        chat.says("customer", "hello?")
        world.twilio.advance("PT20M")
        chat.does("cancel")
        world.twilio.advance("PT1H")

        assert ["unread"] == alarms(world, chat)


def test_observing_does_not_ask_for_a_fate_in_every_sweep() -> None:
    """Nothing is noted, and no timer is armed: the sweep leaves it alone for as long as was decided."""
    with World(mode=Mode.OBSERVE, dialect=NAMED) as world:
        world.schedule_sweep("PT1M")
        chat = world.twilio.answered()
        chat.does("delete")
        world.twilio.fault(r"GET .*/Events", kind="odd", at="events.*.event_date", value="x", times=None)
        world.twilio.advance("PT4H")
        world.clear_log()
        world.twilio.advance("PT1H")

        assert 12 >= len(world.lines(conversation=chat.conversation))


def second_interaction(world: World, chat: Chat) -> str:
    """The first agent is done, Flex could not close the channel, and a flow routes the conversation anew; its KD."""
    world.twilio.rest("POST", path_of(world, chat.task), AssignmentStatus="completed", Reason="done")
    found = world.simulation.chats.find(chat.conversation)
    if found and found.interaction:
        found.interaction.channel.fail("closed", None)
    account = world.twilio.account
    routing = {
        "workspace_sid": account.workspace_sid,
        "workflow_sid": account.workflow_sid,
        "task_channel_unique_name": "chat",
        "attributes": {"channelType": "web"},
    }
    channel = {"type": "web", "initiated_by": "api", "properties": {"media_channel_sid": chat.conversation}}
    made = world.twilio.rest(
        "POST", "flex-api/v1/Interactions", Channel=json.dumps(channel), Routing=json.dumps({"properties": routing})
    )
    return str(made["sid"])


@pytest.mark.parametrize("unreadable", [True, False])
def test_an_old_channel_that_can_be_read_makes_no_new_task_foreign(unreadable: bool) -> None:
    """The customer waits in the queue of a second interaction, whose invites cannot be read: it may be the chat's.

    That the invites of the first can be read says nothing about the second, so nobody is "left over" and ended.
    """
    with World({"policy": {"whenLeftOver": {"do": "end", "after": "PT30M"}}}) as world:
        world.schedule_sweep()
        chat = world.twilio.answered()
        world.twilio.advance("PT9M")
        interaction = second_interaction(world, chat)
        if unreadable:
            match = rf"GET .*{interaction}/Channels/UO\w+/Invites"
            world.twilio.fault(match, kind="status", status=403, times=None)
        chat.says("customer", "one more thing")
        world.twilio.advance("PT2H")

        assert "inactive" == chat.state


@pytest.mark.parametrize("what", ["Reservations", "Workers"])
def test_a_key_that_may_not_read_this_keeps_no_silent_customer(what: str) -> None:
    """Whose task it is the agent's role tells; the worker is asked only because somebody else takes part, too.

    A refusal says that nobody may know, not that Twilio is away.
    """
    with World() as world:
        world.schedule_sweep()
        chat = world.twilio.answered()
        role = roles(world)["customer"]
        world.twilio.rest("POST", f"{chat.path}/Participants", Identity="another customer", RoleSid=role)
        world.twilio.fault(rf"GET .*/{what}", kind="status", status=403, times=None)
        world.twilio.advance("PT1H")

        assert ("closed", []) == (chat.state, world.lines(outcome="called_back"))


def test_a_row_of_messages_that_makes_no_sense_may_be_the_customers() -> None:
    """The newest message cannot be read: it may be the word of one who waits, so nobody is warned because of an older.

    It is part of the list, and part is never called whole.
    """
    with World() as world:
        chat = world.twilio.answered()
        chat.says("customer", "but when?")
        world.twilio.fault(r"GET .*/Messages", kind="odd", at="messages.0", value=None, times=None)
        world.twilio.advance("PT20M")

        assert [] == chat.ours


@pytest.mark.parametrize("value", [REMOVED, None], ids=["missing", "null"])
def test_a_word_under_the_customers_identity_is_theirs_without_a_participant(value: object) -> None:
    """Twilio names the author and no participant: the author takes part, and waits for an answer."""
    with World() as world:
        chat = world.twilio.answered()
        chat.says("customer", "but when?")
        world.twilio.fault(r"GET .*/Messages", kind="odd", at="messages.0.participant_sid", value=value, times=None)
        world.twilio.advance("PT20M")

        assert [] == chat.ours


def test_an_invite_that_makes_no_sense_costs_itself() -> None:
    """A malformed row of a list is skipped and named; the agent who came proves the task, and the chat is released."""
    with World() as world:
        world.schedule_sweep()
        chat = world.twilio.answered()
        world.twilio.fault(r"GET .*/Invites", kind="odd", at="invites.0", value=None, times=None)
        world.twilio.advance("PT1H")

        assert ("closed", ["warning", "closing"]) == (chat.state, chat.ours)


def test_an_event_of_taskrouter_that_makes_no_sense_costs_itself() -> None:
    """The others tell what became of the task: deleted, so that the silent customer is released."""
    with World(dialect=NAMED) as world:
        world.schedule_sweep()
        chat = world.twilio.answered()
        world.twilio.advance("PT1M")
        chat.does("delete")
        world.twilio.fault(r"GET .*/Events", kind="odd", at="events.1", value=None, times=None)
        world.twilio.advance("PT2H")

        assert ("closed", ["warning", "closing"]) == (chat.state, chat.ours)


@pytest.mark.parametrize("match", [r"/Conversations/CH\w+$", r"/Tasks/WT\w+$", r"/Channels/UO\w+$"])
def test_an_answer_without_its_sid_is_about_what_was_asked_for(match: str) -> None:
    """We know which one we asked for: the silent customer is released."""
    with World() as world:
        world.schedule_sweep()
        chat = world.twilio.answered()
        world.twilio.fault(f"(GET|POST) .*{match}", kind="odd", at="sid", value=REMOVED, times=None)
        world.twilio.advance("PT1H")

        assert ("closed", ["warning", "closing"]) == (chat.state, chat.ours)


def test_an_invite_that_does_not_tell_its_conversation_is_no_proof_of_another() -> None:
    """It names the chat's task; that it leaves the attributes out makes neither task nor channel foreign.

    The agent who came with the task proves it, as where invites cannot be read at all.
    """
    with World() as world:
        world.schedule_sweep()
        chat = world.twilio.answered()
        at = "invites.*.routing.properties.attributes"
        world.twilio.fault(r"GET .*/Invites", kind="odd", at=at, value=None, times=None)
        world.twilio.advance("PT1H")

        assert ("closed", ["warning", "closing"]) == (chat.state, chat.ours)


@pytest.mark.parametrize(
    ("at", "value"),
    [("invites.*.routing.properties.attributes", None), ("invites", [])],
    ids=["no attributes", "no invite yet"],
)
def test_invites_that_tell_nothing_do_not_take_a_queued_chats_own_task_away(at: str, value: object) -> None:
    """The customer waits in the queue, where a bot asked them to: what shows no other conversation proves nothing.

    The task may be the chat's, so a bot's word is no answer; an invite may show attributes from before Flex added the
    conversation, and a list may be late.
    """
    with World() as world:
        chat = world.twilio.chat("queued")
        chat.says("customer", "hello?")
        chat.says("bot", "an agent will be with you shortly")
        world.twilio.fault(r"GET .*/Invites", kind="odd", at=at, value=value, times=None)
        world.twilio.advance("PT20M")

        assert ([], "inactive") == (chat.ours, chat.state)


def test_who_waits_in_a_queue_again_is_not_left_over() -> None:
    """An agent finished, the customer wrote again, and a flow made a task without an interaction: nobody accepted yet.

    It cannot be proven, and may be the chat's: `whenQueued` says how long they may wait, not `whenLeftOver`.
    """
    with World({"policy": {"whenLeftOver": {"do": "end", "after": "PT30M"}}}) as world:
        world.schedule_sweep()
        chat = world.twilio.answered(interaction=False)
        world.twilio.advance("PT9M")
        chat.says("agent", "goodbye!")
        chat.does("leave")
        world.twilio.advance("PT10M")
        chat.says("customer", "one more thing")
        found = world.simulation.chats.find(chat.conversation)
        assert found is not None
        found.enqueue()
        world.twilio.advance("PT1H")

        assert ("pending", False) == (chat.task_statuses[-1], chat.state == "closed")
