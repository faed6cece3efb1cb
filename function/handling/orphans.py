"""Ends tasks whose conversation our service does not have (any more), if they have our mark.

A conversation that is not found may be another service's, so all other tasks are left alone and reported.
"""

import threading
from collections.abc import Collection
from contextlib import suppress
from dataclasses import dataclass

from ..chat import has_our_mark
from ..settings import Mode, Settings
from ..twilio_api import Attempt, RefusedError, TwilioApi
from .locks import NewLock
from .memory import Memory
from .releasing import Releaser

MAX_LEFT = 10_000


@dataclass(frozen=True)
class Orphans:
    """What became of the tasks of a conversation that does not exist in our service.

    Attributes:
        conversation: CH...
        ended: SIDs of the tasks that had our mark, and were ended.
        left: SIDs of all others, each reported once.
    """

    conversation: str
    ended: tuple[str, ...] = ()
    left: tuple[str, ...] = ()


class OrphanRelease:
    """Ends orphans that have our mark. One for the whole process, because each other is reported once."""

    def __init__(self, settings: Settings, api: TwilioApi, lock: NewLock = threading.Lock) -> None:
        self._settings = settings
        self._api = api
        self._left: Memory[str] = Memory(MAX_LEFT, lock)

    def release(self, attempt: Attempt, conversation_sid: str, tasks: Collection[str]) -> Orphans:
        """End the live ones of these tasks that have our mark.

        Raises:
            TwilioError: it failed now, and may work if tried again.
        """
        ended: list[str] = []
        left: list[str] = []
        releaser = Releaser(self._api, attempt, conversation_sid)
        for sid in tasks:
            task = self._api.task(attempt, sid, conversation_sid)
            if task is None or not task.live:
                continue
            if self._settings.mode is Mode.ENFORCE and has_our_mark(task.attributes, task.sid):
                with suppress(RefusedError):  # it is refused the next time too
                    releaser.end_task(task, self._settings.policy.default.task_ending)
                    ended.append(sid)
            elif self._left.put(sid, conversation_sid) is None:
                left.append(sid)
        return Orphans(conversation_sid, tuple(ended), tuple(left))
