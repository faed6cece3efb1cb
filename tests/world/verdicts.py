"""The result of a chat, judged by the simulator's truth and never by what the function reports.

The function's own marker is read only to tell its messages from others', as an auditor would.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta

from laptop.ours import MARKER, kind_of_ours, marker
from simulator.facts import ChatTruth, Said, TaskTruth

ENDED = frozenset({"completed", "canceled"})
LIVE = frozenset({"pending", "reserved", "assigned"})
WAITING = frozenset({"pending", "reserved"})

MACHINES = frozenset({"greeter"})
"""Chat identities of bots that take part like people, wherever a campaign or its policy has one."""

PENDING_INVITE = timedelta(hours=1)
"""How long an invite that nobody accepts keeps a chat from being ended, by default."""

SOON = timedelta(minutes=1)
"""An end takes no longer, from its task to its conversation."""

TOLERANCE = timedelta(seconds=5)
"""Of a step, which counts as reached so much earlier."""


@dataclass(frozen=True)
class Silence:
    """What we posted between two messages of people.

    Attributes:
    after: who had written: `customer`, `agent`, or None for a chat without messages.
    said: how often we posted each kind and step.
    """

    after: str | None
    said: Counter[tuple[str, int]]

    @property
    def repeated(self) -> list[tuple[str, int]]:
        """The messages that were posted more than once."""
        return [what for what, times in self.said.items() if times > 1]


def silences(truth: ChatTruth) -> list[Silence]:
    """The silences of a chat, in order."""
    found = [Silence(None, Counter())]
    for message in truth.messages:
        if message.participant is not None and message.author not in MACHINES:
            found.append(Silence(message.speaker, Counter()))
        elif ours := marker(message):
            found[-1].said[ours["kind"], ours["step"]] += 1
    return found


def repeated(truth: ChatTruth) -> list[tuple[str, int]]:
    """Return the messages that were sent more than once in one silence."""
    return [what for silence in silences(truth) for what in silence.repeated]


def closings(truth: ChatTruth) -> int:
    """Return the closing notices in the last silence."""
    return sum(times for (kind, _), times in silences(truth)[-1].said.items() if kind == "closing")


def released(truth: ChatTruth) -> bool:
    """Whether nothing of it holds an agent: conversation closed, tasks ended, interaction channel closed."""
    channel = truth.interaction_channel
    return (
        truth.closed
        and all(task.status in ENDED for task in truth.tasks)
        and (channel is None or channel.status == "closed")
    )


def ended_well(truth: ChatTruth) -> bool:
    """Whether the end state is safe: released, with one notice, nothing posted twice."""
    return released(truth) and closings(truth) == 1 and not repeated(truth)


def as_it_was(truth: ChatTruth) -> bool:
    """Whether nobody ended it: the conversation is open and an agent has it."""
    return not truth.closed and any(task.status == "assigned" for task in truth.tasks)


def describe(truth: ChatTruth) -> str:
    """Describe a chat in one line, to find out what went wrong."""
    channel = truth.interaction_channel
    tasks = ",".join(task.status for task in truth.tasks) or "none"
    words = " ".join(kind_of_ours(message) or message.speaker for message in truth.messages)
    return f"{truth.state}; tasks {tasks}; channel {channel and channel.status}; said: {words}"


def cut_off(truth: ChatTruth, now: datetime | None = None, unheard: Collection[int] = ()) -> str:
    """Return why our end was wrong; empty if it was right.

    Args:
    truth: from right before the end, or from after it.
    now: when it was.
    unheard: indexes of messages that were not delivered; an agent's is no answer.
    """
    people = _people(truth, unheard)
    tasks = truth.tasks
    if not people:
        tried = any(message.speaker == "agent" for message in truth.messages)  # and it was not delivered
        return "" if tried or (truth.messages and not tasks) else "ended, and nobody had said anything"
    last = people[-1]
    if last.speaker == "customer":
        agents = any(message.speaker == "agent" for message in people)
        answered = any(_answers(message, truth) for message in truth.messages if message.index > last.index)
        lost_all = all(_lost(task, truth) for task in tasks)
        return "" if answered and lost_all and (tasks or not agents) else "ended, and the customer spoke last"
    newer = any(task.created_at > last.at and not _lost(task, truth) for task in tasks)
    customer_wrote = any(message.speaker == "customer" for message in people)
    # A customer who never wrote waits for nobody, so whoever took the chat over need not speak.
    if customer_wrote and ((newer and not _stays(truth, last)) or _handed_over(truth, last)):
        return "ended, and the agent who has the chat had not spoken"
    asked = now is not None and not truth.closed and _asked_in(truth, now + TOLERANCE)
    return "ended, and a colleague was asked in" if asked else ""


def our_end_began(truth: ChatTruth) -> bool:
    """Whether we were ending the chat when somebody else closed it: our notice or our claim of that step exists."""
    last = max((message.index for message in _people(truth)), default=-1)
    said = any(kind_of_ours(message) == "closing" and message.index > last for message in truth.messages)
    entries = (task.attributes.get(MARKER) for task in truth.tasks if isinstance(task.attributes, dict))
    return said or any(isinstance(entry, dict) and entry.get("step") == 2 for entry in entries)


def texted_unasked(truth: ChatTruth) -> bool:
    """Whether we sent a text to a customer who had never written.

    The word of an agent who has left, and whose task may be gone, may be a customer's.
    """
    present = {person.identity for person in truth.participants}
    gone = any(task.purged for task in truth.tasks)
    wrote = (
        message.index
        for message in truth.messages
        if message.speaker == "customer" or (gone and message.speaker == "agent" and message.author not in present)
    )
    first = next(wrote, None)
    return any(kind_of_ours(message) and (first is None or message.index < first) for message in truth.messages)


def unknowable(truth: ChatTruth) -> bool:
    """Whether no read of Twilio shows that an agent left: no message, no task any more, and a bot wrote since.

    Then the chat looks like one that only a bot has had, unless Flex or a note of ours names the channel.
    """
    people = _people(truth)
    others = [m for m in truth.messages if m not in people and not kind_of_ours(m)]
    return (
        bool(truth.tasks)
        and all(task.status in ENDED or task.purged for task in truth.tasks)
        and not any(message.speaker == "agent" for message in people)
        and bool(others)
        and others[-1].index > max((message.index for message in people), default=-1)
    )


def never_noted(truth: ChatTruth) -> bool:
    """Whether nothing shows which tasks the chat had: they are gone, and no note of ours names one.

    Nobody read the chat while they existed, or somebody overwrote the note: then their fate cannot be read.
    """
    note = truth.attributes.get(MARKER) if isinstance(truth.attributes, dict) else None
    noted = note.get("task") if isinstance(note, dict) else None
    return all(task.purged for task in truth.tasks) and noted not in {task.sid for task in truth.tasks}


def never_proven(truth: ChatTruth, *, invites: bool = True) -> bool:
    """Whether a closed conversation left only tasks that nobody accepted and no invite proves.

    Args:
        truth: after the bound.
        invites: whether the account lets invites be read.
    """
    left = _live(truth)
    provable = invites and truth.interaction_channel is not None
    return truth.closed and not provable and all(task.status in WAITING for task in left)


def stuck(truth: ChatTruth, now: datetime | None = None, unheard: Collection[int] = ()) -> str:
    """Return why a chat should have been released and was not; empty if its state is right.

    Args:
    truth: after the bound.
    now: when that is; without it an invite keeps a chat forever.
    unheard: indexes of messages that were not delivered.
    """
    if truth.closed:
        left = [task.status for task in truth.tasks if not task.purged and task.status not in ENDED | {"wrapping"}]
        return f"closed, and a task is {left[0]}" if left else ""
    return "the customer is silent, and nobody released the chat" if silent_customer(truth, now, unheard) else ""


def silent_customer(truth: ChatTruth, now: datetime | None = None, unheard: Collection[int] = ()) -> bool:
    """Whether the customer of an open chat was answered, and no agent set it aside, finished or transfers it."""
    channel, people = truth.interaction_channel, _people(truth, unheard)
    if not people or people[-1].speaker != "agent" or (channel and channel.status in {"inactive", "pause", "closed"}):
        return False
    last, live = people[-1], _live(truth)
    if not live:
        return bool(truth.tasks) and all(_lost(task, truth) for task in truth.tasks)
    assigned = any(task.status == "assigned" for task in live)
    if not assigned or (len(live) > 1 and _asked_in(truth, now)):
        return False
    if channel and channel.status == "transfer" and _asked_in(truth, now):
        return False
    # Who has handed the chat over has left: it is the next agent's turn, who may still read.
    here = _here(truth, last) and (last.at > live[-1].created_at or _stays(truth, last))
    return here or helped(truth, unheard)


def helped(truth: ChatTruth, unheard: Collection[int] = ()) -> bool:
    """Whether the last word is of an agent who was asked in by another, and left; an invite shows their task.

    Args:
    truth: of an open chat.
    unheard: indexes of messages that were not delivered.
    """
    people, live = _people(truth, unheard), _live(truth)
    if not people or not live or truth.interaction_channel is None or _here(truth, people[-1]):
        return False
    own = _own_task(truth, people[-1])
    if own is None or own in live:
        return False
    return all(task.created_at < own.created_at and task.status == "assigned" for task in live)


def _people(truth: ChatTruth, unheard: Collection[int] = ()) -> list[Said]:
    """Return the messages of people, without agents' messages that were not delivered."""
    return [
        message
        for message in truth.messages
        if message.participant
        and message.author not in MACHINES
        and not (message.speaker == "agent" and message.index in unheard)
    ]


