"""A whole what-if: every chat under every timeout, added up."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from laptop.replay_outcome import expected_outcome
from ops.what_if.history import Closer, History, PastChat
from ops.what_if.intervals import Counted, share
from ops.what_if.study import TIMEOUTS, Study, study
from ops.what_if.wording import unknowns
from tests.ops.what_if.past import MINUTE, chat, drawn, write
from tests.world.past_chats import HISTORY

ROOT = Path(__file__).parents[3]
COLUMNS = ("queue", "closed_at", "closed_by", "agent")


def studied(path: Path, chats: list[PastChat], *columns: str, **options: Any) -> Study:
    """The chats through a file."""
    options = {"accept": 0.05, "capacity": 3, **options}
    return study(History(write(path / "chats.csv", chats, *columns)), options.pop("policy", {}), **options)


def many(count: int, course: str, **more: Any) -> list[PastChat]:
    """The same chat on so many days."""
    return [chat(course, name=f"{course}-{day}", begins=day * 1440, **more) for day in range(count)]


CHATS = [
    *(chat("c0 a1", name=f"silent {number}", begins=number) for number in range(4)),
    chat("c0 a1 c7", name="quick"),
    chat("c0 a1 c20", name="returned"),
    chat("c0 a1 a20", name="reminded"),
    chat("c0", name="unanswered"),
]


def test_each_timeout_has_a_row_in_order(tmp_path: Path) -> None:
    """The policy's own among them."""
    found = studied(tmp_path, CHATS, policy={"timeout": "PT11M"}, timeouts=[30 * MINUTE, 5 * MINUTE])

    assert [row.timeout for row in found.rows] == [5 * MINUTE, 11 * MINUTE, 30 * MINUTE]
    assert found.own.timeout == 11 * MINUTE


def test_the_sums_of_a_timeout(tmp_path: Path) -> None:
    """Ended, cut off, only the agent wrote, kept, warned; worked out by hand."""
    found = studied(tmp_path, CHATS, timeouts=[5 * MINUTE])
    five, ten = (row.sums for row in found.rows)

    assert (five.ended, five.cut_off, five.only_agent, five.kept) == (7, 2, 1, 1)
    assert (ten.ended, ten.cut_off, ten.only_agent, ten.kept) == (6, 1, 1, 2)
    assert (five.warned, five.wrote_after_warning) == (7, 0)
    assert (ten.warned, ten.wrote_after_warning, ten.texts) == (6, 0, 12)


def test_the_share_is_of_chats_ended(tmp_path: Path) -> None:
    """Not of all chats."""
    found = studied(tmp_path, CHATS)

    assert found.own.cut_off is not None
    assert (found.own.cut_off.hit, found.own.cut_off.of) == (1, 6)


def test_a_timeout_that_the_policy_does_not_allow_is_left_out_and_named(tmp_path: Path) -> None:
    """Its warnings come too early for that."""
    policy = {"policy": {"warnings": [{"before": "PT4M"}]}}
    found = studied(tmp_path, CHATS, policy=policy, timeouts=[2 * MINUTE, 20 * MINUTE])

    assert found.unfit == (2 * MINUTE,)
    assert [row.timeout for row in found.rows] == [10 * MINUTE, 20 * MINUTE]


def test_a_warning_before_that_does_not_fit_is_left_out(tmp_path: Path) -> None:
    """Two minutes before the end of two minutes there is nothing to say."""
    found = studied(tmp_path, CHATS, timeouts=[2 * MINUTE])

    assert [row.sums.warned for row in found.rows] == [0, 6]


def test_chats_that_a_timer_closed_make_every_rate_a_lower_bound(tmp_path: Path) -> None:
    """Nothing is recommended."""
    chats = many(5, "c0 a1", closed=31, closed_by=Closer.TIMER)
    found = studied(tmp_path, chats, "closed_at", "closed_by")

    assert (found.closed_by_timer, found.horizon) == (5, 30 * MINUTE)
    assert found.recommendation.timeout is None
    assert "lower bounds" in found.recommendation.why_not


def test_chats_of_which_nobody_knows_who_closed_them_are_counted(tmp_path: Path) -> None:
    """A timer may have; it is said, and a timeout is recommended all the same."""
    found = studied(tmp_path, many(100, "c0 a1", closed=31), "closed_at", accept=0.1)

    assert (found.closed_by_unknown, found.recommendation.timeout) == (100, MINUTE)
    assert unknowns(found)[0] == "Who closed 100 chats: if a timer did, rates are lower bounds."


def test_columns_that_are_missing_for_the_price_are_named(tmp_path: Path) -> None:
    """Without all three nothing is said about need."""
    found = studied(tmp_path, CHATS, "queue")

    assert found.missing == ("closed_at", "agent")
    assert {row.agent_minutes for row in found.rows} == {None}
    assert not found.until_close


def test_agent_minutes_are_needed_slot_minutes_by_capacity(tmp_path: Path) -> None:
    """An agent with one slot, a chat of theirs until 71, and one that waits from 31 to 51: 20 needed of 60 freed."""
    chats = [
        chat("c0 a1", name="silent", closed=71, queue="q", agent="7"),
        chat("c31 a51", name="waits", closed=52, queue="q", agent="8"),
    ]
    one, two = (studied(tmp_path, chats, *COLUMNS, capacity=capacity).own for capacity in (1, 2))

    assert (one.slot_minutes, one.sums.needed / 60, one.agent_minutes) == (60, 20, 20)
    assert (two.slot_minutes, two.agent_minutes) == (60, 0)


