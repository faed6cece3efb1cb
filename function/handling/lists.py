"""Reads the lists that a sweep begins with, page by page within a time limit: conversations and tasks.

A list that is too long continues in the next pass or sweep. What was not read is reported, so that a part of a list is
never taken for the whole.
"""

import enum
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from math import inf

from ..chat import ChatSids, ConversationState
from ..twilio_api import (
    Attempt,
    Listed,
    ListedTasks,
    NotFoundError,
    RefusedError,
    TwilioApi,
    TwilioDownError,
    TwilioError,
)


class Part(enum.StrEnum):
    """Why a sweep saw something only in part; the values are in the log."""

    INACTIVE_CUT = "inactive_cut"
    INACTIVE_REPEATS = "inactive_repeats"
    INACTIVE_UNREAD = "inactive_unread"
    ACTIVE_CUT = "active_cut"
    ACTIVE_REPEATS = "active_repeats"
    ACTIVE_UNREAD = "active_unread"
    TASKS_CUT = "tasks_cut"
    TASKS_REPEAT = "tasks_repeat"
    TASKS_UNREAD = "tasks_unread"
    LEFT_OVERS_UNCHECKED = "left_overs_unchecked"
    ROWS_LEFT_OUT = "rows_left_out"
    HUNG = "hung"
    HUNG_BEFORE = "hung_before"


@dataclass
class ListProgress:
    """The progress through one list, over as many passes as it takes.

    Attributes:
        cut: what to report if there was no time for the rest.
        repeats: what to report if pages repeat.
        unread: what to report if a page cannot be read.
        at: address of the page to continue with; None for the first.
        ended: whether the last pass reached the end of the list.
        whole: whether it did so from the first page.
        from_first: whether the last pass began with the first page.
    """

    cut: Part
    repeats: Part
    unread: Part
    at: str | None = None
    ended: bool = False
    whole: bool = False
    from_first: bool = True
    _seen: set[str] = field(default_factory=set)

    def read_pages(self, read_page: Callable[[str | None], str | None], attempt: Attempt, partial: set[Part]) -> None:
        """Read pages until the list ends, or half of the attempt's time is over.

        Args:
            read_page: reads the page at an address, None for the first, and returns the address of the next.
            attempt: limits the time.
            partial: gets what was not read.

        Raises:
            TwilioError: not even the first page could be read.
        """
        enough = attempt.remaining / 2
        turned = False
        self.from_first = self.at is None
        while True:
            try:
                url = read_page(self.at)
            except TwilioError as error:
                if self.at is None or isinstance(error, TwilioDownError):
                    raise
                forgotten = not turned and isinstance(error, NotFoundError | RefusedError)
                self.restart()
                if forgotten:  # the page's address is no longer valid
                    self.from_first = True
                    continue
                partial.add(self.unread)
                return
            turned = True
            repeated = url in self._seen
            if repeated:
                partial.add(self.repeats)
            if url is None or repeated:
                self.restart()
                self.ended, self.whole = not repeated, self.from_first and not repeated
                return
            self._seen.add(url)
            self.at = url
            if attempt.remaining < enough:
                partial.add(self.cut)
                self.ended = self.whole = False
                return

    def restart(self) -> None:
        """Go back to the first page."""
        self.at, self.ended, self.whole = None, False, False
        self._seen.clear()


TASKS_FRESH = 20.0
"""Seconds after which the live tasks are listed again, or as many as the list took if that is more."""


@dataclass(frozen=True)
class TaskList:
    """The live tasks of the workspace, as they were listed.

    Attributes:
        named: their SIDs, by the conversation that they name.
        wrapped_up: those of tasks whose agent is wrapping them up.
        places: the place of each in the list, by its SID.
        whole: whether these are all live tasks.
        at: when they had been listed, in seconds on the monotonic clock.
        took: how many seconds that took.
    """

    named: Mapping[str, ChatSids] = field(default_factory=dict)
    wrapped_up: Mapping[str, ChatSids] = field(default_factory=dict)
    places: Mapping[str, int] = field(default_factory=dict)
    whole: bool = False
    at: float = -inf
    took: float = 0.0

    def is_fresh(self, now: float) -> bool:
        """Whether it need not be listed again."""
        return now - self.at < max(TASKS_FRESH, self.took)

    def is_old(self, now: float) -> bool:
        """Whether too many tasks may have come since then."""
        return now - self.at >= 2 * max(TASKS_FRESH, self.took)

    def hint(self, conversation_sid: str) -> ChatSids | None:
        """Return the tasks that name a conversation with a live one, those that are being wrapped up included."""
        sids, wrapped_up = self.named.get(conversation_sid), self.wrapped_up.get(conversation_sid)
        return sids + wrapped_up if sids and wrapped_up else sids

    def of(self, conversation_sid: str) -> ListedTasks | None:
        """What it shows of a conversation; None if it does not have all tasks."""
        sids = self.named.get(conversation_sid)
        return ListedTasks(sids.tasks, self.places) if sids and self.whole else None


