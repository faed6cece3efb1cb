"""Reading past chats: chat by chat, with every broken row counted and named."""

import tracemalloc
from datetime import UTC, datetime
from pathlib import Path

import pytest

from ops.what_if.history import Closer, History, HistoryError, PastChat
from tests.ops.what_if.past import at, chat, drawn, write

HEADER = "conversation_id,sent_at,sender"


def read(path: Path, text: str, *, skip_bad: bool = False) -> list[PastChat]:
    """Write a file and read it."""
    path.write_text(text, encoding="utf-8")
    return list(History(path, skip_bad=skip_bad).chats())


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """Where a history is."""
    return tmp_path / "chats.csv"


def test_chats_are_read_in_the_order_of_the_file(file: Path) -> None:
    """With their messages, and nothing else where there are no more columns."""
    chats = [chat("c0 a1 c12", name="b"), chat("c0", name="a")]

    assert list(History(write(file, chats)).chats()) == chats


def test_optional_columns_are_read_wherever_they_are(file: Path) -> None:
    """A chat's channel, queue and language, its first agent, when it was closed and by whom."""
    past = chat(
        "c0 a1", closed=9, closed_by=Closer.TIMER, channel="sms", queue="Sales", language="de-AT", agent="agent-7"
    )
    columns = ("agent", "closed_by", "language", "closed_at", "queue", "channel")

    assert list(History(write(file, [past], *columns)).chats()) == [past]


def test_a_column_of_somebody_else_does_no_harm(file: Path) -> None:
    """It is not read."""
    text = f"id,{HEADER}\n9,1,2026-01-05T10:00:00+01:00,customer\n"

    assert read(file, text) == [chat("c0")]


def test_a_time_in_any_zone_is_that_time_in_utc(file: Path) -> None:
    """Also before 1970 begins to matter."""
    [past] = read(file, f"{HEADER}\n1,2026-01-05T10:30:00+05:30,customer\n")

    assert past.messages[0].at == datetime(2026, 1, 5, 5, 0, tzinfo=UTC)


BROKEN = {
    "1,2026-01-05T09:00:00,customer": "column sent_at is '2026-01-05T09:00:00', without a time zone",
    "1,soon,customer": "column sent_at is 'soon'; write a time such as",
    "1,2026-01-05T09:00:00Z,robot": "column sender is 'robot'; allowed are customer, agent",
    ",2026-01-05T09:00:00Z,customer": "column conversation_id is ''",
    "1,2026-01-05T09:0": "has 2 columns, and the first line has 3",
    '1,2026-01-05T09:00:00Z,"customer': "is not CSV (unexpected end of data); close every quote in its own line",
}


@pytest.mark.parametrize(("row", "complaint"), BROKEN.items())
def test_a_broken_row_is_named_with_its_line_and_the_way_out(file: Path, row: str, complaint: str) -> None:
    """The file is refused, because a message that is missing changes what was decided."""
    with pytest.raises(HistoryError) as refused:
        read(file, f"{HEADER}\n0,2026-01-05T09:00:00Z,customer\n{row}\n")

    assert "1 row is broken (line 3: " in str(refused.value)
    assert complaint in str(refused.value)
    assert str(refused.value).endswith("repair them, or skip them with --skip-bad")


@pytest.mark.parametrize("row", BROKEN)
def test_a_broken_row_is_skipped_on_request_and_counted(file: Path, row: str) -> None:
    """The others are read."""
    file.write_text(f"{HEADER}\n0,2026-01-05T09:00:00Z,customer\n{row}\n", encoding="utf-8")
    history = History(file, skip_bad=True)

    assert list(history.chats()) == [chat("c0", name="0")]
    assert (history.broken, len(history.named)) == (1, 1)


def test_a_quote_that_is_not_closed_breaks_its_own_row_only(file: Path) -> None:
    """The rows after it are read."""
    row = "2026-01-05T09:00:00Z,customer"
    file.write_text(f'{HEADER}\n"0,{row}\n"1",{row}\n2,{row}\n', encoding="utf-8")
    history = History(file, skip_bad=True)

    assert [each.id for each in history.chats()] == ["1", "2"]
    assert history.broken == 1


