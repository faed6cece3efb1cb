"""The lists that a sweep begins with: pages of conversations and of tasks, within the time there is for them.

A list that is too long goes on where it stopped, in the next pass or the next sweep. What was not seen is said: a part
is never taken for the whole.
"""

import enum
from collections.abc import Callable, Collection
from dataclasses import dataclass, field

from ..chat import ChatSids, ConversationState
from ..twilio_api import Attempt, AwayError, Listed, NotFoundError, RefusedError, TwilioApi, TwilioError


class Part(enum.StrEnum):
    """Why a sweep saw a part of something and not the whole; the values stand in the log."""

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
class Walk:
    """The way through one list, over as many passes as it takes.

    Attributes:
        cut: what it is called when there was no time for the rest.
        repeats: what it is called when pages repeat.
        unread: what it is called when a page cannot be read.
        at: the page to go on with; None at the beginning.
        ended: whether the last walk came to the end, from wherever it began.
        whole: whether it did so from the beginning.
        from_first: whether the last walk began at the beginning.
    """

    cut: Part
    repeats: Part
    unread: Part
    at: str | None = None
    ended: bool = False
    whole: bool = False
    from_first: bool = True
    _seen: set[str] = field(default_factory=set)

    def go(self, turn: Callable[[str | None], str | None], attempt: Attempt, partial: set[Part]) -> None:
        """Turn pages until the list ends, or half of the attempt's time is over.

        Args:
            turn: takes the page at an address, None for the first, and tells the address of the next.
            attempt: whose time it takes.
            partial: told what was not seen.

        Raises:
            TwilioError: not even the first page could be read.
        """
        enough = attempt.remaining / 2
        turned = False
        self.from_first = self.at is None
        while True:
            try:
                url = turn(self.at)
            except TwilioError as error:
                if self.at is None or isinstance(error, AwayError):
                    raise
                forgotten = not turned and isinstance(error, NotFoundError | RefusedError)
                self.begin_again()
                if forgotten:  # the way to that page is no more; from the beginning, then
                    self.from_first = True
                    continue
                partial.add(self.unread)
                return
            turned = True
            repeated = url in self._seen
            if repeated:
                partial.add(self.repeats)
            if url is None or repeated:
                self.begin_again()
                self.ended, self.whole = not repeated, self.from_first and not repeated
                return
            self._seen.add(url)
            self.at = url
            if attempt.remaining < enough:
                partial.add(self.cut)
                self.ended = self.whole = False
                return

    def begin_again(self) -> None:
        """From the first page."""
        self.at, self.ended, self.whole = None, False, False
        self._seen.clear()


_LISTED = (ConversationState.INACTIVE, ConversationState.ACTIVE)


@dataclass
class Lists:
    """The three lists, as far as they have been walked; one for the whole process.

    A task whose conversation stands in neither list is left over. That is known only when both were walked to their
    ends, however many sweeps that takes: meanwhile each page takes its conversations off those that are to be found.
    """

    api: TwilioApi
    inactive: Walk = field(default_factory=lambda: Walk(Part.INACTIVE_CUT, Part.INACTIVE_REPEATS, Part.INACTIVE_UNREAD))
    active: Walk = field(default_factory=lambda: Walk(Part.ACTIVE_CUT, Part.ACTIVE_REPEATS, Part.ACTIVE_UNREAD))
    tasks: Walk = field(default_factory=lambda: Walk(Part.TASKS_CUT, Part.TASKS_REPEAT, Part.TASKS_UNREAD))
    unfound: dict[str, ChatSids] | None = None
    _walked: set[ConversationState] = field(default_factory=set)
    _left_over: dict[str, ChatSids] = field(default_factory=dict)

    def conversations(self, attempt: Attempt, state: ConversationState, partial: set[Part]) -> list[Listed]:
        """Conversations in a state: the whole list, or what there was time for.

        Raises:
            TwilioError: not even the first page could be read.
        """
        found: list[Listed] = []
        walk = self.inactive if state is ConversationState.INACTIVE else self.active

        def turn(url: str | None) -> str | None:
            page = self.api.list_conversations(attempt, state, url)
            found.extend(page.listed)
            return page.next_url

        walk.go(turn, attempt, partial)
        self._found(state, found, ended=walk.ended)
        return found

    def _found(self, state: ConversationState, found: list[Listed], *, ended: bool) -> None:
        if self.unfound is None:
            return
        for each in found:
            self.unfound.pop(each.sid, None)
        if ended:
            self._walked.add(state)

    def live_tasks(self, attempt: Attempt, partial: set[Part]) -> dict[str, ChatSids]:
        """Live tasks by the conversation that they name; those that there was time for.

        Raises:
            AwayError: Twilio is away.
        """
        found: dict[str, ChatSids] = {}

        def turn(url: str | None) -> str | None:
            page = self.api.live_tasks(attempt, url)
            for sid, sids in page.named:
                found[sid] = found[sid] + sids if sid in found else sids
            return page.next_url

        try:
            self.tasks.go(turn, attempt, partial)
        except AwayError:
            raise
        except TwilioError:
            partial.add(self.tasks.unread)
            self.tasks.whole = False
        return found

    def look_for(self, tasks: dict[str, ChatSids], inactive: list[Listed]) -> None:
        """Begin to look for these tasks' conversations, in both lists; the inactive ones were just listed."""
        self.unfound = dict(tasks)
        self._walked.clear()
        self.active.begin_again()
        if self.inactive.from_first:
            self._found(ConversationState.INACTIVE, inactive, ended=self.inactive.whole)
        else:
            self.inactive.begin_again()

    def left_over(self, tasks: dict[str, ChatSids]) -> dict[str, ChatSids]:
        """Tasks whose conversation is in neither list: known once both were walked to their ends, told until read."""
        if self.unfound is not None and len(self._walked) == len(_LISTED):
            self._left_over, self.unfound = self.unfound, None
        return {sid: tasks.get(sid, sids) for sid, sids in self._left_over.items()}

    def left_unread(self, sids: Collection[str]) -> None:
        """Of those that were told, these were not read."""
        self._left_over = {sid: found for sid, found in self._left_over.items() if sid in sids}
