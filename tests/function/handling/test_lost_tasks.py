"""Chats without their tasks, and tasks without their chats: TaskRouter's events show once what became of a task."""

import json
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pytest

from function.policy import parse_policy
from function.settings import Mode
from tests.function.handling.test_two_agents import invite
from tests.function.handling.test_whose_task import path_of, take_callback_of
from tests.world.others import dismiss, end_task, send_invite
from tests.world.world import Chat, World

QUEUE_END = {"policy": {"whenQueued": {"do": "end", "after": "PT30M"}}}


def play(world: World) -> Chat:
    """Let a customer write and wait in the queue."""
    world.schedule_sweep()
    chat = world.twilio.chat("queued")
    chat.says("customer", "hello?")
    return chat


def last(world: World, chat: Chat) -> dict[str, Any]:
    """Return the newest log line about a chat."""
    return world.lines(conversation=chat.conversation, event="decision")[-1]


def asked(world: World) -> int:
    """Return how often TaskRouter was asked for events."""
    instances = {world.instance, world.sweeper}
    return sum("/Events?" in call.path for instance in instances for call in instance.wire.calls)


def test_a_customer_whose_queued_task_was_cancelled_is_ended_as_the_policy_says() -> None:
    """The workflow cancels after 20 minutes; the chat ends thirty minutes after the task was created."""
    with World(QUEUE_END) as world:
        chat = play(world)
        world.twilio.advance("PT20M")
        chat.does("cancel")
        world.twilio.advance("PT9M30S")
        early = chat.state
        world.twilio.advance("PT6M")

        assert (chat.state, chat.ours, last(world, chat)["reason"]) == ("closed", ["closing"], "queued")
        assert early != "closed"


def test_under_a_policy_that_keeps_the_customer_is_kept_and_reported_once() -> None:
    """Nobody will read that customer's message: one WARNING, not one an hour."""
    with World() as world:
        chat = play(world)
        world.twilio.advance("PT20M")
        chat.does("cancel")
        world.twilio.advance("P3D")

        alarms = [line for line in world.lines(conversation=chat.conversation) if line.get("alarm")]
        assert [line["alarm"] for line in alarms] == ["unread"]
        assert [line["severity"] for line in alarms] == ["WARNING"]
        assert (chat.ours, chat.state == "closed") == ([], False)
        assert asked(world) == 1


@pytest.mark.parametrize("dialect", [{}, {"eventLag": "a_minute"}, {"taskDeletion": "told_always"}])
def test_a_timeout_of_a_day_works_after_the_task_is_deleted(dialect: dict[str, str]) -> None:
    """TaskRouter deletes an assigned task after 24 hours; the silent customer is warned and ended anyway."""
    with World({"timeout": "P1D", "warnBefore": "PT1H"}, dialect=dialect) as world:
        world.schedule_sweep()
        chat = world.twilio.answered()
        world.twilio.advance("PT23H30M")
        warned = chat.ours
        world.twilio.advance("PT40M")

        assert (warned, chat.ours, chat.state) == (["warning"], ["warning", "closing"], "closed")
        assert last(world, chat)["facts"]["lastTask"] == "lost"


def give_a_role_of_their_own(world: World, chat: Chat) -> str:
    """Give the agent an unknown role, and return their participant's SID."""
    service = f"conversations/v1/Services/{world.twilio.account.service_sid}"
    names = {"FriendlyName": "senior agent", "Type": "conversation"}
    role = world.twilio.rest("POST", f"{service}/Roles", **names, Permission=["sendMessage", "leaveConversation"])
    agent = next(each.sid for each in chat.truth.participants if each.kind == "agent")
    world.twilio.rest("POST", f"{chat.path}/Participants/{agent}", RoleSid=role["sid"])
    return agent


@pytest.mark.parametrize("stays", [True, False])
@pytest.mark.parametrize("interaction", [True, False])
def test_the_worker_of_a_lost_task_is_an_agent_whatever_their_role(interaction: bool, stays: bool) -> None:
    """This holds also after they were removed: TaskRouter's events name the worker who accepted."""
    with World() as world:
        chat = world.twilio.answered(interaction=interaction)
        agent = give_a_role_of_their_own(world, chat)
        world.twilio.advance("PT8M")
        if not stays:
            world.twilio.rest("DELETE", f"{chat.path}/Participants/{agent}")
        chat.does("expire")
        world.schedule_sweep()
        world.twilio.advance("PT20M")

        assert (chat.ours, chat.state) == (["warning", "closing"], "closed")


