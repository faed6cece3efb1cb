"""What Twilio's settings show and accept: questions that one or two calls settle."""

from datetime import timedelta
from typing import Final

from ops.probe.api import Answer
from ops.probe.budget import Cost
from ops.probe.experiments.experiment import Experiment, Lab, Steps
from ops.probe.questions import Finding, Question, not_settled, settled
from ops.probe.scratch import CONFIGURATION, NAME, SERVICES

STATE_MISSING: Final = 50382
"""The error of timers without a state (https://www.twilio.com/docs/api/errors/50382, November 2026)."""

LONGEST_NAME: Final = 256
NEVER_CALLED: Final = "https://example.com/inactivity-probe"
"""A webhook's URL that is read back, and removed before anything happens in its service."""


def judge_creation(answer: Answer) -> Finding:
    """Whether timers need a state."""
    if answer.ok:
        return settled(Question.CREATION_TIMERS, "accepted_without_state", f"Twilio answered {answer.status}")
    if answer.code == STATE_MISSING:
        return settled(Question.CREATION_TIMERS, "refused_without_state", f"Twilio answered {answer.refusal}")
    return not_settled(Question.CREATION_TIMERS, f"Twilio answered {answer.refusal}")


def judge_unset_timer(configuration: Answer) -> Finding:
    """What a timer that was never set looks like, by the closed timer, which no probe sets."""
    name = "default_closed_timer"
    if name not in configuration.body:
        return not_settled(Question.UNSET_TIMERS, f"the configuration has no {name}")
    shown = configuration.body[name]
    answers = {None: "null", "": "empty", "PT0S": "zero"}
    if shown not in answers:
        return not_settled(Question.UNSET_TIMERS, f"somebody has set {name}: it is {shown}")
    return settled(Question.UNSET_TIMERS, answers[shown], f"{name} is {'null' if shown is None else repr(shown)}")


def judge_document_type(workflow: Answer) -> Finding:
    """What a workflow shows as its document's type."""
    shown = workflow.text("document_content_type")
    if shown and shown != "application/json":
        return not_settled(Question.DOCUMENT_TYPE, f"document_content_type is {shown!r}")
    return settled(Question.DOCUMENT_TYPE, "json" if shown else "empty", f"document_content_type is {shown!r}")


def judge_role_names(short: Answer, long: Answer) -> Finding:
    """How long a role's name may be, where a short one is accepted."""
    if not short.ok:
        return not_settled(Question.ROLE_NAMES, f"not even a short name is accepted: Twilio answered {short.refusal}")
    seen = f"a name of {LONGEST_NAME} characters: Twilio answered {long.status if long.ok else long.refusal}"
    if not long.ok and long.status != 400:
        return not_settled(Question.ROLE_NAMES, seen)
    return settled(Question.ROLE_NAMES, "longer" if long.ok else "documented", seen)


def judge_chat_webhook(written: Answer, shown: Answer) -> Finding:
    """Whether what was written to the Chat service is shown by the Conversations service."""
    if not written.ok or not shown.ok:
        refused = shown if written.ok else written
        return not_settled(Question.CHAT_WEBHOOK, f"Twilio answered {refused.refusal}")
    if written.text("post_webhook_url") != NEVER_CALLED:
        return not_settled(Question.CHAT_WEBHOOK, "Chat's service does not show the URL that was written to it")
    url = shown.text("post_webhook_url")
    if url not in {"", NEVER_CALLED}:
        return not_settled(Question.CHAT_WEBHOOK, "the new service has somebody else's webhook")
    seen = f"Conversations shows {'the URL that was written to Chat' if url else 'no URL'}"
    return settled(Question.CHAT_WEBHOOK, "shared" if url else "separate", seen)


# -- the calls ---------------------------------------------------------------------------------------------------------


def creation_timers(lab: Lab) -> Steps:
    """Create a conversation with a timer and without a state."""
    yield timedelta()
    form = {"FriendlyName": NAME, "Timers.Inactive": "PT1H"}
    return [judge_creation(lab.api.ask("POST", lab.scratch.conversations, form))]


def unset_timers(lab: Lab) -> Steps:
    """Read the account's configuration."""
    yield timedelta()
    return [judge_unset_timer(lab.api.require("read the configuration", "GET", CONFIGURATION))]


def document_type(lab: Lab) -> Steps:
    """Read a workflow of ours."""
    yield timedelta()
    path = f"{lab.scratch.in_workspace}/Workflows/{lab.scratch.waiting}"
    return [judge_document_type(lab.api.require("read a workflow", "GET", path))]


def role_names(lab: Lab) -> Steps:
    """Create a role with a short name, and one with a long name."""
    yield timedelta()
    short, long = (
        lab.api.ask(
            "POST",
            f"{SERVICES}/{lab.scratch.service}/Roles",
            {"FriendlyName": NAME.ljust(length, "x"), "Type": "conversation", "Permission": "sendMessage"},
        )
        for length in (len(NAME), LONGEST_NAME)
    )
    return [judge_role_names(short, long)]


def chat_webhook(lab: Lab) -> Steps:
    """Write a webhook to a new service by Chat's API, read it by that of Conversations, and remove it."""
    yield timedelta()
    sid = lab.api.require("create a Conversations service", "POST", SERVICES, {"FriendlyName": NAME}).text("sid")
    written = lab.api.ask("POST", f"chat/v2/Services/{sid}", {"PostWebhookUrl": NEVER_CALLED})
    shown = lab.api.ask("GET", f"{SERVICES}/{sid}/Configuration/Webhooks")
    lab.api.ask("POST", f"chat/v2/Services/{sid}", {"PostWebhookUrl": ""})
    return [judge_chat_webhook(written, shown)]


EXPERIMENTS: Final = (
    Experiment("timers without a state", (Question.CREATION_TIMERS,), Cost(1), creation_timers),
    Experiment("unset timers", (Question.UNSET_TIMERS,), Cost(1), unset_timers),
    Experiment("document type", (Question.DOCUMENT_TYPE,), Cost(1), document_type),
    Experiment("role names", (Question.ROLE_NAMES,), Cost(2), role_names),
    Experiment("Chat's webhook", (Question.CHAT_WEBHOOK,), Cost(4), chat_webhook),
)
