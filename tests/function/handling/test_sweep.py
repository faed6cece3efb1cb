"""The sweep finds what a lost webhook left, once, in time, at the cost of pages plus candidates."""

import threading
from collections.abc import Callable
from dataclasses import replace

import pytest

from function.bootstrap import bootstrap
from function.handling import Candidate, Ending, Report, Summary, Sweep
from function.handling import sweep as sweeping
from function.policy import Policy
from function.twilio_api.attempt import Attempt
from function.twilio_api.errors import UnavailableError
from tests.world.driving import Chat, Twilio
from tests.world.running import RunningFunction, settings_for

Sweeper = Callable[..., Sweep]


@pytest.fixture
def reports() -> list[Report | Exception]:
    """Return what the sweeps of this test reported."""
    return []


@pytest.fixture
def sweeper(twilio: Twilio, policy: Policy) -> Sweeper:
    """Return a factory of sweeps of a new process; nobody receives webhooks."""
    twilio.configure("http://127.0.0.1:9/conversations", "PT8M")
    twilio.disturb(drop=1.0)

    def make(max_ends: int = 1000, **settings: object) -> Sweep:
        reports = replace(settings_for(twilio, 9, policy), **settings)  # type: ignore[arg-type]
        return bootstrap(replace(reports, max_ends_per_sweep=max_ends)).sweeping

    return make


def silent(twilio: Twilio, **options: object) -> Chat:
    """Return a chat whose customer was asked something."""
    chat = twilio.chat(**options)  # type: ignore[arg-type]
    chat.says("customer", "hello")
    chat.says("agent", "how can I help?")
    return chat


def run(sweep: Sweep, reports: list[Report | Exception] | None = None) -> Summary:
    """Sweep once; no conversation may fail."""
    came: list[Report | Exception] = reports if reports is not None else []

    def on_report(_attempt: Attempt, _candidate: Candidate, what: Report | Exception) -> None:
        came.append(what)

    summary = sweep.run(on_report)
    if reports is None:
        assert [each for each in came if isinstance(each, Exception)] == []
    return summary


def test_every_lost_webhook_is_found_within_the_bound(twilio: Twilio, sweeper: Sweeper) -> None:
    """All webhooks are lost and a sweep runs every five minutes: each step is at most one interval late."""
    chats = [silent(twilio) for _ in range(12)]
    sweep, states = sweeper(), []

    for _ in range(4):
        twilio.advance("PT5M")
        run(sweep)
        states.append([chat.state for chat in chats])

    assert [chat.ours for chat in chats] == [["warning", "closing"]] * 12
    assert [chat.task_statuses for chat in chats] == [["completed"]] * 12
    assert states[2] == ["closed"] * 12, "due after 10 minutes, seen after 15"


def test_a_customer_who_waits_is_kept_and_not_read_again(twilio: Twilio, sweeper: Sweeper) -> None:
    """The second sweep reads only lists: 25 kept chats, one page, no task list."""
    chats = [twilio.chat() for _ in range(25)]
    for chat in chats:
        chat.says("customer", "hello?")
    twilio.advance("PT9M")
    sweep = sweeper()
    first = run(sweep)
    twilio.advance("PT5M")

    second = run(sweep)

    assert (first.candidates, first.counts["kept"]) == (25, 25)
    assert (second.listed, second.candidates) == (25, 0)
    assert dict(second.calls) == {"list_inactive": 1}
    assert {chat.state for chat in chats} == {"inactive"}


def test_the_cost_is_pages_plus_candidates(twilio: Twilio, sweeper: Sweeper) -> None:
    """300 open conversations: three pages, one list of active ones, one of tasks; then only what changed is read."""
    chats = [twilio.chat() for _ in range(300)]
    for chat in chats:
        chat.says("customer", "hello?")
    twilio.advance("PT9M")
    sweep = sweeper()
    first = run(sweep)
    chats[7].says("agent", "here I am")
    twilio.advance("PT9M")

    second = run(sweep)

    pages = {"list_inactive": 3, "list_active": 1, "list_live_tasks": 1}
    assert {name: first.calls[name] for name in pages} == pages
    assert (first.candidates, first.counts["kept"]) == (300, 300)
    assert (second.candidates, second.counts["warned"]) == (1, 1)
    assert sum(second.calls.values()) <= 3 + 1 + 12, "pages, the list of tasks, one warning"
    assert first.calls["find_tasks"] == 0, "the list of tasks spares the limited search"