def test_bytes_that_are_not_utf_8_break_one_row(file: Path) -> None:
    """Not the whole file."""
    file.write_bytes(f"{HEADER}\n0,2026-01-05T09:00:00Z,customer\n".encode() + b"\xff,2026-01-05T09:00:00Z,customer\n")
    history = History(file, skip_bad=True)

    assert (len(list(history.chats())), history.broken) == (1, 1)


def test_of_many_broken_rows_all_are_counted_and_the_first_named(file: Path) -> None:
    """So that the message stays one line."""
    with pytest.raises(HistoryError, match=r"5 rows are broken \(line 2: .*; line 3: .*; line 4: .*; and 2 more\)"):
        read(file, f"{HEADER}\n" + "1,soon,customer\n" * 5)


def test_a_row_that_is_earlier_than_the_one_before_is_broken(file: Path) -> None:
    """Within a chat; chats may begin in any order."""
    rows = "1,2026-01-05T09:01:00Z,customer\n1,2026-01-05T09:00:00Z,agent\n"
    with pytest.raises(HistoryError, match=r"line 3: column sent_at is earlier than in the row before it of chat '1'"):
        read(file, f"{HEADER}\n{rows}")


def test_a_close_before_a_message_is_broken(file: Path) -> None:
    """One of both times is wrong."""
    row = "1,2026-01-05T09:01:00Z,customer,2026-01-05T09:00:00Z"
    with pytest.raises(HistoryError, match="column closed_at is '2026-01-05T09:00:00Z', before this message"):
        read(file, f"{HEADER},closed_at\n{row}\n")


def test_rows_of_a_chat_that_are_apart_are_refused_with_the_command_that_sorts_them(file: Path) -> None:
    """The file is read chat by chat, so that its size does not matter."""
    row = "2026-01-05T09:00:00Z,{},customer\n"
    text = "sent_at,conversation_id,sender\n" + row.format("a") + row.format("b") + row.format("a")
    with pytest.raises(HistoryError, match=r":4: the rows of chat 'a' are not together; .* -k2,2 -k1,1\) > sorted.csv"):
        read(file, text, skip_bad=True)


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("", "is empty; its first line is conversation_id,sent_at,sender"),
        ("conversation_id,sender\n1,agent\n", "lacks the column sent_at"),
        (f"{HEADER}\n", "has no row that can be used"),
    ],
)
def test_a_file_without_chats_is_refused(file: Path, text: str, complaint: str) -> None:
    """With what belongs there."""
    with pytest.raises(HistoryError, match=complaint):
        read(file, text)


def test_a_file_that_is_not_there_is_refused(file: Path) -> None:
    """In one line."""
    with pytest.raises(HistoryError, match=r"cannot be read .No such file or directory.; name a CSV file"):
        list(History(file).chats())


def test_a_mark_of_the_byte_order_is_no_part_of_a_name(file: Path) -> None:
    """Spreadsheets write one."""
    assert read(file, f"\ufeff{HEADER}\n1,2026-01-05T09:00:00Z,customer\n") == [chat("c0")]


def test_the_fingerprint_is_of_every_byte(file: Path) -> None:
    """The same file has the same, and one more message another."""
    histories = [History(write(file, [chat(course)])) for course in ("c0", "c0", "c0 a1")]
    prints = []
    for course, history in zip(("c0", "c0", "c0 a1"), histories, strict=True):
        write(file, [chat(course)])
        list(history.chats())
        prints.append(history.fingerprint)

    assert prints[0] == prints[1] != prints[2]


def test_progress_reaches_the_end(file: Path) -> None:
    """In bytes of the file."""
    seen: list[tuple[int, int]] = []
    list(History(write(file, drawn(50))).chats(lambda done, size: seen.append((done, size))))
    size = file.stat().st_size

    assert seen[-1] == (size, size)
    assert seen == sorted(seen)


def test_memory_does_not_grow_with_the_messages(file: Path) -> None:
    """Ten times as many chats need as much, and a little for each name, to tell whether its rows are together."""

    def peak(count: int) -> int:
        history = History(write(file, drawn(count)))
        tracemalloc.start()
        for _ in history.chats():
            pass
        _, peaked = tracemalloc.get_traced_memory()
        tracemalloc.stop()
        return peaked

    assert peak(2_000) < peak(200) + 1_800 * 300


def test_an_agent_who_wrote_first_accepted_it_then(file: Path) -> None:
    """Nobody else shows it."""
    assert (chat("c0 c1 a7").accepted_at, chat("c0").accepted_at) == (at(7), None)