def test_a_customer_who_waits_in_a_chat_whose_task_was_lost_is_not_cut_off() -> None:
    """The worker is told apart from the customer, who wrote last."""
    with World() as world:
        chat = world.twilio.answered()
        give_a_role_of_their_own(world, chat)
        chat.says("customer", "but when?")
        world.twilio.advance("PT8M")
        chat.does("expire")
        world.schedule_sweep()
        world.twilio.advance("PT2H")

        assert (chat.ours, last(world, chat)["reason"]) == ([], "agent_silent")


def test_a_timeout_of_thirty_days_works() -> None:
    """The task was lost on the first day."""
    with World({"timeout": "P30D", "warnBefore": "P1D"}) as world:
        world.schedule_sweep("PT1H")
        chat = world.twilio.answered()
        world.twilio.advance("P30DT1H")

        assert (chat.ours, chat.state) == (["warning", "closing"], "closed")


def test_a_transfer_that_nobody_accepted_is_lost() -> None:
    """The first agent left and the second task was cancelled: the silent customer is warned and ended."""
    with World() as world:
        world.schedule_sweep()
        chat = world.twilio.answered()
        chat.does("transfer")
        world.twilio.advance("PT9M")
        first, second = (task.sid for task in chat.truth.tasks)
        path = f"taskrouter/v1/Workspaces/{world.twilio.account.workspace_sid}/Tasks"
        world.twilio.rest("POST", f"{path}/{first}", AssignmentStatus="completed", Reason="passed on")
        world.twilio.rest("POST", f"{path}/{second}", AssignmentStatus="canceled", Reason="nobody took it")
        world.twilio.advance("PT30M")

        assert (last(world, chat)["facts"]["lastTask"], chat.ours) == ("lost", ["warning", "closing"])
        assert chat.state == "closed"


def test_a_task_that_somebody_deleted_is_lost() -> None:
    """The customer wrote last: the chat is kept and reported."""
    with World() as world:
        world.schedule_sweep()
        chat = world.twilio.chat()
        chat.says("customer", "are you there?")
        world.twilio.advance("PT9M")
        chat.does("delete")
        world.twilio.advance("PT2H")

        assert (last(world, chat)["facts"]["lastTask"], chat.ours) == ("lost", [])
        assert [line["alarm"] for line in world.lines(conversation=chat.conversation) if line.get("alarm")] == [
            "unread"
        ]


def finished(world: World) -> Chat:
    """Return a chat whose agent completed the task while the conversation stayed open."""
    world.schedule_sweep()
    chat = world.twilio.answered()
    world.twilio.advance("PT9M")
    chat.says("agent", "and done")
    path = f"taskrouter/v1/Workspaces/{world.twilio.account.workspace_sid}/Tasks/{chat.task}"
    world.twilio.rest("POST", path, AssignmentStatus="completed", Reason="done")
    return chat


def test_a_finished_chat_that_stays_open_is_kept() -> None:
    """The agent or the account keeps it open on purpose."""
    with World() as world:
        chat = finished(world)
        world.twilio.advance("P3D")

        assert (
            last(world, chat)["reason"],
            last(world, chat)["facts"]["lastTask"],
            chat.ours[1:],
        ) == ("no_live_task", "finished", [])
        assert chat.state != "closed"


def test_when_left_over_ends_it_without_a_notice() -> None:
    """It blocked the customer's address."""
    with World({"policy": {"whenLeftOver": {"do": "end", "after": "PT2H"}}}) as world:
        chat = finished(world)
        world.twilio.advance("PT1H50M")
        early = chat.state
        world.twilio.advance("PT20M")

        assert (chat.state, chat.ours, last(world, chat)["reason"]) == ("closed", ["warning"], "left_over")
        assert early != "closed"


def test_when_left_over_posts_a_notice_if_the_customer_wrote_after_the_end() -> None:
    """The notice says that nobody answers here, and to write again."""
    with World({"policy": {"whenLeftOver": {"do": "end", "after": "PT2H"}}}) as world:
        chat = finished(world)
        chat.says("customer", "one more thing")
        world.twilio.advance("PT2H10M")

        assert (chat.state, chat.ours) == ("closed", ["warning", "closing"])


