"""Twilio's own libraries as published: how to get each, and how to run a chat with it over TLS.

twilio-python is in this environment. The current and the previous major of twilio-node come from npm by a committed
lock, once, into the user's cache.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from typing import Any

from platformdirs import user_cache_path

from simulator.running import RunningSimulator

HERE = Path(__file__).parent
NODE_FOLDERS = ("twilio-node-6", "twilio-node-5")
WAYS = ("proxy", "names")
"""`proxy`: nothing but environment variables. `names`: mapped as a hosts file does (and 443 to a test's free port)."""
_PATIENCE_S = 180
_CACHE = user_cache_path("flex-chat-inactivity-timeout") / "npm"


class UnavailableError(Exception):
    """A library that is not available here; the message has the reason."""


@dataclass(frozen=True)
class Library:
    """One version of one library, ready to run."""

    name: str
    version: str
    runtime: str
    commands: dict[str, tuple[str, ...]]
    environment: dict[str, str]


@dataclass(frozen=True)
class Life:
    """What a library reported, and what the simulator saw of it."""

    version: str
    facts: dict[str, Any]
    requests: int
    statuses: dict[str, int]


def twilio_python() -> Library:
    """The library of this environment."""
    script = str(HERE / "chat_life.py")
    return Library(
        "twilio-python",
        version("twilio"),
        f"Python {sys.version.split()[0]}",
        {"proxy": (sys.executable, script), "names": (sys.executable, str(HERE / "map_names.py"), script)},
        {},
    )


def twilio_node(folder: str) -> Library:
    """The library that a committed lock names.

    Raises:
        UnavailableError: there is no Node, it is too old, or its packages are not available.
    """
    node = shutil.which("node")
    if node is None:
        raise UnavailableError("there is no `node` on the PATH")
    packages = _installed(HERE / folder)
    manifest = json.loads((packages / "twilio" / "package.json").read_text())
    running = subprocess.run([node, "--version"], capture_output=True, text=True, check=True).stdout.strip()
    oldest = int(manifest["engines"]["node"].removeprefix(">=").partition(".")[0])
    if int(running.removeprefix("v").partition(".")[0]) < oldest:
        raise UnavailableError(f"Node {running} is older than {oldest}, which this version needs")
    script = str(HERE / "chat_life.js")
    return Library(
        "twilio-node",
        manifest["version"],
        f"Node {running.removeprefix('v')}",
        {"proxy": (node, script), "names": (node, "--require", str(HERE / "map_names.js"), script)},
        {"NODE_PATH": str(packages)},
    )


def locked_version(folder: str) -> str:
    """The version in a committed lock."""
    lock = json.loads((HERE / folder / "package-lock.json").read_text())
    return str(lock["packages"]["node_modules/twilio"]["version"])


def live(library: Library, way: str, simulator: RunningSimulator) -> Life:
    """Run a chat with a library over TLS, in a process of its own."""
    simulator.control("POST", "reset", {})
    environment = {key: value for key, value in os.environ.items() if not key.upper().endswith("_PROXY")}
    environment |= simulator.client_environment() | library.environment
    if way == "names":
        environment = {key: value for key, value in environment.items() if not key.endswith("_PROXY")}
        environment["SIMULATOR_TLS_PORT"] = str(simulator.tls_port)
    done = subprocess.run(
        [*library.commands[way], f"{simulator.url}/_simulator"],
        env=environment,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    if done.returncode:
        raise AssertionError(f"{library.name} {library.version} by {way} failed:\n{done.stderr}")
    report = json.loads(done.stdout)
    log = simulator.control("GET", "requests")
    return Life(report["library"], report["facts"], log["total"], log["byStatus"])


def _installed(folder: Path) -> Path:
    """The packages of a lock, from the cache or from npm; an interrupted installation leaves nothing behind."""
    lock = (folder / "package-lock.json").read_bytes()
    kept = _CACHE / f"{folder.name}-{hashlib.sha256(lock).hexdigest()[:16]}"
    if kept.is_dir():
        return kept / "node_modules"
    npm = shutil.which("npm")
    if npm is None:
        raise UnavailableError("there is no `npm` on the PATH")
    _CACHE.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=_CACHE) as scratch:
        fresh = Path(scratch) / "packages"
        fresh.mkdir()
        for name in ("package.json", "package-lock.json"):
            shutil.copy(folder / name, fresh)
        try:
            done = subprocess.run(
                [npm, "ci", "--ignore-scripts", "--no-audit", "--no-fund", "--omit=dev"],
                cwd=fresh,
                capture_output=True,
                text=True,
                timeout=_PATIENCE_S,
                check=False,
            )
        except subprocess.TimeoutExpired:
            raise UnavailableError(f"`npm ci` was not done after {_PATIENCE_S} s") from None
        if done.returncode:
            last = " / ".join(done.stderr.strip().splitlines()[-2:])
            raise UnavailableError(f"`npm ci` could not get the packages: {last}")
        try:
            fresh.rename(kept)
        except OSError:  # another run was faster
            if not kept.is_dir():
                raise
    return kept / "node_modules"