def test_a_further_customer_kept_has_a_price(tmp_path: Path) -> None:
    """From 10 to 20 minutes: four silent chats hold a slot ten minutes longer each, and one customer is not cut off."""
    chats = [chat("c0 a1", name=f"silent {number}", closed=61) for number in range(4)]
    found = studied(tmp_path, [*chats, chat("c0 a1 c15", closed=16)], "closed_at", timeouts=[20 * MINUTE])
    ten, twenty = found.rows

    assert (ten.sums.cut_off, twenty.sums.cut_off) == (1, 0)
    # The cut-off customer returns four minutes after our end, which is all that their slot was free.
    assert (ten.slot_minutes, twenty.slot_minutes) == (4 * 50 + 4, 4 * 40)
    assert twenty.minutes_per_customer == 44


def test_segments_are_by_channel_queue_and_whether_the_customer_answered_before(tmp_path: Path) -> None:
    """Those with few ended chats are pooled."""
    chats = [
        *many(300, "c0 a1", channel="sms", queue="q"),
        *many(20, "c0 a1 c2 a3", channel="web", queue="r"),
    ]
    found = studied(tmp_path, chats, "channel", "queue", timeouts=[])

    assert [(each.kind, each.value, each.cut_off.of if each.cut_off else 0) for each in found.segments] == [
        ("answered before", "no", 300),
        ("channel", "sms", 300),
        ("queue", "q", 300),
        ("channel", "all others", 20),
        ("queue", "all others", 20),
        ("answered before", "all others", 20),
    ]


def test_ten_of_the_customers_who_were_cut_off_are_shown(tmp_path: Path) -> None:
    """With how long they were silent, and how long after our end they wrote."""
    found = studied(tmp_path, many(40, "c0 a1 c14"))

    assert len({each.chat for each in found.examples}) == 10
    assert {(each.silent, each.returned_after) for each in found.examples} == {(10 * MINUTE, 3 * MINUTE)}


def test_from_fourteen_days_on_days_are_resampled(tmp_path: Path) -> None:
    """The days on which chats began."""
    assert not studied(tmp_path, many(13, "c0 a1")).by_day
    assert studied(tmp_path, many(14, "c0 a1")).by_day


def test_fingerprints_are_of_what_a_policy_means_and_of_the_data(tmp_path: Path) -> None:
    """Writing out a default changes nothing."""
    plain, written, other = (
        studied(tmp_path, CHATS, policy=policy) for policy in ({}, {"timeout": "PT10M"}, {"timeout": "PT9M"})
    )

    assert plain.policy_fingerprint == written.policy_fingerprint != other.policy_fingerprint
    assert plain.data_fingerprint == other.data_fingerprint


@pytest.fixture(scope="module")
def support_chats(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The data beside the repository, or chats of the same number and shape."""
    if HISTORY.exists():
        return HISTORY
    return write(tmp_path_factory.mktemp("what-if") / "support-chats.csv", drawn(3_496))


MEASURED = """
import json, sys, time
from pathlib import Path
from ops.what_if.history import History
from ops.what_if.study import study

began, seen = time.process_time(), []
found = study(
    History(Path(sys.argv[1])), {}, accept=0.05, capacity=3, progress=lambda done, size: seen.append(done / size)
)
memory = next(int(line.split()[1]) for line in open("/proc/self/status") if line.startswith("VmHWM"))
print(json.dumps([time.process_time() - began, memory, len(found.rows), found.messages, seen[-1]]))
"""
"""Run in a process of its own. Linux hands the peak of getrusage on from parent to child, but not VmHWM."""


@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="DID NOT RUN: only Linux says VmHWM")
def test_fifty_thousand_messages_take_seconds_and_little_memory(support_chats: Path) -> None:
    """Thirty timeouts in under 20 seconds of one core, and 300 MiB."""
    command = [sys.executable, "-c", MEASURED, str(support_chats)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
    seconds, memory, rows, messages, progress = json.loads(done.stdout)

    assert rows == len(TIMEOUTS) == 30
    assert messages > 45_000
    assert seconds < 20
    assert memory < 300 * 1024
    assert progress == 1


FIGURES = {"08929037e448": (1892, 70, 25, 90)}
"""By fingerprint of the data: ended, cut off and only the agent wrote at ten minutes, and cut off at eight."""


def test_the_default_policy_ends_the_chats_that_the_two_promises_end(support_chats: Path) -> None:
    """Worked out from the file alone, by code that shares nothing with the function."""
    found = study(History(support_chats), {}, accept=0.05, capacity=3, timeouts=[8 * MINUTE])
    eight, ten = found.rows
    alone = [expected_outcome(past, 10 * MINUTE) for past in History(support_chats).chats()]
    again = sum(each.customer_wrote_again for each in alone)
    early = sum(each.ended_early for each in alone)
    figures = (ten.sums.ended, ten.sums.cut_off, ten.sums.only_agent, eight.sums.cut_off)

    assert figures[:3] == (sum(each.ended for each in alone), again, early - again)
    assert FIGURES.get(found.data_fingerprint, figures) == figures


def test_seventy_of_1892_are_between_2_9_and_4_6_percent() -> None:
    """And ninety of 1,903 are 4.7 percent."""
    ten, eight = share([Counted(1892, 70)]), share([Counted(1903, 90)])

    assert ten is not None
    assert eight is not None
    assert [round(each * 100, 1) for each in (ten.rate, ten.low, ten.high, eight.rate)] == [3.7, 2.9, 4.6, 4.7]
