"""Which of the listed conversations a sweep reads, and in which order."""

import random
from collections.abc import Collection, Mapping
from datetime import UTC, datetime, timedelta

import pytest

from function.chat import ChatSids
from function.handling.candidates import (
    Candidate,
    CandidateReason,
    FailedConversation,
    KeptConversation,
    choose,
    is_kept,
)
from function.handling.memory import Memory
from function.twilio_api.answers import Listed

NOW = datetime(2026, 1, 5, 9, 0, tzinfo=UTC)
TASK = ChatSids(("WT1",), "KD1", "UO1")
NO_TASK = ChatSids(())
DAY = 24 * 60.0


def listed(sid: str, *, age: float = 0, fires: float | None = None, fingerprint: int = 1) -> Listed:
    """Return a conversation that changed some minutes ago and whose inactive timer fires in some minutes."""
    inactive_at = None if fires is None else NOW + timedelta(minutes=fires)
    return Listed(sid, NOW - timedelta(minutes=age), inactive_at, fingerprint, None)


def chosen(
    inactive: Collection[Listed] = (),
    active: Collection[Listed] = (),
    tasks: Mapping[str, ChatSids] | None = None,
    *,
    kept: Memory[KeptConversation] | None = None,
    left_over: Mapping[str, ChatSids] | None = None,
    failed: Memory[FailedConversation] | None = None,
    now: datetime = NOW,
    seed: int = 1,
) -> list[Candidate]:
    """Return what is read."""
    empty = kept if kept is not None else Memory[KeptConversation](9)
    return choose(
        inactive,
        active,
        tasks or {},
        left_over=left_over or {},
        kept=empty,
        failed=failed if failed is not None else Memory[FailedConversation](9),
        now=now,
        chance=random.Random(seed),
    )


def test_every_inactive_conversation_is_read_with_the_tasks_that_name_it() -> None:
    """Its event may have been lost; most have no task in the list."""
    one, other = listed("CH1"), listed("CH2", age=1)

    assert chosen([other, one], tasks={"CH1": TASK}) == [
        Candidate("CH1", CandidateReason.INACTIVE, one, TASK),
        Candidate("CH2", CandidateReason.INACTIVE, other, NO_TASK),
    ]


@pytest.mark.parametrize(
    ("fires", "tasks", "reason"),
    [
        (-2.01, {"CH1": TASK}, CandidateReason.TIMER_LATE),
        (-2.01, {}, CandidateReason.TIMER_LATE),
        (-2, {"CH1": TASK}, None),
        (5, {"CH1": TASK}, None),
        (None, {"CH1": TASK}, CandidateReason.NO_TIMER),
        (None, {"CH2": TASK}, None),
    ],
)
def test_an_active_conversation_is_read_only_without_a_working_timer(
    fires: float | None, tasks: Mapping[str, ChatSids], reason: CandidateReason | None
) -> None:
    """Its timer is two minutes late, or there is none although an agent has its task."""
    one = listed("CH1", fires=fires)

    assert chosen(active=[one], tasks=tasks) == (
        [Candidate("CH1", reason, one, tasks.get("CH1", NO_TASK))] if reason else []
    )


def test_a_left_over_task_is_read_last_among_those_that_are_not_old() -> None:
    """Its conversation is in no list."""
    inactive, active = [listed("CH1")], [listed("CH2", fires=5)]
    tasks = {"CH1": TASK, "CH2": TASK, "CH3": TASK}

    assert [each.sid for each in chosen(inactive, active, tasks)] == ["CH1"]
    assert [each.sid for each in chosen(inactive, active, tasks, left_over={"CH3": TASK})] == ["CH1", "CH3"]
    assert chosen(inactive, active, left_over={"CH3": TASK})[-1] == Candidate(
        "CH3", CandidateReason.LEFT_OVER, None, TASK
    )


def test_recent_changes_are_read_first_and_the_newest_before_older_ones() -> None:
    """Recent is half an hour: an event that is missing now was lost now."""
    ages = [20, 31, 5, DAY, 29.9, 0, 30, 600]

    conversations = [listed(f"CH{age}", age=age) for age in ages]

    orders = [[each.sid for each in chosen(conversations, seed=seed)] for seed in range(30)]

    assert {tuple(order[:4]) for order in orders} == {("CH0", "CH5", "CH20", "CH29.9")}
    assert {order[4] for order in orders} == {"CH30", "CH31", "CH600", f"CH{DAY}"}


def test_the_rest_is_read_in_random_order() -> None:
    """Otherwise a sweep that is cut short would always begin with the same ones."""
    rest = [listed(f"CH{number}", age=60 + number) for number in range(20)]
    orders = {tuple(each.sid for each in chosen(rest, seed=seed)) for seed in range(20)}

    assert len(orders) > 10
    assert len({frozenset(order) for order in orders}) == 1


