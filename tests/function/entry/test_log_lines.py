"""What the function answers and logs: one line each, with the keys and severities that alerts use."""

import json
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlencode

import pytest
from werkzeug.test import EnvironBuilder

from function.settings import Mode
from sandbox.network import Call, Fault
from simulator.webhooks import sign
from tests.world.world import PUBLIC_URL, Chat, World

FORM = {"Content-Type": "application/x-www-form-urlencoded"}


def head(line: dict[str, Any]) -> tuple[str, ...]:
    """Return the fields that an alert uses."""
    return tuple(line.get(key, "") for key in ("severity", "message", "event", "decision", "reason", "outcome"))


def last(world: World, chat: Chat) -> tuple[str, ...]:
    """Return the newest line about a chat."""
    return head(world.lines(conversation=chat.conversation)[-1])


def everywhere(fault: Fault, *, but: str = "nothing") -> Callable[[Call], Fault | None]:
    """Let every call except one fail."""
    return lambda call: None if call.name.startswith(but) else fault


# -- refused, or none of our business ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("method", "path", "body", "status", "reason"),
    [
        ("GET", "/conversations", b"", 405, "not_a_post"),
        ("PUT", "/conversations", b"a=b", 405, "not_a_post"),
        ("POST", "/elsewhere", b"a=b", 403, "unknown_route"),
        ("POST", "/conversations", b"x" * (64 * 1024 + 1), 413, "too_large"),
        ("POST", "/conversations", b"x" * (64 * 1024), 403, "not_signed_by_twilio"),
        ("POST", "/conversations/", b"a=b", 403, "not_signed_by_twilio"),
        ("POST", "/tasks", b"\xff", 403, "not_signed_by_twilio"),
    ],
)
def test_strangers_are_refused_with_a_warning(method: str, path: str, body: bytes, status: int, reason: str) -> None:
    """Nothing of what they sent is logged, and Twilio is not called."""
    with World() as world:
        assert world.instance.answer(method, path, body, FORM) == status

        (line,) = world.lines()
        assert set(line) == {"severity", "message", "event", "reason", "count", "durationMs"}
        assert head(line) == ("WARNING", f"Refused with {status}", "refused", "", reason, "")


@pytest.mark.parametrize("body", [b"a=b", b"\xff", b""])
def test_a_signature_of_somebody_else_is_refused(body: bytes) -> None:
    """This holds also if the body is not a form."""
    with World() as world:
        assert world.instance.answer("POST", "/tasks", body, FORM | {"X-Twilio-Signature": "c2lnbmVk"}) == 403
        assert world.lines()[-1]["reason"] == "not_signed_by_twilio"


def test_a_body_of_unknown_size_is_not_read_to_its_end() -> None:
    """Reading stops one byte after the maximum."""
    with World() as world:
        environ = EnvironBuilder("/conversations", method="POST", data=b"x" * 100_000).get_environ()
        forged = "a" * 27 + "="
        environ |= {"CONTENT_LENGTH": "", "wsgi.input_terminated": True, "HTTP_X_TWILIO_SIGNATURE": forged}

        assert world.instance.answer_environ(environ) == 413
        assert environ["wsgi.input"].tell() < 100_000


def test_a_malformed_event_is_logged_by_its_parameter() -> None:
    """400: Twilio need not send it again."""
    with World() as world:
        event = {"AccountSid": world.account_sid}
        signature = sign(world.auth_token, f"{PUBLIC_URL}/conversations", event.items())
        headers = FORM | {"X-Twilio-Signature": signature}

        assert world.instance.answer("POST", "/conversations", urlencode(event).encode(), headers) == 400
        assert head(world.lines()[0]) == ("WARNING", "Refused with 400", "refused", "", "EventType is missing", "")


def test_an_event_that_is_not_ours_is_answered_without_a_call() -> None:
    """204, and the line says why."""
    with World() as world:
        chat = world.twilio.answered()
        event = world.twilio.event(chat, Reason="API")

        assert world.instance.receive(event) == 204
        (line,) = world.lines()
        assert set(line) == {"severity", "message", "event", "reason", "conversation", "durationMs"}
        assert head(line) == ("INFO", "None of our business", "ignored", "", "not_by_timer", "")
        assert line["conversation"] == chat.conversation


def test_a_conversation_that_does_not_exist_is_ignored() -> None:
    """It was deleted, or is another service's: 204."""
    with World() as world:
        event = world.twilio.event(world.twilio.answered(), ConversationSid="CH" + "0" * 32)

        assert world.instance.receive(event) == 204
        assert head(world.lines()[-1]) == ("INFO", "There is no such conversation", "ignored", "", "gone", "")


