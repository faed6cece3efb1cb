"""Prints the result of a replay: the table, beside what the promises alone would give, and every difference.

The figures are about the file that was played, and claim no more.
"""

import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import timedelta

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, TextColumn, TimeElapsedColumn, TimeRemainingColumn
from rich.progress import Progress as Bar
from rich.table import Table as RichTable

from laptop.footprint import Footprint
from laptop.replay import Pace, Progress
from laptop.replay_outcome import PlayedChat, Table, expected_outcome, tabulate
from ops.what_if.history import PastChat

SHOWN_DIFFERENCES = 20


@contextmanager
def progress_shown(console: Console) -> Iterator[Progress]:
    """A bar with rate and remaining time on a terminal; elsewhere, a line for each tenth."""
    if not console.is_terminal:
        yield _tenths(console)
        return
    rate = TextColumn("{task.fields[rate]}")
    columns = (BarColumn(), MofNCompleteColumn(), TextColumn("messages"), rate, TimeElapsedColumn())
    with Bar(*columns, TextColumn("left"), TimeRemainingColumn(), console=console, transient=True) as bar:
        task = bar.add_task("replay", total=None, rate="")

        def move(done: int, total: int) -> None:
            speed = bar.tasks[0].speed
            bar.update(task, completed=done, total=total, rate=f"{speed:.0f}/s" if speed else "")

        yield move


def _tenths(console: Console) -> Progress:
    tenth = 0
    started = time.monotonic()

    def say(done: int, total: int) -> None:
        nonlocal tenth
        if done * 10 // total > tenth:
            tenth = done * 10 // total
            elapsed = time.monotonic() - started
            left = elapsed * (total - done) / done
            console.print(
                f"  {done} of {total} messages after {elapsed:.0f} s, {done / elapsed:.0f}/s, about {left:.0f} s left",
                highlight=False,
                soft_wrap=True,
            )

    return say


def report(console: Console, played: Sequence[PlayedChat], timeout: timedelta) -> bool:
    """Print the table and the differences, and return whether both promises were kept."""
    expected = [expected_outcome(chat.past, timeout) for chat in played]
    table = tabulate(played, timeout)
    console.print()
    console.print(_table(table, tabulate(expected, timeout)))
    _differences(console, played, expected)
    if table.promises_kept:
        console.print("Nobody who waited for an answer was cut off; nobody who went silent was left.", style="green")
    else:
        console.print("A promise was broken: see the rows that must be 0.", style="bold red")
        broken = [chat for chat in played if chat.ended_customer_last or chat.missed]
        for chat in broken[:SHOWN_DIFFERENCES]:
            console.print(f"  {chat.past.id}: {_words(chat)}; {_course(chat.past)}", markup=False, highlight=False)
    return table.promises_kept


def report_pace(console: Console, table_of: Sequence[PlayedChat], pace: Pace, footprint: Footprint) -> None:
    """Print how long the replay took and how much memory it needed."""
    chats = len(table_of)
    messages = sum(len(chat.past.messages) for chat in table_of)
    console.print(
        f"{chats} chats, {messages} messages in {pace.seconds:.1f} s: {pace.seconds / chats * 1000:.1f} ms a chat; "
        f"{pace.first_tenth_ms:.2f} ms a message in the first tenth, {pace.last_tenth_ms:.2f} ms in the last.",
        highlight=False,
    )
    console.print(
        f"Peak memory of all {footprint.peak_processes} processes together: {footprint.peak / 2**20:.0f} MiB "
        "(resident, shared pages counted for each).",
        highlight=False,
    )


def _table(ours: Table, expected: Table) -> RichTable:
    shown = RichTable(title=f"{ours.chats} chats of the past", title_justify="left")
    shown.add_column("outcome", overflow="fold")
    for column in ("chats", "expected", "blind timer"):
        shown.add_column(column, justify="right")
    shown.add_row("warned", str(ours.warned), "", "")
    shown.add_row("  of these returned", str(ours.returned), "", "", end_section=True)
    rows = [
        ("ended after the last message", ours.ended_after_last, expected.ended_after_last, ours.blind_after_last),
        ("ended early", ours.ended_early, expected.ended_early, ours.blind_early),
        ("  the customer wrote again", ours.early_customer_again, expected.early_customer_again, None),
        ("  only an agent wrote", ours.early_agent_only, expected.early_agent_only, None),
        ("  messages cut", ours.cut, expected.cut, None),
        ("kept (open, customer last)", ours.kept, expected.kept, 0),
    ]
    for index, (words, count, wanted, blind) in enumerate(rows):
        cells = (words, str(count), str(wanted), "" if blind is None else str(blind))
        shown.add_row(*cells, end_section=index == len(rows) - 1)
    for words, count, blind in (
        ("ended, customer last (must be 0)", ours.ended_customer_last, ours.blind_customer_last),
        ("missed: open, agent last (must be 0)", ours.missed, 0),
    ):
        shown.add_row(words, str(count), "0", str(blind), style="bold red" if count else "bold green")
    return shown


def _differences(console: Console, played: Sequence[PlayedChat], expected: Sequence[PlayedChat]) -> None:
    """Print every chat that ended in another way than the promises alone give."""
    different = [
        (ours, wanted)
        for ours, wanted in zip(played, expected, strict=True)
        if (ours.ended, ours.played) != (wanted.ended, wanted.played)
    ]
    if not different:
        console.print("Every chat ended as the promises alone would have it.", highlight=False)
        return
    console.print(f"{len(different)} chats ended differently:", style="yellow", highlight=False)
    for ours, wanted in different[:SHOWN_DIFFERENCES]:
        words = f"  {ours.past.id}: {_words(ours)}; expected: {_words(wanted)}; {_course(ours.past)}"
        console.print(words, markup=False, highlight=False)
    if len(different) > SHOWN_DIFFERENCES:
        console.print(f"  and {len(different) - SHOWN_DIFFERENCES} more", highlight=False)


def _words(chat: PlayedChat) -> str:
    return f"ended after {chat.played} of {len(chat.past.messages)} messages" if chat.ended else "open"


def _course(past: PastChat) -> str:
    """Who wrote, and after how many minutes: `c0 a3 c14`."""
    first = past.messages[0].at
    return " ".join(f"{sent.by[0]}{(sent.at - first) / timedelta(minutes=1):g}" for sent in past.messages)
