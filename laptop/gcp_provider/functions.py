"""Runs functions on this machine as Cloud Functions would: the uploaded zip, its entry point, the declared environment.

Each function is a process group: functions-framework's production server under `function_runner`, so that nothing
outlives this process. An update starts the new revision first, and moves the traffic when it answers.
"""

import http.client
import os
import shutil
import socket
import subprocess
import sys
import threading
import time
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

from laptop.gcp_provider import function_kind, tokens
from laptop.gcp_provider.cloud import Cloud, Resource
from laptop.gcp_provider.function_kind import function_secrets, secret_version
from laptop.gcp_provider.operations import FailedOperationError
from laptop.gcp_provider.sentences import build_failed, container_failed
from laptop.gcp_provider.tokens import BUCKET_OBJECT
from laptop.gcp_provider.values import at, reveal

_RUNNER = Path(__file__).with_name("function_runner.py")
_START_SECONDS = 30.0
_INHERITED = ("PATH", "LANG", "LC_ALL", "TMPDIR", "TZ")
_DEFAULT_TIMEOUT_SECONDS = 60


@dataclass(frozen=True)
class Revision:
    """One version of a function, ready to be started.

    Attributes:
        name: the function's name.
        location: its region.
        code: the zip.
        digest: the zip's SHA-256, as it was when it was uploaded.
        entry_point: the Python function in `main.py`.
        environment: the process's variables beyond `PATH` and such, with secrets in plain text.
    """

    name: str
    location: str
    code: Path
    digest: str
    entry_point: str
    environment: Mapping[str, str]

    @property
    def place(self) -> tuple[str, str]:
        """Region and name: another region may have a function of the same name."""
        return self.location, self.name

    @property
    def fingerprint(self) -> str:
        """Equal for revisions that run in the same way."""
        described = repr((self.name, self.digest, self.entry_point, sorted(self.environment.items())))
        return sha256(described.encode()).hexdigest()


class _NoAnswerError(Exception):
    """A new process does not answer."""


@dataclass
class _Running:
    revision: Revision
    port: int
    process: "subprocess.Popen[bytes]"


