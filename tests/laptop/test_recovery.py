"""What tells a leftover of a killed run from a run that still goes on."""

import os
import socket
import subprocess
from pathlib import Path

import psutil

from laptop.recovery import EngineLock


def test_a_lock_is_of_a_living_engine_as_long_as_its_process_runs() -> None:
    """Such a lock is not removed, and neither is one from another machine, where we cannot tell."""
    here = socket.gethostname()
    assert EngineLock(Path("a.json"), os.getpid(), here).holder_lives
    assert EngineLock(Path("a.json"), 1 << 22, "another-machine").holder_lives


def test_an_engine_that_ended_but_was_not_yet_waited_for_holds_nothing() -> None:
    """It is listed until its new parent has collected it."""
    with subprocess.Popen(["true"]) as engine:
        while psutil.Process(engine.pid).status() != psutil.STATUS_ZOMBIE:
            pass
        assert not EngineLock(Path("a.json"), engine.pid, socket.gethostname()).holder_lives
