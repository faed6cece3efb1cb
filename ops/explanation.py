"""Explains a chat: which row of the decision table matches, what happens now and next; of a closed chat what happened.

The decisions are the function's own, on a fresh snapshot; nothing is written.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from function.chat import (
    Case,
    ConversationState,
    DecisionKind,
    End,
    Finish,
    Keep,
    Notify,
    Rearm,
    Reason,
    Warn,
    allowed,
)
from function.settings import Mode
from ops.chats import ChatReader, DecidedChat
from ops.decision_rows import RowAnswer, asked_rows
from ops.deployment import Deployment
from ops.history import History, read_history
from ops.messages import OneLineError
from ops.twilio_reads import FoundConversation, TwilioReads
from ops.wording import clock_time, due_in, duration_words, time_of_day


@dataclass(frozen=True)
class Coming:
    """Something that will happen if nobody writes or acts until then."""

    at: datetime
    what: str


@dataclass(frozen=True)
class Explanation:
    """What is known and decided about one chat.

    Attributes:
        conversation: CH...
        now: Twilio's time of the decision.
        state: the conversation's.
        channel: type of channel, such as `web`; empty if unknown.
        queue: of the newest task; empty without one.
        agents: chat identities of the agents who take part.
        rule: the policy's rule that applies, `default` for none.
        last_word: who wrote the newest counted message, and how long ago.
        task: SID and status of the newest live task; empty without one.
        rows: what each row of the decision table said, down to the one that decided.
        decision: what is decided.
        reason: why, as in the log.
        does: what happens now, for people.
        coming: what happens later, if nobody writes or acts.
        timer: when Twilio's timer fires; None if none is running.
        history: of a closed chat, what happened.
        remark: why it may not be the chat that was asked for; None if it is.
    """

    conversation: str
    now: datetime
    state: str
    channel: str
    queue: str
    agents: tuple[str, ...]
    rule: str
    last_word: str
    task: str
    rows: tuple[RowAnswer, ...]
    decision: DecisionKind
    reason: Reason
    does: str
    coming: tuple[Coming, ...]
    timer: datetime | None
    history: History | None = None
    remark: str | None = None


class NotFoundHereError(OneLineError):
    """No conversation fits; one line with the way out."""


def explained(deployment: Deployment, conversation_sid: str) -> Explanation:
    """Explain a conversation.

    Raises:
        DeploymentError: the settings are not known, or there are no credentials.
        TwilioError: it cannot be read.
    """
    reader = ChatReader(deployment)
    chat = reader.decided(conversation_sid)
    history = read_history(chat.case, reader.api, TwilioReads(deployment)) if chat.case.closed else None
    return explanation_of(chat, reader.settings.mode, history)


def conversation_at(deployment: Deployment, customer: str, at: datetime) -> tuple[str, str | None]:
    """Return the conversation that a customer had at a time, and a sentence if none was open then.

    Args:
        deployment: whose service counts.
        customer: address or chat identity.
        at: the time of the complaint.

    Raises:
        NotFoundHereError: the customer has no conversation in our service.
        TwilioError: the conversations cannot be read.
    """
    found = TwilioReads(deployment).conversations_of(customer)
    if not found:
        raise NotFoundHereError(
            f"nobody with this address or identity has a conversation in service {deployment.service_sid}: write an "
            "address as Twilio does (whatsapp:+4915..., +4915...), or the customer's identity in Flex"
        )
    chosen = min(found, key=lambda each: _distance(each, at))
    if chosen.lasted_at(at):
        return chosen.sid, None
    lasted = f"{clock_time(chosen.created_at)} to {clock_time(chosen.updated_at)}"
    return chosen.sid, f"No conversation of this customer was open then; the nearest one lasted from {lasted}."


def _distance(found: FoundConversation, at: datetime) -> tuple[timedelta, timedelta]:
    """How far a time is from a conversation, and from its beginning: of two that were open then the later counts."""
    if found.lasted_at(at):
        return timedelta(), at - found.created_at
    return min(abs(at - found.created_at), abs(at - found.updated_at)), timedelta()


def explanation_of(chat: DecidedChat, mode: Mode, history: History | None = None) -> Explanation:
    """Explain a chat that was read."""
    case, decision = chat.case, chat.decision
    snapshot = case.snapshot
    task, newest_task = snapshot.newest_live_task, snapshot.newest_live_task or snapshot.newest_task
    held_back = "" if allowed(mode, decision) or isinstance(decision, Keep | Rearm) else f", but mode is {mode.value}"
    return Explanation(
        conversation=snapshot.conversation.sid,
        now=chat.now,
        state=snapshot.conversation.state.value,
        channel=case.subject.channel,
        queue=queue_name(newest_task.queue) if newest_task else "",
        agents=agents_of(case),
        rule=case.applied.rule,
        last_word=f"{case.newest.by.value}, {duration_words(chat.now - case.newest.sent_at)} ago",
        task=f"{task.sid} {task.status.value}" if task else "",
        rows=asked_rows(case),
        decision=decision.kind,
        reason=decision.reason,
        does=f"{does(chat)}{held_back}",
        coming=tuple(coming(chat)),
        timer=snapshot.conversation.inactive_at if snapshot.conversation.state is ConversationState.ACTIVE else None,
        history=history,
    )


def does(chat: DecidedChat) -> str:
    """What a decision does now, for people."""
    match chat.decision:
        case Warn(step=step):
            return f"warn the customer (warning {step.number})"
        case Notify(with_text=with_text):
            return "report the agent's silence, with a text" if with_text else "report the agent's silence in the log"
        case End(notice=notice):
            return "end the chat with the closing notice" if notice else "end the chat without a notice"
        case Finish():
            return "release what is left over"
        case Rearm() | Keep():
            return "leave it alone"


def coming(chat: DecidedChat) -> Iterator[Coming]:
    """What happens later, if nobody writes or acts."""
    case, decision = chat.case, chat.decision
    steps = case.plan.steps
    match decision:
        case Warn(step=step):
            yield Coming(decision.then, _step_words(steps[step.number].kind.value, step.number + 1))
        case Rearm(reason=Reason.NOT_YET):
            step, due_at = case.next_step
            yield Coming(due_at, _step_words(step.kind.value, step.number))
            for later in steps[step.number :]:
                yield Coming(case.silent_since + later.after, _step_words(later.kind.value, later.number))
        case Rearm():
            yield Coming(decision.target, "look at it again")
        case Keep() if decision.until:
            yield Coming(decision.until, "look at it again")


def _step_words(kind: str, number: int) -> str:
    return f"warn the customer (warning {number})" if kind == "warning" else "end the chat"


def queue_name(queue: tuple[str, ...]) -> str:
    """A queue's name, else its SID."""
    return queue[-1] if queue else ""


