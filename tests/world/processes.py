"""Which processes belong to a local run's home, for tests that check that nothing is left running."""

from pathlib import Path

import psutil

from laptop.recovery import HOME_VARIABLE


def processes_of(home: Path) -> list[psutil.Process]:
    """Return every process that works in the home or was started for it, except the test's own."""
    found = []
    for process in psutil.process_iter():
        try:
            inside = process.cwd().startswith(str(home)) or process.environ().get(HOME_VARIABLE) == str(home)
        except psutil.Error:
            continue
        if inside and process.status() != psutil.STATUS_ZOMBIE:
            found.append(process)
    return found
