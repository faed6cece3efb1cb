"""Policies and modes end to end: the function and Twilio in one process, in virtual time."""

from typing import Any

import pytest

from function.settings import Mode
from laptop.ours import kind_of_ours
from sandbox.network import Fault
from tests.world.world import Chat, World

DE = {"default": "ended", "de": "beendet"}


def world(timeout: str = "PT10M", mode: Mode = Mode.ENFORCE, **inside: Any) -> World:
    """Return an account whose deployment has this policy."""
    return World({"timeout": timeout, "policy": inside}, mode=mode)


def writes(world: World) -> list[str]:
    """Return the requests that changed something."""
    return [f"{each.method} {each.path}" for each in world.twilio.requests() if each.method != "GET"]


def texts(chat: Chat) -> list[str]:
    """Return what we posted, in order."""
    return [message.text for message in chat.truth.messages if kind_of_ours(message)]


def reasons(world: World, chat: Chat) -> list[str]:
    """Return what was decided about a chat and why, in order."""
    return [f"{line['decision']} {line['reason']}" for line in world.lines(conversation=chat.conversation)]


def forget(world: World) -> None:
    """Clear the log of requests."""
    world.twilio.clear_log()


# -- modes -------------------------------------------------------------------------------------------------------------

STAGES: list[dict[str, Any]] = [
    {},
    {"channel": "whatsapp"},
    {"interaction": False},
    {"stage": "queued"},
    {"stage": "bot"},
    {"stage": "wrapping"},
]


def play(world: World) -> list[Chat]:
    """Create chats of every kind that just became silent; in the last one the agent is silent."""
    chats = [world.twilio.chat(**options) for options in STAGES]
    for chat, options in zip(chats, STAGES, strict=True):
        stage = options.get("stage", "assigned")
        chat.says("customer")
        if stage in {"assigned", "bot"}:
            chat.says("agent" if stage == "assigned" else "bot")
    chats.append(world.twilio.answered())
    chats[-1].says("customer", "and now?")
    forget(world)
    return chats


@pytest.mark.parametrize("warnings", [[], [{"before": "PT2M"}]])
def test_observe_changes_nothing_and_decides_as_enforce_does(warnings: list[Any]) -> None:
    """No request writes, for days; the first event of each chat has the same decision, reason and rule."""
    decided: dict[Mode, list[list[str]]] = {}
    for mode in (Mode.ENFORCE, Mode.OBSERVE):
        with world(mode=mode, warnings=warnings, whenQueued={"do": "end", "after": "PT20M"}) as its_world:
            chats = play(its_world)
            its_world.twilio.advance("P2D")
            firsts = [its_world.lines(conversation=chat.conversation)[0] for chat in chats]
            decided[mode] = [[line["decision"], line["reason"], line["rule"]] for line in firsts]
            assert (not writes(its_world)) == (mode is Mode.OBSERVE)
            if mode is Mode.OBSERVE:
                assert {line["outcome"] for line in its_world.lines(event="decision")} == {"withheld"}

    assert decided[Mode.OBSERVE] == decided[Mode.ENFORCE]


def test_observe_changes_nothing_when_twilio_fails() -> None:
    """Not even a timer is set for another attempt."""
    with world(mode=Mode.OBSERVE) as its_world:
        chat = its_world.twilio.answered()
        forget(its_world)
        its_world.hooks.trouble = lambda call: Fault.UNAVAILABLE if "Messages" in call.name else None
        its_world.twilio.advance("PT8M")

        assert writes(its_world) == []
        assert [line["outcome"] for line in its_world.lines(conversation=chat.conversation)] == ["failed"]


def test_warn_only_warns_and_never_ends() -> None:
    """The end is decided and held back."""
    with world(mode=Mode.WARN_ONLY) as its_world:
        chat = its_world.twilio.answered()
        its_world.twilio.advance("P1D")

        assert (chat.ours, chat.task_statuses) == (["warning"], ["assigned"])
        assert chat.state != "closed"
        assert tuple(its_world.lines(conversation=chat.conversation)[-1][key] for key in ("decision", "outcome")) == (
            "end",
            "withheld",
        )


