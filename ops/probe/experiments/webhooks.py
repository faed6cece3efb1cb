"""Which changes fire onConversationStateUpdated, and what webhooks carry: by listening to conversations of our own.

Each experiment first makes a change that asks for its webhook. If that does not arrive, silence proves nothing.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from ops.probe.budget import Cost
from ops.probe.experiments import chats
from ops.probe.experiments.experiment import Experiment, Lab, Steps
from ops.probe.listener import Webhook
from ops.probe.questions import Finding, Question, not_settled, settled
from ops.probe.scratch import NAME, SERVICES

EVENT: Final = "onConversationStateUpdated"
LISTENS: Final = timedelta(seconds=20)
"""How long a webhook is waited for. They are made within seconds, and never repeated."""

NOTHING_ARRIVES: Final = "no webhook arrived, not even one that was asked for"


@dataclass(frozen=True)
class OfRest:
    """What was heard of changes over REST.

    Attributes:
        asked: about a change that asked for its webhook.
        reactivated: about the re-activation by a message that did not.
        changed: about a change of state that did not.
    """

    asked: Sequence[Webhook]
    reactivated: Sequence[Webhook]
    changed: Sequence[Webhook]


def judge_rest(heard: OfRest) -> list[Finding]:
    """Whether changes over REST are echoed, and whether webhooks carry a token."""
    questions = (Question.REST_REACTIVATION, Question.REST_STATE_CHANGE, Question.WEBHOOK_IDEMPOTENCY)
    if not heard.asked:
        return [not_settled(question, NOTHING_ARRIVES) for question in questions]
    every = [*heard.asked, *heard.reactivated, *heard.changed]
    return [
        _echo(Question.REST_REACTIVATION, "the re-activation", heard.reactivated),
        _echo(Question.REST_STATE_CHANGE, "the change", heard.changed),
        _tokens(every),
    ]


def judge_flex(asked: Sequence[Webhook], closed: Sequence[Webhook], state: str) -> Finding:
    """Whether Flex's closing of a channel fires the event of its conversation.

    Args:
        asked: about a change that asked for its webhook.
        closed: about the closing.
        state: the conversation's, afterwards.
    """
    if not asked:
        return not_settled(Question.FLEX_STATE_CHANGE, NOTHING_ARRIVES)
    if state != "closed":
        return not_settled(Question.FLEX_STATE_CHANGE, f"the conversation is {state} after its channel was closed")
    if closed:
        seen = f"the closing of the channel was told, with Reason={closed[0].reason}"
        return settled(Question.FLEX_STATE_CHANGE, "told", seen)
    return settled(Question.FLEX_STATE_CHANGE, "silent", _silence("the closing of the channel"))


def _echo(question: Question, what: str, heard: Sequence[Webhook]) -> Finding:
    if heard:
        return settled(question, "echoed", f"{what} was told, with Reason={heard[0].reason}")
    return settled(question, "silent", _silence(what))


def _silence(what: str) -> str:
    return f"{what} was not told in {LISTENS.total_seconds():.0f} s"


def _tokens(heard: Sequence[Webhook]) -> Finding:
    having = sum(webhook.has_token for webhook in heard)
    seen = f"{having} of {len(heard)} webhooks had I-Twilio-Idempotency-Token"
    if 0 < having < len(heard):
        return not_settled(Question.WEBHOOK_IDEMPOTENCY, seen)
    return settled(Question.WEBHOOK_IDEMPOTENCY, "sent" if having else "missing", seen)


# -- the calls ---------------------------------------------------------------------------------------------------------


def rest(lab: Lab) -> Steps:
    """Change states over REST in our own service, once with a request for the webhook and twice without."""
    api, listener = lab.api, lab.webhooks
    form = {"PostWebhookUrl": listener.url, "Method": "POST", "Filters": EVENT}
    path = f"{SERVICES}/{lab.scratch.service}/Configuration/Webhooks"
    api.require("set the webhook of our own service", "POST", path, form)
    woken, changed = (
        api.require("create a conversation", "POST", lab.scratch.conversations, {"FriendlyName": NAME}).text("sid")
        for _ in range(2)
    )
    inactive = {"State": "inactive"}
    api.require("change a state", "POST", f"{lab.scratch.conversations}/{woken}", inactive, echo=True)
    api.require("change a state", "POST", f"{lab.scratch.conversations}/{changed}", inactive)
    yield LISTENS / 4
    message = {"Body": "A message of a probe."}
    api.require("write a message", "POST", f"{lab.scratch.conversations}/{woken}/Messages", message)
    yield LISTENS
    heard = listener.heard(woken)
    return judge_rest(
        OfRest(
            asked=[webhook for webhook in heard if webhook.state_to == "inactive"],
            reactivated=[webhook for webhook in heard if webhook.state_to == "active"],
            changed=listener.heard(changed),
        )
    )


def flex(lab: Lab) -> Steps:
    """Close the channel of a chat whose conversation has a webhook of its own."""
    api, listener = lab.api, lab.webhooks
    chat = chats.start(lab, lab.scratch.waiting)
    form = {
        "Target": "webhook",
        "Configuration.Url": listener.url,
        "Configuration.Method": "POST",
        "Configuration.Filters": EVENT,
    }
    api.require("add a webhook to our own conversation", "POST", f"{chat.conversation}/Webhooks", form)
    api.require("change a state", "POST", chat.conversation, {"State": "inactive"}, echo=True)
    yield chats.SETTLES
    form = {"Status": "closed", "Routing": json.dumps({"status": "closed"})}
    api.require("close a channel", "POST", chat.channel, form)
    yield LISTENS
    heard = listener.heard(chat.conversation.rpartition("/")[2])
    asked, closed = ([each for each in heard if each.state_to == state] for state in ("inactive", "closed"))
    return [judge_flex(asked, closed, chats.state(lab, chat))]


EXPERIMENTS: Final = (
    Experiment(
        "webhooks of changes over REST",
        (Question.REST_REACTIVATION, Question.REST_STATE_CHANGE, Question.WEBHOOK_IDEMPOTENCY),
        Cost(6, 1, timedelta(minutes=1)),
        rest,
        needs_webhooks=True,
    ),
    Experiment(
        "webhooks of Flex",
        (Question.FLEX_STATE_CHANGE,),
        Cost(7, time=timedelta(minutes=1)),
        flex,
        needs_flex=True,
        needs_webhooks=True,
    ),
)
