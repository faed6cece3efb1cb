"""What came of a chat, judged from the simulator's truth about it: never from anything the function says.

The function's own marker is read only to tell its messages from others', as an auditor would.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

from local.ours import kind_of_ours, marker
from simulator.facts import ChatTruth

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


def silences(truth: ChatTruth) -> list[Silence]:
    """The silences of a chat, in order."""
    found = [Silence(None, Counter())]
    for message in truth.messages:
        if message.participant is not None:
            found.append(Silence(message.speaker, Counter()))
        elif ours := marker(message):
            found[-1].said[ours["kind"], ours["step"]] += 1
    return found


def repeated(truth: ChatTruth) -> list[tuple[str, int]]:
    """What was said more than once in one silence."""
    return [what for silence in silences(truth) for what in silence.repeated]


def closings(truth: ChatTruth) -> int:
    """Closing notices in the last silence."""
    return sum(times for (kind, _), times in silences(truth)[-1].said.items() if kind == "closing")


def released(truth: ChatTruth) -> bool:
    """Nothing of it holds an agent: conversation closed, tasks ended, interaction channel closed."""
    channel = truth.interaction_channel
    return (
        truth.closed
        and all(task.status in ENDED for task in truth.tasks)
        and (channel is None or channel.status == "closed")
    )


def ended_well(truth: ChatTruth) -> bool:
    """The safe end state: released, with one notice, nothing said twice."""
    return released(truth) and closings(truth) == 1 and not repeated(truth)


def as_it_was(truth: ChatTruth) -> bool:
    """Nobody ended it: the conversation is open and an agent has it."""
    return not truth.closed and any(task.status == "assigned" for task in truth.tasks)


def told(truth: ChatTruth) -> str:
    """In one line, for whoever has to find out why."""
    channel = truth.interaction_channel
    tasks = ",".join(task.status for task in truth.tasks) or "none"
    words = " ".join(kind_of_ours(message) or message.speaker for message in truth.messages)
    return f"{truth.state}; tasks {tasks}; channel {channel and channel.status}; said: {words}"


def cut_off(truth: ChatTruth) -> str:
    """Why an end that was ours was wrong; empty when it was right."""
    people = [message for message in truth.messages if message.participant]
    tasks = truth.tasks
    noticed = next((m for m in reversed(truth.messages) if kind_of_ours(m) == "closing"), None)
    if not people:
        return "" if not tasks and truth.messages else "ended, and nobody had said anything"
    last = people[-1]
    if last.speaker == "customer":
        bots = [m for m in truth.messages if m.participant is None and m is not noticed and not kind_of_ours(m)]
        answered = bots and bots[-1].index > last.index and not any(m.speaker == "agent" for m in people)
        return "" if answered and not tasks else "ended, and the customer spoke last"
    newer = any(task.created_at > last.at for task in tasks)
    return "ended, and the agent who has the chat had not spoken" if newer else ""


def unknowable(truth: ChatTruth) -> bool:
    """Whether no read of Twilio shows that an agent left: no word, no task any more, and a bot wrote since.

    Then the chat looks like one that only a bot has had, unless Flex or a note of ours names the channel.
    """
    people = [message for message in truth.messages if message.participant]
    others = [m for m in truth.messages if not m.participant and not kind_of_ours(m)]
    return (
        bool(truth.tasks)
        and all(task.status in ENDED for task in truth.tasks)
        and not any(message.speaker == "agent" for message in people)
        and bool(others)
        and others[-1].index > max((message.index for message in people), default=-1)
    )


def stuck(truth: ChatTruth) -> str:
    """Why a chat should have been released and was not; empty when it may be as it is."""
    channel = truth.interaction_channel
    if truth.closed:
        left = [task.status for task in truth.tasks if task.status not in ENDED | {"wrapping"}]
        return f"closed, and a task is {left[0]}" if left else ""
    live = [task for task in truth.tasks if task.status in {"pending", "reserved", "assigned"}]
    people = [message for message in truth.messages if message.participant]
    if [task.status for task in live] != ["assigned"] or (channel and channel.status != "active"):
        return ""
    if not people or people[-1].speaker != "agent" or people[-1].at <= live[0].created_at:
        return ""
    if people[-1].participant not in {participant.sid for participant in truth.participants}:
        return ""  # who has handed the chat over has left: it is the next agent's turn, who may still read
    return "the customer is silent, and nobody released the chat"
