"""What Flex's interactions show, and what they do to conversations: with chats of our own and an agent of our own.

What only Flex's UI does (its Leave, its Complete) is not tried: these experiments use the API's way to the same end.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from infra.twilio_resources.client import same_timer
from ops.probe.api import Answer, attributes
from ops.probe.budget import Cost
from ops.probe.experiments import chats
from ops.probe.experiments.experiment import Experiment, Lab, Steps
from ops.probe.questions import Finding, Question, not_settled, settled
from ops.probe.scratch import CONFIGURATION, DEFAULT_TIMER, EXPIRES_AFTER, NAME, NO_TIMER

CANNOT_CLOSE: Final = 45360
"""The error of a channel that cannot close its conversation (https://www.twilio.com/docs/api/errors/45360, November
2026)."""

NOT_ALLOWED: Final = 405

_MARK: Final = "inactivityProbe"


def judge_reads(answers: Mapping[str, Answer]) -> Finding:
    """Whether interactions can be read, by what was asked of one."""
    seen = ", ".join(f"{name} {answer.status}" for name, answer in answers.items())
    if all(answer.ok for answer in answers.values()):
        return settled(Question.INTERACTION_READS, "allowed", seen)
    if all(answer.status == NOT_ALLOWED for answer in answers.values()):
        return settled(Question.INTERACTION_READS, "refused", seen)
    return not_settled(Question.INTERACTION_READS, seen)


def judge_flex_attributes(shown: Mapping[str, object], chat: chats.FlexChat) -> Finding:
    """Whether a conversation's attributes name its interaction and its channel."""
    wanted = {"flexInteractionSid": chat.interaction, "flexInteractionChannelSid": chat.channel}
    named = [name for name, path in wanted.items() if shown.get(name) == path.rpartition("/")[2]]
    seen = f"the attributes name {' and '.join(named) or 'neither interaction nor channel'}"
    if len(named) == 1:
        return not_settled(Question.FLEX_ATTRIBUTES, seen)
    return settled(Question.FLEX_ATTRIBUTES, "named" if named else "missing", seen)


def judge_default_timers(*, plain: bool, flex: bool) -> Finding:
    """Whether the account's default timer applies to a conversation of Flex, where it does to one of ours."""
    if not plain:
        return not_settled(Question.DEFAULT_TIMERS, "a plain conversation has no default timer either")
    seen = f"a plain conversation has the default timer, one that Flex created has {'it too' if flex else 'none'}"
    return settled(Question.DEFAULT_TIMERS, "every_conversation" if flex else "not_flex", seen)


def judge_invites(shown: Mapping[str, object] | None, refused: Answer | None) -> Finding:
    """Whether an invite shows a change of its task's attributes.

    Args:
        shown: the task's attributes in the invite; None if the invite is not listed.
        refused: the refusal to list invites, if there was one.
    """
    if refused is not None:
        return not_settled(Question.INVITE_CONTENTS, f"invites cannot be read: Twilio answered {refused.refusal}")
    if shown is None:
        return not_settled(Question.INVITE_CONTENTS, "the list of invites does not show the task")
    answer = "as_is" if _MARK in shown else "as_made"
    seen = f"a change of the task's attributes {'is' if _MARK in shown else 'is not'} shown by its invite"
    return settled(Question.INVITE_CONTENTS, answer, seen)


@dataclass(frozen=True)
class Transfer:
    """What was seen of a transfer that nobody accepted.

    Attributes:
        waiting: the channel's status while it waited; empty if it cannot be read.
        waited: whether its task waited then.
        lost: the channel's status later.
        ended: whether its task was gone by then.
        refusal: why the channel cannot be read.
    """

    waiting: str
    waited: bool
    lost: str
    ended: bool
    refusal: str = ""


def judge_transfer(seen: Transfer) -> list[Finding]:
    """The channel's status while a transfer waits, and when it is lost."""
    if not seen.waiting:
        return _no_transfer(f"the channel cannot be read: Twilio answered {seen.refusal}")
    if not seen.waited:
        return _no_transfer("the transfer made no task that waits")
    if seen.waiting not in {"transfer", "active"}:
        return _no_transfer(f"the channel is {seen.waiting} while a transfer waits")
    waiting = settled(Question.TRANSFER_STATUS, seen.waiting, f"the channel is {seen.waiting} while a transfer waits")
    return [waiting, _lost(seen)]


