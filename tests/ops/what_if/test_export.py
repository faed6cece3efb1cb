"""An export of past chats: whole days, evenly drawn, said first, and continued where it was."""

import json
from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from pathlib import Path

import pytest

from ops.what_if.archive import ArchiveError, Found
from ops.what_if.export import ExportError, Plan, export, make_plan, plan_path, read_plan, spread
from ops.what_if.history import History, PastChat
from tests.ops.what_if.past import at, chat

ACCOUNT = "AC" + "1" * 32
TODAY = date(2026, 2, 1)


def days(count: int) -> list[date]:
    """So many days up to yesterday."""
    return [TODAY - timedelta(days=back) for back in range(count, 0, -1)]


class Shelf:
    """An archive in memory that breaks down when it is told to.

    Attributes:
        read: the chats that were read, in order.
        breaks_after: so many chats are read, and no more; None for all.
    """

    def __init__(self, chats: Mapping[date, Sequence[PastChat]]) -> None:
        self._chats = chats
        self.read: list[str] = []
        self.breaks_after: int | None = None

    def today(self) -> date:
        """Always the same."""
        return TODAY

    def conversations(self, day: date) -> list[Found]:
        """Those of a day."""
        return [Found(each.id, None, at(0)) for each in self._chats.get(day, ())]

    def chat(self, found: Found) -> PastChat | None:
        """One of them; a chat without messages is none."""
        if self.breaks_after == len(self.read):
            raise ArchiveError("the line is cut")
        self.read.append(found.sid)
        past = next(each for chats in self._chats.values() for each in chats if each.id == found.sid)
        return past if past.messages else None


def full(count: int, a_day: int) -> Shelf:
    """The same number of chats each day."""
    return Shelf(
        {
            day: [chat("c0 a1 c12", name=f"CH{day:%d}{number}", channel="sms") for number in range(a_day)]
            for day in days(count)
        }
    )


def silent(_done: int, _total: int) -> None:
    """No progress is shown."""


def test_days_are_spread_evenly() -> None:
    """Over the whole period, weekends included."""
    assert [day.day for day in spread(days(30), 3)] == [7, 17, 27]
    assert spread(days(4), 9) == tuple(days(4))


def test_as_many_days_are_drawn_as_have_the_sample() -> None:
    """Whole days, so that chats of one day are all there or not at all."""
    plan = make_plan(full(30, 10), ACCOUNT, timedelta(days=30), sample=45)

    assert (len(plan.days), plan.chats, plan.period) == (5, 50, 30)


def test_calls_and_minutes_are_said_first() -> None:
    """About."""
    plan = Plan(ACCOUNT, tuple(days(5)), 5_000, 30)

    assert str(plan) == "5 of 30 days, about 5,000 chats: about 11,005 calls to Twilio, 23 min"


def test_a_period_without_a_chat_is_refused() -> None:
    """With the way out."""
    with pytest.raises(ExportError, match="no conversation was created on 3 of the last 30 days; extend --since"):
        make_plan(Shelf({}), ACCOUNT, timedelta(days=30), sample=100)


def test_what_is_exported_is_a_history(tmp_path: Path) -> None:
    """With the chats of the drawn days, and nothing of the others."""
    shelf, path = full(30, 2), tmp_path / "chats.csv"
    plan = make_plan(shelf, ACCOUNT, timedelta(days=30), sample=6)
    count = export(shelf, path, plan, silent)
    found = list(History(path).chats())

    assert count == len(found) == 6
    assert {(each.messages, each.channel) for each in found} == {(chat("c0 a1 c12").messages, "sms")}


def test_an_interrupted_export_continues(tmp_path: Path) -> None:
    """With the same days; the chat that was being written is read again, because it may be half a chat."""
    shelf, path = full(30, 2), tmp_path / "chats.csv"
    plan = make_plan(shelf, ACCOUNT, timedelta(days=30), sample=6)
    shelf.breaks_after = 4
    with pytest.raises(ArchiveError):
        export(shelf, path, plan, silent)
    half = path.read_text(encoding="utf-8")
    path.write_text(half[:-30], encoding="utf-8")
    shelf.breaks_after, first = None, list(shelf.read)
    count = export(shelf, path, read_plan(path, ACCOUNT) or plan, silent)

    assert shelf.read[4:] == [first[3], *shelf.read[5:]]
    assert count == len(list(History(path).chats())) == 6
    assert len(shelf.read) == 7


def test_a_finished_export_reads_one_chat_again(tmp_path: Path) -> None:
    """The last, and nothing changes."""
    shelf, path = full(30, 2), tmp_path / "chats.csv"
    plan = make_plan(shelf, ACCOUNT, timedelta(days=30), sample=6)
    export(shelf, path, plan, silent)
    before = path.read_text(encoding="utf-8")
    export(shelf, path, plan, silent)

    assert path.read_text(encoding="utf-8") == before
    assert len(shelf.read) == 7


def test_a_chat_in_which_nobody_wrote_is_left_out(tmp_path: Path) -> None:
    """There is nothing to decide about."""
    shelf = Shelf({day: [PastChat(f"CH{day:%d}", ()), chat("c0", name=f"CHx{day:%d}")] for day in days(3)})
    path = tmp_path / "chats.csv"

    assert export(shelf, path, make_plan(shelf, ACCOUNT, timedelta(days=3), sample=9), silent) == 3


def test_somebody_elses_file_is_not_touched(tmp_path: Path) -> None:
    """Nor an export of another account."""
    path = tmp_path / "chats.csv"
    path.write_text("mine")
    with pytest.raises(ExportError, match="exists, and is no export of ours; name another file"):
        read_plan(path, ACCOUNT)
    plan_path(path).write_text(json.dumps({"account": "AC2", "days": [], "chats": 1, "period": 1}))
    with pytest.raises(ExportError, match="is an export of account AC2, not of AC1"):
        read_plan(path, ACCOUNT)

    assert path.read_text() == "mine"


def test_a_broken_plan_says_what_to_remove(tmp_path: Path) -> None:
    """Instead of a traceback."""
    path = tmp_path / "chats.csv"
    plan_path(path).write_text("{")
    with pytest.raises(ExportError, match=r"cannot be read; remove it and chats.csv to begin again"):
        read_plan(path, ACCOUNT)


def test_a_file_that_cannot_be_written_says_so(tmp_path: Path) -> None:
    """With the way out."""
    shelf = full(3, 1)
    plan = make_plan(shelf, ACCOUNT, timedelta(days=3), sample=3)
    with pytest.raises(ExportError, match=r"cannot be written .*; name a file in a folder that exists"):
        export(shelf, tmp_path / "gone" / "chats.csv", plan, silent)