def test_an_unknown_fate_keeps_the_chat_and_is_reported_once() -> None:
    """TaskRouter's events may not be read, and the task is gone."""
    with World() as world:
        world.twilio.fault(r"GET .*/Events.*", kind="status", status=403, times=None)
        chat = finished(world)
        world.twilio.advance("P3D")

        alarms = [line["alarm"] for line in world.lines(conversation=chat.conversation) if line.get("alarm")]
        assert (alarms, chat.ours) == (["fate_unknown"], ["warning"])


def test_a_hold_of_more_than_a_day_does_not_make_a_silence_too_old() -> None:
    """The sweep finds the chat when the hold ends, and the silence counts from then."""
    with World() as world:
        chat = world.twilio.answered()
        world.twilio.rest("POST", chat.path, Attributes='{"doNotTimeOutUntil": "2026-01-08T00:00:00Z"}')
        world.configure(webhook="")
        world.schedule_sweep()
        world.twilio.advance("P3DT20M")

        assert (chat.ours, chat.state) == (["warning", "closing"], "closed")


@pytest.mark.parametrize(
    ("on_task", "policy", "ends"),
    [
        ({"tier": "gold"}, {"rules": [{"match": {"task": {"tier": "gold"}}, "timeout": "PT3H", "warnings": []}]}, True),
        ({"tier": "gold"}, {"exempt": {"task": {"tier": "gold"}}}, False),
        ({"doNotTimeOutUntil": "2026-01-05T06:00:00Z"}, {}, True),
    ],
    ids=["a rule", "an exemption", "a hold"],
)
def test_what_the_task_decides_about_the_policy_outlives_it(
    on_task: dict[str, str], policy: dict[str, Any], *, ends: bool
) -> None:
    """The rule, an exemption or a hold was noted while the task existed."""
    with World({"policy": policy}) as world:
        world.schedule_sweep()
        chat = world.twilio.answered(attributes=on_task)
        world.twilio.advance("PT9M")
        chat.does("delete")
        world.twilio.advance("PT2H30M")
        early = chat.ours, chat.state == "closed"
        world.twilio.advance("PT4H30M")

        assert early == ([], False)
        assert (chat.state == "closed") == ends


def test_a_task_whose_conversation_is_gone_is_ended_if_it_has_our_mark() -> None:
    """Somebody deleted the conversation after our warning, and the agent still had the task."""
    with World() as world:
        chat = world.twilio.answered()
        world.twilio.advance("PT9M")
        world.twilio.rest("DELETE", chat.path)
        world.schedule_sweep()
        world.twilio.advance("PT20M")

        (line,) = world.lines(event="orphans")
        assert chat.task_statuses == ["completed"]
        assert (line["severity"], line.get("ended", []), line.get("left", [])) == ("INFO", [chat.task], [])


@pytest.mark.parametrize("copied", [False, True])
def test_a_task_whose_conversation_is_gone_is_left_alone_without_our_mark(*, copied: bool) -> None:
    """It may be another service's: one WARNING with its SID. A mark in copied attributes does not count."""
    with World() as world:
        chat = world.twilio.answered()
        task = chat.task
        if copied:
            world.twilio.advance("PT9M")
            task = world.twilio.add_foreign_task(chat.conversation, stage="assigned")
        world.twilio.rest("DELETE", chat.path)
        world.schedule_sweep()
        world.twilio.advance("PT3H")

        path = f"taskrouter/v1/Workspaces/{world.twilio.account.workspace_sid}/Tasks/{task}"
        left = [line["left"] for line in world.lines(event="orphans", severity="WARNING")]
        assert world.twilio.rest("GET", path)["assignment_status"] == "assigned"
        assert left == [[task]]


NAMED = {"flexAttributes": "named"}
"""Flex writes its interaction and channel on the conversation, so they are known when the task is gone."""


def alarms(world: World, chat: Chat) -> list[str]:
    """Return the alarms in the log."""
    return [line["alarm"] for line in world.lines(conversation=chat.conversation) if line.get("alarm")]


def test_a_bots_message_before_the_task_was_lost_is_no_answer() -> None:
    """The customer waits for an agent; that the workflow cancels the task changes nothing."""
    with World() as world:
        chat = world.twilio.chat("queued")
        chat.says("customer", "hello?")
        chat.says("bot", "an agent will be with you shortly")
        world.twilio.advance("PT9M")
        chat.does("cancel")
        world.schedule_sweep()
        world.twilio.advance("PT30M")

        assert (chat.ours, chat.state != "closed") == ([], True)