# -- who waits ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("interaction", "task"), [(True, "canceled"), (False, "pending")])
def test_a_customer_who_was_queued_for_too_long_is_informed_and_released(interaction: bool, task: str) -> None:
    """The text is not the one for silent customers; the task is ended, unless it may be another chat's."""
    with world(whenQueued={"do": "end", "after": "PT15M"}, texts={"unanswered": "sorry"}) as its_world:
        chat = its_world.twilio.chat("queued", interaction=interaction)
        chat.says("customer")
        its_world.twilio.advance("PT14M50S")
        before = chat.ours, chat.state
        its_world.twilio.advance("PT1M")

        assert before == ([], "active")
        assert texts(chat) == ["sorry"]
        assert chat.state == "closed"
        assert chat.task_statuses == [task]
        assert reasons(its_world, chat) == ["rearm queued", "end queued"]


def test_a_customer_who_wrote_long_before_they_were_queued_is_released_too() -> None:
    """The wait counts from the task, so it is not older than a day only because the message is."""
    with World({"policy": {"whenQueued": {"do": "end", "after": "PT1H"}}}) as world:
        world.schedule_sweep()
        chat = world.twilio.chat("bot")
        chat.says("bot", "we open on Monday")
        chat.says("customer", "hello?")
        world.twilio.advance("PT30H")
        found = world.simulation.chats.find(chat.conversation)
        found.start_interaction()
        found.enqueue()
        world.twilio.advance("PT2H")

        assert (chat.state, chat.ours) == ("closed", ["closing"])


def test_a_chat_that_was_accepted_a_second_before_is_not_ended() -> None:
    """The wait in the queue is over."""
    with world(whenQueued={"do": "end", "after": "PT15M"}) as its_world:
        chat = its_world.twilio.chat("queued")
        chat.says("customer")
        its_world.twilio.advance("PT14M59S")
        chat.does("accept")
        its_world.twilio.advance("P1D")

        assert (chat.ours, chat.task_statuses) == ([], ["assigned"])


def test_a_silent_agent_is_reported_once_per_silence() -> None:
    """It is reported on the task, in the log and to the customer; nobody is ended."""
    policy = {"whenAgentSilent": {"do": "notify", "after": "PT15M"}, "texts": {"agentSilent": "we have not forgotten"}}
    with world(**policy) as its_world:
        chat = its_world.twilio.answered(attributes={"vip": True})
        its_world.twilio.advance("PT1M")
        chat.says("customer", "and?")
        its_world.twilio.advance("PT14M50S")
        before = chat.ours
        its_world.twilio.advance("PT3H")
        once = list(texts(chat))
        mark = chat.truth.tasks[0].attributes
        chat.says("agent", "here I am")
        chat.says("customer", "at last")
        its_world.twilio.advance("PT3H")

        assert before == []
        assert once == ["we have not forgotten"]
        assert (
            mark["inactivityTimeout"]["agentSilent"],
            mark["vip"],
        ) == ({"answeredIndex": 2, "since": "2026-01-05T00:01:00Z"}, True)
        assert set(mark["inactivityTimeout"]) == {"agentSilent"}, "the claim is given back"
        assert texts(chat) == ["we have not forgotten"] * 2
        lines = its_world.lines(conversation=chat.conversation, decision="notify")
        assert [line["severity"] for line in lines] == ["WARNING", "WARNING"]
        assert chat.task_statuses == ["assigned"]


def test_a_chat_whose_agent_never_answers_ends_if_the_policy_says_so() -> None:
    """The text is the one for waiting customers."""
    with world(whenAgentSilent={"do": "end", "after": "PT16M"}, texts={"unanswered": "sorry"}) as its_world:
        chat = its_world.twilio.answered()
        chat.says("customer", "and?")
        its_world.twilio.advance("PT16M")

        assert (texts(chat), chat.state, chat.task_statuses) == (["sorry"], "closed", ["completed"])
        assert reasons(its_world, chat) == ["rearm agent_silent", "end agent_silent"]


def test_a_silence_of_an_agent_is_a_notice_in_the_log_once() -> None:
    """The number of events does not matter; the next silence is a new one."""
    with world() as its_world:
        chat = its_world.twilio.answered()
        chat.says("customer", "and?")
        its_world.twilio.advance("PT8M")
        for _ in range(3):
            its_world.instance.receive(its_world.twilio.event(chat))
        chat.says("agent", "here I am")
        chat.says("customer", "good")
        its_world.twilio.advance("PT8M")

        lines = its_world.lines(conversation=chat.conversation, reason="agent_silent")
        assert [(line["severity"], line.get("repeated")) for line in lines] == [
            ("NOTICE", None),
            *[("INFO", True)] * 3,
            ("NOTICE", None),
        ]


# -- rules, languages, exemptions --------------------------------------------------------------------------------------


