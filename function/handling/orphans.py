"""Tasks whose conversation our service does not have (any more): which of them may be ended.

That a conversation is not found is no proof that it was deleted: it may be another service's. So a task is ended only
where it carries our own mark.
"""

import threading
from collections.abc import Collection
from dataclasses import dataclass

from ..chat import marked
from ..settings import Mode, Settings
from ..twilio_api import Attempt, TwilioApi
from .locks import NewLock
from .memory import Memory
from .releasing import Releaser

MAX_LEFT = 10_000


@dataclass(frozen=True)
class Orphans:
    """What became of the tasks of a conversation that is not there.

    Attributes:
        conversation: CH...
        ended: those that carried our mark.
        left: all others, each told of once.
    """

    conversation: str
    ended: tuple[str, ...] = ()
    left: tuple[str, ...] = ()


class OrphanRelease:
    """Ends orphans that are ours; one for the whole process, for what it told of."""

    def __init__(self, settings: Settings, api: TwilioApi, lock: NewLock = threading.Lock) -> None:
        self._settings = settings
        self._api = api
        self._left: Memory[str] = Memory(MAX_LEFT, lock)

    def release(self, attempt: Attempt, conversation_sid: str, tasks: Collection[str]) -> Orphans:
        """End those of these tasks that are live and carry our mark.

        Raises:
            TwilioError: it could not be done now.
        """
        ended: list[str] = []
        left: list[str] = []
        releaser = Releaser(self._api, attempt, conversation_sid)
        for sid in tasks:
            task = self._api.task(attempt, sid, conversation_sid)
            if task is None or not task.live:
                continue
            if self._settings.mode is Mode.ENFORCE and marked(task.attributes, task.sid):
                releaser.end_task(task, self._settings.policy.default.task_ending)
                ended.append(sid)
            elif self._left.put(sid, conversation_sid) is None:
                left.append(sid)
        return Orphans(conversation_sid, tuple(ended), tuple(left))