def test_a_bots_message_while_an_agent_had_the_chat_is_no_answer() -> None:
    """The customer asked the agent, whose task was then deleted; "thank you for waiting" is not the agent's answer."""
    with World() as world:
        chat = world.twilio.answered()
        chat.says("customer", "but when does it come?")
        chat.says("bot", "thank you for waiting")
        world.twilio.advance("PT9M")
        chat.does("delete")
        world.schedule_sweep()
        world.twilio.advance("PT30M")

        assert (chat.ours, chat.state != "closed") == ([], True)


def test_the_fate_of_the_newest_task_is_not_another_tasks() -> None:
    """The first agent's task ended with the transfer, the second's is lost, and its event is a minute late.

    Nothing is known until then: the events are read again, and the second agent's silent customer is released.
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

        assert (chat.state, chat.ours) == ("closed", ["warning", "closing"])


def queue_again(world: World) -> Chat:
    """Let a first task be noted in the queue and cancelled; an agent takes the second one and never pauses for long."""
    chat = world.twilio.chat("queued")
    chat.says("customer", "hello?")
    world.twilio.advance("PT9M")
    chat.does("cancel")
    world.twilio.advance("PT1M")
    send_invite(world, chat)
    world.twilio.advance("PT1M")
    chat.does("accept")
    for _ in range(3):
        chat.says("agent", "this is how")
        world.twilio.advance("PT3M")
        chat.says("customer", "and that?")
        world.twilio.advance("PT3M")
    return chat


@pytest.mark.parametrize("sweep", [True, False])
@pytest.mark.parametrize("by_whom", ["agent", "customer"])
@pytest.mark.parametrize("how", ["completed", "left"])
@pytest.mark.parametrize("policy", [{}, QUEUE_END])
def test_the_fate_of_an_earlier_task_does_not_end_a_chat_that_was_finished_since(
    policy: Mapping[str, Any], how: str, by_whom: str, sweep: bool
) -> None:
    """A process that knew only the lost task reads in the invites that there was a newer one, which was finished."""
    with World(policy) as world:
        if sweep:
            world.schedule_sweep()
        chat = queue_again(world)
        if by_whom == "agent":
            chat.says("agent", "goodbye!")
        if how == "completed":
            end_task(world, chat.truth.tasks[-1].sid)
        else:
            dismiss(world, chat, -1)
        world.twilio.advance("PT6H")

        assert (chat.state, chat.ours, last(world, chat)["reason"]) == ("inactive", [], "no_live_task")
        assert last(world, chat)["facts"]["lastTask"] == "finished"


def test_when_left_over_ends_a_chat_that_was_finished_after_an_earlier_task_was_lost() -> None:
    """There is no warning, and no apology to a customer who was answered."""
    with World({"policy": {"whenLeftOver": {"do": "end", "after": "PT30M"}}}) as world:
        world.schedule_sweep()
        chat = queue_again(world)
        chat.says("agent", "goodbye!")
        dismiss(world, chat, -1)
        world.twilio.advance("PT6H")

        assert (chat.state, chat.ours, last(world, chat)["reason"]) == ("closed", [], "left_over")


def test_a_newer_task_that_was_lost_too_ends_the_chat_by_its_own_fate() -> None:
    """The second task had an agent, who wrote last: the silent customer is warned and ended."""
    with World() as world:
        chat = queue_again(world)
        chat.says("agent", "anything else?")
        chat.does("delete")
        world.twilio.advance("PT6H")

        assert (chat.state, chat.ours) == ("closed", ["warning", "closing"])
        assert last(world, chat)["facts"]["lastTask"] == "lost"


def test_invites_are_read_with_the_search_and_only_while_no_task_is_live() -> None:
    """They cost no round trip: once to prove the task, and once each time that the chat is found without one."""
    with World() as world:
        chat = world.twilio.answered()
        world.twilio.advance("PT8M")
        chat.says("customer", "one moment")
        chat.says("agent", "of course")
        world.twilio.advance("PT7M50S")
        while_live = invites_read(world)
        chat.does("expire")
        world.twilio.advance("PT10S")

        assert (while_live, invites_read(world)) == (1, 2)


def invites_read(world: World) -> int:
    """Return how often a channel's invites were read."""
    return sum(call.method == "GET" and "/Invites" in call.path for call in world.instance.wire.calls)


