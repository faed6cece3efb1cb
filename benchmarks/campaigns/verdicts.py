"""What came of a chat, judged from the simulator's truth about it: never from anything the function says.

The function's own marker is read only to tell its messages from others', as an auditor would.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

Truth = Mapping[str, Any]
ENDED = frozenset({"completed", "canceled"})


@dataclass(frozen=True)
class Silence:
    """What we said between two words of people.

    Attributes:
        after: who had spoken: `customer`, `agent`, or None for a chat in which nobody has yet.
        said: how often we said what, by kind and step.
    """

    after: str | None
    said: Counter[tuple[str, int]]

    @property
    def repeated(self) -> list[tuple[str, int]]:
        """What was said more than once."""
        return [what for what, times in self.said.items() if times > 1]


def silences(truth: Truth) -> list[Silence]:
    """The silences of a chat, in order."""
    found = [Silence(None, Counter())]
    for message in truth["messages"]:
        if message["participant"] is not None:
            found.append(Silence(message["kind"], Counter()))
        elif marker := message["attributes"].get("inactivityTimeout"):
            found[-1].said[marker["kind"], marker["step"]] += 1
    return found


def repeated(truth: Truth) -> list[tuple[str, int]]:
    """What was said more than once in one silence."""
    return [what for silence in silences(truth) for what in silence.repeated]


def closings(truth: Truth) -> int:
    """Closing notices in the last silence."""
    return sum(times for (kind, _), times in silences(truth)[-1].said.items() if kind == "closing")


def released(truth: Truth) -> bool:
    """Nothing of it holds an agent: conversation closed, tasks ended, interaction channel closed."""
    channel = truth["interactionChannel"]
    return (
        truth["state"] == "closed"
        and all(task["status"] in ENDED for task in truth["tasks"])
        and (channel is None or channel["status"] == "closed")
    )


def ended_well(truth: Truth) -> bool:
    """The safe end state: released, with one notice, nothing said twice."""
    return released(truth) and closings(truth) == 1 and not repeated(truth)


def as_it_was(truth: Truth) -> bool:
    """Nobody ended it: the conversation is open and an agent has it."""
    return truth["state"] != "closed" and any(task["status"] == "assigned" for task in truth["tasks"])


def told(truth: Truth) -> str:
    """In one line, for whoever has to find out why."""
    channel = truth["interactionChannel"]
    tasks = ",".join(task["status"] for task in truth["tasks"]) or "none"
    words = " ".join(
        (message["attributes"].get("inactivityTimeout") or {}).get("kind") or message["kind"] or "bot"
        for message in truth["messages"]
    )
    return f"{truth['state']}; tasks {tasks}; channel {channel and channel['status']}; said: {words}"