def _no_transfer(why: str) -> list[Finding]:
    return [not_settled(question, why) for question in (Question.TRANSFER_STATUS, Question.LOST_TRANSFER)]


def _lost(seen: Transfer) -> Finding:
    if seen.waiting == "active":
        return not_settled(Question.LOST_TRANSFER, "the question does not arise: the channel never shows a transfer")
    if not seen.ended:
        return not_settled(Question.LOST_TRANSFER, "the workflow did not cancel the task of the transfer")
    if seen.lost not in {"transfer", "active"}:
        return not_settled(Question.LOST_TRANSFER, f"the channel is {seen.lost or 'unreadable'} after a lost transfer")
    return settled(Question.LOST_TRANSFER, seen.lost, f"the channel is {seen.lost} when the task is gone")


def judge_leave(state: str, task: str) -> Finding:
    """The conversation's state after its channel was made inactive, which is the API's Leave and ends the task."""
    answers = {"active": "keeps_state", "inactive": "sets_inactive"}
    if task != "completed":
        return not_settled(Question.LEAVE, f"the task is {task} after the agent has left")
    if state not in answers:
        return not_settled(Question.LEAVE, f"the conversation is {state} after the agent has left")
    return settled(Question.LEAVE, answers[state], f"the conversation is {state} after Leave over the API")


def judge_closing(status: str, code: int | None, refusal: str) -> Finding:
    """What became of a channel that was to be closed after its conversation.

    Args:
        status: the channel's status.
        code: the channel's error code.
        refusal: of the request itself; empty if it was accepted.
    """
    if refusal:
        return not_settled(Question.CLOSED_CONVERSATION, f"Twilio answered {refusal}")
    if status == "closed":
        return settled(Question.CLOSED_CONVERSATION, "closes", "the channel is closed")
    if status == "failed" and code == CANNOT_CLOSE:
        return settled(Question.CLOSED_CONVERSATION, "fails", f"the channel is failed with error {code}")
    return not_settled(Question.CLOSED_CONVERSATION, f"the channel is {status or 'unreadable'}, error {code}")


def judge_completion(state: str) -> Finding:
    """The conversation's state after its assigned task was completed by TaskRouter's API."""
    answers = {"active": "leaves_conversation", "closed": "closes_conversation"}
    if state not in answers:
        return not_settled(Question.TASK_COMPLETION, f"the conversation is {state} after its task was completed")
    return settled(
        Question.TASK_COMPLETION, answers[state], f"the conversation is {state} after its task was completed"
    )


# -- the calls ---------------------------------------------------------------------------------------------------------


def new_chat(lab: Lab) -> Steps:
    """Look at a chat whose conversation Flex has created, while the account has a default timer."""
    api = lab.api
    configuration = api.require("read the configuration", "GET", CONFIGURATION)
    unset = same_timer(configuration.text("default_inactive_timer"), NO_TIMER)
    if unset:  # else somebody's own timer serves as well; if this experiment fails, `scratch.remove` removes it
        api.require("set a default timer", "POST", CONFIGURATION, {"DefaultInactiveTimer": DEFAULT_TIMER})
    plain = api.require("create a conversation", "POST", lab.scratch.conversations, {"FriendlyName": NAME})
    chat = chats.start_without_conversation(lab, lab.scratch.waiting)
    yield chats.SETTLES
    if unset:
        api.require("remove the default timer", "POST", CONFIGURATION, {"DefaultInactiveTimer": NO_TIMER})
    conversation = api.require("read a conversation", "GET", chat.conversation)
    return [
        judge_default_timers(plain=_has_timer(plain), flex=_has_timer(conversation)),
        judge_flex_attributes(attributes(conversation.body), chat),
    ]


def reads(lab: Lab) -> Steps:
    """Change the task of a new chat, and read all of its interaction, with the task's invite."""
    chat = chats.start(lab, lab.scratch.waiting)
    yield chats.SETTLES
    changed = {"Attributes": json.dumps({**chat.task_attributes, _MARK: True})}
    lab.api.require("change a task", "POST", chat.task, changed)
    yield chats.SETTLES
    paths = {
        "interaction": chat.interaction,
        "channel": chat.channel,
        "participants": f"{chat.channel}/Participants",
        "invites": f"{chat.channel}/Invites",
    }
    answers = {name: lab.api.ask("GET", path) for name, path in paths.items()}
    invites = answers["invites"]
    tasks = [(invite.get("routing") or {}).get("properties") or {} for invite in invites.body.get("invites") or ()]
    sid = chat.task.rpartition("/")[2]
    shown = next((attributes(task) for task in tasks if task.get("sid") == sid), None)
    return [judge_reads(answers), judge_invites(shown, None if invites.ok else invites)]


