"""Posts what the function decides to the simulator, whose page shows it beside each chat."""

import contextlib
import threading
from collections.abc import Iterator
from dataclasses import asdict
from datetime import timedelta
from pathlib import Path

from laptop.decision_rows import rows_of
from laptop.function_log import FunctionLog, LogEntry
from simulator.client import SimulatorClient, SimulatorError

EVERY = timedelta(milliseconds=200)
"""How often the log is read, in real time."""


@contextlib.contextmanager
def decision_feed(twilio: SimulatorClient, log: Path) -> Iterator[None]:
    """Post each decision that is logged while the block lasts."""
    reader, over = FunctionLog(log), threading.Event()

    def follow() -> None:
        while not over.wait(EVERY.total_seconds()):
            post_new(twilio, reader)

    thread = threading.Thread(target=follow, name="decision feed", daemon=True)
    thread.start()
    try:
        yield
    finally:
        over.set()
        thread.join()
        post_new(twilio, reader)


def post_new(twilio: SimulatorClient, log: FunctionLog) -> None:
    """Post the decisions that were logged since the last call."""
    for entry in log.new_entries():
        if entry.event == "decision":
            _post(twilio, entry)


def _post(twilio: SimulatorClient, entry: LogEntry) -> None:
    rows = [asdict(row) for row in rows_of(entry)]
    with contextlib.suppress(SimulatorError):  # no chat of Flex, or the simulator has ended: only the page misses it
        twilio.report_decision(
            entry.conversation, entry.decision, reason=entry.reason, message=entry.message, rows=rows, at=entry.at
        )