def test_invites_that_nobody_accepted_do_not_hide_that_the_agent_finished() -> None:
    """Three colleagues did not join, then the agent completed the task: the chat is finished, not lost."""
    with World(dialect=NAMED) as world:
        chat = world.twilio.answered()
        for _ in range(3):
            world.twilio.advance("PT10S")
            invite(world, chat)
            chat.does("cancel")
        world.twilio.advance("PT10S")
        chat.says("agent", "I have sent it to you")
        world.twilio.rest("POST", path_of(world, str(chat.task)), AssignmentStatus="completed", Reason="done")
        world.twilio.advance("PT30M")

        assert (chat.state, chat.ours) == ("inactive", [])


def test_attributes_copied_from_an_older_conversation_do_not_keep_a_new_one() -> None:
    """A flow copies a customer's attributes: that an agent finished the old chat means nothing for the new one."""
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

        assert (chat.state, chat.ours) == ("closed", ["warning", "closing"])


def test_a_noted_rule_without_a_name_is_not_another_rule_of_a_newer_policy() -> None:
    """The task is gone, and another rule, which exempts, is now in the place of its rule.

    A place in a list does not identify a rule.
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

        assert chat.state == "closed"


def test_an_exemption_that_the_policy_no_longer_has_keeps_no_chat() -> None:
    """It was noted while the task existed; the policy has no exemptions any more."""
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

        assert chat.state == "closed"


def test_an_unknown_fate_without_room_for_a_note_is_not_read_every_minute() -> None:
    """The conversation's attributes are full; the events are read at most a dozen times an hour anyway."""
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

        assert len(world.lines(conversation=chat.conversation)) <= 24


def test_a_wrapping_task_has_a_known_fate() -> None:
    """There is no interaction; the reservation is `wrapping`, so its worker proves it, and there is no WARNING."""
    with World() as world:
        world.schedule_sweep()
        chat = world.twilio.answered(interaction=False)
        chat.does("wrap")
        world.twilio.advance("PT30M")

        assert (alarms(world, chat), chat.task_statuses) == ([], ["wrapping"])


def park(world: World, chat: Chat, others: Mapping[str, object] = {}) -> None:
    """Park the chat as flex-project-template does: it replaces the attributes and completes the agent's task."""
    sids = chat.truth.sids
    parked = {**others, "interactionSid": sids.interaction, "channelSid": sids.channel}
    world.twilio.rest("POST", chat.path, Attributes=json.dumps(parked))
    world.twilio.rest("POST", path_of(world, chat.task), AssignmentStatus="completed", Reason="parked")


def test_a_message_in_a_parked_chat_that_reaches_nobody_is_reported() -> None:
    """The template's webhook is lost, so no task is created and nobody will read the message.

    It is the newest for five minutes, without a live task or an invite.
    """
    with World() as world:
        world.schedule_sweep()
        chat = world.twilio.answered()
        park(world, chat)
        world.twilio.advance("PT1H")
        chat.says("customer", "here I am again")
        world.twilio.advance("P2D")

        assert alarms(world, chat) == ["unread"]


def test_a_parked_chat_with_a_new_task_that_is_lost_is_parked_no_more() -> None:
    """The template's attributes stay, but an agent had the chat since: the silent customer is warned and released."""
    with World() as world:
        world.schedule_sweep()
        chat = world.twilio.answered()
        park(world, chat)
        world.twilio.advance("PT1H")
        chat.says("customer", "here I am again")
        send_invite(world, chat)
        chat.does("accept")
        chat.says("agent", "good to see you")
        world.twilio.advance("PT8M")
        chat.does("expire")
        world.twilio.advance("PT30M")

        assert (chat.ours, chat.state) == (["warning", "closing"], "closed")


def test_a_parked_chat_whose_note_outlives_its_parking_stays_parked() -> None:
    """Another way of parking keeps our note: the agent finished that task, and nobody is warned."""
    with World({"policy": {"whenLeftOver": {"do": "end", "after": "PT1H"}}}) as world:
        world.schedule_sweep()
        chat = world.twilio.answered()
        world.twilio.advance("PT8M")
        said = list(chat.ours)
        attributes = json.loads(world.twilio.rest("GET", chat.path)["attributes"])
        park(world, chat, attributes)
        world.twilio.advance("P1D")

        assert (chat.ours, last(world, chat)["reason"]) == (said, "parked")


