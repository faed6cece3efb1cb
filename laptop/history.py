"""Past chats: a CSV file of who wrote when, read and validated.

    conversation_id,sent_at,sender
    0001,2026-01-05T00:00:00Z,customer

The whole file is checked before a replay starts, so that no bad row stops it in the middle.
"""

import csv
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import islice
from pathlib import Path

COLUMNS = ("conversation_id", "sent_at", "sender")
CUSTOMER = "customer"
AGENT = "agent"
SENDERS = (CUSTOMER, AGENT)


class HistoryError(ValueError):
    """A file cannot be replayed. The message names the file, the line and column, and what belongs there."""


@dataclass(frozen=True, slots=True)
class Sent:
    """One message of the past: when (aware, UTC) and by whom (`customer` or `agent`)."""

    at: datetime
    sender: str


@dataclass(frozen=True, slots=True)
class PastChat:
    """One chat of the past, its messages in the order of the file, which is the order in time.

    Attributes:
        id: its name.
        messages: who wrote when.
        channel: how the customer wrote, as in a chat script.
        queue: name of the task queue; None for the default one.
        language: the customer's language; None if unknown.
    """

    id: str
    messages: tuple[Sent, ...]
    channel: str = "web"
    queue: str | None = None
    language: str | None = None


def read_history(path: Path, *, first: int | None = None) -> tuple[PastChat, ...]:
    """Read and check a file of past chats; with `first`, return only the first so many.

    Raises:
        HistoryError: the file cannot be read, is empty, lacks a column, or has a row that cannot be used.
    """
    try:
        with path.open(encoding="utf-8", newline="") as file:
            chats = parse_history(file, str(path))
    except (OSError, UnicodeDecodeError) as error:
        raise HistoryError(f"{path}: cannot be read as UTF-8 text ({error})") from error
    return tuple(islice(chats, first)) if first is not None else chats


def parse_history(lines: Iterable[str], name: str) -> tuple[PastChat, ...]:
    """Turn CSV lines into chats; `name` is for the messages.

    Raises:
        HistoryError: see `read_history`.
    """
    chats: dict[str, list[Sent]] = {}
    for line, conversation, sent in _rows(lines, name):
        messages = chats.setdefault(conversation, [])
        if messages and sent.at < messages[-1].at:
            raise HistoryError(
                f"{name}:{line}: column sent_at is {sent.at.isoformat()}, earlier than the row before it of chat "
                f"{conversation!r} ({messages[-1].at.isoformat()}); sort the rows of each chat by time"
            )
        messages.append(sent)
    if not chats:
        raise HistoryError(f"{name}: has no row below its header; nothing to replay")
    return tuple(PastChat(conversation, tuple(messages)) for conversation, messages in chats.items())


def _rows(lines: Iterable[str], name: str) -> Iterator[tuple[int, str, Sent]]:
    reader = csv.reader(lines, strict=True)
    try:
        header = next(reader, None)
        if header is None:
            raise HistoryError(f"{name}: is empty; the first line is {','.join(COLUMNS)}")
        places = _places(header, name)
        for cells in reader:
            if cells:
                yield reader.line_num, *_row(cells, header, places, f"{name}:{reader.line_num}")
    except csv.Error as error:
        raise HistoryError(f"{name}:{reader.line_num}: is not CSV ({error})") from error


def _places(header: list[str], name: str) -> tuple[int, int, int]:
    header = [cell.strip().removeprefix("\ufeff") for cell in header]
    missing = [column for column in COLUMNS if column not in header]
    if missing:
        raise HistoryError(
            f"{name}:1: lacks the column {', '.join(missing)}; found {', '.join(header)}; "
            f"the first line is {','.join(COLUMNS)}"
        )
    conversation, sent_at, sender = (header.index(column) for column in COLUMNS)
    return conversation, sent_at, sender


def _row(cells: list[str], header: list[str], places: tuple[int, int, int], where: str) -> tuple[str, Sent]:
    if len(cells) > len(header):
        raise HistoryError(f"{where}: column {len(header) + 1} is one too many; the first line has {len(header)}")
    if len(cells) < len(header):
        raise HistoryError(f"{where}: column {header[len(cells)].strip()} is missing; found {','.join(cells)!r}")
    conversation, sent_at, sender = (cells[place].strip() for place in places)
    if not conversation:
        raise HistoryError(f"{where}: column conversation_id is empty; write the chat's name")
    if sender not in SENDERS:
        raise HistoryError(f"{where}: column sender is {sender!r}; allowed are {', '.join(SENDERS)}")
    return conversation, Sent(_time(sent_at, where), sender)


def _time(text: str, where: str) -> datetime:
    example = "write a time such as 2026-01-05T00:00:00Z"
    try:
        at = datetime.fromisoformat(text)
    except ValueError:
        raise HistoryError(f"{where}: column sent_at is {text!r}, not an ISO 8601 time; {example}") from None
    if at.tzinfo is None:
        raise HistoryError(f"{where}: column sent_at is {text!r}, without a time zone; {example}")
    return at.astimezone(UTC)