def agents_of(case: Case) -> tuple[str, ...]:
    """Chat identities of the agents who take part now."""
    authorship = case.snapshot.authorship
    agents = (each for each in authorship.participants if authorship.who_is(each) == "agent")
    return tuple(each.identity or each.sid for each in agents)


def lines_of(explanation: Explanation) -> Iterator[str]:
    """An explanation for people."""
    if explanation.remark:
        yield explanation.remark
    now = explanation.now
    agents = ", ".join(explanation.agents)
    about = [explanation.state, explanation.channel, explanation.queue and f"queue {explanation.queue}"]
    about += [f"rule {explanation.rule}", agents and f"agent {agents}"]
    yield f"{explanation.conversation}  {', '.join(each for each in about if each)}"
    if explanation.history:
        yield from _history_lines(explanation.history)
    yield f"At {clock_time(now)}, Twilio's time (last word: {explanation.last_word}):"
    width = max(len(each.row) for each in explanation.rows)
    for row in explanation.rows:
        yield f"  {'✓' if row.matched else '✗'} {row.row.ljust(width)}  {row.why}"
    yield f"Now: {explanation.does} ({explanation.decision.value} {explanation.reason.value})."
    for each in explanation.coming:
        yield f"{time_of_day(each.at, now)}: {each.what}, {due_in(each.at, now)}, if nobody writes."
    if explanation.timer:
        yield f"Twilio's timer fires at {time_of_day(explanation.timer, now)}."


def _history_lines(history: History) -> Iterator[str]:
    for each in history.happened:
        yield f"  {clock_time(each.at)}  {each.who.value.ljust(12)}  {each.what}"
    yield history.sentence
