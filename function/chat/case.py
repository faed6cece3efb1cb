"""One chat at one moment: its snapshot, the policy as applied to it, and what the decision table asks of both."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import cached_property

from ..policy import AppliedPolicy, Policy, Step, StepKind, Subject, TimeoutPlan, WaitAction, WaitPolicy
from . import dialogue
from .attributes import NotedRule, do_not_time_out_until
from .authorship import Author, Message
from .decision import Decision, End, Keep, NoTextReason, Rearm, Reason
from .facts import ConversationState, Snapshot, TaskStatus
from .subject import on_hold_until, subject_of, subjects_of_hints

TOLERANCE = timedelta(seconds=5)
"""A step counts as reached this much earlier, because Twilio's times are whole seconds and its timers have jitter."""

SHORTEST_TIMER = timedelta(minutes=1)
"""Twilio's shortest inactive timer (https://www.twilio.com/docs/api/errors/50375, November 2026), and the minimum
between a warning and the end."""

ENOUGH_ATTEMPTS = 2
"""Attempts after which a claimed step counts as posted: one may have died after its claim, two have not."""

UNREAD_AFTER = timedelta(minutes=5)
"""After this time a customer's message that nobody is going to read is reported."""


@dataclass(frozen=True)
class Case:
    """One chat at one moment.

    Attributes:
        snapshot: the conversation as it is now.
        subject: the facts that the policy's rules are matched against.
        applied: the policy as applied to this conversation.
        now: Twilio's own time.
        earliest: the earliest step of all timeout plans.
        match: digest of what the applied rule matches.
        closed_by_timer: the event says that Twilio's closed timer closed the conversation.
        refused: Twilio has just refused a text to this customer, so no other is sent.
    """

    snapshot: Snapshot
    subject: Subject
    applied: AppliedPolicy
    now: datetime
    earliest: timedelta
    match: str
    closed_by_timer: bool = False
    refused: bool = False

    @classmethod
    def of(
        cls, snapshot: Snapshot, policy: Policy, now: datetime, *, closed_by_timer: bool = False, refused: bool = False
    ) -> "Case":
        """Apply a policy to a snapshot; this is the only place that does.

        A rule may match the task. If that is gone, the rule that we noted while it was there applies. A task that may
        be the chat's can only keep it.
        """
        subject = subject_of(snapshot)
        noted_rule = None if snapshot.tasks else snapshot.conversation.noted_rule
        applied = (
            policy.apply_by_digest(noted_rule.match, noted_rule.language) if noted_rule else None
        ) or policy.apply(subject)
        hinted = (policy.apply(each) for each in subjects_of_hints(snapshot))
        applied = next((each for each in hinted if _keeps_more(each, applied)), applied)
        return cls(
            snapshot, subject, applied, now, policy.earliest, policy.match_digest(applied), closed_by_timer, refused
        )

    @property
    def plan(self) -> TimeoutPlan:
        """The timeout plan of this conversation."""
        return self.applied.plan

    @cached_property
    def newest(self) -> Message:
        """The newest counted message."""
        return dialogue.newest_counted(self.snapshot)

    @cached_property
    def silent_since(self) -> datetime:
        """When the silence began, from which steps are counted."""
        return dialogue.silent_since(self.snapshot)

    @cached_property
    def waiting_since(self) -> datetime:
        """When the customer's first unanswered message was written."""
        return dialogue.waiting_since(self.snapshot)

    @cached_property
    def unsaid(self) -> NoTextReason | None:
        """Why no text is sent to the customer; None if one may be."""
        if self.refused:
            return NoTextReason.REFUSED
        if dialogue.never_wrote(self.snapshot):
            return NoTextReason.NEVER_WROTE  # an outbound chat that the customer never answered
        return None if dialogue.reachable(self.snapshot, self.now) else NoTextReason.OUTSIDE_WINDOW

    @property
    def has_worker(self) -> bool:
        """Whether an agent holds a live task."""
        return any(task.status is TaskStatus.ASSIGNED for task in self.snapshot.live_tasks)

    @property
    def closed(self) -> bool:
        """Whether the conversation is closed, by anybody."""
        return self.snapshot.closed

    @cached_property
    def closed_at(self) -> datetime:
        """When it was closed, if it is; the time of its newest message if Twilio does not say."""
        conversation, newest = self.snapshot.conversation, self.snapshot.messages[:1]
        return conversation.updated_at or (newest[0].sent_at if newest else conversation.created_at)

    @property
    def closed_by_us(self) -> bool:
        """Whether we were ending the chat: there is our closing notice, or our claim to that step."""
        return self._closing_claimed or self.notice_stands

    @property
    def notice_stands(self) -> bool:
        """Whether our closing notice answers the newest counted message.

        If attributes cannot be read, it does if we claimed that step and there are as many messages of ours as steps.
        """
        if dialogue.sent(self.snapshot, StepKind.CLOSING):
            return True
        return self._closing_claimed and len(self._unmarked) >= len(self.plan.steps)

    @property
    def _closing_claimed(self) -> bool:
        closing = self.plan.steps[-1].number
        claims = (task.claim for task in self.snapshot.live_tasks)
        return any(claim and (claim.step, claim.answered_index) == (closing, self.newest.index) for claim in claims)

    @property
    def _unmarked(self) -> list[Message]:
        """Our messages in this silence whose attributes cannot be read, newest first."""
        ours = (each for each in self.snapshot.messages if each.by is Author.OURS and each.marker is None)
        return [each for each in ours if each.index > self.newest.index]

    @cached_property
    def held_until(self) -> datetime | None:
        """Until when the chat is on hold; None if it is not, or the time has passed."""
        until = self._asked_until
        return None if until is None or self.reached(until) else until

    @property
    def _asked_until(self) -> datetime | None:
        """Until when the chat is or was on hold; a task that is gone may have said so too."""
        noted_rule = None if self.snapshot.tasks else self.snapshot.conversation.noted_rule
        hinted = (on_hold_until(each) for each in subjects_of_hints(self.snapshot))
        times = (on_hold_until(self.subject), noted_rule.held_until if noted_rule else None, *hinted)
        return max((time for time in times if time), default=None)

    @property
    def noted_rule(self) -> NotedRule | None:
        """Which rule the task selects, to be noted while the task is there; None if it is the default and not noted."""
        if not self.snapshot.live_tasks:
            return None
        found = NotedRule(self.match, self.applied.language, do_not_time_out_until(self.subject.task))
        plain = found == NotedRule("") and self.snapshot.conversation.noted_rule is None
        return None if plain else found

    @cached_property
    def unread(self) -> Message | None:
        """The customer's message that has been the newest for five minutes while nobody is going to read it."""
        # A reply wakes a chat that was left or paused; in a parked chat it fires somebody else's webhook, or nothing.
        left = self.snapshot.set_aside and not self.snapshot.conversation.parked
        left_alone = self.closed or left or self.applied.exempt
        word = None if left_alone else dialogue.unread(self.snapshot)
        return word if word and self.reached(word.sent_at + UNREAD_AFTER) else None

    @property
    def wraps_up(self) -> bool:
        """Whether an agent is wrapping up the chat."""
        return any(task.status is TaskStatus.WRAPPING for task in (*self.snapshot.tasks, *self.snapshot.hints))

    @cached_property
    def next_step(self) -> tuple[Step, datetime]:
        """The next step of this silence, and when it is due.

        Of several overdue warnings only the last is sent. After a late warning there is a minimum of one minute. If no
        text reaches the customer, no warning is due.
        """
        since, (sent, warned) = self.silent_since, self._warned
        steps = self.plan.steps if self.unsaid is None else self.plan.steps[-1:]
        coming = [step for step in steps if step.number > sent or step.kind is StepKind.CLOSING]
        warnings_due = [step for step in coming if step.kind is StepKind.WARNING and self.reached(since + step.after)]
        step = warnings_due[-1] if warnings_due else coming[0]
        due_at = since + step.after
        return step, max(due_at, warned.sent_at + SHORTEST_TIMER) if warned else due_at

    @property
    def _warned(self) -> tuple[int, Message | None]:
        """The last warning of this silence: its step's number, and its message.

        It is known by the message's marker, or by the number of our messages if none can be read. If somebody has
        rewritten the attributes, it is known by the claim on the task. If two attempts have claimed the step, it counts
        even without a message, because somebody must have deleted ours.
        """
        marked, task = dialogue.sent(self.snapshot, StepKind.WARNING), self.snapshot.oldest_live_task
        if marked and marked.marker:
            return marked.marker.step, marked
        if unmarked := self._unmarked:
            return min(len(unmarked), len(self.plan.steps) - 1), unmarked[0]
        claim = task.claim if task else None
        if claim is None or claim.answered_index != self.newest.index or claim.step >= len(self.plan.steps):
            return 0, None
        later = (each for each in self.snapshot.messages if each.index > self.newest.index)
        message = next((each for each in later if each.signed), None)
        return (claim.step, message) if message or claim.times >= ENOUGH_ATTEMPTS else (0, None)

    def reached(self, time: datetime) -> bool:
        """Whether a time has come; any datetime may be given."""
        return self.now + TOLERANCE >= time

    def overdue(self, step: Step) -> timedelta:
        """How long a step of this silence has been due, not counting the time on hold or before there was a task."""
        task, held_until = self.snapshot.newest_live_task, self._asked_until
        due_at = (max(self.silent_since, task.created_at) if task else self.silent_since) + step.after
        return self.now - (max(due_at, held_until) if held_until else due_at)

    def earliest_timer(self, target: datetime) -> datetime:
        """Return this time, or the earliest time at which a new timer can fire."""
        return max(target, self.now + SHORTEST_TIMER)

    def aim(self, due_at: datetime) -> datetime:
        """Return when the timer can fire for this time: a new one takes a minute, but one may be running already."""
        conversation = self.snapshot.conversation
        fires_at = conversation.inactive_at if conversation.state is ConversationState.ACTIVE else None
        in_time = fires_at is not None and abs(fires_at - due_at) <= TOLERANCE
        return due_at if in_time else self.earliest_timer(due_at)

    def wait(self, reason: Reason, until: datetime) -> Decision:
        """Look again at `until`: by the timer if the first step of a new silence could not come before."""
        if self.closed:
            return Keep(reason, until)  # a closed conversation has no timer
        target = self.aim(until)
        near = target - self.now <= self.plan.steps[0].after
        return Rearm(reason, target) if near else Keep(reason, until)

    def end(self, reason: Reason) -> End:
        """End the chat, with the closing notice if it reaches the customer."""
        plan, unsaid = self.plan, self.unsaid
        return End(reason, plan.steps[-1], self.newest.index, unsaid is None, unsaid, plan.task_ending)

    def end_unanswered(self, reason: Reason, waiting: WaitPolicy) -> End:
        """End the chat of a customer who waited: the closing step, with another text."""
        plan = self.plan
        step = replace(plan.steps[-1], after=waiting.after, text=plan.texts.unanswered)
        return replace(self.end(reason), step=step)


def _keeps_more(hinted: AppliedPolicy, applied: AppliedPolicy) -> bool:
    """Whether a rule that a hint selects keeps a waiting chat, and the rule that applies without it does not."""
    if applied.exempt:
        return False
    ends = applied.plan.when_queued.action is WaitAction.END
    return hinted.exempt or (ends and hinted.plan.when_queued.action is not WaitAction.END)