_LISTED = (ConversationState.INACTIVE, ConversationState.ACTIVE)


@dataclass
class Lists:
    """The three lists and the progress through them. One for the whole process.

    A task whose conversation is in neither list is left over. This is known only after both lists were read to their
    ends, which may take several sweeps; until then each page removes its conversations from `unfound`.
    """

    api: TwilioApi
    inactive: ListProgress = field(
        default_factory=lambda: ListProgress(Part.INACTIVE_CUT, Part.INACTIVE_REPEATS, Part.INACTIVE_UNREAD)
    )
    active: ListProgress = field(
        default_factory=lambda: ListProgress(Part.ACTIVE_CUT, Part.ACTIVE_REPEATS, Part.ACTIVE_UNREAD)
    )
    tasks: ListProgress = field(
        default_factory=lambda: ListProgress(Part.TASKS_CUT, Part.TASKS_REPEAT, Part.TASKS_UNREAD)
    )
    unfound: dict[str, ChatSids] | None = None
    _read_whole: set[ConversationState] = field(default_factory=set)
    _left_over: dict[str, ChatSids] = field(default_factory=dict)

    def conversations(self, attempt: Attempt, state: ConversationState, partial: set[Part]) -> list[Listed]:
        """Return the conversations in a state, or those that there was time for.

        Raises:
            TwilioError: not even the first page could be read.
        """
        found: list[Listed] = []
        progress = self.inactive if state is ConversationState.INACTIVE else self.active

        def read_page(url: str | None) -> str | None:
            page = self.api.list_conversations(attempt, state, url)
            found.extend(page.listed)
            return page.next_url

        progress.read_pages(read_page, attempt, partial)
        self._found(state, found, ended=progress.ended)
        return found

    def _found(self, state: ConversationState, found: list[Listed], *, ended: bool) -> None:
        if self.unfound is None:
            return
        for each in found:
            self.unfound.pop(each.sid, None)
        if ended:
            self._read_whole.add(state)

    def live_tasks(self, attempt: Attempt, partial: set[Part]) -> TaskList:
        """Return the live tasks, or those that there was time for; a list that was cut is read on next time.

        Raises:
            TwilioDownError: Twilio seems to be down.
        """
        return self._listed_tasks(self.tasks, attempt, partial)

    def live_tasks_again(self, attempt: Attempt, partial: set[Part]) -> TaskList:
        """Return the live tasks from the first on; what others read on is left as it is.

        Raises:
            TwilioDownError: Twilio seems to be down.
        """
        return self._listed_tasks(ListProgress(Part.TASKS_CUT, Part.TASKS_REPEAT, Part.TASKS_UNREAD), attempt, partial)

    def _listed_tasks(self, progress: ListProgress, attempt: Attempt, partial: set[Part]) -> TaskList:
        named: dict[str, ChatSids] = {}
        wrapped_up: dict[str, ChatSids] = {}
        places: dict[str, int] = {}
        began, unread = attempt.clock.monotonic(), len(attempt.left_out)

        def read_page(url: str | None) -> str | None:
            page = self.api.live_tasks(attempt, url)
            for task in page.tasks:
                places.setdefault(task.sids.tasks[0], len(places))
                if sid := task.conversation:
                    found = wrapped_up if task.wrapped_up else named
                    found[sid] = found[sid] + task.sids if sid in found else task.sids
            return page.next_url

        try:
            progress.read_pages(read_page, attempt, partial)
        except TwilioDownError:
            raise
        except TwilioError:
            partial.add(progress.unread)
            progress.whole = False
        whole = progress.whole and len(attempt.left_out) == unread
        at = attempt.clock.monotonic()
        return TaskList(named, wrapped_up, places, whole, at, at - began)

    def start_search(self, tasks: Mapping[str, ChatSids], inactive: list[Listed]) -> None:
        """Start looking for these tasks' conversations in both lists; the inactive ones were just listed."""
        self.unfound = dict(tasks)
        self._read_whole.clear()
        self.active.restart()
        if self.inactive.from_first:
            self._found(ConversationState.INACTIVE, inactive, ended=self.inactive.whole)
        else:
            self.inactive.restart()

    def left_over(self, tasks: Mapping[str, ChatSids]) -> dict[str, ChatSids]:
        """Return the tasks whose conversation is in neither list, once both were read; again until they were read."""
        if self.unfound is not None and len(self._read_whole) == len(_LISTED):
            self._left_over, self.unfound = self.unfound, None
        return {sid: tasks.get(sid, sids) for sid, sids in self._left_over.items()}

    def keep_unread(self, sids: Collection[str]) -> None:
        """Keep only those left-over tasks whose conversations, given here, were not read yet."""
        self._left_over = {sid: found for sid, found in self._left_over.items() if sid in sids}