def test_a_message_that_nobody_will_read_is_reported_within_the_hour() -> None:
    """The workflow cancels the task of a queued chat, and the list of tasks shows that.

    Before, the sweep checked again only after most of a day, because the conversation itself had not changed.
    """
    with World() as world:
        world.schedule_sweep()
        chat = world.twilio.chat("queued")
        chat.says("customer", "hello?")
        world.twilio.advance("PT20M")
        chat.does("cancel")
        world.twilio.advance("PT1H")

        assert alarms(world, chat) == ["unread"]


def test_observe_does_not_read_events_in_every_sweep() -> None:
    """Nothing is noted and no timer is set; the sweep leaves the chat alone for the decided time."""
    with World(mode=Mode.OBSERVE, dialect=NAMED) as world:
        world.schedule_sweep("PT1M")
        chat = world.twilio.answered()
        chat.does("delete")
        world.twilio.fault(r"GET .*/Events", kind="odd", at="events.*.event_date", value="x", times=None)
        world.twilio.advance("PT4H")
        world.clear_log()
        world.twilio.advance("PT1H")

        assert len(world.lines(conversation=chat.conversation)) <= 12


def test_a_malformed_event_of_taskrouter_is_skipped() -> None:
    """The others show that the task was deleted, so the silent customer is released."""
    with World(dialect=NAMED) as world:
        world.schedule_sweep()
        chat = world.twilio.answered()
        world.twilio.advance("PT1M")
        chat.does("delete")
        world.twilio.fault(r"GET .*/Events", kind="odd", at="events.1", value=None, times=None)
        world.twilio.advance("PT2H")

        assert (chat.state, chat.ours) == ("closed", ["warning", "closing"])


