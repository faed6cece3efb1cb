"""A campaign that can find nothing proves nothing: each finds a defect that is put into the function on purpose."""

import json
import shutil
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from benchmarks.campaigns import (
    comeback,
    crashes,
    crowds,
    faults,
    histories,
    lost,
    orders,
    races,
    replays,
    speed,
    strangers,
)
from benchmarks.campaigns.campaign import Watch
from benchmarks.campaigns.orders import Event
from function.chat import Task, dialogue
from function.policy.treatments import StepKind
from function.twilio_api.api import TwilioApi
from tests.world import past_chats
from tests.world.running import FUNCTION
from tests.world.world import World

Patch = pytest.MonkeyPatch


def watch(scale: float) -> Watch:
    """A quiet one."""
    return Watch(scale=scale, quiet=True)


def forget_our_notice(monkeypatch: Patch) -> None:
    """Nobody looks whether the notice stands there already."""
    sent = dialogue.sent
    monkeypatch.setattr(
        dialogue, "sent", lambda snapshot, kind: None if kind is StepKind.CLOSING else sent(snapshot, kind)
    )


def test_the_fault_campaign_finds_a_forgotten_notice(monkeypatch: Patch) -> None:
    """After a lost answer it is said again."""
    forget_our_notice(monkeypatch)
    with World() as world:
        calls = faults.count_calls(world)
        after = [cell for cell in faults.one_fault(calls) if "after" in str(cell) and cell.variant == "warm"]
        seen = [faults.play(world, cell) for cell in after]

    assert any(faults.repeated(each.sweep) for each in seen)


def test_the_crash_campaign_finds_a_forgotten_notice(monkeypatch: Patch) -> None:
    """The next process says it again."""
    forget_our_notice(monkeypatch)

    dice = faults.random.Random(1)
    with World(dice=dice) as world:
        plan = [crash for crash in crashes.plan() if crash.ending and crash.after and crash.variant == "warm"]
        seen = [crashes.play(world, crash, dice) for crash in plan if crash.order == 0 and 8 <= crash.at <= 12]

    assert any(each.died and not crashes.ended_well(each.sweep) for each in seen)


def test_the_race_campaign_finds_a_claim_without_if_match(monkeypatch: Patch) -> None:
    """Everybody's claim is written over everybody else's."""
    write = TwilioApi.write_attributes

    def blindly(api: Any, visit: Any, name: str, task: Task, attributes: str) -> Task:
        conversation = json.loads(task.attributes)["conversationSid"]
        fresh = api.task(visit, task.sid, conversation)
        return write(api, visit, name, replace(task, etag=fresh.etag), attributes)

    monkeypatch.setattr(TwilioApi, "write_attributes", blindly)
    monkeypatch.setattr(Task, "claim", None)
    run = races.Races(seed=1)
    with run.world:
        times = [run.run(races.Race(6, number, task=True))[1] for number in range(6)]

    assert any(each > 1 for each in times)


def test_the_comeback_campaign_finds_a_skipped_second_look(monkeypatch: Patch) -> None:
    """Nobody looks at the messages again before the end."""
    monkeypatch.setattr("function.handling.carry_out.newest_counted_among", lambda *_, **__: None)

    broken = comeback.words(watch(0.004)).broken

    assert any("closed" in each for each in broken)


def test_the_lost_webhook_campaign_finds_a_sweep_that_overlooks(monkeypatch: Patch) -> None:
    """It lists everything and reads nothing."""
    monkeypatch.setattr("function.handling.sweep.choose", lambda *_, **__: [])

    good, _ = lost.lose(watch(1), 1.0, 3)

    assert 0 == good


def test_the_campaign_of_orders_finds_that_nobody_asks_whose_turn_it_is(monkeypatch: Patch) -> None:
    """Any silence is taken for the customer's."""
    monkeypatch.setattr("function.chat.dialogue.customers_turn", lambda *_: True)

    with World() as world:
        seen = orders.play(world, (Event.ACCEPTED, Event.AGENT, Event.CUSTOMER, Event.TIME))

    assert seen.unsafe.startswith("ended, and the customer spoke last")


def test_the_campaign_of_strangers_finds_an_open_door(monkeypatch: Patch) -> None:
    """Every signature is believed."""
    monkeypatch.setattr("function.twilio_api.signature.Verifier.genuine", lambda *_: True)

    broken = strangers.generated(watch(0.0003)).broken

    assert any("a stranger's" in each for each in broken)


def test_the_histories_find_an_end_of_somebody_who_waits(monkeypatch: Patch) -> None:
    """It is always the customer's turn; the history in which one is cut off is told."""
    monkeypatch.setattr("function.chat.dialogue.customers_turn", lambda *_: True)

    _, broken = histories.play(histories.Setting(), 1_000, 1, shrink=False)

    assert broken.startswith("ended, and")
    assert "somebody_comes" in broken


def test_the_replays_find_that_nobody_asks_whose_turn_it_is(monkeypatch: Patch) -> None:
    """Customers of the past who had the last word are ended."""
    monkeypatch.setattr("function.chat.dialogue.customers_turn", lambda *_: True)

    figure, _ = replays.play(histories.Setting(), past_chats.history(10, seed=1))

    assert not figure.kept


def test_the_speed_campaign_finds_calls_that_wait_for_each_other(tmp_path: Path) -> None:
    """One call at a time: more round trips than four."""
    files = tmp_path / "function"
    shutil.copytree(FUNCTION, files)
    code = (files / "bootstrap.py").read_text()
    (files / "bootstrap.py").write_text(code.replace("ThreadPoolExecutor(", "ThreadPoolExecutor(1 or "))
    ends = speed.Ends()

    with speed.track() as far, speed.function(far, tmp_path / "running", {}, files) as running:
        far.end(speed.warned(far, running), partial(speed.fire, far, running), ends)

    assert ends.rounds[0] > 4


def test_the_campaign_of_crowds_finds_that_nobody_counts_the_calls(tmp_path: Path) -> None:
    """With a bucket far too large Twilio refuses calls for their number."""
    files = tmp_path / "function"
    shutil.copytree(FUNCTION, files)
    code = (files / "twilio_api" / "budget.py").read_text()
    (files / "twilio_api" / "budget.py").write_text(
        code.replace("per_second=1.5, burst=1)", "per_second=1000, burst=1000)")
    )

    refused = next(figure for figure in crowds.many_at_once(watch(1), 40, files) if "429" in figure.name)

    assert not refused.kept
