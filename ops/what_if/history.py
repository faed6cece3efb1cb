"""Past chats: a CSV file of who wrote when, read chat by chat.

    conversation_id,sent_at,sender
    0001,2026-01-05T00:00:00Z,customer

The file is never in memory as a whole: the rows of a chat follow each other, and one chat is held at a time.
"""

import csv
import enum
import hashlib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from pathlib import Path

REQUIRED = ("conversation_id", "sent_at", "sender")
OPTIONAL = ("channel", "queue", "language", "closed_at", "closed_by", "agent", "customer")
"""The columns that a file may have. `customer` is a hash that nothing here reads."""

NAMED = 3
"""How many broken rows a message names."""

Progress = Callable[[int, int], None]
"""Called with the number of bytes read, and of all."""


class HistoryError(ValueError):
    """A file cannot be used. The message names the file, the line and column, and the way out."""


class Sender(enum.StrEnum):
    """Who wrote a message."""

    CUSTOMER = "customer"
    AGENT = "agent"


class Closer(enum.StrEnum):
    """Who closed a chat; empty if the file does not say."""

    AGENT = "agent"
    CUSTOMER = "customer"
    TIMER = "timer"
    UNKNOWN = ""


@dataclass(frozen=True, slots=True)
class Sent:
    """One message: when (aware, UTC) and by whom."""

    at: datetime
    by: Sender


@dataclass(frozen=True, slots=True)
class PastChat:
    """One chat, its messages in order of time.

    Attributes:
        id: its name in the file.
        messages: never empty.
        channel: such as `sms`; empty if the file does not say.
        queue: name of the task queue; empty if the file does not say.
        language: the customer's language tag; empty if the file does not say.
        agent: the agent who had it first; empty if the file does not say.
        closed_at: when it was closed; None if the file does not say.
        closed_by: who closed it.
    """

    id: str
    messages: tuple[Sent, ...]
    channel: str = ""
    queue: str = ""
    language: str = ""
    agent: str = ""
    closed_at: datetime | None = None
    closed_by: Closer = Closer.UNKNOWN

    @property
    def day(self) -> date:
        """The day (UTC) on which it began."""
        return self.messages[0].at.date()

    @property
    def accepted_at(self) -> datetime | None:
        """When an agent wrote first; None if none did."""
        return next((message.at for message in self.messages if message.by is Sender.AGENT), None)


@dataclass(frozen=True, slots=True)
class _Row:
    chat: str
    sent: Sent
    channel: str
    queue: str
    language: str
    agent: str
    closed_at: datetime | None
    closed_by: Closer


class _RowError(ValueError):
    """One row cannot be used: column, value, and what belongs there."""