# -- Twilio does not let us --------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("but", "sentence", "outcome"),
    [
        ("nothing", "Twilio did not let us finish", "failed"),
        ("POST Services/IS/Conversations/CH", "Twilio did not let us finish; its timer calls again", "called_back"),
    ],
)
def test_if_nothing_can_be_read_a_timer_is_set(but: str, sentence: str, outcome: str) -> None:
    """The timer is a minute, if setting it works; the error names the failed call."""
    with World() as world:
        chat = world.twilio.answered()
        world.hooks.trouble = everywhere(Fault.UNAVAILABLE, but=but)

        assert world.instance.receive(world.twilio.event(chat)) == 503
        assert last(world, chat) == ("ERROR", sentence, "failed", "", "", outcome)
        assert "503" in world.lines()[-1]["error"]
        fires_at = datetime.fromisoformat(world.twilio.rest("GET", chat.path)["timers"]["date_inactive"])
        assert fires_at - world.now == (timedelta(minutes=1 if outcome == "called_back" else 8))


def test_an_acceptance_that_fails_is_sent_again_by_taskrouter() -> None:
    """503 asks for it; a conversation that does not exist is ignored."""
    with World(arm_on_accept=True) as world:
        world.twilio.listen(PUBLIC_URL)
        chat = world.twilio.chat("queued")
        world.hooks.trouble = everywhere(Fault.UNAVAILABLE)
        chat.does("accept")
        failed = last(world, chat)
        world.hooks.trouble = everywhere(Fault.MISSING)
        other = world.twilio.chat("queued")
        other.does("accept")

        sentence = "Twilio did not let us give the chat its timer; its event comes again"
        assert failed == ("ERROR", sentence, "failed", "", "", "failed")
        assert last(world, other) == ("INFO", "There is no such conversation", "ignored", "", "gone", "")


def test_the_line_of_an_acceptance_says_which_timer_or_why_none() -> None:
    """It also has the status of conversation, task and channel."""
    with World(arm_on_accept=True) as world:
        world.twilio.listen(PUBLIC_URL)
        chat = world.twilio.chat("queued")
        chat.does("accept")
        event = world.twilio.accepted(chat)
        signature = sign(world.auth_token, f"{PUBLIC_URL}/tasks", event.items())
        headers = FORM | {"X-Twilio-Signature": signature}
        assert world.instance.answer("POST", "/tasks", urlencode(event).encode(), headers) == 204
        armed, kept = world.lines(event="accepted")

        for line in (armed, kept):
            assert "fetch_task" in [call["name"] for call in line.pop("calls")]
            del line["durationMs"]
        facts = {"state": "active", "task": chat.task, "taskStatus": "assigned", "channelStatus": "active"}
        same = {
            "severity": "INFO",
            "event": "accepted",
            "conversation": chat.conversation,
            "rule": "default",
            "at": "2026-01-05T00:00:00Z",
        }
        assert armed == same | {
            "message": "An agent accepted, and the chat got its timer",
            "decision": "arm",
            "reason": "new_task",
            "facts": {"timer": "PT8M"} | facts,
            "outcome": "done",
        }
        assert kept == same | {
            "message": "An agent accepted; the chat gets no new timer",
            "decision": "keep",
            "reason": "armed_already",
            "facts": {"timer": None} | facts,
            "outcome": "kept",
        }


# -- decided -----------------------------------------------------------------------------------------------------------


def test_the_line_of_a_warning_says_everything_that_the_decision_was_based_on() -> None:
    """Who wrote last and when, what is due, who has the chat, which calls were made, and Twilio's own time."""
    with World() as world:
        chat = world.twilio.answered()
        world.twilio.advance("PT8M")

        (line,) = world.lines(conversation=chat.conversation)
        calls = line.pop("calls")
        assert set(calls[0]) == {"name", "status", "ms"}
        assert tuple(calls[0].values()) == ("fetch_conversation", 200, 20.0)
        assert "post_warning" in [call["name"] for call in calls]
        del line["durationMs"]
        assert line == {
            "severity": "INFO",
            "message": "Warned the silent customer",
            "event": "decision",
            "conversation": chat.conversation,
            "decision": "warn",
            "reason": "customer_silent",
            "rule": "default",
            "facts": {
                "lastWord": "agent",
                "answers": 1,
                "silentFor": "PT8M",
                "step": 1,
                "waitingFor": None,
                "notified": None,
                "unsaid": None,
                "state": "inactive",
                "liveTasks": 1,
                "task": chat.task,
                "taskStatus": "assigned",
                "channelStatus": "active",
                "unknownStatus": None,
                "lastTask": None,
                "hints": None,
                "foreign": None,
                "assigned": None,
            },
            "outcome": "done",
            "at": "2026-01-05T00:08:00Z",
        }


