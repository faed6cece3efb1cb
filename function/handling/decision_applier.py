"""Applies a decision, with calls in an order in which a crash or a fault at any point does no harm.

    claim   the task, with If-Match; at the same time read the messages again, and set the timer that calls us back
    post    the warning or the closing notice; with the notice, write the outcome on the task
    close   the interaction channel; without one, or if that fails, the tasks and then the conversation
    verify  that all is closed, and look for a message that came too late

If something has changed in between, it raises `RetryError`: the chat is read and decided again.
"""

import random
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from typing import assert_never

from ..chat import (
    SHORTEST_TIMER,
    TOLERANCE,
    AgentSilent,
    Case,
    Claim,
    Conversation,
    ConversationState,
    Decision,
    End,
    Finish,
    Keep,
    Marker,
    Message,
    Note,
    NoTextReason,
    Notify,
    Rearm,
    Share,
    Snapshot,
    Task,
    Unread,
    Warn,
    Warned,
    Wrapped,
    newest_counted_among,
    text_of,
    with_outcome,
    without_claim,
)
from ..policy import TaskEnding
from ..twilio_api import (
    AlreadyClosedError,
    Attempt,
    ChangedError,
    Listed,
    ListedTasks,
    NotFoundError,
    RefusedError,
    TwilioApi,
    TwilioError,
    UnavailableError,
)
from .outcomes import Applied, Outcome, RetryError, RetryReason
from .releasing import Releaser, closable
from .timers import on_target, timer_until

LEASE = timedelta(seconds=30)
"""How long a claim keeps other attempts away: four times the maximum of an attempt."""

ENOUGH_TO_LOOK_AGAIN = 1.0
"""Seconds that must be left to read a chat again that has just been closed."""


class ClaimedElsewhereError(Exception):
    """Another attempt holds a claim to this step."""