def test_a_change_is_seen_although_the_chat_was_kept(twilio: Twilio, sweeper: Sweeper) -> None:
    """The kept chat's agent writes, the customer goes silent, and the webhook is lost."""
    chat = twilio.chat()
    chat.says("customer", "hello?")
    twilio.advance("PT9M")
    sweep = sweeper()
    run(sweep)
    chat.says("agent", "here I am")
    twilio.advance("PT8M")

    assert run(sweep).counts["warned"] == 1


def test_a_process_that_remembers_nothing_only_reads_more(twilio: Twilio, sweeper: Sweeper) -> None:
    """With a restart between two sweeps the decisions are the same."""
    chat, waiting = silent(twilio), twilio.chat()
    waiting.says("customer", "hello?")

    for _ in range(4):
        twilio.advance("PT5M")
        run(sweeper())

    assert (chat.ours, chat.state) == (["warning", "closing"], "closed")
    assert (waiting.ours, waiting.state) == ([], "inactive")


def test_two_sweeps_at_once_post_nothing_twice(twilio: Twilio, sweeper: Sweeper) -> None:
    """Two processes sweep the same chats, and the claim selects one of them for each."""
    chats = [silent(twilio) for _ in range(10)]

    for _ in range(4):
        twilio.advance("PT5M")
        sweeps = [threading.Thread(target=run, args=(sweeper(), [])) for _ in range(2)]
        for one in sweeps:
            one.start()
        for one in sweeps:
            one.join()

    assert [chat.ours for chat in chats] == [["warning", "closing"]] * 10
    assert [chat.state for chat in chats] == ["closed"] * 10


def test_a_sweep_during_webhooks_posts_nothing_twice(twilio: Twilio, policy: Policy, function: RunningFunction) -> None:
    """Both act on the same silences at the same time."""
    chats = [silent(twilio) for _ in range(8)]
    sweep = bootstrap(function.settings).sweeping

    for _ in range(4):
        clock = threading.Thread(target=twilio.advance, args=("PT4M",))
        clock.start()
        while clock.is_alive():
            run(sweep, [])
        run(sweep, [])

    assert [chat.ours for chat in chats] == [["warning", "closing"]] * 8
    assert [chat.state for chat in chats] == ["closed"] * 8


def test_one_process_sweeps_once_at_a_time(twilio: Twilio, sweeper: Sweeper) -> None:
    """A second request is answered at once, without a call to Twilio."""
    silent(twilio)
    twilio.advance("PT8M")
    sweep = sweeper()
    meanwhile: list[Summary] = []

    def ask(*_: object) -> None:
        twilio.clear_log()
        meanwhile.append(sweep.run(lambda *_: None))
        assert twilio.requests() == []

    sweep.run(ask)

    assert [summary.ending for summary in meanwhile] == [Ending.RUNNING_ALREADY]


def test_ten_minutes_without_twilio_are_made_up_for(twilio: Twilio, sweeper: Sweeper) -> None:
    """While Twilio is down, a sweep stops at its first list; afterwards everybody due is ended."""
    chats = [silent(twilio) for _ in range(5)]
    sweep = sweeper()
    twilio.advance("PT8M")
    twilio.fault(".*", kind="status", status=503, times=None)
    twilio.clear_log()
    for _ in range(2):
        with pytest.raises(UnavailableError):
            run(sweep)
        twilio.advance("PT5M")
    asked = len(twilio.requests())
    twilio.clear_faults()

    run(sweep)
    twilio.advance("PT2M")
    run(sweep)

    assert asked == 4, "one list and one retry a sweep"
    assert [(chat.state, chat.ours) for chat in chats] == [("closed", ["warning", "closing"])] * 5


def test_failures_in_a_row_end_the_sweep(twilio: Twilio, sweeper: Sweeper) -> None:
    """Twilio goes down after the lists: the sweep stops, and the next one finishes."""
    chats = [silent(twilio) for _ in range(80)]
    sweep = sweeper()
    twilio.advance("PT8M")
    twilio.fault(r"GET .*/Messages", kind="status", status=503, times=None)

    summary = run(sweep, [])

    assert Ending.TWILIO_DOWN is summary.ending
    assert summary.counts["read"] < 40
    twilio.clear_faults()
    assert run(sweep).counts["warned"] == 80
    assert [chat.ours for chat in chats] == [["warning"]] * 80