def test_the_line_of_an_end_says_whether_the_notice_was_posted() -> None:
    """The line of a kept chat has no such field."""
    with World({"policy": {"warnings": []}}) as world:
        chat = world.twilio.answered()
        world.twilio.advance("PT10M")
        line = world.lines(conversation=chat.conversation)[-1]

        assert head(line) == (
            "INFO",
            "Ended the chat of a silent customer",
            "decision",
            "end",
            "customer_silent",
            "done",
        )
        assert (line["facts"]["step"], line["facts"]["notified"]) == (1, True)


def test_an_agents_silence_is_a_notice_once() -> None:
    """NOTICE, with how long the customer has been waiting; the second time it is INFO."""
    with World() as world:
        chat = world.twilio.answered()
        chat.says("customer", "and now?")
        world.twilio.advance("PT8M")
        world.instance.receive(world.twilio.event(chat))
        first, second = world.lines(conversation=chat.conversation)

        assert (first["severity"], second["severity"]) == ("NOTICE", "INFO")
        assert (first["event"], first["reason"]) == ("decision", "agent_silent")
        assert (first["facts"]["waitingFor"], first.get("repeated")) == ("PT8M", None)
        assert (second["facts"]["waitingFor"], second.get("repeated")) == ("PT8M", True)


def test_a_message_about_a_silent_agent_is_a_warning_in_the_log() -> None:
    """Somebody should check."""
    waits = {"whenAgentSilent": {"do": "notify", "after": "PT5M"}, "texts": {"agentSilent": "soon"}}
    with World({"policy": waits}) as world:
        chat = world.twilio.answered()
        chat.says("customer", "and now?")
        world.twilio.advance("PT5M")

        sentence = "An agent is silent: the customer has been waiting for an answer"
        assert last(world, chat) == ("WARNING", sentence, "decision", "notify", "agent_silent", "done")


@pytest.mark.parametrize(("key", "severity"), [("whenQueued", "INFO"), ("whenAgentSilent", "NOTICE")])
def test_the_end_of_a_customer_who_waited_is_logged_as_such(key: str, severity: str) -> None:
    """The policy asked for it, and it must not be taken for a silence; that of an agent is a WARNING."""
    with World({"policy": {key: {"do": "end", "after": "PT9M"}}}) as world:
        chat = world.twilio.chat("queued" if key == "whenQueued" else "assigned")
        chat.says("customer")
        world.twilio.advance("PT10M")

        line = world.lines(conversation=chat.conversation, decision="end")[-1]
        assert head(line)[:2] == (severity, "Ended the chat of a customer who waited, as the policy says")


def test_a_late_reply_is_a_warning_in_the_log() -> None:
    """The customer wrote and the chat ended anyway: an agent should write to them."""
    with World({"policy": {"warnings": []}}) as world:
        chat = world.twilio.answered()
        waiting = [chat]

        def write(call: Call) -> None:
            if call.name.startswith("POST") and call.name.endswith("Channels/UO") and waiting:
                waiting.pop().says("customer", "wait!")

        world.hooks.before = write
        world.twilio.advance("PT10M")

        sentence = "The customer wrote while the chat was being ended"
        assert last(world, chat) == ("WARNING", sentence, "decision", "end", "customer_silent", "late_reply")


@pytest.mark.parametrize(
    ("mode", "minutes", "decision", "sentence", "outcome"),
    [
        (Mode.OBSERVE, "PT8M", "warn", "Did nothing, because of the mode", "withheld"),
        (Mode.WARN_ONLY, "PT10M", "end", "Did nothing, because of the mode", "withheld"),
    ],
)
def test_a_step_that_a_mode_holds_back_is_logged(
    mode: Mode, minutes: str, decision: str, sentence: str, outcome: str
) -> None:
    """The log shows what would have happened."""
    with World(mode=mode) as world:
        chat = world.twilio.answered()
        world.twilio.advance(minutes)

        line = world.lines(conversation=chat.conversation)[-1]
        assert head(line) == ("INFO", sentence, "decision", decision, "customer_silent", outcome)
        assert line["facts"]["notified"] is None