def test_each_chat_gets_its_own_rule_and_language() -> None:
    """Each has its own times, whatever the account's timer is."""
    rules = [
        {"name": "texting", "match": {"channel": "sms"}, "timeout": "PT1H", "warnings": []},
        {"name": "vip", "match": {"task": {"vip": True}}, "timeout": "PT20M"},
    ]
    with world(rules=rules, texts={"closing": DE}) as its_world:
        plain = its_world.twilio.answered(language="de-AT")
        sms = its_world.twilio.answered(channel="sms", language="fr")
        vip = its_world.twilio.answered(attributes={"vip": True})
        closed: list[list[bool]] = []
        for duration in ("PT10M", "PT10M", "PT40M"):
            its_world.twilio.advance(duration)
            closed.append([chat.state == "closed" for chat in (plain, vip, sms)])

        assert closed == [[True, False, False], [True, True, False], [True, True, True]]
        assert [texts(chat)[-1] for chat in (plain, sms, vip)] == ["beendet", "ended", "ended"]
        assert (vip.ours, sms.ours) == (["warning", "closing"], ["closing"])
        rules_seen = [its_world.lines(conversation=chat.conversation)[-1]["rule"] for chat in (plain, sms, vip)]
        assert rules_seen == ["default", "texting", "vip"]


def test_three_warnings_and_an_end_at_their_times() -> None:
    """Each has its own text."""
    warnings = [{"before": "PT6M", "text": "6"}, {"before": "PT3M", "text": "3"}, {"before": "PT1M", "text": "1"}]
    with world(warnings=warnings) as its_world:
        chat = its_world.twilio.answered()
        seen = []
        for _ in range(10):
            its_world.twilio.advance("PT1M")
            seen.append(len(chat.ours))

        assert seen == [0, 0, 0, 1, 1, 1, 2, 2, 3, 4]
        assert texts(chat)[:3] == ["6", "3", "1"]
        assert chat.state == "closed"


def test_an_exempt_or_held_chat_is_not_touched() -> None:
    """Nothing is written for the exempt one, and only the timer for the held one, until its time is over."""
    with world(exempt={"task": {"vip": True}}) as its_world:
        vip = its_world.twilio.answered(attributes={"vip": True})
        held = its_world.twilio.answered(attributes={"doNotTimeOutUntil": "2026-01-05T00:14:00Z"})
        email = its_world.twilio.answered(channel="email")
        its_world.twilio.advance("PT13M")
        before = [chat.ours for chat in (vip, held, email)]
        its_world.twilio.advance("PT10M")

        assert before == [[], [], []]
        assert (vip.ours, email.ours, held.state) == ([], [], "closed")
        assert held.ours == ["warning", "closing"]
        assert reasons(its_world, vip) == ["keep exempt"]
        assert reasons(its_world, email) == ["keep email"]
        assert reasons(its_world, held)[0] == "rearm do_not_time_out"


# -- how it ends -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("interaction", [True, False])
def test_a_task_may_be_left_to_its_agent_for_wrapping_up(interaction: bool) -> None:
    """The conversation is closed, and the task is wrapping."""
    with world(taskEnding="wrap") as its_world:
        chat = its_world.twilio.answered(interaction=interaction)
        its_world.twilio.advance("PT10M")

        assert (chat.state, chat.task_statuses) == ("closed", ["wrapping"])
        assert chat.ours == ["warning", "closing"]


@pytest.mark.parametrize(("answered_after", "said"), [("PT23H45M", ["closing"]), ("PT23H55M", [])])
def test_on_whatsapp_nothing_is_posted_outside_the_window(answered_after: str, said: list[str]) -> None:
    """The customer's last message is 24 hours old; they are released anyway, and the log gives the reason."""
    with world(warnings=[]) as its_world:
        chat = its_world.twilio.chat("bot", channel="whatsapp")
        chat.says("customer")
        its_world.twilio.advance(answered_after)
        for _ in range(25):
            chat.says("bot")
        its_world.twilio.advance("PT10M")

        facts = its_world.lines(conversation=chat.conversation, decision="end")[-1]["facts"]
        assert (chat.ours, chat.state) == (said, "closed")
        assert (facts["notified"], facts.get("unsaid")) == (bool(said), None if said else "outside_window")


def test_a_customer_whom_no_message_reaches_is_released_all_the_same() -> None:
    """For example, they opted out: Twilio refuses the warning and the notice, and the chat ends."""
    with world() as its_world:
        chat = its_world.twilio.answered(channel="sms")
        its_world.twilio.fault("POST .*/Messages$", kind="status", status=400, code=21610, times=None)
        its_world.twilio.advance("PT10M")

        assert (chat.ours, chat.state, chat.task_statuses) == ([], "closed", ["completed"])
        assert reasons(its_world, chat) == ["rearm not_yet", "end customer_silent"]
        facts = its_world.lines(conversation=chat.conversation)[-1]["facts"]
        assert (facts["notified"], facts["unsaid"]) == (False, "refused")


