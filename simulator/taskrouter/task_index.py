"""The index by which tasks are found by their attributes; in one dialect it is behind the tasks."""

from __future__ import annotations

import json
from collections.abc import Iterable
from datetime import timedelta
from typing import TYPE_CHECKING

from simulator.shared.clock import Clock
from simulator.shared.dialect.taskrouter import AttributeSearch
from simulator.taskrouter.expressions import Expression

if TYPE_CHECKING:
    from simulator.taskrouter.task import Task

LAG = timedelta(seconds=2)
"""How far the index is behind, in the dialect in which it is. No figure is public."""


class TaskIndex:
    """The attributes that the search sees, and a shortcut for the tasks of a conversation."""

    def __init__(self, clock: Clock, search: AttributeSearch) -> None:
        self._clock = clock
        self._lags = search is AttributeSearch.LAGS
        self._known: dict[str, tuple[str, str | None]] = {}
        self._by_conversation: dict[str, dict[str, Task]] = {}

    def put(self, task: Task) -> None:
        """Index a task's attributes, now or with the delay."""
        attributes, conversation = task.attributes, task.conversation_sid
        if self._lags:
            timer = self._clock.timer(lambda: self._learn(task, attributes, conversation))
            timer.arm(self._clock.now + LAG)
        else:
            self._learn(task, attributes, conversation)

    def forget(self, task: Task) -> None:
        """Remove a task."""
        _, conversation = self._known.pop(task.sid, (None, None))
        if conversation is not None:
            tasks = self._by_conversation[conversation]
            del tasks[task.sid]
            if not tasks:
                del self._by_conversation[conversation]

    def candidates(self, expression: Expression, everything: Iterable[Task]) -> Iterable[Task]:
        """A superset of the tasks that match, in order of creation."""
        conversation = expression.required("conversationSid")
        if conversation is None:
            return everything
        return sorted(self._by_conversation.get(conversation, {}).values(), key=lambda task: task.sequence)

    def matches(self, task: Task, expression: Expression) -> bool:
        """Whether a task matches by its indexed attributes."""
        known, _ = self._known.get(task.sid, (None, None))
        return known is not None and expression.matches(json.loads(known))

    def _learn(self, task: Task, attributes: str, conversation: str | None) -> None:
        self.forget(task)
        if task.purged:
            return
        self._known[task.sid] = (attributes, conversation)
        if conversation is not None:
            self._by_conversation.setdefault(conversation, {})[task.sid] = task