class Functions:
    """The functions that run here. An `Effect` of `cloudfunctionsv2.Function`. Safe between threads.

    Args:
        cloud: has the code and the secrets.
        folder: for unpacked zips.
        log: the file for the standard output and standard error of all functions.
    """

    def __init__(self, cloud: Cloud, folder: Path, log: Path) -> None:
        self._cloud = cloud
        self._folder = folder
        self._log = log
        self._running: dict[tuple[str, str], _Running] = {}
        self._lock = threading.Lock()
        folder.mkdir(parents=True, exist_ok=True)
        log.touch()

    def apply(self, resource: Resource) -> None:
        """Start the function; an older revision is replaced when the new one answers.

        Raises:
            FailedOperationError: it cannot be built or started; an older revision goes on running.
        """
        revision = self._revision(resource)
        old = self._running.get(revision.place)
        if old and old.process.poll() is None and old.revision.fingerprint == revision.fingerprint:
            return
        new = self._start(revision)
        with self._lock:
            self._running[revision.place] = new
        if old:
            _stop(old.process)

    def remove(self, resource: Resource) -> None:
        """End the function's process."""
        place = (str(resource.value("location")), str(resource.value("name")))
        with self._lock:
            running = self._running.pop(place, None)
        if running:
            _stop(running.process)
        shutil.rmtree(self._folder.joinpath(*place), ignore_errors=True)

    def restore(self) -> None:
        """Start what an earlier process left deployed. What cannot be started is named in the log, and answers 503."""
        for resource in self._cloud.all(tokens.FUNCTION):
            if resource.value("state") == function_kind.FAILED:
                continue
            try:
                self.apply(resource)
            except FailedOperationError as error:
                with self._log.open("a", encoding="utf-8") as log:
                    log.write(f"{resource.id} cannot be started again: {error}\n")

    def close(self) -> None:
        """End every function's process; what is deployed stays deployed."""
        with self._lock:
            running, self._running = self._running, {}
        for one in running.values():
            if one.process.stdin:
                one.process.stdin.close()  # of all of them first, so that they end in parallel
        for one in running.values():
            _stop(one.process)

    def port(self, name: str, location: str = "") -> int | None:
        """Where the function listens, in any region unless one is named; None when it does not run."""
        found = [
            running.port
            for (region, known), running in self._running.items()
            if known == name and location in {"", region}
        ]
        return found[-1] if found else None

    def names(self) -> list[str]:
        """The functions that run."""
        return sorted(name for _, name in self._running)

    def locations(self) -> frozenset[str]:
        """The regions in which functions run."""
        return frozenset(location for location, _ in self._running)

    def _revision(self, resource: Resource) -> Revision:
        inputs = reveal(resource.outputs)
        source = at(inputs, "buildConfig.source.storageSource")
        stored = self._cloud.get(BUCKET_OBJECT, f"{source['bucket']}-{source['object']}")
        if stored is None:
            raise FailedOperationError(f"object gs://{source['bucket']}/{source['object']} does not exist")
        digest = str(stored.outputs["contentSha256"])
        declared: dict[str, str] = dict(at(inputs, "serviceConfig.environmentVariables") or {})
        for key, secret_id, version in function_secrets(inputs, self._cloud.place):
            value = secret_version(self._cloud, secret_id, version)
            if value is None:
                raise FailedOperationError(f"{key}: {secret_id}/versions/{version} does not exist")
            declared[key] = value
        return Revision(
            name=str(inputs["name"]),
            location=str(inputs["location"]),
            code=self._cloud.object_path(digest),
            digest=digest,
            entry_point=str(at(inputs, "buildConfig.entryPoint")),
            environment=declared
            | _platform_environment(
                str(inputs["name"]), int(at(inputs, "serviceConfig.timeoutSeconds") or _DEFAULT_TIMEOUT_SECONDS)
            ),
        )

    def _start(self, revision: Revision) -> _Running:
        code = self._build(revision)
        port = _free_port()
        command = [
            *(sys.executable, "-I", str(_RUNNER)),
            *(sys.executable, "-P", "-m", "functions_framework"),
            *("--target", revision.entry_point, "--source", "main.py"),
            *("--host", "127.0.0.1", "--port", str(port)),
        ]
        began = self._log.stat().st_size
        with self._log.open("ab") as log:
            process = subprocess.Popen(
                command,
                cwd=code,
                env={**_basics(), **revision.environment},
                stdin=subprocess.PIPE,
                stdout=log,
                stderr=log,
                process_group=0,
            )
        try:
            _wait_until_it_answers(process, port)
        except _NoAnswerError as error:
            _stop(process)
            with self._log.open("rb") as log:
                log.seek(began)
                words = log.read().decode(errors="replace").strip().splitlines()
            said = words[-1] if words else "it printed nothing"
            last_words = f"{error}; its last line: {said} (all of them: {self._log})"
            raise FailedOperationError(container_failed(revision.name, last_words)) from None
        return _Running(revision, port, process)

    def _build(self, revision: Revision) -> Path:
        try:
            return self._unpack(revision)
        except ValueError as error:
            raise FailedOperationError(build_failed(str(error), self._cloud.place.number, revision.location)) from None

    def _unpack(self, revision: Revision) -> Path:
        """The folder with the unpacked zip.

        Raises:
            ValueError: no function can be built from it.
        """
        content = revision.code.read_bytes()
        if sha256(content).hexdigest() != revision.digest:
            raise ValueError(f"the stored zip {revision.code} is not the one that was uploaded")
        folder = self._folder.joinpath(*revision.place) / revision.fingerprint[:16]
        shutil.rmtree(folder, ignore_errors=True)
        try:
            with zipfile.ZipFile(revision.code) as archive:
                archive.extractall(folder)
        except zipfile.BadZipFile:
            raise ValueError("the source is not a zip") from None
        if not (folder / "main.py").is_file():
            raise ValueError("there is no main.py in the source")
        return folder


def _platform_environment(name: str, timeout_seconds: int) -> dict[str, str]:
    """What Cloud Run adds to every function's environment."""
    return {
        "K_SERVICE": name,
        "K_CONFIGURATION": name,
        "K_REVISION": f"{name}-local",
        "CLOUD_RUN_TIMEOUT_SECONDS": str(timeout_seconds),
    }


def _basics() -> dict[str, str]:
    kept = {key: os.environ[key] for key in _INHERITED if key in os.environ}
    return {**kept, "PYTHONUNBUFFERED": "1"}


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def _wait_until_it_answers(process: "subprocess.Popen[bytes]", port: int) -> None:
    """Request a path that functions-framework answers by itself, so that no user code runs."""
    deadline = time.monotonic() + _START_SECONDS
    while time.monotonic() < deadline:
        if process.poll() is not None:
            raise _NoAnswerError(f"the function did not start (status {process.returncode})")
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=_START_SECONDS)
        try:
            connection.request("GET", "/robots.txt")
            connection.getresponse().read()
            return
        except (OSError, http.client.HTTPException):
            time.sleep(0.05)
        finally:
            connection.close()
    raise _NoAnswerError(f"the function did not answer within {_START_SECONDS:.0f} s")


def _stop(process: "subprocess.Popen[bytes]") -> None:
    """Close the runner's standard input: it ends the function, and itself."""
    if process.stdin and not process.stdin.closed:
        process.stdin.close()
    try:
        process.wait(10)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