def test_of_those_that_nobody_touched_for_a_day_fifty_are_read_after_all_others() -> None:
    """There may be very many, and none is urgent; each is read in some sweep."""
    old = [listed(f"CHold{number}", age=DAY + 1) for number in range(60)]
    read = [each.sid for each in chosen([*old, listed("CH1", age=600)])]

    assert (read[0], len(read), len(set(read))) == ("CH1", 51, 51)
    assert len(chosen(old[:3])) == 3
    assert len({each.sid for seed in range(30) for each in chosen(old, seed=seed)}) == 60


def test_a_left_over_task_is_not_among_the_very_old() -> None:
    """Its age is not known, and an agent may have it."""
    old = [listed(f"CHold{number}", age=DAY + 1) for number in range(60)]

    assert chosen(old, left_over={"CH1": TASK})[0].sid == "CH1"


def keep(kept: Memory[KeptConversation], candidate: Candidate, until: datetime) -> None:
    """Record that it is left alone until then."""
    kept.put(candidate.sid, KeptConversation.of(candidate, until))


def test_a_kept_chat_is_not_read_again_until_its_time() -> None:
    """From then on it is read."""
    kept = Memory[KeptConversation](9)
    keep(kept, chosen([listed("CH1")])[0], NOW + timedelta(minutes=10))

    assert chosen([listed("CH1")], kept=kept, now=NOW + timedelta(minutes=9, seconds=59)) == []
    assert len(chosen([listed("CH1")], kept=kept, now=NOW + timedelta(minutes=10))) == 1
    assert len(chosen([listed("CH2")], kept=kept)) == 1


def test_a_kept_chat_is_read_again_when_its_list_entry_changes() -> None:
    """For a conversation that is in no list, its tasks count."""
    kept = Memory[KeptConversation](9)
    for candidate in chosen([listed("CH1", fingerprint=1)], left_over={"CH2": TASK}):
        keep(kept, candidate, NOW + timedelta(minutes=10))

    assert chosen([listed("CH1", fingerprint=1)], left_over={"CH2": TASK}, kept=kept) == []
    assert [each.sid for each in chosen([listed("CH1", fingerprint=2)], kept=kept)] == ["CH1"]
    assert [each.sid for each in chosen(left_over={"CH2": ChatSids(("WT2",))}, kept=kept)] == ["CH2"]


def test_the_oldest_is_forgotten_first_and_keeping_again_renews() -> None:
    """The memory of a process is bounded."""
    kept = Memory[KeptConversation](2)
    one, two, three = (chosen([listed(f"CH{number}")])[0] for number in (1, 2, 3))
    until = NOW + timedelta(minutes=10)
    for candidate in (one, two, one):
        keep(kept, candidate, until)
    assert (len(kept), is_kept(one, kept, NOW), is_kept(two, kept, NOW)) == (2, True, True)

    keep(kept, three, until)

    assert (len(kept), *(is_kept(each, kept, NOW) for each in (one, two, three))) == (2, True, False, True)


# -- what failed before ------------------------------------------------------------------------------------------------


def test_a_failed_chat_is_tried_again_after_growing_pauses() -> None:
    """From minutes to an hour; after a day of failures, once a day."""
    candidate, failed, now, pauses = Candidate("CH1", CandidateReason.INACTIVE, listed("CH1")), None, NOW, []
    for _ in range(40):
        failed = FailedConversation.once_more(failed, candidate, now)
        pauses.append(int((failed.until - now) / timedelta(minutes=1)))
        now = failed.until

    assert pauses[:8] == [1, 2, 4, 8, 16, 32, 60, 60]
    assert [pauses[28], *pauses[-2:]] == [60, 24 * 60, 24 * 60]


def test_a_chat_that_failed_before_is_read_after_all_others() -> None:
    """It is read when its pause is over, and at once when its list entry changes."""
    failed = Memory[FailedConversation](9)
    bad, others = listed("CHbad"), [listed("CH1", age=5), listed("CH2", age=600), listed("CH3", age=DAY + 1)]
    failed.put("CHbad", FailedConversation.once_more(None, Candidate("CHbad", CandidateReason.INACTIVE, bad), NOW))
    soon, changed = NOW + timedelta(seconds=59), listed("CHbad", fingerprint=2)

    assert "CHbad" not in [each.sid for each in chosen([bad, *others], failed=failed, now=soon)]
    assert chosen([bad, *others], failed=failed, now=NOW + timedelta(minutes=1))[-1].sid == "CHbad"
    assert chosen([changed, *others], failed=failed, now=soon)[-1].sid == "CHbad"


def test_a_chat_that_failed_while_twilio_was_down_is_only_read_last() -> None:
    """It has no pause."""
    failed = Memory[FailedConversation](9)
    bad, other = listed("CHbad"), listed("CH1", age=600)
    failed.put("CHbad", FailedConversation.while_down(Candidate("CHbad", CandidateReason.INACTIVE, bad), NOW))

    assert [each.sid for each in chosen([bad, other], failed=failed)] == ["CH1", "CHbad"]