def test_a_customer_who_is_queued_again_is_not_left_over() -> None:
    """An agent finished, the customer wrote again, and a flow created a task that nobody accepted yet.

    It has no interaction and cannot be proven, but may be the chat's: `whenQueued` limits the wait, not `whenLeftOver`.
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

        assert (chat.task_statuses[-1], chat.state == "closed") == ("pending", False)


def test_one_404_of_taskrouters_events_does_not_keep_a_chat_for_ever() -> None:
    """The task was lost, and the events are read again."""
    with World() as world:
        chat = world.twilio.answered()
        world.twilio.advance("PT2M")
        world.instance.receive(world.twilio.event(chat))
        chat.does("expire")
        world.twilio.fault(r"GET .*/Events", kind="status", status=404)
        world.schedule_sweep()
        world.twilio.advance("PT1H")

        assert chat.state == "closed"


@pytest.mark.parametrize(
    ("dialect", "interaction"),
    [({}, True), ({}, False), ({"interactionReads": "refused"}, True)],
    ids=["invites", "no interaction", "refused"],
)
@pytest.mark.parametrize("at", ["PT4M", "PT9M"], ids=["before anybody looked", "after a look"])
def test_a_customer_whose_task_was_cancelled_is_not_a_bots(dialect: dict[str, str], interaction: bool, at: str) -> None:
    """A bot said that an agent will come: that is no answer, whether the task could be proven or not."""
    with World(dialect=dialect) as world:
        chat = play_with_bot(world, interaction)
        world.twilio.advance(at)
        chat.does("cancel")
        world.twilio.advance("PT2H")

        assert (chat.state, chat.ours, alarms(world, chat)) == ("inactive", [], ["unread"])


def test_a_task_that_could_not_be_proven_is_ended_as_the_policy_says_once_it_was_lost() -> None:
    """What was noted about it is enough to read its events."""
    with World(QUEUE_END) as world:
        chat = play_with_bot(world, interaction=False)
        world.twilio.advance("PT9M")
        chat.does("cancel")
        world.twilio.advance("PT1H")

        assert (chat.state, chat.ours) == ("closed", ["closing"])


def play_with_bot(world: World, interaction: bool) -> Chat:
    """Let a customer write, and a bot promise an agent."""
    world.schedule_sweep()
    chat = world.twilio.chat("queued", interaction=interaction)
    chat.says("customer", "hello?")
    chat.says("bot", "an agent will be with you shortly")
    return chat


@pytest.mark.parametrize("wraps_for", ["PT1M", "PT20M"])
def test_a_transfer_that_was_lost_while_the_agent_wrapped_up_is_released_soon_after(wraps_for: str) -> None:
    """The sweep looks again within a quarter of an hour, although no list shows the end of a wrap-up."""
    with World() as world:
        world.schedule_sweep()
        chat = world.twilio.answered()
        world.twilio.advance("PT1M")
        invite(world, chat)
        dismiss(world, chat, -1, "wrapup")
        world.twilio.advance("PT2M")
        chat.does("cancel")
        world.twilio.advance(wraps_for)
        world.twilio.rest("POST", path_of(world, str(chat.task)), AssignmentStatus="completed", Reason="done")
        world.twilio.advance("PT2H")

        assert chat.state == "closed"


def test_a_finished_chat_is_ended_in_time_after_a_wrap_up() -> None:
    """`whenLeftOver` says an hour, and the agent wrapped up for twenty minutes of it."""
    with World({"policy": {"whenLeftOver": {"do": "end", "after": "PT1H"}}}) as world:
        world.schedule_sweep()
        chat = world.twilio.answered()
        world.twilio.advance("PT1M")
        chat.does("wrap")
        world.twilio.advance("PT20M")
        world.twilio.rest("POST", path_of(world, str(chat.task)), AssignmentStatus="completed", Reason="done")
        world.twilio.advance("PT1H")

        assert chat.state == "closed"


@pytest.mark.parametrize("how", ["delete", "expire"])
def test_a_customer_who_waits_while_the_task_is_lost_is_reported_by_the_next_sweeps(how: str) -> None:
    """The list of tasks shows that the chat has none any more."""
    with World() as world:
        world.schedule_sweep()
        chat = world.twilio.chat()
        chat.says("customer", "hi")
        chat.says("agent", "hm")
        chat.says("customer", "but when?")
        world.twilio.advance("PT15M")
        chat.does(how)
        world.twilio.advance("PT15M")

        assert alarms(world, chat) == ["unread"]


def test_a_task_that_only_mentions_a_lost_chat_keeps_it_for_as_long_as_an_invite() -> None:
    """Without an interaction it might be a transfer; nobody takes it, and the customer was answered."""
    with World() as world:
        world.schedule_sweep()
        chat = world.twilio.answered(interaction=False)
        world.twilio.advance("PT8M")
        world.twilio.add_foreign_task(chat.conversation)
        chat.does("delete")
        world.twilio.advance("PT50M")
        kept = chat.state
        world.twilio.advance("PT2H")

        assert (kept != "closed", chat.state) == (True, "closed")


@pytest.mark.parametrize("at", ["PT2M", "PT12M"])
def test_a_finished_callback_does_not_keep_a_bots_chat(at: str) -> None:
    """It only mentioned the chat, and nothing proves that an agent ever had it."""
    with World() as world:
        world.schedule_sweep()
        chat = world.twilio.chat("bot")
        chat.says("customer", "call me back, please")
        task = take_callback_of(world, chat)
        chat.says("bot", "we will call you")
        world.twilio.advance(at)
        world.twilio.rest("POST", path_of(world, task), AssignmentStatus="completed", Reason="called")
        world.twilio.advance("PT3H")

        assert (chat.state, chat.ours) == ("closed", ["warning", "closing"])


@pytest.mark.parametrize("how", ["delete", "expire"])
def test_a_task_that_was_noted_in_the_queue_has_an_hour_for_its_events_once_it_is_lost(how: str) -> None:
    """It could not be proven then; an agent has had the chat for more than an hour since."""
    with World(dialect={"eventLag": "a_minute"}) as world:
        world.schedule_sweep()
        chat = world.twilio.chat("queued", interaction=False)
        chat.says("customer", "hello?")
        world.twilio.advance("PT12M")
        chat.does("accept")
        for _ in range(12):
            chat.says("customer", "and this?")
            world.twilio.advance("PT3M")
            chat.says("agent", "this is how")
            world.twilio.advance("PT3M")
        chat.says("agent", "anything else?")
        world.twilio.advance("PT7M50S")
        chat.does(how)
        world.twilio.advance("PT3H")

        assert chat.state == "closed"