def transfer(lab: Lab) -> Steps:
    """Transfer an accepted chat to a workflow that gives up, and look at the channel before and after."""
    chat = chats.start(lab, lab.scratch.staffed)
    yield from chats.accept(lab, chat)
    made = lab.api.ask_json("POST", f"{chat.channel}/Transfers", {"type": "cold", "to": lab.scratch.expiring})
    if not made.ok:
        return _no_transfer(f"a transfer over the API was refused: {made.refusal}")
    yield chats.SETTLES
    waiting, answer = chats.channel_status(lab, chat)
    waited = _anybody_waits(lab)
    yield timedelta(seconds=EXPIRES_AFTER) + chats.SETTLES
    ended = not _anybody_waits(lab)
    lost, _ = chats.channel_status(lab, chat)
    return judge_transfer(Transfer(waiting, waited, lost, ended, answer.refusal))


def _anybody_waits(lab: Lab) -> bool:
    """Whether the workflow that gives up has a task that waits; nothing but the transfer goes there."""
    form = {"WorkflowSid": lab.scratch.expiring, "AssignmentStatus": "pending,reserved"}
    return any(True for _ in lab.api.rows(f"{lab.scratch.in_workspace}/Tasks", "tasks", form))


def leave(lab: Lab) -> Steps:
    """Let the agent leave an accepted chat, by the API."""
    chat = chats.start(lab, lab.scratch.staffed)
    yield from chats.accept(lab, chat)
    form = {"Status": "inactive", "Routing": chats.CLOSED}
    lab.api.require("make a channel inactive", "POST", chat.channel, form)
    yield chats.FOLLOWS
    return [judge_leave(chats.state(lab, chat), chats.task_status(lab, chat))]


def closing(lab: Lab) -> Steps:
    """Close a conversation, then its channel."""
    chat = chats.start(lab, lab.scratch.waiting)
    yield chats.SETTLES
    lab.api.require("close a conversation", "POST", chat.conversation, {"State": "closed"})
    answer = lab.api.ask("POST", chat.channel, {"Status": "closed", "Routing": chats.CLOSED})
    if answer.ok and answer.text("status") not in {"closed", "failed"}:
        yield chats.SETTLES
        answer = lab.api.ask("GET", chat.channel)
    code = answer.body.get("error_code")
    refusal = "" if answer.ok else answer.refusal
    return [judge_closing(answer.text("status"), code if isinstance(code, int) else None, refusal)]


def completion(lab: Lab) -> Steps:
    """Complete the task of an accepted chat by TaskRouter's API."""
    chat = chats.start(lab, lab.scratch.staffed)
    yield from chats.accept(lab, chat)
    lab.api.require("complete a task", "POST", chat.task, {"AssignmentStatus": "completed", "Reason": "probe"})
    yield chats.FOLLOWS
    return [judge_completion(chats.state(lab, chat))]


def _has_timer(conversation: Answer) -> bool:
    return bool((conversation.body.get("timers") or {}).get("date_inactive"))


_SOON: Final = timedelta(minutes=1)

EXPERIMENTS: Final = (
    Experiment(
        "reads of an interaction",
        (Question.INTERACTION_READS, Question.INVITE_CONTENTS),
        Cost(8, time=_SOON),
        reads,
        needs_flex=True,
    ),
    Experiment(
        "a new chat",
        (Question.DEFAULT_TIMERS, Question.FLEX_ATTRIBUTES),
        Cost(7, time=_SOON),
        new_chat,
        needs_flex=True,
    ),
    Experiment(
        "a transfer",
        (Question.TRANSFER_STATUS, Question.LOST_TRANSFER),
        Cost(20, time=2 * _SOON),
        transfer,
        needs_flex=True,
    ),
    Experiment("an agent who leaves", (Question.LEAVE,), Cost(18, time=_SOON), leave, needs_flex=True),
    Experiment(
        "closing a channel late", (Question.CLOSED_CONVERSATION,), Cost(6, time=_SOON), closing, needs_flex=True
    ),
    Experiment("completing a task", (Question.TASK_COMPLETION,), Cost(17, time=_SOON), completion, needs_flex=True),
)