@dataclass
class History:
    """A file of past chats.

    Attributes:
        path: the CSV file.
        skip_bad: skip broken rows instead of refusing the file.
        columns: the columns that it has; known once its header was read.
        broken: how many rows were broken in the last reading.
        named: the first of them, each with its line.
        fingerprint: of the whole file's bytes, after the last reading.
    """

    path: Path
    skip_bad: bool = False
    columns: tuple[str, ...] = ()
    broken: int = 0
    named: list[str] = field(default_factory=list)
    fingerprint: str = ""
    _line: int = 1

    def has(self, *columns: str) -> bool:
        """Whether the file has all these columns."""
        return set(columns) <= set(self.columns)

    def read_columns(self) -> None:
        """Read the header.

        Raises:
            HistoryError: the file cannot be read, or lacks a column.
        """
        try:
            with self.path.open("rb") as file:
                self._places(file.readline().decode("utf-8", "surrogateescape"))
        except OSError as error:
            raise HistoryError(self._unreadable(error)) from None

    def chats(self, progress: Progress = lambda _read, _all: None) -> Iterator[PastChat]:
        """Yield the chats in the order of the file.

        Raises:
            HistoryError: the file cannot be read, lacks a column, has no usable row, has broken rows that are not to be
                skipped, or does not keep the rows of a chat together.
        """
        self.broken, self.named = 0, []
        seen: set[int] = set()  # hashes: a few bytes for each chat
        rows: list[_Row] = []
        for row in self._rows(progress):
            if rows and row.chat != rows[0].chat:
                yield _chat_of(rows)
                rows = []
            if not rows:
                if hash(row.chat) in seen:
                    raise HistoryError(self._how_to_sort(row.chat))
                seen.add(hash(row.chat))
            if rows and row.sent.at < rows[-1].sent.at:
                self._break(f"column sent_at is earlier than in the row before it of chat {row.chat!r}")
                continue
            rows.append(row)
        if self.broken and not self.skip_bad:
            raise HistoryError(self._refusal())
        if not rows:
            raise HistoryError(f"{self.path}: has no row that can be used below its header; export some chats first")
        yield _chat_of(rows)

    def _rows(self, progress: Progress) -> Iterator[_Row]:
        """Yield the usable rows; once a broken one forbids the rest, only go on counting."""
        try:
            with self.path.open("rb") as file:
                lines = _Lines(file, self.path.stat().st_size, progress)
                yield from self._parsed(iter(lines))
                self.fingerprint = lines.digest.hexdigest()[:12]
        except OSError as error:
            raise HistoryError(self._unreadable(error)) from None

    def _unreadable(self, error: OSError) -> str:
        return f"{self.path}: cannot be read ({error.strerror}); name a CSV file"

    def _parsed(self, lines: Iterator[str]) -> Iterator[_Row]:
        places = self._places(next(lines, ""))
        width = len(self.columns)
        for self._line, line in enumerate(lines, start=2):
            if not line.strip():
                continue
            try:
                row = places.row(_cells(line), width)
            except _RowError as error:
                self._break(str(error))
                continue
            if self.skip_bad or not self.broken:
                yield row

    def _places(self, header: str) -> "_Places":
        if not header.strip():
            raise HistoryError(f"{self.path}: is empty; its first line is {','.join(REQUIRED)}")
        try:
            self.columns = tuple(cell.strip().removeprefix("\ufeff") for cell in _cells(header))
        except _RowError as error:
            raise HistoryError(f"{self.path}:1: {error}") from None
        missing = [column for column in REQUIRED if column not in self.columns]
        if missing:
            raise HistoryError(
                f"{self.path}:1: lacks the column {', '.join(missing)}; its first line is {','.join(REQUIRED)}, and "
                f"may also name {', '.join(OPTIONAL)}"
            )
        return _Places(**{name: self.columns.index(name) for name in (*REQUIRED, *OPTIONAL) if name in self.columns})

    def _break(self, complaint: str) -> None:
        self.broken += 1
        if len(self.named) < NAMED:
            self.named.append(f"line {self._line}: {complaint}")

    def _refusal(self) -> str:
        more = f"; and {self.broken - NAMED:,} more" if self.broken > NAMED else ""
        rows = "1 row is broken" if self.broken == 1 else f"{self.broken:,} rows are broken"
        return f"{self.path}: {rows} ({'; '.join(self.named)}{more}); repair them, or skip them with --skip-bad"

    def _how_to_sort(self, chat: str) -> str:
        chats, times = (self.columns.index(name) + 1 for name in ("conversation_id", "sent_at"))
        return (
            f"{self.path}:{self._line}: the rows of chat {chat!r} are not together; sort the file: "
            f"(head -n 1 {self.path} && tail -n +2 {self.path} | sort -t, -s -k{chats},{chats} -k{times},{times}) "
            "> sorted.csv"
        )


@dataclass
class _Lines:
    """The lines of a file as text. Bytes that are not UTF-8 stay recognizable, so that they break one row only."""

    file: Iterator[bytes]
    size: int
    progress: Progress

    def __post_init__(self) -> None:
        self.digest = hashlib.sha256()

    def __iter__(self) -> Iterator[str]:
        read = 0
        for number, line in enumerate(self.file):
            self.digest.update(line)
            read += len(line)
            if number % 4096 == 0:
                self.progress(read, self.size)
            yield line.decode("utf-8", "surrogateescape")
        self.progress(self.size, self.size)