def _answers(message: Said, truth: ChatTruth) -> bool:
    """Whether a bot's message is an answer: nobody had the chat or was invited to it when it was written."""
    machine = message.participant is None or message.author in MACHINES
    had = any(
        task.created_at <= message.at and (_live_now(task) or message.at < task.updated_at) for task in truth.tasks
    )
    return machine and not kind_of_ours(message) and not had


def _lost(task: TaskTruth, truth: ChatTruth) -> bool:
    """Whether the task was lost: cancelled or deleted before anybody finished it, and not with the chat."""
    closed_at = _closed_at(truth)
    with_the_chat = truth.closed and closed_at is not None and task.updated_at >= closed_at
    return not with_the_chat and (task.status == "canceled" or (task.purged and task.status in LIVE))


def _live_now(task: TaskTruth) -> bool:
    return task.status in LIVE and not task.purged


def _live(truth: ChatTruth) -> list[TaskTruth]:
    return [task for task in truth.tasks if _live_now(task)]


def _asked_in(truth: ChatTruth, now: datetime | None) -> bool:
    """Whether a colleague is invited to a chat that an agent has, for no longer than an invite may keep it.

    That is counted from the invite or the newest message, whichever is later.
    """
    live = _live(truth)
    invited = [task.created_at for task in live if task.status in WAITING]
    held = any(task.status == "assigned" for task in live)
    since = max([*invited, *(message.at for message in _people(truth))], default=None)
    return held and bool(invited) and since is not None and (now is None or now < since + PENDING_INVITE)


