"""How tasks are found by their attributes; the index may learn of a change later than the task itself does."""

from __future__ import annotations

import json
from collections.abc import Iterable
from datetime import timedelta
from typing import TYPE_CHECKING

from simulator.clock import Clock
from simulator.dialect import AttributeSearch
from simulator.taskrouter.expressions import Expression
from simulator.taskrouter.task import conversation_in

if TYPE_CHECKING:
    from simulator.taskrouter.task import Task

LAG = timedelta(seconds=2)
"""Virtual time that the index is behind, where the dialect says that it is. No figure is public."""


class TaskIndex:
    """Attributes as the search sees them, and a short cut for the usual question: which tasks has a conversation?"""

    def __init__(self, clock: Clock, search: AttributeSearch) -> None:
        self._clock = clock
        self._lags = search is AttributeSearch.LAGS
        self._attributes: dict[str, str] = {}
        self._by_conversation: dict[str, dict[str, Task]] = {}

    def put(self, task: Task) -> None:
        """Learn a task's attributes, now or a little later."""
        if not self._lags:
            self._learn(task, task.attributes)
            return
        attributes = task.attributes
        self._clock.timer(lambda: self._learn(task, attributes)).arm(self._clock.now + LAG)

    def forget(self, task: Task) -> None:
        """Find a task no more."""
        known = self._attributes.pop(task.sid, None)
        conversation = None if known is None else conversation_in(known)
        if conversation is not None:
            tasks = self._by_conversation[conversation]
            del tasks[task.sid]
            if not tasks:
                del self._by_conversation[conversation]

    def candidates(self, expression: Expression, everything: Iterable[Task]) -> Iterable[Task]:
        """Tasks among which are all that match, in order of creation."""
        conversation = expression.required("conversationSid")
        if conversation is None:
            return everything
        return sorted(self._by_conversation.get(conversation, {}).values(), key=lambda task: task.sequence)

    def matches(self, task: Task, expression: Expression) -> bool:
        """Whether a task matches as the search sees it."""
        known = self._attributes.get(task.sid)
        return known is not None and expression.matches(json.loads(known))

    def _learn(self, task: Task, attributes: str) -> None:
        self.forget(task)
        if task.purged:
            return
        self._attributes[task.sid] = attributes
        conversation = conversation_in(attributes)
        if conversation is not None:
            self._by_conversation.setdefault(conversation, {})[task.sid] = task
