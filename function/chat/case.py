"""One chat at one moment: what was seen, the policy that is applied to it, and what several rows ask about the two."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import cached_property

from ..policy import AppliedPolicy, Policy, Step, StepKind, Subject, TimeoutPlan, WaitPolicy
from . import dialogue
from .attributes import NotedRule, do_not_time_out_until
from .authorship import Author, Message
from .decision import Decision, End, Keep, Rearm, Reason, Unsaid
from .facts import ConversationState, Snapshot, TaskStatus
from .subject import on_hold_until, subject_of

TOLERANCE = timedelta(seconds=5)
"""A step counts as reached this much earlier: Twilio's times are whole seconds and its timers have a jitter."""

SHORTEST_TIMER = timedelta(minutes=1)
"""Twilio's shortest inactive timer (error 50375); nobody is ended sooner than this after a warning either."""


ENOUGH_ATTEMPTS = 2
"""One may have died between its claim and its words; two have not."""

UNREAD_AFTER = timedelta(minutes=5)


@dataclass(frozen=True)
class Case:
    """One chat at one moment.

    Attributes:
        snapshot: the conversation as it is now.
        subject: what rules look at in it.
        applied: the policy as it applies to it.
        now: Twilio's own time.
        earliest: when anything may be due to anybody, by whatever rule.
        match: of the rule that is in force, in short.
        closed_by_timer: the event said that Twilio's closed timer closed the conversation.
        refused: Twilio has just refused to take a text for this customer; another one is of no use.
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
        """Apply a policy to what was seen; it is applied here and nowhere else.

        A rule may look at the task. Once that is gone, what it said is what we noted while it was there.
        """
        subject = subject_of(snapshot)
        noted_rule = None if snapshot.tasks else snapshot.conversation.noted_rule
        applied = (policy.applied_by(noted_rule.match, noted_rule.language) if noted_rule else None) or policy.apply(
            subject
        )
        return cls(
            snapshot, subject, applied, now, policy.earliest, policy.match_behind(applied), closed_by_timer, refused
        )

    @property
    def plan(self) -> TimeoutPlan:
        """How the silences of this conversation are treated."""
        return self.applied.plan

    @cached_property
    def newest(self) -> Message:
        """The newest word that counts."""
        return dialogue.newest_counted(self.snapshot)

    @cached_property
    def silent_since(self) -> datetime:
        """When the silence began that its steps are counted from."""
        return dialogue.silent_since(self.snapshot)

    @cached_property
    def waiting_since(self) -> datetime:
        """When the customer's first unanswered word was written."""
        return dialogue.waiting_since(self.snapshot)

    @cached_property
    def unsaid(self) -> Unsaid | None:
        """Why nothing is said to the customer; None when something may be."""
        if self.refused:
            return Unsaid.REFUSED
        if not dialogue.customer_wrote(self.snapshot.messages):
            return Unsaid.NEVER_WROTE  # an outbound chat: whoever did not answer was not asked to be warned either
        return None if dialogue.reachable(self.snapshot, self.now) else Unsaid.OUTSIDE_WINDOW

    @property
    def has_worker(self) -> bool:
        """Whether an agent holds a live task."""
        return any(task.status is TaskStatus.ASSIGNED for task in self.snapshot.live_tasks)

    @property
    def closed(self) -> bool:
        """Whether the conversation is closed, by whomever."""
        return self.snapshot.closed

    @cached_property
    def closed_at(self) -> datetime:
        """When it was closed, if it is; its newest message stands for that where Twilio does not say."""
        conversation, newest = self.snapshot.conversation, self.snapshot.messages[:1]
        return conversation.updated_at or (newest[0].sent_at if newest else conversation.created_at)

    @property
    def closed_by_us(self) -> bool:
        """Whether we were ending the chat: our closing notice stands, or our claim of that step."""
        return self._closing_claimed or self.notice_stands

    @property
    def notice_stands(self) -> bool:
        """Whether our closing notice answers the newest word that counts.

        Where no attributes can be read, it does if we claimed that step and as many messages of ours stand as there
        are steps.
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
        """Our messages in this silence whose attributes cannot be read, the newest first."""
        ours = (each for each in self.snapshot.messages if each.by is Author.OURS and each.marker is None)
        return [each for each in ours if each.index > self.newest.index]

    @cached_property
    def held_until(self) -> datetime | None:
        """Until when somebody asked us to leave this chat alone, if they did and it is not over."""
        until = self._asked_until
        return None if until is None or self.reached(until) else until

    @property
    def _asked_until(self) -> datetime | None:
        """Until when somebody has ever asked us to leave it alone; a task that is gone may have said it, too."""
        noted_rule = None if self.snapshot.tasks else self.snapshot.conversation.noted_rule
        times = (on_hold_until(self.subject), noted_rule.held_until if noted_rule else None)
        return max((time for time in times if time), default=None)

    @property
    def noted_rule(self) -> NotedRule | None:
        """What the task says about the policy, to be noted while it is there; None where that is nothing new."""
        if not self.snapshot.live_tasks:
            return None
        found = NotedRule(self.match, self.applied.language, do_not_time_out_until(self.subject.task))
        plain = found == NotedRule("") and self.snapshot.conversation.noted_rule is None
        return None if plain else found

    @cached_property
    def unread(self) -> Message | None:
        """The customer's word that has stood newest for five minutes while nobody is going to read it."""
        # A reply to a chat that was left or paused wakes it; one to a parked chat wakes a hook of others, or nobody.
        left = self.snapshot.set_aside and not self.snapshot.conversation.parked
        left_alone = self.closed or left or self.applied.exempt
        word = None if left_alone else dialogue.unread(self.snapshot)
        return word if word and self.reached(word.sent_at + UNREAD_AFTER) else None

    @property
    def wraps_up(self) -> bool:
        """Whether an agent is finishing the chat, whether they wrote or not."""
        return any(task.status is TaskStatus.WRAPPING for task in (*self.snapshot.tasks, *self.snapshot.hints))

    @cached_property
    def next_step(self) -> tuple[Step, datetime]:
        """The step that comes next in this silence, and when it is due.

        Of several warnings that are overdue only the last is sent. Whoever was warned late has a minute left all the
        same. Where no text reaches the customer no warning is ever due.
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
        """The last step that was said in this silence, and its message.

        By the message's marker, or by the number of ours where none can be read. Where somebody has rewritten the
        attributes, by the claim of that step on the task; where two attempts have claimed it, also without a message:
        somebody takes ours away.
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
        said = next((each for each in later if each.signed), None)
        return (claim.step, said) if said or claim.times >= ENOUGH_ATTEMPTS else (0, None)

    def reached(self, time: datetime) -> bool:
        """Whether this time has come; any time that the calendar knows may be asked for."""
        return self.now + TOLERANCE >= time

    def overdue(self, step: Step) -> timedelta:
        """For how long a step of this silence could have been carried out; not while somebody held the chat."""
        due_at = self.silent_since + step.after
        held_until = self._asked_until
        return self.now - (max(due_at, held_until) if held_until else due_at)

    def at_least_a_minute(self, target: datetime) -> datetime:
        """This time, or as early as a timer can fire."""
        return max(target, self.now + SHORTEST_TIMER)

    def aim(self, due_at: datetime) -> datetime:
        """When to be woken for what is due then: no timer can be set for less than a minute, but one may be running."""
        conversation = self.snapshot.conversation
        fires_at = conversation.inactive_at if conversation.state is ConversationState.ACTIVE else None
        in_time = fires_at is not None and abs(fires_at - due_at) <= TOLERANCE
        return due_at if in_time else self.at_least_a_minute(due_at)

    def wait(self, reason: Reason, until: datetime) -> Decision:
        """Look again then: by the timer if it is so near that a silence which begins meanwhile is seen in time."""
        if self.closed:
            return Keep(reason, until)  # no timer runs any more
        target = self.aim(until)
        near = target - self.now <= self.plan.steps[0].after
        return Rearm(reason, target) if near else Keep(reason, until)

    def end(self, reason: Reason) -> End:
        """End the chat, with the closing notice if it reaches the customer."""
        plan, unsaid = self.plan, self.unsaid
        return End(reason, plan.steps[-1], self.newest.index, unsaid is None, unsaid, plan.task_ending)

    def end_unanswered(self, reason: Reason, waiting: WaitPolicy) -> End:
        """End the chat of a customer who waited: the closing step, with other words."""
        plan = self.plan
        step = replace(plan.steps[-1], after=waiting.after, text=plan.texts.unanswered)
        return replace(self.end(reason), step=step)