def _here(truth: ChatTruth, message: Said) -> bool:
    """Whether its author takes part, under any participant SID."""
    return any(each.sid == message.participant or each.identity == message.author for each in truth.participants)


def _stays(truth: ChatTruth, message: Said) -> bool:
    """Whether an agent who wrote before the newest task was made is still here, with a task that is still theirs.

    After the end it is the one that was theirs until then: `pendingInvite` is over, and our end completed it.
    """
    own = (task for task in truth.tasks if task.created_at <= message.at and _theirs(task, truth))
    return _here(truth, message) and any((task.worker or "").replace(" ", "_") == message.author for task in own)


def _own_task(truth: ChatTruth, message: Said) -> TaskTruth | None:
    """Return the newest task of the author of a message."""
    own = (task for task in truth.tasks if (task.worker or "").replace(" ", "_") == message.author)
    return max(own, key=lambda task: task.created_at, default=None)


def _handed_over(truth: ChatTruth, message: Said) -> bool:
    """Whether its author has left the chat to somebody whose task is newer."""
    own = _own_task(truth, message)
    if own is None or _here(truth, message):
        return False
    return any(task.created_at > own.created_at and _theirs(task, truth) for task in truth.tasks)


def _theirs(task: TaskTruth, truth: ChatTruth) -> bool:
    closed_at = _closed_at(truth)
    ended_with_it = closed_at is not None and task.status == "completed" and task.updated_at >= closed_at - SOON
    return ended_with_it or (_live_now(task) and task.status == "assigned")


def _closed_at(truth: ChatTruth) -> datetime | None:
    return next((change.at for change in reversed(truth.history) if change.state_to == "closed"), None)
