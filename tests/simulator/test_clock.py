"""Virtual time: order, re-arming, and the cost of a busy day."""

from __future__ import annotations

import time
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from simulator.client import SimulatorError
from simulator.shared.clock import START, Clock

from .conftest import World


def fire_all(clock: Clock, until: timedelta, *, inclusive: bool = True) -> None:
    """Fire every timer up to a distance from the start."""
    while (timer := clock.next_timer(START + until, inclusive=inclusive)) is not None:
        timer.fire()


def test_timers_fire_in_order_of_their_due_time() -> None:
    """The order in which they were set does not matter."""
    clock, fired = Clock(), []
    for minutes in (3, 1, 2):
        clock.timer(lambda minutes=minutes: fired.append((minutes, clock.now))).arm(START + timedelta(minutes=minutes))

    fire_all(clock, timedelta(hours=1))

    assert [(m, START + timedelta(minutes=m)) for m in (1, 2, 3)] == fired


def test_timers_of_one_instant_fire_in_the_order_in_which_they_were_armed() -> None:
    """Setting a timer again for the same instant moves it to the end."""
    clock, fired = Clock(), []
    timers = [clock.timer(lambda name=name: fired.append(name)) for name in "abc"]
    for timer in timers:
        timer.arm(START + timedelta(minutes=1))
    timers[0].arm(START + timedelta(minutes=1))

    fire_all(clock, timedelta(minutes=1))

    assert fired == ["b", "c", "a"]


def test_a_re_armed_timer_fires_once_at_its_last_due_time() -> None:
    """The new time may be later or earlier."""
    clock, fired = Clock(), []
    timer = clock.timer(lambda: fired.append(clock.now - START))
    for minutes in (5, 9, 2, 7):
        timer.arm(START + timedelta(minutes=minutes))

    fire_all(clock, timedelta(hours=1))

    assert fired == [timedelta(minutes=7)]


def test_a_disarmed_timer_does_not_fire() -> None:
    """The old entry in the heap is ignored."""
    clock, fired = Clock(), []
    timer = clock.timer(lambda: fired.append(1))
    timer.arm(START + timedelta(minutes=1))
    timer.disarm()

    fire_all(clock, timedelta(hours=1))

    assert fired == []


def test_before_leaves_out_what_is_due_at_the_very_end() -> None:
    """A message of that instant can then come first."""
    clock, fired = Clock(), []
    clock.timer(lambda: fired.append(1)).arm(START + timedelta(minutes=1))

    fire_all(clock, timedelta(minutes=1), inclusive=False)
    assert fired == []
    fire_all(clock, timedelta(minutes=1))
    assert fired == [1]


@given(st.lists(st.tuples(st.integers(0, 4), st.one_of(st.none(), st.integers(0, 20))), max_size=40))
def test_lazy_re_arming_fires_what_an_eager_clock_would(steps: list[tuple[int, int | None]]) -> None:
    """A model that simply remembers each timer's last arming agrees with the heap."""
    clock, fired = Clock(), []
    timers = [clock.timer(lambda n=n: fired.append((clock.now, n))) for n in range(5)]
    model: dict[int, tuple[int, int]] = {}
    for order, (n, minute) in enumerate(steps):
        if minute is None:
            timers[n].disarm()
            model.pop(n, None)
        else:
            timers[n].arm(START + timedelta(minutes=minute))
            model[n] = (minute, order)

    fire_all(clock, timedelta(hours=1))

    expected = [(START + timedelta(minutes=minute), n) for n, (minute, _) in sorted(model.items(), key=lambda e: e[1])]
    assert fired == expected


def test_a_day_with_ten_thousand_chatty_timers_is_quick() -> None:
    """Each is re-armed twenty times, as messages do; the heap has one entry for each timer."""
    clock, fired = Clock(), []
    timers = [clock.timer(lambda: fired.append(1)) for _ in range(10_000)]
    began = time.process_time()
    for minute in range(20):
        for timer in timers:
            timer.arm(START + timedelta(minutes=minute + 10))

    fire_all(clock, timedelta(days=1))

    assert len(fired) == 10_000
    assert time.process_time() - began < 2


def test_the_clock_does_not_move_by_itself(world: World) -> None:
    """Requests and waiting do not move it; the control plane does, to the second of the Date header."""
    assert world.control("GET", "clock")["now"] == "2026-01-05T00:00:00Z"
    assert world.call("GET", "conversations/v1/Configuration").headers["Date"] == "Mon, 05 Jan 2026 00:00:00 GMT"

    world.advance("PT1H30M")

    assert world.control("GET", "clock")["now"] == "2026-01-05T01:30:00Z"
    assert world.call("GET", "conversations/v1/Configuration").headers["Date"] == "Mon, 05 Jan 2026 01:30:00 GMT"


def test_the_clock_can_be_moved_to_an_instant(world: World) -> None:
    """`to` instead of `advance`; an instant that has passed is refused."""
    assert world.control("POST", "clock", {"to": "2026-01-06T09:00:00+01:00"})["now"] == "2026-01-06T08:00:00Z"
    with pytest.raises(SimulatorError, match="time goes forward"):
        world.control("POST", "clock", {"to": "2026-01-05T00:00:00Z"})


def test_reset_starts_at_the_instant_it_is_given(world: World) -> None:
    """Everything else is removed."""
    world.chat()
    state = world.control("POST", "reset", {"now": "2024-02-29T12:00:00Z"})

    assert state["now"] == "2024-02-29T12:00:00Z"
    assert state["counts"]["conversations"] == 0


def test_the_default_account_is_the_same_after_every_reset(world: World) -> None:
    """A stack's state survives a restart; conversations have new SIDs."""
    before, first = world.control("GET", "state")["account"], world.chat()["conversation"]
    after = world.control("POST", "reset", {})["account"]

    assert after == before
    assert first != world.chat()["conversation"]


def test_a_schedule_calls_at_its_interval_until_it_is_removed(world: World, receiver: object) -> None:
    """The clock makes the calls, with the schedule's headers and without a signature."""
    url = receiver.url  # type: ignore[attr-defined]
    world.control("PUT", "schedules/sweep", {"every": "PT5M", "url": url, "headers": {"Authorization": "Bearer x"}})

    deliveries = world.advance("PT15M")
    world.control("DELETE", "schedules/sweep")
    world.advance("PT15M")

    assert [one["kind"] for one in deliveries] == ["schedule sweep"] * 3
    got = receiver.got  # type: ignore[attr-defined]
    assert [one.headers["Authorization"] for one in got] == ["Bearer x"] * 3
    assert "X-Twilio-Signature" not in got[0].headers