def test_a_chat_that_is_left_alone_differs_from_one_whose_timer_is_set() -> None:
    """In a queue no timer is needed; a transfer is checked again."""
    with World() as world:
        queued, moving = world.twilio.chat("queued"), world.twilio.answered()
        queued.says("customer")
        moving.does("transfer")
        world.twilio.advance("PT8M")

        assert last(world, queued) == ("INFO", "Left the chat alone", "decision", "keep", "queued", "kept")
        sentence = "Left the chat alone and saw to its timer"
        assert last(world, moving) == ("INFO", sentence, "decision", "rearm", "transfer", "done")


def test_the_released_task_of_a_closed_conversation_is_logged() -> None:
    """Twilio's own closed timer closed it: the agent has time to finish, and then the task is released."""
    with World() as world:
        chat = world.twilio.answered(interaction=False)
        world.twilio.rest("POST", chat.path, State="closed")
        world.instance.receive(world.twilio.event(chat, StateTo="closed"))
        left = last(world, chat)
        world.twilio.advance("PT10M")
        world.instance.receive(world.twilio.event(chat, StateTo="closed"))

        assert left == ("INFO", "Left the chat alone", "decision", "keep", "closed_by_timer", "kept")
        sentence = "Released what a closed conversation had left over"
        assert last(world, chat) == ("INFO", sentence, "decision", "finish", "closed_by_timer", "done")


def complete(world: World, chat: Chat) -> None:
    """Complete the task as the agent does; the chat stays open."""
    path = f"taskrouter/v1/Workspaces/{world.twilio.account.workspace_sid}/Tasks/{chat.task}"
    world.twilio.rest("POST", path, AssignmentStatus="completed", Reason="done")


def test_a_message_that_nobody_will_read_is_a_warning_once() -> None:
    """The decision does not matter; another process finds it noted."""
    with World() as world:
        chat = world.twilio.answered()
        complete(world, chat)
        chat.says("customer", "one more thing")
        world.twilio.advance("PT8M")
        newest = world.lines(conversation=chat.conversation)[-1]
        world.restart()
        world.instance.receive(world.twilio.event(chat))
        again = world.lines(conversation=chat.conversation)[-1]

        sentence = "Nobody has this chat, and its customer has written: nobody is going to read it"
        assert head(newest) == ("WARNING", sentence, "decision", "keep", "no_live_task", "kept")
        assert newest["alarm"] == "unread"
        assert head(again)[:2] == ("INFO", "Left the chat alone")
        assert "alarm" not in again


def test_a_chat_with_an_unknown_fate_is_a_warning_once() -> None:
    """It is kept forever."""
    with World() as world:
        chat = world.twilio.answered()
        world.twilio.fault("GET .*/Events", kind="status", status=403, times=None)
        complete(world, chat)
        world.twilio.advance("PT8M")
        for _ in range(2):
            world.instance.receive(world.twilio.event(chat))
        newest, *others = world.lines(conversation=chat.conversation)

        sentence = "Left the chat alone: nothing tells what became of its task"
        assert head(newest) == ("WARNING", sentence, "decision", "keep", "no_live_task", "kept")
        assert (newest["alarm"], newest["facts"]["lastTask"]) == ("fate_unknown", "unknown")
        assert [head(each)[:2] for each in others] == [("INFO", "Left the chat alone")] * 2


def test_an_end_with_a_hint_left_is_a_warning() -> None:
    """The line has the SID: nothing was written to that task, and an agent may still get it."""
    with World({"policy": {"whenQueued": {"do": "end", "after": "PT9M"}}}) as world:
        chat = world.twilio.chat("queued", interaction=False)
        chat.says("customer")
        world.twilio.advance("PT9M")

        line = world.lines(conversation=chat.conversation, decision="end")[-1]
        assert (line["severity"], line["outcome"], line["facts"]["hints"]) == ("WARNING", "done", [chat.task])


def test_an_end_that_leaves_a_task_with_its_agent_is_an_error() -> None:
    """The line has the SID: neither closing the channel nor ending the task worked."""
    with World({"policy": {"warnings": []}}) as world:
        chat = world.twilio.answered()
        read = r"GET .*/Tasks/WT\w+$"
        world.twilio.fault(read, kind="odd", at="assignment_status", value="assigned", nth=2, times=None)
        world.twilio.advance("PT10M")

        line = world.lines(conversation=chat.conversation)[-1]
        sentence = "Ended the chat; its agent still has the task"
        assert head(line) == ("ERROR", sentence, "decision", "end", "customer_silent", "done")
        assert line["facts"]["assigned"] == [chat.task]