class DecisionApplier:
    """Applies the decisions of one attempt at one conversation. A claim of one round is valid in the next.

    Attributes:
        releasing: whether an end has come so far that it may have closed the conversation.
    """

    def __init__(self, api: TwilioApi, attempt: Attempt, conversation_sid: str, chance: random.Random) -> None:
        self._api = api
        self._attempt = attempt
        self._sid = conversation_sid
        self._releaser = Releaser(api, attempt, conversation_sid)
        self._by = f"{chance.getrandbits(128):032x}"
        self.releasing = False

    def apply(self, case: Case, decision: Decision) -> Applied:
        """Apply a decision.

        Raises:
            RetryError: the chat must be read and decided again.
            TwilioError: a call failed.
        """
        try:
            return self._applied(case, decision)
        except ClaimedElsewhereError:
            return Applied(Outcome.CLAIMED_ELSEWHERE)

    def _applied(self, case: Case, decision: Decision) -> Applied:
        match decision:
            case Keep():
                return Applied(Outcome.KEPT, listed=self._note(case))
            case Rearm():
                return self._rearm(case, decision)
            case Warn():
                return Applied(self._warn(case, decision))
            case Notify():
                return self._notify(case, decision)
            case End():
                return self._end(case, decision)
            case Finish():
                return self._finish(case.snapshot, decision)
        assert_never(decision)

    # -- keep, and set the timer -----------------------------------------------------------------------------------

    def _rearm(self, case: Case, decision: Rearm) -> Applied:
        snapshot = case.snapshot
        if on_target(snapshot.conversation, decision.target):
            return Applied(Outcome.KEPT, listed=self._note(case))
        timer = timer_until(decision.target, self._attempt.now)
        armed = self._api.arm(self._attempt, self._sid, timer)
        # The response just now has the newest attributes that can be known; others write them too.
        if attributes := armed.with_notes(*_notes(case)):
            armed = self._api.arm(self._attempt, self._sid, timer, attributes)
        self._correct(armed, timer, decision.target, snapshot.messages)
        return Applied(Outcome.DONE)

    def _note(self, case: Case) -> Listed | None:
        """Write our notes on the conversation; what cannot be noted is read again the next time."""
        if case.closed or not case.snapshot.conversation.with_notes(*_notes(case)):
            return None
        try:
            attributes = self._api.conversation(self._attempt, self._sid).with_notes(*_notes(case))
            return self._api.note(self._attempt, self._sid, attributes) if attributes else None
        except TwilioError:
            return None

    def _correct(
        self, armed: Conversation, timer: timedelta, target: datetime, messages: tuple[Message, ...] = ()
    ) -> None:
        """Correct the timer once if it does not fire when it should: Twilio does not document from when it counts."""
        fires_at = armed.inactive_at
        if armed.state is not ConversationState.ACTIVE or fires_at is None or on_target(armed, target):
            return
        counted_from = fires_at - timer
        if fires_at - self._attempt.now < SHORTEST_TIMER - TOLERANCE and messages:
            # If the timer has run out already, it probably counts from the newest message.
            counted_from = messages[0].sent_at
        self._api.arm(self._attempt, self._sid, timer_until(target, counted_from))

    # -- warn ------------------------------------------------------------------------------------------------------

    def _warn(self, case: Case, decision: Warn) -> Outcome:
        timer = timer_until(decision.then, self._attempt.now)
        claimed, _ = self._claim(case.snapshot, decision, timer)
        try:
            index = self._api.post(
                self._attempt, self._sid, self._text(case, decision, decision.then), _marker(decision)
            )
        except RefusedError:
            raise RetryError(RetryReason.UNSAYABLE) from None
        try:
            target = max(decision.then, self._attempt.now + SHORTEST_TIMER)
            conversation = self._api.conversation(self._attempt, self._sid)
            warned = None if claimed else Warned(decision.step.number, decision.answered_index, index)
            if attributes := conversation.with_notes(*_notes(case), warned):
                conversation = self._api.arm(self._attempt, self._sid, timer, attributes)
            self._correct(conversation, timer, target)
        except TwilioError:
            pass  # the warning is posted; a wrong timer fires early or a little late, and the chat is decided again
        return Outcome.DONE

    def _text(self, case: Case, decision: Warn | Notify | End, then: datetime | None = None) -> str:
        language, since = case.applied.language, case.newest.sent_at
        return text_of(decision.step, language, now=self._attempt.now, silent_since=since, then=then)

    # -- report an agent's silence ---------------------------------------------------------------------------------

    def _notify(self, case: Case, decision: Notify) -> Applied:
        """Claim like any step, and last write the mark that keeps it from being reported again."""
        unsaid = None
        claimed, _ = self._claim(case.snapshot, decision, case.plan.steps[0].after)
        if decision.with_text:
            try:
                self._api.post(self._attempt, self._sid, self._text(case, decision), _marker(decision))
            except RefusedError:
                unsaid = NoTextReason.REFUSED
        mark = AgentSilent(decision.answered_index, decision.since)
        attributes = mark.written_into(claimed.attributes) if claimed else None
        if claimed and attributes:
            self._api.write_attributes(self._attempt, "mark_agent_silent", claimed, attributes)
        return Applied(Outcome.DONE, unsaid)

    # -- end -------------------------------------------------------------------------------------------------------

    def _end(self, case: Case, decision: End) -> Applied:
        snapshot, unsaid = case.snapshot, decision.unsaid
        if self._must_search(snapshot, decision) and self._attempt.listed is None:
            self._api.reserve_search(self._attempt)
        if closable(snapshot.channel):
            self._api.reserve_close(self._attempt)
        claimed, newest_index = self._claim(snapshot, decision, SHORTEST_TIMER)
        if decision.notice:
            posted = self._post_notice(case, decision, claimed, newest_index)
            if posted.late:
                return Applied(Outcome.LATE_REPLY, unsaid)
            claimed, newest_index, unsaid = posted.claimed, posted.index, posted.unsaid
        else:
            claimed = self._write_outcome(claimed)
        live = tuple(claimed if claimed and task.sid == claimed.sid else task for task in snapshot.live_tasks)
        self.releasing = True
        refused = self._releaser.release(live, snapshot, decision.task_ending)
        try:
            return self._verify(snapshot, newest_index, unsaid, decision.task_ending, refused)
        except UnavailableError:
            if self._attempt.remaining > ENOUGH_TO_LOOK_AGAIN or not closable(snapshot.channel):
                raise
            return Applied(Outcome.UNVERIFIED, unsaid)

    def _post_notice(self, case: Case, decision: End, claimed: Task | None, newest_index: int) -> "_Notice":
        """Post the notice. If its index shows that a reply came before it, take claim and outcome back."""
        text = self._text(case, decision)
        with self._api.together() as start:
            notice = start(lambda: self._api.post(self._attempt, self._sid, text, _marker(decision)))
            written = self._write_outcome(claimed)
        try:
            index = notice.result()
        except RefusedError:
            # A notice that Twilio refuses (opted out, too long) does not stop the end.
            return _Notice(written, newest_index, NoTextReason.REFUSED)
        if index != newest_index + 1 and self._replied_after(case.snapshot, decision.answered_index):
            self._remove_claim(written)
            return _Notice(written, index, late=True)
        return _Notice(written, max(index, newest_index))

    def _write_outcome(self, claimed: Task | None) -> Task | None:
        """Write the outcome on the task, in two tries: the chat ends with or without it."""
        task = claimed
        for _ in range(2):
            attributes = with_outcome(task.attributes) if task else None
            if task is None or attributes is None:
                break
            try:
                return self._api.write_attributes(self._attempt, "write_outcome", task, attributes)
            except ChangedError:
                task = self._releaser.reread(task)
            except TwilioError:
                break
        return task or claimed

    def _verify(
        self,
        snapshot: Snapshot,
        newest_index: int,
        unsaid: NoTextReason | None,
        ending: TaskEnding,
        refused: tuple[str, ...],
    ) -> Applied:
        """Check conversation and tasks, and whether a message came too late; name also the tasks `refused` to end."""
        held = [task for task in snapshot.live_tasks if not task.waits and task.sid not in refused]
        with self._api.together() as start:
            conversation = start(lambda: self._api.conversation(self._attempt, self._sid))
            late = start(lambda: self._replied_after(snapshot, newest_index))
            tasks = [start(partial(self._releaser.reread, task)) for task in held]
        replied = late.result()
        if conversation.result().state is not ConversationState.CLOSED:
            self._api.close_conversation(self._attempt, self._sid)
            replied = replied or self._replied_after(snapshot, newest_index)
        assigned = self._still_assigned(tuple(read.result() for read in tasks), ending)
        return Applied(Outcome.LATE_REPLY if replied else Outcome.DONE, unsaid, refused + assigned)

    def _still_assigned(self, tasks: tuple[Task | None, ...], ending: TaskEnding) -> tuple[str, ...]:
        """End the tasks that closing the channel left with an agent; return the SIDs of those that stay assigned."""
        assigned: list[str] = []
        for task in tasks:
            if task is not None and task.live:
                try:
                    self._releaser.end_task(task, ending)
                except TwilioError:
                    assigned.append(task.sid)
        return tuple(assigned)

    # -- release what is left over of a closed conversation --------------------------------------------------------

    def _finish(self, snapshot: Snapshot, decision: Finish) -> Applied:
        tasks = snapshot.live_tasks
        match decision.share:
            case Share.WAITING:
                return Applied(Outcome.DONE, assigned=self._releaser.cancel_waiting(tasks))
            case Share.WRAP:
                tasks = tuple(self._mark_wrapped(task) for task in tasks)
            case Share.ALL:
                tasks += tuple(task for task in snapshot.tasks if task.wrapped)
        return Applied(Outcome.DONE, assigned=self._releaser.release(tasks, snapshot, decision.task_ending))

    def _mark_wrapped(self, task: Task) -> Task:
        """Write our mark on a task before we wrap it; without the mark, completing it is left to its agent."""
        mark = Wrapped(task.sid, self._attempt.now)
        attributes = mark.written_into(task.attributes)
        if attributes is None:
            return task
        try:
            return self._api.write_attributes(self._attempt, "mark_wrapped", task, attributes)
        except ChangedError:
            return self._releaser.reread(task) or task
        except (RefusedError, NotFoundError):
            return task

    # -- claim -----------------------------------------------------------------------------------------------------

    def _claim(self, snapshot: Snapshot, decision: Warn | Notify | End, timer: timedelta) -> tuple[Task | None, int]:
        """Claim the step, and check what may have changed since the snapshot.

        Returns:
            The claimed task (None if there is none to claim) and the newest message's index.
        """
        task = snapshot.oldest_live_task
        self._leave_to_others(task, decision)
        with self._api.together() as start:
            page = start(lambda: self._api.newest_messages(self._attempt, self._sid))
            armed = start(lambda: self._arm(timer))
            new_tasks = None if snapshot.searched else start(lambda: self._new_tasks(snapshot, decision))
            claimed = self._write_claim(task, decision) if task else None
        armed.result()
        messages = page.result().messages
        newest = newest_counted_among(snapshot.classify_all(messages), automated_counts=snapshot.without_agent)
        # There may be a newer message, or the answered one turns out not to have been delivered.
        answered_another = newest is not None and newest.index != decision.answered_index
        try:
            found = new_tasks.result() if new_tasks else ()
        except TwilioError:
            self._remove_claim(claimed)
            raise
        if answered_another or found:
            self._remove_claim(claimed)
            raise RetryError(
                RetryReason.CHANGED, tasks=(*(each.sid for each in snapshot.live_tasks), *found) if found else ()
            )
        return claimed, messages[0].index if messages else snapshot.newest_index

    def _write_claim(self, task: Task, decision: Warn | Notify | End) -> Task | None:
        """Write our claim on the task; return None if its attributes leave no room for one."""
        before, step = task.claim, decision.step.number
        again = before is not None and (before.step, before.answered_index) == (step, decision.answered_index)
        times = before.times + (before.by != self._by) if before and again else 1
        claim = Claim(self._by, step, decision.answered_index, self._attempt.now + LEASE, task.sid, times)
        attributes = claim.written_into(task.attributes)
        if attributes is None:
            return None
        try:
            return self._api.write_attributes(self._attempt, "claim_task", task, attributes)
        except RefusedError:
            return None
        except ChangedError:
            self._leave_to_others(self._api.task(self._attempt, task.sid, self._sid), decision)
            raise RetryError(RetryReason.CHANGED) from None
        except NotFoundError:
            raise RetryError(RetryReason.CHANGED) from None

    def _leave_to_others(self, task: Task | None, decision: Warn | Notify | End) -> None:
        claim = task.claim if task else None
        if claim is None or claim.by == self._by or claim.answered_index != decision.answered_index:
            return
        # A longer lease than ours was written by somebody else.
        if self._attempt.now < claim.lease_until <= self._attempt.now + LEASE + TOLERANCE:
            raise ClaimedElsewhereError

    def _remove_claim(self, claimed: Task | None) -> None:
        """Remove claim and outcome; if that fails, the lease ends by itself."""
        rest = without_claim(claimed.attributes) if claimed else None
        if claimed is None or rest is None:
            return
        try:
            self._api.write_attributes(self._attempt, "take_back", claimed, rest)
        except TwilioError:
            return

    def _arm(self, timer: timedelta) -> None:
        """Set the timer before anything is posted, so that Twilio calls again if we die."""
        try:
            self._api.arm(self._attempt, self._sid, timer)
        except AlreadyClosedError:
            raise
        except TwilioError:
            return

    def _must_search(self, snapshot: Snapshot, decision: Warn | Notify | End) -> bool:
        """Whether a search for tasks must succeed first: a customer who is being transferred waits for an agent.

        Only an end needs it. In a sweep that has listed every live task, a list of the newest ones does as well.
        """
        return isinstance(decision, End) and not snapshot.searched

    def _new_tasks(self, snapshot: Snapshot, decision: Warn | Notify | End) -> tuple[str, ...]:
        """Look for a transfer that the channel does not show: in a list if a sweep has one, otherwise by a search.

        The search has a tight rate limit.
        """
        listed = self._attempt.listed if isinstance(decision, End) else None
        found = self._newer_tasks(listed) if listed else None
        if found is None:
            try:
                searched = self._api.find_tasks(self._attempt, self._sid, patience=None if listed else 0)
            except TwilioError:
                if self._must_search(snapshot, decision):
                    raise
                return ()
            found = tuple(task for each in searched for task in each.tasks)
        if listed:
            found = (*listed.of_chat, *found)
        return tuple(task for task in dict.fromkeys(found) if task not in snapshot.known_tasks)

    def _newer_tasks(self, listed: ListedTasks) -> tuple[str, ...] | None:
        try:
            return self._api.newer_tasks(self._attempt, self._sid, listed.everybodys)
        except TwilioError:
            return None

    def _replied_after(self, snapshot: Snapshot, index: int) -> bool:
        messages = self._api.newest_messages(self._attempt, self._sid).messages
        newest = newest_counted_among(snapshot.classify_all(messages), automated_counts=False)
        return newest is not None and newest.index > index


@dataclass(frozen=True)
class _Notice:
    """A closing notice that was posted or refused.

    Attributes:
        claimed: the claimed task as it is now.
        index: index of the newest known message.
        unsaid: why it was not sent; None if it was.
        late: whether a reply came before it.
    """

    claimed: Task | None
    index: int
    unsaid: NoTextReason | None = None
    late: bool = False


def _notes(case: Case) -> tuple[Note | None, ...]:
    """Return the notes of the conversation: its SIDs, and what is reported or read only once."""
    snapshot = case.snapshot
    unread = Unread(case.unread.index) if case.unread else None
    return snapshot.sids, case.noted_rule, snapshot.last_task or snapshot.asked_for, unread


def _marker(decision: Warn | Notify | End) -> Marker:
    return Marker(decision.step.kind, decision.step.number, decision.answered_index)
