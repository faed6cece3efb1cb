"""Watches every write of the function: nothing that is not proven to be the chat's is ever written to.

What belongs to a chat is the simulator's truth, whatever attributes say. Whose attempt a call is of is known because
the attempts of a world come one after the other, and each begins with a read of its conversation.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import timedelta
from urllib.parse import parse_qs

from sandbox.network import Call
from simulator.facts import ChatTruth
from simulator.flex.chats import Chat as Simulated
from tests.world.others import unheard
from tests.world.verdicts import cut_off, describe, our_end_began
from tests.world.world import Chat, World

_VISITED = re.compile(r"/Conversations/(CH[0-9a-f]{32})$")
_SIDS = re.compile(r"\b(?:CH|WT|UO)[0-9a-f]{32}\b")

TOLERANCE = timedelta(seconds=10)
"""Of Twilio's whole seconds, and of steps that count as reached a little earlier."""


@dataclass
class Fence:
    """Around the function of one world.

    Attributes:
        timeout: the policy's.
        judged: whether an end may be wrong at all, by the truth from right before it: not one that the policy itself
            makes of a customer who waits.
        ours: conversations that we closed.
        broken: promises that were, in words; nothing is raised, because a function's own code would catch it.
        writes: how many were looked at.
        ended: tasks that an agent had until a write of ours ended them.
        attempt: whose conversation is being looked at.
    """

    world: World
    timeout: timedelta
    judged: Callable[[ChatTruth], bool] = lambda _truth: True
    ours: set[str] = field(default_factory=set)
    broken: list[str] = field(default_factory=list)
    writes: int = 0
    ended: set[str] = field(default_factory=set)
    attempt: str = ""
    _open_before: ChatTruth | None = None

    def before(self, call: Call) -> None:
        """Check a call before Twilio receives it: may it write there, and may it take that task from its agent?"""
        if call.method == "GET":
            if found := _VISITED.search(call.path.partition("?")[0]):
                self.attempt = found[1]
            return
        self.writes += 1
        chat = self.world.simulation.chats.find(self.attempt)
        if chat is None:
            self.broken.append(f"{call.name}: nobody knows whose it is")
            return
        named = set(_SIDS.findall(call.path.partition("?")[0]))
        if foreign := named - self._belongings(chat, call):
            self.broken.append(f"{call.name}: {', '.join(sorted(foreign))} does not belong to the chat {self.attempt}")
        truth = self._truth()
        self._open_before = None if truth.closed else truth
        if truth.closed and self.attempt not in self.ours:
            self._judge_release(call, truth)

    def after(self, call: Call, _status: int | None) -> None:
        """Check whether a write has cut a customer off."""
        truth, self._open_before = self._open_before, None
        if call.method == "GET" or truth is None:
            return
        ended = {task.sid for task in self._truth().tasks if task.status in {"wrapping", "completed"}}
        self.ended |= {task.sid for task in truth.tasks if task.status == "assigned"} & ended
        if not self._truth().closed:
            return
        self.ours.add(self.attempt)
        # Without an interaction the task is ended by a call of its own, right before the conversation.
        had = (replace(task, status="assigned") if task.sid in self.ended else task for task in truth.tasks)
        truth = replace(truth, tasks=tuple(had))
        why = cut_off(truth, now=self.world.now, unheard=unheard(self.world, self._chat()))
        if why and self.judged(truth):
            self.broken.append(f"{why}: {describe(truth)}")

    def _judge_release(self, call: Call, truth: ChatTruth) -> None:
        """Somebody else closed it: an assigned task is its agent's to finish, for as long as `timeout`."""
        closed_at = next(change.at for change in reversed(truth.history) if change.state_to == "closed")
        if our_end_began(truth) or self.world.now >= closed_at + self.timeout - TOLERANCE:
            return
        ends = bool({"AssignmentStatus", "Status"} & parse_qs(call.body).keys())
        by_itself = {task.sid for task in truth.tasks} & set(_SIDS.findall(call.path))
        held = [task.sid for task in truth.tasks if task.status == "assigned" and not task.purged]
        if ends and held and (not by_itself or by_itself & set(held)):
            self.broken.append(f"{call.name}: an agent's task was taken from them, {describe(truth)}")

    def _belongings(self, chat: Simulated, call: Call) -> set[str]:
        """SIDs that may be written to. Another service's conversation is not there, if it is asked for in ours."""
        ours = self.world.twilio.account.service_sid
        if chat.conversation.service.sid != ours:
            return {chat.conversation.sid} if f"/Services/{ours}/" in call.path else set()
        channel = set() if chat.interaction is None else {chat.interaction.channel.sid}
        return {chat.conversation.sid, *(task.sid for task in chat.tasks)} | channel

    def _chat(self) -> Chat:
        return Chat(self.world.twilio, self._truth().sids)

    def _truth(self) -> ChatTruth:
        return self.world.twilio.truth(self.attempt)