def test_a_transfer_is_checked_once_per_first_step_not_every_minute() -> None:
    """That is at most eight checks in the hour that an invite may take."""
    with world() as its_world:
        chat = its_world.twilio.answered()
        chat.does("transfer")
        its_world.twilio.advance("PT59M50S")

        assert reasons(its_world, chat) == ["rearm transfer"] * len(reasons(its_world, chat))
        assert 1 <= len(reasons(its_world, chat)) <= 8
        assert chat.ours == []


def test_a_transfer_that_nobody_accepts_keeps_the_chat_for_as_long_as_the_policy_says() -> None:
    """Then the customer's silence counts again: they are warned and released, and both tasks end."""
    with world(pendingInvite="PT20M") as its_world:
        chat = its_world.twilio.answered()
        chat.does("transfer")
        its_world.twilio.advance("PT19M50S")
        before = chat.ours
        its_world.twilio.advance("PT10S")
        warned = chat.ours
        its_world.twilio.advance("PT2M")

        assert (before, warned, chat.ours) == ([], ["warning"], ["warning", "closing"])
        assert chat.state == "closed"
        assert {"completed", "canceled"} >= set(chat.task_statuses)


def test_a_customer_who_waits_while_nobody_accepts_a_transfer_is_never_cut_off() -> None:
    """The limit is for silent customers."""
    with world(pendingInvite="PT20M") as its_world:
        chat = its_world.twilio.answered()
        chat.says("customer")
        chat.does("transfer")
        its_world.twilio.advance("PT23H")

        assert (chat.ours, chat.state) == ([], "inactive")
        assert reasons(its_world, chat)[-1] == "keep agent_silent"


@pytest.mark.parametrize("forgets", [False, True])
def test_a_finished_chat_that_stays_open_is_ended_without_a_notice_if_the_policy_says_so(forgets: bool) -> None:
    """It would block the customer's number; TaskRouter's events show that the agent completed the task.

    Which task it was is known from a note, or by the process that saw it.
    """
    warnings = [{"before": "PT2M"}] if forgets else []
    with world(whenLeftOver={"do": "end", "after": "PT1H"}, warnings=warnings) as its_world:
        its_world.schedule_sweep()
        chat = its_world.twilio.answered(channel="sms")
        its_world.twilio.advance("PT9M")
        chat.says("customer")
        its_world.twilio.advance("PT10M")
        chat.says("agent")
        complete(its_world, chat)
        if forgets:
            its_world.restart()
        said = chat.ours
        its_world.twilio.advance("PT59M50S")
        before = chat.state
        its_world.twilio.advance("PT10M")

        assert before != "closed"
        assert (chat.state, chat.ours, chat.task_statuses) == ("closed", said, ["completed"])
        last = its_world.lines(conversation=chat.conversation, event="decision")[-1]
        assert (last["decision"], last["reason"], last["facts"]["lastTask"]) == ("end", "left_over", "finished")


def complete(its_world: World, chat: Chat) -> None:
    """Complete the task as the agent does; the chat stays open."""
    path = f"taskrouter/v1/Workspaces/{its_world.twilio.account.workspace_sid}/Tasks/{chat.task}"
    its_world.twilio.rest("POST", path, AssignmentStatus="completed", Reason="done")


def test_a_bot_that_takes_part_is_no_agent_if_the_policy_names_it() -> None:
    """Its message does not answer a waiting customer; without the name it counts as an agent's."""
    for bots, said in (("agent", []), ("another", ["warning"])):
        with world(bots=[bots]) as its_world:
            chat = its_world.twilio.answered()
            its_world.twilio.advance("PT8M")

            assert chat.ours == said


def test_a_check_in_the_last_minute_leaves_the_timer() -> None:
    """A timer cannot be shorter than a minute, so setting it again would make the warning late."""
    with world(whenQueued={"do": "end", "after": "PT30M"}) as its_world:
        its_world.schedule_sweep()
        its_world.twilio.advance("PT12M22S")  # so that a sweep that notes tasks comes 22 seconds before the warning
        chat = its_world.twilio.answered()
        its_world.twilio.advance("PT8M")

        assert chat.ours == ["warning"]
        assert reasons(its_world, chat)[0] == "rearm not_yet"
