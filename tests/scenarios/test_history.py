"""Files of past chats: which can be replayed, and the errors for the others."""

from datetime import UTC, datetime
from pathlib import Path

import pytest

from laptop.history import HistoryError, PastChat, Sent, parse_history, read_history

HEADER = "conversation_id,sent_at,sender"
ROW = "0001,2026-01-05T00:00:00Z,customer"


def test_rows_become_chats_in_the_order_of_the_file() -> None:
    """Chats are in the order of their first rows, messages as in the file, times in UTC."""
    chats = parse_history(
        [
            HEADER,
            "b,2026-01-05T00:01:00Z,customer",
            "a,2026-01-05T00:00:00+01:00,customer",
            "b,2026-01-05T00:01:00Z,agent",
        ],
        "x.csv",
    )
    assert chats == (
        PastChat(
            "b",
            (
                Sent(datetime(2026, 1, 5, 0, 1, tzinfo=UTC), "customer"),
                Sent(datetime(2026, 1, 5, 0, 1, tzinfo=UTC), "agent"),
            ),
        ),
        PastChat("a", (Sent(datetime(2026, 1, 4, 23, 0, tzinfo=UTC), "customer"),)),
    )


def test_columns_are_found_by_name_and_others_are_left_alone() -> None:
    """An export with more columns in another order works."""
    (chat,) = parse_history(["sender,note,sent_at,conversation_id", "agent,x,2026-01-05T00:00:00Z,7"], "x.csv")
    assert chat == PastChat("7", (Sent(datetime(2026, 1, 5, tzinfo=UTC), "agent"),))


@pytest.mark.parametrize(
    ("lines", "complaint"),
    [
        ([], "x.csv: is empty; the first line is conversation_id,sent_at,sender"),
        ([HEADER], "x.csv: has no row below its header"),
        (["conversation_id,sender", "1,agent"], "x.csv:1: lacks the column sent_at; found conversation_id, sender"),
        ([HEADER, ROW, "0001,2026-01-05T00:01:00Z"], "x.csv:3: column sender is missing"),
        ([HEADER, ROW + ",x"], "x.csv:2: column 4 is one too many"),
        ([HEADER, ",2026-01-05T00:00:00Z,agent"], "x.csv:2: column conversation_id is empty"),
        ([HEADER, "1,yesterday,agent"], "x.csv:2: column sent_at is 'yesterday', not an ISO 8601 time"),
        (
            [HEADER, "1,2026-01-05T00:00:00,agent"],
            "x.csv:2: column sent_at is '2026-01-05T00:00:00', without a time zone",
        ),
        ([HEADER, "1,2026-01-05T00:00:00Z,robot"], "x.csv:2: column sender is 'robot'; allowed are customer, agent"),
        ([HEADER, "1,2026-01-05T00:00:00Z,"], "x.csv:2: column sender is ''"),
        (
            [HEADER, "1,2026-01-05T00:01:00Z,agent", "2,2026-01-05T00:00:00Z,agent", "1,2026-01-05T00:00:00Z,agent"],
            "x.csv:4: column sent_at is 2026-01-05T00:00:00+00:00, earlier than the row before it of chat '1'",
        ),
        ([HEADER, '"1,2026-01-05T00:00:00Z,agent'], "x.csv:2: is not CSV"),
    ],
)
def test_an_error_names_line_and_column(lines: list[str], complaint: str) -> None:
    """The person who made the export finds the place."""
    with pytest.raises(HistoryError) as caught:
        parse_history([line + "\n" for line in lines], "x.csv")
    assert complaint in str(caught.value)


def test_a_file_that_cannot_be_read_is_named(tmp_path: Path) -> None:
    """There is no traceback for a wrong path."""
    with pytest.raises(HistoryError, match=r"none\.csv: cannot be read"):
        read_history(tmp_path / "none.csv")


def test_only_the_first_chats_are_kept_when_asked(tmp_path: Path) -> None:
    """`first` counts chats, not rows."""
    path = tmp_path / "x.csv"
    path.write_text("\n".join([HEADER, ROW, "0002" + ROW[4:], "0001,2026-01-05T00:09:00Z,agent"]), encoding="utf-8")
    (chat,) = read_history(path, first=1)
    assert (chat.id, len(chat.messages)) == ("0001", 2)