def test_a_task_that_only_mentions_a_chat_is_named() -> None:
    """The line shows why it was left alone."""
    with World() as world:
        chat = world.twilio.answered()
        workspace = f"taskrouter/v1/Workspaces/{world.twilio.account.workspace_sid}"
        copy = world.twilio.rest("POST", f"{workspace}/Tasks", Attributes=json.dumps(chat.truth.tasks[0].attributes))
        world.twilio.advance("PT8M")

        assert world.lines(conversation=chat.conversation)[-1]["facts"]["foreign"] == [copy["sid"]]


# -- swept -------------------------------------------------------------------------------------------------------------


def lost(world: World, *chats: Chat) -> None:
    """Let the chats' events be lost, and sweep a moment later."""
    world.configure(webhook=f"{PUBLIC_URL}/elsewhere")
    world.twilio.advance("PT10M")
    world.clear_log()


def test_the_line_of_a_sweep_counts_the_outcomes() -> None:
    """Some counts are always there, others only if they are not zero."""
    with World({"policy": {"warnings": []}}) as world:
        silent, kept = world.twilio.answered(), world.twilio.chat("queued")
        kept.says("customer")
        lost(world, silent, kept)

        assert world.sweeper.sweep() == 200
        (line,) = world.lines(event="sweep")
        calls = line.pop("callsByName")
        assert (calls["close_channel"], calls["list_inactive"], calls["fetch_conversation"]) == (1, 1, 4)
        del line["durationMs"]
        counts = {"read": 2, "warned": 0, "ended": 1, "kept": 1, "deferred": 0, "errors": 0}
        shown = {"ending": "done", "listed": 2, "candidates": 2, **counts, "oldest": "PT0S"}
        assert line == {"severity": "INFO", "message": "Swept", "event": "sweep", **shown}
        assert world.sweeper.summaries == [shown]
        assert {each["by"] for each in world.lines(event="decision")} == {"sweep"}


def test_a_sweep_that_may_end_no_more_says_so_of_the_others() -> None:
    """They are first in the next sweep."""
    with World({"policy": {"warnings": []}}, max_ends_per_sweep=1) as world:
        chats = [world.twilio.answered(), world.twilio.answered()]
        lost(world, *chats)
        world.sweeper.sweep()

        sentence = "Left to the next sweep: this one has ended as many chats as it may"
        lines = world.lines(event="decision", outcome="deferred")
        assert [*map(head, lines)] == [("INFO", sentence, "decision", "end", "customer_silent", "deferred")]
        assert world.lines(event="sweep")[-1]["deferred"] == 1


def test_a_silence_of_more_than_a_day_is_logged_and_left_alone() -> None:
    """A customer should get no message about last week."""
    with World({"policy": {"warnings": []}}) as world:
        chat = world.twilio.chat("bot")
        chat.says("bot")
        lost(world, chat)
        world.twilio.advance("P2D")
        world.sweeper.sweep()

        sentence = "Left alone: this silence is older than a day"
        assert last(world, chat) == ("INFO", sentence, "decision", "end", "customer_silent", "too_old")


def test_one_chat_that_fails_is_logged_and_many_end_the_sweep() -> None:
    """WARNING and 503 when Twilio seems to be down; ERROR when not even the lists can be read."""
    with World() as world:
        chats = [world.twilio.answered() for _ in range(12)]
        lost(world, *chats)
        world.hooks.trouble = lambda call: Fault.UNAVAILABLE if call.name.endswith("CH/Messages") else None
        assert world.sweeper.sweep() == 503
        failed, swept = world.lines(event="failed"), world.lines(event="sweep")[-1]
        world.hooks.trouble = everywhere(Fault.UNAVAILABLE)
        assert world.sweeper.sweep() == 503
        down = world.lines(event="sweep")[-1]

        sentence = "This conversation could not be finished; it is tried again, after growing pauses"
        assert head(failed[0]) == ("ERROR", sentence, "failed", "", "", "failed")
        assert "503" in failed[0]["error"]
        assert (swept["severity"], swept["message"], swept["ending"]) == ("WARNING", "Swept", "twilio_down")
        assert len(failed) == swept["errors"] < 12
        assert head(down)[:2] == ("ERROR", "Twilio is down; the next sweep tries again")
        assert "503" in down["error"]
