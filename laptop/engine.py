"""The Pulumi engine as a child process that can be asked to stop without leaving anything half done.

The engine runs in a process group of its own. So a Ctrl-C reaches it exactly once, through `interrupt()`, whether it
came from a terminal (which sends it to a whole group) or to this process alone; a second one would abort it.
"""

import os
import signal
import subprocess
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from types import FrameType
from typing import IO, Any

from pulumi.automation import PulumiCommand
from pulumi.automation._cmd import CommandResult, OnOutput  # the types of `run`, which the package does not export
from pulumi.automation.errors import create_command_error

from laptop.environment import scrubbed
from laptop.pulumi_cli import executable

Say = Callable[[str], None]

FINISHING = "Stopping after the current step. Press Ctrl-C again to stop at once."
AT_ONCE = "Stopping at once. The next run cleans up what this one leaves."


class StoppedError(Exception):
    """The run was stopped by its user."""


class EngineCommand(PulumiCommand):
    """The CLI of `found`, run in a process group of its own and in a scrubbed environment."""

    def __init__(self, found: PulumiCommand) -> None:
        self.command = str(executable(found))
        self.version = found.version
        self._running: subprocess.Popen[str] | None = None
        self._interrupts = 0

    def run(
        self,
        args: list[str],
        cwd: str,
        additional_env: Mapping[str, str],
        on_output: OnOutput | None = None,
        on_error: OnOutput | None = None,
    ) -> CommandResult:
        """Run one Pulumi command, as `PulumiCommand.run` does.

        Raises:
            StoppedError: it was interrupted.
            CommandError: it failed.
        """
        if self._interrupts:
            raise StoppedError
        folder = os.path.dirname(self.command)  # noqa: PTH120 - text in, text out
        environment = {
            **scrubbed(os.environ),
            "PATH": os.pathsep.join([folder, os.environ.get("PATH", os.defpath)]),
            **additional_env,
            "PULUMI_AUTOMATION_API": "true",
        }
        command = [self.command, "--non-interactive", *args]
        process = subprocess.Popen(
            command,
            cwd=cwd,
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            encoding="utf-8",
            process_group=0,
        )
        self._running = process
        try:
            streams = [(process.stdout, on_output), (process.stderr, on_error)]
            readers = [_Reader(stream, on_line) for stream, on_line in streams]
            for reader in readers:
                reader.join()
            process.wait()
        finally:
            self._running = None
            if process.poll() is None:
                process.kill()
                process.wait()
        result = CommandResult(readers[0].text, readers[1].text, process.returncode)
        if self._interrupts and process.returncode != 0:
            raise StoppedError
        if process.returncode != 0:
            raise create_command_error(result)
        return result

    def interrupt(self) -> None:
        """Ask the running command to stop; the second time, kill it."""
        self._interrupts += 1
        process = self._running
        if process is None:
            return
        if self._interrupts == 1:
            process.send_signal(signal.SIGINT)
        else:
            process.kill()

    @contextmanager
    def stopping_on_interrupt(self, say: Say) -> Iterator[None]:
        """While the block lasts, Ctrl-C asks the engine to finish its step, and raises nothing.

        Raises:
            StoppedError: on leaving, when Ctrl-C was pressed.
        """
        if threading.current_thread() is not threading.main_thread():
            yield  # signals are the main thread's
            return

        def on_interrupt(_signal: int, _frame: FrameType | None) -> None:
            say(FINISHING if self._interrupts == 0 else AT_ONCE)
            self.interrupt()

        self._interrupts = 0
        before: Any = signal.signal(signal.SIGINT, on_interrupt)
        try:
            yield
        finally:
            signal.signal(signal.SIGINT, before)
            stopped, self._interrupts = self._interrupts > 0, 0
        if stopped:
            raise StoppedError


class _Reader(threading.Thread):
    """Reads one stream to its end, and passes each line on."""

    def __init__(self, stream: IO[str] | None, on_line: OnOutput | None) -> None:
        super().__init__(daemon=True)
        self._stream = stream
        self._on_line = on_line
        self._lines: list[str] = []
        self.start()

    @property
    def text(self) -> str:
        return "\n".join(self._lines)

    def run(self) -> None:
        for line in self._stream or ():
            self._lines.append(line.rstrip())
            if self._on_line:
                self._on_line(line.rstrip())
