"""The resources of the local project, in one file, so that they outlive the process.

This module knows neither Pulumi's protocol nor what a resource means; `laptop.gcp_provider.kinds` does.
"""

import json
import os
import threading
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from hashlib import sha256
from pathlib import Path
from typing import Any

from laptop.gcp_provider.values import Properties, from_wire, reveal, to_wire

_FORMAT = 1


@dataclass(frozen=True)
class Place:
    """The provider's configuration, for resources that name no project or region."""

    project: str = "local-laptop"
    region: str = "europe-west1"

    @property
    def number(self) -> str:
        """The project's number, which Google has beside each project id."""
        return str(int(sha256(self.project.encode()).hexdigest()[:10], 16))


@dataclass(frozen=True)
class Resource:
    """One resource that exists.

    Attributes:
        token: its type, for example `gcp:storage/bucket:Bucket`.
        id: Google's id, unique among its type.
        inputs: what was asked for.
        outputs: all of its properties.
    """

    token: str
    id: str
    inputs: Properties
    outputs: Properties

    def value(self, name: str) -> Any:
        """One property, with secrets in plain text."""
        return reveal(self.outputs.get(name))


class Cloud:
    """Resources and stored objects in `folder`. Every change is on disk before a call returns. Safe between threads.

    Args:
        folder: for the files.
        clock: seconds that only grow; how old a resource is, is counted in them.
    """

    def __init__(self, folder: Path, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._file = folder / "resources.json"
        self._objects = folder / "objects"
        self._objects.mkdir(parents=True, exist_ok=True)
        self._lock = threading.RLock()
        self._resources: dict[tuple[str, str], Resource] = {}
        self._made_at: dict[tuple[str, str], float] = {}
        self._counters: dict[str, int] = {}
        self._place = Place()
        if self._file.exists():
            self._load(json.loads(self._file.read_text(encoding="utf-8")))

    @property
    def place(self) -> Place:
        """Project and region for resources that name none."""
        return self._place

    def move_to(self, place: Place) -> None:
        """Set project and region for what is created next."""
        with self._lock:
            self._place = place
            self._save()

    def get(self, token: str, resource_id: str) -> Resource | None:
        """The resource of that type and id, if it exists."""
        return self._resources.get((token, resource_id))

    def all(self, token: str | None = None) -> tuple[Resource, ...]:
        """Every resource, or every one of a type."""
        with self._lock:
            return tuple(found for found in self._resources.values() if token in {None, found.token})

    def put(self, resource: Resource) -> None:
        """Create or replace."""
        with self._lock:
            self._resources[resource.token, resource.id] = resource
            self._made_at.setdefault((resource.token, resource.id), self._clock())
            self._save()

    def remove(self, token: str, resource_id: str) -> Resource | None:
        """Remove a resource and return it; None when there is none."""
        with self._lock:
            gone = self._resources.pop((token, resource_id), None)
            self._made_at.pop((token, resource_id), None)
            self._save()
            return gone

    def age(self, resource: Resource) -> timedelta:
        """How long ago this process made it; the maximum for what it found there."""
        made_at = self._made_at.get((resource.token, resource.id))
        return timedelta.max if made_at is None else timedelta(seconds=self._clock() - made_at)

    def unlisted(self, known: Iterable[tuple[str, str]]) -> tuple[Resource, ...]:
        """Resources that no state knows: a killed run made them and did not record them."""
        listed = set(known)
        return tuple(found for found in self.all() if (found.token, found.id) not in listed)

    def next_number(self, counter: str) -> int:
        """1, 2, 3, ...: a number is never used twice, even when its resource is removed."""
        with self._lock:
            self._counters[counter] = self._counters.get(counter, 0) + 1
            self._save()
            return self._counters[counter]

    def store(self, content: bytes) -> str:
        """Store an uploaded object's bytes and return their SHA-256."""
        digest = sha256(content).hexdigest()
        path = self._objects / digest
        with _replacing(path) as unfinished:
            unfinished.write_bytes(content)
        return digest

    def object_path(self, digest: str) -> Path:
        """The file with the bytes of this SHA-256."""
        return self._objects / digest

    def _load(self, document: dict[str, Any]) -> None:
        self._counters = dict(document["counters"])
        self._place = Place(document["project"], document["region"])
        for found in document["resources"]:
            resource = Resource(found["token"], found["id"], from_wire(found["inputs"]), from_wire(found["outputs"]))
            self._resources[resource.token, resource.id] = resource

    def _save(self) -> None:
        document = {
            "format": _FORMAT,
            "project": self._place.project,
            "region": self._place.region,
            "counters": self._counters,
            "resources": [
                {"token": r.token, "id": r.id, "inputs": to_wire(r.inputs), "outputs": to_wire(r.outputs)}
                for r in self._resources.values()
            ],
        }
        with _replacing(self._file) as unfinished:
            unfinished.touch(mode=0o600)  # it has secrets of the simulator's account
            unfinished.write_text(json.dumps(document, indent=1), encoding="utf-8")


@contextmanager
def _replacing(path: Path) -> Iterator[Path]:
    """Write beside `path`, then replace it in one step: a kill leaves the old content or the new."""
    unfinished = path.with_name(f".{path.name}.{os.getpid()}")
    yield unfinished
    unfinished.replace(path)
