"""When an expectation holds: an example of both results for each kind."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from laptop.chat_player import Assumption, ChatPlayer, judge
from laptop.chat_script import Expect, Expectation, ScriptError, parse_script
from laptop.chat_tests import SandboxLog
from laptop.function_log import LogEntry
from sandbox.sandbox import Sandbox
from simulator.facts import ChatSids, ChatTruth, Said, TaskTruth

START = datetime(2026, 1, 5, tzinfo=UTC)
SCRIPT = parse_script("timeout: PT10M\nwarnBefore: PT2M\n00:00 customer: Hi", Path("a.chat"))


def said(index: int, speaker: str) -> Said:
    """Return a message of a person, or one of ours with its marker."""
    if who := {"c": "customer", "a": "agent"}.get(speaker):
        return Said("IM1", index, who, who, "MB1", "...", {}, START)
    marker = {"kind": {"w": "warning", "n": "closing"}[speaker], "step": 1, "answeredIndex": 1}
    return Said("IM1", index, "system", "bot", None, "...", {"inactivityTimeout": marker}, START)


def task(status: str) -> TaskTruth:
    """Return a task with this status; `gone` after it means that Twilio has deleted it since."""
    name, _, gone = status.partition(" ")
    return TaskTruth("WT1", name, None, 0, gone == "gone", None, None, START, START, {})


def truth(speakers: str = "ca", state: str = "active", tasks: tuple[str, ...] = ("assigned",)) -> ChatTruth:
    """Return a chat in which `c`ustomer, `a`gent, a `w`arning and a closing `n`otice follow each other."""
    return ChatTruth(
        sids=ChatSids("CH1", None, None, None),
        channel_type="web",
        service="IS1",
        state=state,
        attributes={},
        created_at=START,
        inactive_at=None,
        closed_at=None,
        messages=tuple(said(index, speaker) for index, speaker in enumerate(speakers)),
        participants=(),
        tasks=tuple(task(status) for status in tasks),
        interaction_channel=None,
        history=(),
        deliveries=(),
    )


def decided(decision: str, reason: str) -> LogEntry:
    """Return the function's latest decision."""
    return LogEntry(START, "CH1", "decision", decision, reason, "", {}, (), timedelta(), "done")


@pytest.mark.parametrize(
    ("kind", "argument", "yes", "no"),
    [
        (Expect.WARNED, "", truth("caw"), truth("cawc")),
        (Expect.NOT_WARNED, "", truth("cawc"), truth("caw")),
        (Expect.ENDED, "", truth(state="closed", tasks=("completed",)), truth(state="inactive")),
        (Expect.ENDED, "", truth(state="closed", tasks=()), truth(state="closed", tasks=("assigned",))),
        (Expect.ENDED, "", truth(state="closed", tasks=("wrapping",)), truth(state="closed", tasks=("pending",))),
        (Expect.OPEN, "", truth(state="inactive"), truth(state="closed")),
        (Expect.WARNINGS, "2", truth("cawcaw"), truth("caw")),
        (Expect.NOTICES, "1", truth("cawn"), truth("caw")),
        (Expect.TASK, "completed", truth(tasks=("completed",)), truth(tasks=("completed", "assigned"))),
        (Expect.TASK, "none", truth(tasks=()), truth()),
        (Expect.TASK, "deleted", truth(tasks=("assigned gone",)), truth()),
        (Expect.TASK, "completed", truth(tasks=("completed gone",)), truth(tasks=("wrapping gone",))),
        (
            Expect.ENDED,
            "",
            truth(state="closed", tasks=("assigned gone",)),
            truth(state="closed", tasks=("completed gone", "assigned")),
        ),
    ],
)
def test_an_expectation_holds_by_what_the_simulator_knows(
    kind: Expect, argument: str, yes: ChatTruth, no: ChatTruth
) -> None:
    """The function's log is not used."""
    expectation = Expectation(1, timedelta(), kind, argument)
    assert judge(SCRIPT, expectation, yes, None).held
    assert not judge(SCRIPT, expectation, no, None).held


def test_a_reason_for_keeping_is_the_functions_latest() -> None:
    """Only the function knows why it kept a chat; the simulator knows that it is open."""
    expectation = Expectation(1, timedelta(), Expect.KEPT, "agent_silent")
    assert judge(SCRIPT, expectation, truth(), decided("keep", "agent_silent")).held
    assert not judge(SCRIPT, expectation, truth(), decided("keep", "queued")).held
    assert not judge(SCRIPT, expectation, truth(), decided("rearm", "agent_silent")).held
    assert not judge(SCRIPT, expectation, truth(), None).held
    assert not judge(SCRIPT, expectation, truth(state="closed"), decided("keep", "agent_silent")).held


def test_a_failed_expectation_has_the_actual_state() -> None:
    """A person need not look it up."""
    check = judge(SCRIPT, Expectation(7, timedelta(), Expect.ENDED), truth(state="inactive"), None)
    assert check.found == "inactive, task assigned"


def test_a_script_written_for_another_policy_is_not_played() -> None:
    """Its times would be wrong; the error names both values."""
    Assumption(timedelta(minutes=10), timedelta(minutes=2)).check(SCRIPT)
    with pytest.raises(ScriptError, match=r"a\.chat: assumes timeout PT10M, but it is PT5M"):
        Assumption(timedelta(minutes=5), timedelta(minutes=2)).check(SCRIPT)
    with pytest.raises(ScriptError, match=r"a\.chat: assumes warnBefore PT2M, but it is PT0S"):
        Assumption(timedelta(minutes=10), timedelta()).check(SCRIPT)


def test_a_reason_may_be_the_sweeps() -> None:
    """Every webhook is lost: only the sweep has decided, and its decision is the latest."""
    script = parse_script(
        "00:00 customer: Hi\n00:10 do accept\n09:00 expect open\n12:00 expect kept agent_silent\n", Path("lost.chat")
    )
    with Sandbox() as sandbox:
        sandbox.schedule_sweep()
        sandbox.client.disturb(drop=1.0)
        checks = ChatPlayer(sandbox.client, SandboxLog(sandbox), lambda _at, _happening: None).play(script)

    assert [check.found for check in checks] == ["inactive", "inactive, keep agent_silent"]
