"""The alerts, each declared once: name, meaning, what to do, when it fires, and the setting of its threshold."""

import enum
from dataclasses import dataclass
from datetime import timedelta

from infra.monitoring.conditions import Condition, Logged, MoreThan, NoneComes
from infra.monitoring.log_metrics import ERRORS, FOUND_BY_SWEEP, NOTICED, REFUSED, SWEEPS, WAITING
from infra.stack_settings import (
    ALERT_FAILURES,
    ALERT_LOST_WEBHOOKS,
    ALERT_MISSED_SWEEPS,
    ALERT_REFUSALS,
    ALERT_WAITING,
    Setting,
)

DELAY = timedelta(minutes=15)
"""How late a line may be in its metric, ten minutes as Google says, and half as much again."""


class Severity(enum.StrEnum):
    """How urgent an incident is, in Google's words."""

    CRITICAL = "CRITICAL"
    ERROR = "ERROR"
    WARNING = "WARNING"


@dataclass(frozen=True)
class AlertLimits:
    """What the thresholds of a stack are made of.

    Attributes:
        lost_webhooks: silent customers in half an hour whom only the sweep found.
        failures: errors in ten minutes.
        refusals: lines about refused signatures in a quarter of an hour.
        waiting: agents who fell silent in a quarter of an hour.
        missed_sweeps: sweeps that may fail to come.
        sweep_every: how often the sweep should come.
    """

    lost_webhooks: int
    failures: int
    refusals: int
    waiting: int
    missed_sweeps: int
    sweep_every: timedelta


@dataclass(frozen=True)
class Alert:
    """One alert.

    Attributes:
        key: names the resource; part of every stack's state.
        name: what has happened, for people.
        severity: how urgent it is.
        meaning: why it matters, as Markdown.
        to_do: what whoever gets it does, as Markdown.
        condition: when it fires.
        when: the condition in words.
        setting: of its threshold; None where one line is enough.
    """

    key: str
    name: str
    severity: Severity
    meaning: str
    to_do: str
    condition: Condition
    when: str
    setting: Setting[int] | None

    @property
    def documentation(self) -> str:
        """What the alert itself says, as Markdown."""
        way_out = f" The threshold is the setting `{self.setting.key}`." if self.setting else ""
        return (
            f"**What it means.** {self.meaning}\n\n**What to do.** {self.to_do}\n\n"
            f"**When it fires.** {self.when}{way_out} docs/monitoring.md has all alerts, docs/operations.md the log."
        )


def alerts(limits: AlertLimits) -> tuple[Alert, ...]:
    """Every alert of a stack."""
    return (
        Alert(
            "lost-webhooks",
            "webhooks are being lost",
            Severity.WARNING,
            "Customers who went silent are found by the sweep, because no webhook about them arrives. They are "
            "still released, but minutes later (docs/operations.md has the bound).",
            "Run `bin/inactivity status`: is the webhook ours? Look for error 11200 in Twilio's debugger, and for 5xx "
            "and cold starts of the public function. After `bin/inactivity on` the first sweeps catch up; if that "
            "takes more than half an hour, this alert comes too.",
            MoreThan(
                FOUND_BY_SWEEP,
                limits.lost_webhooks,
                within=timedelta(minutes=30),
                lasting=timedelta(hours=1),
                where='reason="customer_silent"',
            ),
            f"For an hour, the sweep warned or ended more than {limits.lost_webhooks:,} silent customers in every half "
            "hour.",
            ALERT_LOST_WEBHOOKS,
        ),
        Alert(
            "failures",
            "ends are failing",
            Severity.ERROR,
            "Events and sweeps end with errors, so customers who went silent may not be released.",
            "Read `error` in the lines with `severity>=ERROR`: a call's name and status are Twilio's, \"A bug\" is "
            "ours. If Twilio is down (status.twilio.com), wait: the sweep goes on where it stopped. A line with "
            "`facts.assigned` names tasks that agents still have: complete them.",
            MoreThan(ERRORS, limits.failures, within=timedelta(minutes=10), lasting=timedelta(minutes=15)),
            f"For 15 minutes, there were more than {limits.failures:,} errors in every ten minutes.",
            ALERT_FAILURES,
        ),
        Alert(
            "refused-signatures",
            "signatures are refused",
            Severity.ERROR,
            "Requests arrive that Twilio's signature does not fit: the auth token was changed, Twilio calls another "
            "URL than the function expects, or a stranger knocks.",
            "Was the token rotated? Deploy the new one (`twilioAuthToken`; the old one as `twilioAuthTokenSecondary`). "
            "Is `publicUrl` what Twilio calls? If decisions are logged beside the refusals, it is a stranger, and "
            "nothing is lost.",
            MoreThan(
                REFUSED,
                limits.refusals,
                within=timedelta(minutes=15),
                lasting=timedelta(minutes=30),
                where='reason="not_signed_by_twilio"',
            ),
            f"For half an hour, every quarter of an hour had more than {limits.refusals:,} lines about refused "
            "signatures, of which a process writes at most one a minute.",
            ALERT_REFUSALS,
        ),
        Alert(
            "waiting-customers",
            "customers wait for agents",
            Severity.WARNING,
            "Customers wrote last, and their agents are silent for as long as a silent customer would be warned after. "
            "The function does not cut them off.",
            'Tell the agents\' supervisors; the lines with `reason="agent_silent"` name the conversations. '
            "`whenAgentSilent` in the policy can notify such customers.",
            MoreThan(WAITING, limits.waiting, within=timedelta(minutes=15), lasting=timedelta(minutes=30)),
            f"For half an hour, more than {limits.waiting:,} agents fell silent in every quarter of an hour.",
            ALERT_WAITING,
        ),
        Alert(
            "missing-sweep",
            "the sweep does not come",
            Severity.CRITICAL,
            "No sweep gets to its work. The sweep is what keeps the promise that every silent customer is released: "
            "without it, whoever's webhook was lost holds an agent's capacity for ever.",
            "Run `bin/inactivity status`: is the schedule paused, as `bin/inactivity off` leaves it? Does the job get "
            'a 200? A line `event="sweep"` with `ending="twilio_down"` or with `error` says why a sweep broke off. '
            "While the product is off on purpose, snooze this alert.",
            NoneComes(SWEEPS, within=limits.sweep_every, lasting=limits.missed_sweeps * limits.sweep_every + DELAY),
            f"No sweep did its work for {_minutes((limits.missed_sweeps + 1) * limits.sweep_every + DELAY)}, of which "
            f"{_minutes(DELAY)} are for Google's own delay.",
            ALERT_MISSED_SWEEPS,
        ),
        Alert(
            "late-reply",
            "a late reply waits for a person",
            Severity.WARNING,
            "A customer wrote while their chat was being ended, or in a chat that nobody has: nobody is going to read "
            "it.",
            "Open the conversation `${log.extracted_label.conversation}`, read the last message, and contact the "
            "customer or invite an agent. If there are many, does a workflow's timeout cancel tasks?",
            Logged(NOTICED),
            'A line with `outcome="late_reply"` or `alarm="unread"` was logged. One is enough.',
            None,
        ),
    )


def _minutes(duration: timedelta) -> str:
    return f"{duration // timedelta(minutes=1)} minutes"
