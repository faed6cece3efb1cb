"""A run that is killed or stopped in the middle: a clear word, nothing left running, and the next run just works."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from laptop.engine import FINISHING
from laptop.gcp_provider.cloud import Cloud
from laptop.recovery import RunGoesOnError, engine_locks
from laptop.stack import ROOT, LocalStack
from tests.laptop.small_program import SLOW_SECONDS
from tests.world.processes import processes_of

pytestmark = [pytest.mark.engine]

MakeStack = Callable[..., LocalStack]


@contextmanager
def up_in_a_process(home: Path, *more: str) -> Iterator["subprocess.Popen[str]"]:
    """`up` as a process with its own group, like a command in a terminal."""
    process = subprocess.Popen(
        [sys.executable, "-m", "tests.laptop.small_program", str(home), *more],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=True,
    )
    try:
        yield process
    finally:
        process.kill()
        process.communicate()


def read_until(process: "subprocess.Popen[str]", words: str) -> list[str]:
    """The lines it wrote, up to the one with these words."""
    lines: list[str] = []
    for line in process.stdout or ():
        lines.append(line.strip())
        if words in line:
            return lines
    raise AssertionError(f"it ended without {words!r}: {lines}")


def pending_operations(home: Path) -> list[object]:
    """What the state says was begun and not finished."""
    (state,) = (home / "backend" / ".pulumi" / "stacks").rglob("local.json")
    latest = json.loads(state.read_text())["checkpoint"]["latest"] or {}
    return list(latest.get("pending_operations") or [])


def test_the_run_after_a_kill_needs_no_help(tmp_path: Path, local_stack: MakeStack) -> None:
    """Kill -9 while the function is deployed: the next run completes, and nothing is left over."""
    home = tmp_path / "home"
    with up_in_a_process(home) as killed:
        read_until(killed, "cloudfunctionsv2:Function function creating")
        os.kill(killed.pid, signal.SIGKILL)
        killed.wait()

    heard: list[str] = []
    with local_stack(say=heard.append) as stack:
        stack.up(preview=False)
        assert pending_operations(home) == []
        stack.destroy()

    assert heard, "nobody was told what the killed run left"
    assert list((home / "backend").rglob("*.attrs")) == [], "the engine does not write these in one step"
    assert processes_of(home) == []
    assert engine_locks(home / "backend") == []


@pytest.mark.story
def test_a_kill_after_a_provider_call_leaves_what_was_made_in_google(tmp_path: Path, local_stack: MakeStack) -> None:
    """The engine did not record the seventh resource; the next run removes it and completes."""
    home = tmp_path / "home"
    with up_in_a_process(home, "7") as killed:
        killed.communicate(timeout=120)
    left = Cloud(home / "cloud").all()

    heard: list[str] = []
    with local_stack(say=heard.append) as stack:
        stack.up(preview=False)
        stack.destroy()

    assert killed.returncode == -signal.SIGKILL
    assert len(left) >= 7
    assert any("was made by a run that did not record it; removed." in line for line in heard), heard
    assert Cloud(home / "cloud").all() == ()


@pytest.mark.parametrize("to_the_whole_group", [True, False], ids=["terminal", "kill -INT"])
def test_a_stop_finishes_the_step_and_leaves_nothing_half_done(
    to_the_whole_group: bool, tmp_path: Path, local_stack: MakeStack
) -> None:
    """Ctrl-C in the middle of `up`: it says what it does, no operation stays pending, the next run works."""
    home = tmp_path / "home"
    with up_in_a_process(home) as stopped:
        read_until(stopped, "tests:Slow slow creating")
        (os.killpg if to_the_whole_group else os.kill)(stopped.pid, signal.SIGINT)
        said, _ = stopped.communicate(timeout=60)

    assert stopped.returncode == 130, said
    assert FINISHING in said
    assert pending_operations(home) == []
    assert engine_locks(home / "backend") == []
    assert processes_of(home) == []
    with local_stack() as stack:
        assert stack.destroy().counts["delete"] > 0


def test_a_second_ctrl_c_stops_at_once_and_is_recovered_from(tmp_path: Path, local_stack: MakeStack) -> None:
    """It does not wait for the step, and the next run repairs what is unfinished."""
    home = tmp_path / "home"
    with up_in_a_process(home) as stopped:
        read_until(stopped, "tests:Slow slow creating")
        os.kill(stopped.pid, signal.SIGINT)
        read_until(stopped, FINISHING)
        began = time.monotonic()
        os.kill(stopped.pid, signal.SIGINT)
        stopped.communicate(timeout=60)

    assert time.monotonic() - began < SLOW_SECONDS + 5
    assert stopped.returncode == 130
    assert processes_of(home) == []
    with local_stack() as stack:
        stack.destroy()
    assert processes_of(home) == []
    assert pending_operations(home) == []


def test_two_runs_do_not_work_on_one_home(tmp_path: Path, local_stack: MakeStack) -> None:
    """The second is refused with the first one's process number, and the first is not disturbed."""
    home = tmp_path / "home"
    with local_stack() as stack:
        with up_in_a_process(home) as second:
            said, _ = second.communicate(timeout=60)
        assert second.returncode == 1
        assert f"(process {os.getpid()})" in said
        stack.preview()


def test_an_engine_that_we_did_not_start_is_left_alone(tmp_path: Path, local_stack: MakeStack) -> None:
    """A lock whose holder lives and is not ours: the run refuses, names the process, and ends nothing."""
    home = tmp_path / "home"
    with local_stack() as stack, subprocess.Popen(["sleep", "60"]) as stranger:
        lock = home / "backend" / ".pulumi" / "locks" / "organization" / "x" / "local" / "a.json"
        lock.parent.mkdir(parents=True)
        lock.write_text(json.dumps({"pid": stranger.pid, "hostname": os.uname().nodename}))
        try:
            with pytest.raises(RunGoesOnError, match=f"process {stranger.pid} "):
                stack.up()
            assert stranger.poll() is None
        finally:
            stranger.kill()
