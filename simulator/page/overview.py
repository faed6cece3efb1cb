"""What the page's list of chats shows: a short row for each chat, in order of its next step."""

from __future__ import annotations

import heapq
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final

from simulator import truth
from simulator.conversations.conversation import Conversation, State
from simulator.conversations.timers import StateTimer
from simulator.flex.chats import Chat
from simulator.simulation import Simulation
from simulator.truth import Json

MAXIMUM_ROWS: Final = 1_000
"""How many chats the list shows: those whose next step comes first. The others are counted."""

_EXCERPT: Final = 90
"""How many characters of the newest message are shown."""

_FAR: Final = 10**15
"""Milliseconds beyond any time, to sort the newest first."""


@dataclass(frozen=True, slots=True)
class Overview:
    """What an open page shows of all chats.

    Attributes:
        rows: by the conversation's SID, in no order: each has its place under `order`.
        rest: the clock, schedules, faults and counts.
    """

    rows: dict[str, Json]
    rest: Json


def overview(simulation: Simulation) -> Overview:
    """Everything that the page shows without a chosen chat."""
    chats = list(_chats(simulation))
    shown = heapq.nsmallest(MAXIMUM_ROWS, ((_order(chat.conversation), chat) for chat in chats), key=lambda one: one[0])
    conversations = sum(len(each.conversations) for each in simulation.products.conversations.services.values())
    return Overview(
        rows={chat.conversation.sid: _row(simulation, chat, order) for order, chat in shown},
        rest={
            "now": truth.instant(simulation.account.clock.now),
            "more": len(chats) - len(shown),
            "notChats": conversations - len(chats),
            "requests": simulation.requests.total,
            "deliveries": simulation.deliverer.total,
            "faults": simulation.faults.as_json(),
            "schedules": [
                {"name": name, "next": truth.instant(schedule.timer.due)}
                for name, schedule in simulation.schedules.items()
                if schedule.timer.due
            ],
        },
    )


def _chats(simulation: Simulation) -> Iterator[Chat]:
    """The chats of the first account, also those that the Interactions API created; not what was deleted."""
    for service in list(simulation.products.conversations.services.values()):
        for sid in list(service.conversations):
            chat = simulation.chats.find(sid)
            if chat is not None:
                yield chat


def _row(simulation: Simulation, chat: Chat, order: str) -> Json:
    conversation = chat.conversation
    newest = next(reversed(conversation.messages.values()), None)
    decision = simulation.decisions.newest(conversation.sid)
    return {
        "sid": conversation.sid,
        "order": order,
        "name": conversation.friendly_name or conversation.sid,
        "channel": chat.channel_type,
        "state": conversation.state.value,
        "aside": None if chat.interaction is None else chat.interaction.channel.status.value,
        "tasks": [
            {
                "status": "gone" if task.purged else task.status.value,
                "worker": None if task.reservation is None else task.reservation.worker.friendly_name,
            }
            for task in chat.tasks
        ],
        "messages": len(conversation.messages),
        "newest": None
        if newest is None
        else {"speaker": truth.speaker(chat, newest.participant_sid), "text": (newest.body or "")[:_EXCERPT]},
        "timer": _timer(conversation),
        "decision": None if decision is None else f"{decision.decision} {decision.reason}".strip(),
    }


def _next(conversation: Conversation) -> tuple[datetime, StateTimer, State] | None:
    """Its next timer: when it fires, and the state that it sets."""
    timers = ((conversation.inactive_timer, State.INACTIVE), (conversation.closed_timer, State.CLOSED))
    due = [(timer.fires_at, timer, state) for timer, state in timers if timer.fires_at is not None]
    return min(due, key=lambda each: each[0], default=None)


def _timer(conversation: Conversation) -> Json | None:
    found = _next(conversation)
    if found is None:
        return None
    due, timer, state = found
    return {"sets": state.value, "due": truth.instant(due), "seconds": timer.length.total_seconds()}


def _order(conversation: Conversation) -> str:
    """Sorts as text: running timers by time, then chats without one, then closed ones, the newest of these first."""
    found = _next(conversation)
    if found is not None:
        return f"0 {found[0].astimezone(UTC).isoformat(timespec='milliseconds')}"
    changed = conversation.history[-1].at if conversation.history else conversation.created
    return f"{2 if conversation.state is State.CLOSED else 1} {_FAR - int(changed.timestamp() * 1000)}"