def test_a_sweep_that_is_cut_short_goes_on_with_the_next(
    twilio: Twilio, sweeper: Sweeper, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It has time only for the lists, and nothing is lost."""
    chat = silent(twilio)
    twilio.advance("PT8M")
    sweep = sweeper()

    summary = sweep.run(lambda *_: None, sweeping.ATTEMPT_LASTS / 2 - 0.1)

    assert (summary.ending, summary.counts["deferred"]) == (Ending.CUT_SHORT, 1)
    assert run(sweep).counts["warned"] == 1
    assert chat.ours == ["warning"]


def test_a_sweep_ends_no_more_chats_than_it_may(twilio: Twilio, sweeper: Sweeper) -> None:
    """A wrong policy does limited harm; the next sweeps end the others."""
    chats = [silent(twilio) for _ in range(5)]
    sweep = sweeper(max_ends=2)
    twilio.advance("PT8M")
    run(sweep)
    twilio.advance("PT2M")

    ended = [(summary.counts["ended"], summary.counts["deferred"]) for summary in (run(sweep) for _ in range(3))]

    assert ended == [(2, 3), (2, 1), (1, 0)]
    assert [chat.state for chat in chats] == ["closed"] * 5


def test_a_silence_older_than_a_day_is_not_touched(twilio: Twilio, sweeper: Sweeper) -> None:
    """A first deployment does not write to customers of last month."""
    old = twilio.chat("bot")
    old.says("customer", "hello")
    old.says("bot", "which number?")
    twilio.advance("P2D")
    new = silent(twilio)
    twilio.advance("PT8M")

    summary = run(sweeper())

    assert (summary.counts["too_old"], summary.counts["warned"]) == (1, 1)
    assert (old.ours, new.ours) == ([], ["warning"])


def test_an_active_chat_without_a_timer_is_given_one(twilio: Twilio, sweeper: Sweeper) -> None:
    """These chats were open before the first deployment; in one the customer is silent, in one the customer waits."""
    twilio.rest("POST", "conversations/v1/Configuration", DefaultInactiveTimer="PT0S")
    quiet, waiting = silent(twilio), twilio.chat()
    waiting.says("customer", "hello?")
    twilio.rest("POST", "conversations/v1/Configuration", DefaultInactiveTimer="PT8M")
    twilio.advance("PT1M")

    run(sweeper())
    twilio.advance("PT8M")

    assert [quiet.state, waiting.state] == ["inactive", "inactive"]


def test_the_task_of_a_closed_conversation_is_released(twilio: Twilio, sweeper: Sweeper) -> None:
    """Somebody closed the conversation over REST, and the agent's capacity stayed taken.

    The agent has ten minutes to finish it, then it is put into wrapping for ten, then completed.
    """
    chat, sweep = silent(twilio), sweeper()
    path = chat.path
    twilio.rest("POST", path, State="closed")

    statuses, finished = [], 0
    for _ in range(8):
        finished += run(sweep).counts["finished"]
        statuses += chat.task_statuses
        twilio.advance("PT5M")

    assert statuses[:2] == ["assigned", "assigned"]
    assert list(dict.fromkeys(statuses)) == ["assigned", "wrapping", "completed"]
    assert statuses.count("wrapping") >= 2
    assert finished == 2


def test_a_task_that_its_agent_put_into_wrapping_is_left_to_them(twilio: Twilio, sweeper: Sweeper) -> None:
    """We complete only what we put into wrapping, however long it takes."""
    chat, sweep = silent(twilio), sweeper()
    chat.does("wrap")
    twilio.rest("POST", chat.path, State="closed")

    for _ in range(3):
        twilio.advance("PT20M")
        assert run(sweep).candidates == 0

    assert chat.task_statuses == ["wrapping"]


def test_the_queued_task_of_a_closed_conversation_is_released_at_once(twilio: Twilio, sweeper: Sweeper) -> None:
    """No agent has it, and none should get it."""
    chat = twilio.chat("queued")
    chat.says("customer")
    twilio.rest("POST", chat.path, State="closed")

    summary = run(sweeper())

    assert summary.counts["finished"] == 1
    assert chat.task_statuses == ["canceled"]


def test_conversations_of_another_service_are_not_read_again(twilio: Twilio, sweeper: Sweeper) -> None:
    """Their tasks are in the same workspace; one read a day is enough to know that they are not ours."""
    other = twilio.rest("POST", "conversations/v1/Services", FriendlyName="another")["sid"]
    chat = twilio.chat(service=other)
    sweep = sweeper()
    first = run(sweep)
    twilio.advance("PT16M")

    second = run(sweep)

    assert (first.candidates, first.counts["not_ours"], second.candidates) == (1, 1, 0)
    assert chat.ours == []
