"""Keeps past chats in a CSV file that `what-if` reads: whole days, drawn evenly; an interrupted export continues.

Beside the file is its plan, because days that are drawn again tomorrow would be others.
"""

import csv
import io
import json
import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path

from ops.what_if.archive import Archive
from ops.what_if.history import REQUIRED, PastChat

COLUMNS = (*REQUIRED, "channel", "closed_at", "closed_by")
PROBED = 3
"""Days that are listed first, to know how many chats a day has."""

CALLS_FOR_A_CHAT = 2.2
"""Participants, and a page of messages or two."""

CALLS_A_SECOND = 8
"""One after the other, at Twilio's usual 100 ms and a little for us."""

Progress = Callable[[int, int], None]
"""Called with the number of chats that were looked at, and how many there are about."""


class ExportError(ValueError):
    """An export cannot begin or continue; one line, with the way out."""


@dataclass(frozen=True)
class Plan:
    """What is exported.

    Attributes:
        account: AC... of the account.
        days: the days (UTC) whose chats are read, in order.
        chats: about how many that are.
        period: how many days there are to draw from.
    """

    account: str
    days: tuple[date, ...]
    chats: int
    period: int

    @property
    def calls(self) -> int:
        """About how many calls to Twilio that takes."""
        return math.ceil(self.chats * CALLS_FOR_A_CHAT) + len(self.days)

    def __str__(self) -> str:
        minutes = max(1, round(self.calls / CALLS_A_SECOND / 60))
        return (
            f"{len(self.days)} of {self.period} days, about {self.chats:,} chats: "
            f"about {self.calls:,} calls to Twilio, {minutes:,} min"
        )


def spread(days: Sequence[date], count: int) -> tuple[date, ...]:
    """Return so many of some days, evenly spread."""
    count = min(count, len(days))
    return tuple(days[int((number + 0.5) * len(days) / count)] for number in range(count))


def make_plan(archive: Archive, account: str, since: timedelta, sample: int) -> Plan:
    """List a few days, and draw as many as have about so many chats.

    Raises:
        ExportError: there is no chat on any of them.
    """
    today = archive.today()
    days = [today - timedelta(days=back) for back in range(since.days, 0, -1)]
    probed = [len(archive.conversations(day)) for day in spread(days, PROBED)]
    a_day = sum(probed) / len(probed)
    if not a_day:
        raise ExportError(f"no conversation was created on {len(probed)} of the last {len(days)} days; extend --since")
    drawn = spread(days, math.ceil(sample / a_day))
    return Plan(account, drawn, round(a_day * len(drawn)), len(days))


def plan_path(path: Path) -> Path:
    """Where the plan of a file is."""
    return path.with_name(f"{path.name}.plan.json")


def read_plan(path: Path, account: str) -> Plan | None:
    """Return the plan of a file that was begun; None if there is neither.

    Raises:
        ExportError: the file is not an export, or is one of another account.
    """
    beside = plan_path(path)
    try:
        told = json.loads(beside.read_text(encoding="utf-8"))
        days = tuple(date.fromisoformat(day) for day in told["days"])
        plan = Plan(str(told["account"]), days, int(told["chats"]), int(told["period"]))
    except FileNotFoundError:
        if path.exists():
            raise ExportError(f"{path}: exists, and is no export of ours; name another file") from None
        return None
    except (OSError, ValueError, KeyError, TypeError):
        raise ExportError(f"{beside}: cannot be read; remove it and {path.name} to begin again") from None
    if plan.account != account:
        raise ExportError(f"{path}: is an export of account {plan.account}, not of {account}; name another file")
    return plan


def export(archive: Archive, path: Path, plan: Plan, progress: Progress) -> int:
    """Write the chats that are not in the file yet, each at once; return how many there are now.

    Raises:
        ExportError: the file cannot be written.
    """
    try:
        known = _continued(path, plan)
        seen = 0
        with path.open("a", encoding="utf-8", newline="") as file:
            for day in plan.days:
                for found in archive.conversations(day):
                    seen += 1
                    if found.sid not in known and (chat := archive.chat(found)):
                        file.write(_text(chat))
                        file.flush()
                        known.add(chat.id)
                    progress(seen, max(plan.chats, seen))
    except OSError as error:
        raise ExportError(
            f"{path}: cannot be written ({error.strerror}); name a file in a folder that exists"
        ) from None
    return len(known)


def _continued(path: Path, plan: Plan) -> set[str]:
    """Begin the file, or take the last chat out of it, which may be half a chat; return the chats that are there."""
    if not path.exists():
        path.write_text(",".join(COLUMNS) + "\n", encoding="utf-8")
        told = {
            "account": plan.account,
            "days": [day.isoformat() for day in plan.days],
            "chats": plan.chats,
            "period": plan.period,
        }
        plan_path(path).write_text(json.dumps(told, indent=2) + "\n", encoding="utf-8")
        return set()
    known: list[str] = []
    begins = end = 0
    with path.open("rb") as file:
        end = len(file.readline())
        for line in file:
            name = line.partition(b",")[0].decode("utf-8", "replace")
            if not known or name != known[-1]:
                known.append(name)
                begins = end
            end += len(line)
    if known:
        with path.open("rb+") as file:
            file.truncate(begins)
    return set(known[:-1])


def _text(chat: PastChat) -> str:
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    closed_at = _iso(chat.closed_at.isoformat()) if chat.closed_at else ""
    for sent in chat.messages:
        row = (chat.id, _iso(sent.at.isoformat()), sent.by.value, chat.channel, closed_at, chat.closed_by.value)
        writer.writerow(row)
    return text.getvalue()


def _iso(text: str) -> str:
    return text.replace("+00:00", "Z")