@dataclass(frozen=True)
class _Places:
    """At which place of a row each column is; None for one that the file does not have."""

    conversation_id: int
    sent_at: int
    sender: int
    channel: int | None = None
    queue: int | None = None
    language: int | None = None
    closed_at: int | None = None
    closed_by: int | None = None
    agent: int | None = None
    customer: int | None = None

    def row(self, cells: list[str], width: int) -> _Row:
        """Read one row.

        Raises:
            _RowError: it has too few or too many cells, or one that cannot be used.
        """
        if len(cells) != width:
            raise _RowError(f"has {len(cells)} columns, and the first line has {width}")
        chat = cells[self.conversation_id].strip()
        if not chat or not chat.isprintable():
            raise _RowError(f"column conversation_id is {chat!r}; write the chat's name")
        sender = cells[self.sender].strip()
        if sender not in _SENDERS:
            raise _RowError(f"column sender is {sender!r}; allowed are {', '.join(_SENDERS)}")
        sent = Sent(_time("sent_at", cells[self.sent_at].strip()), _SENDERS[sender])
        closed_at = self._text(cells, self.closed_at)
        closed_by = self._text(cells, self.closed_by)
        if closed_by not in tuple(Closer):
            raise _RowError(f"column closed_by is {closed_by!r}; allowed are {', '.join(filter(None, Closer))}")
        row = _Row(
            chat,
            sent,
            self._text(cells, self.channel).lower(),
            self._text(cells, self.queue),
            self._text(cells, self.language),
            self._text(cells, self.agent) if sent.by is Sender.AGENT else "",
            _time("closed_at", closed_at) if closed_at else None,
            Closer(closed_by),
        )
        if row.closed_at and row.closed_at < sent.at:
            raise _RowError(f"column closed_at is {closed_at!r}, before this message was sent")
        return row

    def _text(self, cells: list[str], place: int | None) -> str:
        return "" if place is None else cells[place].strip()


def skipped(broken: int, named: Sequence[str]) -> str:
    """Return how many broken rows were skipped, and the first of them; empty if none was."""
    if not broken:
        return ""
    rows = "1 broken row was" if broken == 1 else f"{broken:,} broken rows were"
    return f"{rows} skipped: {'; '.join(named)}{'; ...' if broken > len(named) else ''}."


_SENDERS = {sender.value: sender for sender in Sender}


def _cells(line: str) -> list[str]:
    """Split one line. A row never has two, so a quote that is not closed does not break the rest of the file."""
    if '"' not in line:
        return line.rstrip("\r\n").split(",")
    try:
        return next(csv.reader([line], strict=True))
    except csv.Error as error:
        raise _RowError(f"is not CSV ({error}); close every quote in its own line") from None


def _time(column: str, text: str) -> datetime:
    try:
        at = datetime.fromisoformat(text)
    except ValueError:
        raise _RowError(f"column {column} is {text!r}; write a time such as 2026-01-05T00:00:00Z") from None
    if at.tzinfo is None:
        raise _RowError(f"column {column} is {text!r}, without a time zone; write 2026-01-05T00:00:00Z")
    return at.astimezone(UTC)


def _chat_of(rows: list[_Row]) -> PastChat:
    def first(values: Iterator[str]) -> str:
        return next(filter(None, values), "")

    return PastChat(
        rows[0].chat,
        tuple(row.sent for row in rows),
        channel=first(row.channel for row in rows),
        queue=first(row.queue for row in rows),
        language=first(row.language for row in rows),
        agent=first(row.agent for row in rows),
        closed_at=max((row.closed_at for row in rows if row.closed_at), default=None),
        closed_by=Closer(first(row.closed_by.value for row in rows)),
    )
