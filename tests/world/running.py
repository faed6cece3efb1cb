"""The function as the zip runs it: a copy of its files under functions-framework, in a child process."""

import contextlib
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Any

from function.policy import Policy
from function.settings import Settings
from infra.source_zip import BUILD_VARIABLES, modules
from tests.world.driving import Twilio

FUNCTION = Path(__file__).resolve().parents[2] / "function"
START_TIMEOUT = 30.0


def free_port() -> int:
    """Return a free port."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def settings_for(twilio: Twilio, port: int, policy: Policy) -> Settings:
    """Return the settings of a deployment."""
    return Settings(
        account_sid=twilio.account.account_sid,
        auth_token=twilio.account.auth_token,
        auth_token_secondary="the token of tomorrow",
        service_sid=twilio.account.service_sid,
        workspace_sid=twilio.account.workspace_sid,
        public_url=f"http://127.0.0.1:{port}",
        rate_limits=False,
        policy=policy,
        arm_on_accept=True,
        twilio_base_url=twilio.url,
    )


def unpacked(files: Path, to: Path) -> Path:
    """Unpack a function's zip, and return the folder."""
    for file in modules(files):
        (to / file.name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(file.path, to / file.name)
    return to


def built(files: Path, to: Path) -> Path:
    """Unpack a function's zip and compile it, as Google's build does, and return the folder."""
    compiler = [sys.executable, "-m", "compileall", "-f", "-q", "."]
    subprocess.run(compiler, cwd=unpacked(files, to), env=dict(BUILD_VARIABLES), check=True)
    return to


class RunningFunction:
    """One process of the function, with its own log."""

    def __init__(
        self,
        folder: Path,
        settings: Settings,
        port: int,
        target: str = "webhook",
        *,
        environment: Mapping[str, str] = MappingProxyType({}),
        files: Path = FUNCTION,
        source: Path | None = None,
    ) -> None:
        self.settings = settings
        self.url = f"http://127.0.0.1:{port}"
        self.log = folder / f"log-{port}"
        folder.mkdir(parents=True, exist_ok=True)
        secrets = {
            "TWILIO_AUTH_TOKEN": settings.auth_token,
            "TWILIO_AUTH_TOKEN_SECONDARY": settings.auth_token_secondary or "",
        }
        ours = {"PATH": os.environ["PATH"], "THREADS": "16", **settings.to_environment(), **secrets}
        with self.log.open("wb") as log:
            self._process = subprocess.Popen(
                [
                    str(Path(sys.executable).with_name("functions-framework")),
                    *("--target", target, "--source", "main.py", "--host", "127.0.0.1", "--port", str(port)),
                ],
                cwd=source or unpacked(files, folder / f"zip-{port}"),
                env={**ours, **environment},
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        self._wait_until_it_listens(port)

    def _wait_until_it_listens(self, port: int) -> None:
        until = time.monotonic() + START_TIMEOUT
        while time.monotonic() < until:
            if self._process.poll() is not None:
                break
            with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=1):
                return
            time.sleep(0.05)
        raise RuntimeError(f"the function did not start:\n{self.log.read_text()}")

    def lines(self, **wanted: object) -> list[dict[str, Any]]:
        """Return the lines of its log with these fields."""
        lines = [json.loads(line) for line in self.log.read_text().splitlines() if line.startswith("{")]
        return [line for line in lines if all(line.get(name) == value for name, value in wanted.items())]

    @property
    def pid(self) -> int:
        """The process's id."""
        return self._process.pid

    def kill(self) -> None:
        """Kill the process, as a crash would: nothing is finished or logged."""
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self._process.pid, signal.SIGKILL)
        self._process.wait(timeout=10)


@contextlib.contextmanager
def running_function(
    folder: Path,
    settings: Settings,
    port: int,
    target: str = "webhook",
    *,
    environment: Mapping[str, str] = MappingProxyType({}),
    files: Path = FUNCTION,
    source: Path | None = None,
) -> Iterator[RunningFunction]:
    """Run a function while the block lasts, with more variables, other files or in a folder of its own if given."""
    function = RunningFunction(folder, settings, port, target, environment=environment, files=files, source=source)
    try:
        yield function
    finally:
        function.kill()
