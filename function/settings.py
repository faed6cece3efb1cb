"""Environment <-> Settings, both ways: `infra/` writes what the function reads, so no variable's name is written twice.

Imports only the standard library, `policy` and `contract`, because `infra/` imports this file.
"""

import enum
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta

from .contract import format_duration, parse_duration
from .policy import Policy, PolicyError, parse_policy_json, policy_document

DEFAULT_AUTHOR = "system"
"""Default author of our messages; also Twilio's default for REST messages (twilio-oai,
spec/json/twilio_conversations_v1.json, 14 April 2026)."""

DEFAULT_SWEEP_EVERY = timedelta(minutes=5)

DEFAULT_MAX_ENDS_PER_SWEEP = 3_000
"""What a sweep of five minutes can end within Twilio's limits, at half of 20 channels a second."""

REGION = "us1"
"""The only region that has Flex (https://www.twilio.com/docs/global-infrastructure/regions, November 2026)."""

EDGES = (
    "ashburn",
    "ashburn-ix",
    "dublin",
    "frankfurt",
    "frankfurt-ix",
    "london-ix",
    "san-jose-ix",
    "sao-paulo",
    "sao-paulo-ix",
    "singapore",
    "singapore-ix",
    "sydney",
    "sydney-ix",
    "tokyo",
    "tokyo-ix",
    "umatilla",
)
"""Twilio's edge locations, where calls may enter its network; `-ix` is Interconnect, a private line. Without an edge
Twilio uses `roaming` (https://www.twilio.com/docs/global-infrastructure/edge-locations, November 2026)."""

SDK_ENVIRONMENT = {"TWILIO_EDGE": "", "TWILIO_REGION": ""}
"""What the SDK reads instead of the process's environment, so that `infra/` and the function always call the same
address. The values are empty strings because the SDK ignores an empty mapping."""

SECRET_VARIABLES = ("TWILIO_AUTH_TOKEN", "TWILIO_AUTH_TOKEN_SECONDARY", "TWILIO_API_KEY_SECRET")
"""Variables that `infra/` must pass through Secret Manager; `to_environment` omits them."""


class Mode(enum.StrEnum):
    """How much of a decision is applied."""

    OBSERVE = "observe"
    WARN_ONLY = "warn-only"
    ENFORCE = "enforce"


class SettingsError(ValueError):
    """The environment has missing or unusable variables. The message names them, never a secret's value."""


@dataclass(frozen=True)
class Settings:
    """The settings of one deployed function.

    Attributes:
        account_sid: the Twilio account that owns service, workspace and token.
        auth_token: signs Twilio's webhooks; authenticates our calls if there is no API key.
        auth_token_secondary: also accepted for signatures, so that no webhook is refused during a rotation.
        api_key_sid: authenticates our calls, with `api_key_secret`.
        api_key_secret: see `api_key_sid`.
        service_sid: the only Conversations service whose conversations the function handles.
        workspace_sid: the TaskRouter workspace that Flex uses.
        public_url: the function's URL as registered at Twilio, without the route; signatures are checked against it.
        author: author of our messages.
        policy: when to warn and when to end.
        mode: whether decisions are applied, or only logged.
        twilio_base_url: another address of Twilio's API (the simulator's); None for the real one.
        twilio_edge: one of `EDGES`; None lets Twilio choose. Ignored if `twilio_base_url` is set.
        rate_limits: whether to keep under Twilio's documented rate limits.
        sweep_every: time from one sweep to the next, and so the maximum that a sweep may take.
        max_ends_per_sweep: maximum of chats that one sweep ends, which limits the damage of a mistake.
        arm_on_accept: whether the function sets a conversation's timer when an agent accepts it.
        google_cloud_project: project id, for the trace field of the log; empty outside Google.
    """

    account_sid: str
    auth_token: str = field(repr=False)
    service_sid: str
    workspace_sid: str
    public_url: str
    policy: Policy
    auth_token_secondary: str | None = field(default=None, repr=False)
    api_key_sid: str | None = None
    api_key_secret: str | None = field(default=None, repr=False)
    author: str = DEFAULT_AUTHOR
    mode: Mode = Mode.ENFORCE
    twilio_base_url: str | None = None
    twilio_edge: str | None = None
    rate_limits: bool = True
    sweep_every: timedelta = DEFAULT_SWEEP_EVERY
    max_ends_per_sweep: int = DEFAULT_MAX_ENDS_PER_SWEEP
    arm_on_accept: bool = False
    google_cloud_project: str = ""

    def to_environment(self) -> dict[str, str]:
        """The variables that are not secret; `SECRET_VARIABLES` are passed through Secret Manager."""
        return {
            "TWILIO_ACCOUNT_SID": self.account_sid,
            "TWILIO_API_KEY_SID": self.api_key_sid or "",
            "TWILIO_BASE_URL": self.twilio_base_url or "",
            "TWILIO_EDGE": self.twilio_edge or "",
            "CONVERSATIONS_SERVICE_SID": self.service_sid,
            "WORKSPACE_SID": self.workspace_sid,
            "PUBLIC_URL": self.public_url,
            "AUTHOR": self.author,
            "MODE": self.mode.value,
            "POLICY": json.dumps(policy_document(self.policy), sort_keys=True, ensure_ascii=False),
            "RATE_LIMITS": "on" if self.rate_limits else "off",
            "SWEEP_EVERY": format_duration(self.sweep_every),
            "MAX_ENDS_PER_SWEEP": str(self.max_ends_per_sweep),
            "ARM_ON_ACCEPT": "yes" if self.arm_on_accept else "",
            "GOOGLE_CLOUD_PROJECT": self.google_cloud_project,
        }

    @classmethod
    def from_environment(cls, environment: Mapping[str, str]) -> "Settings":
        """Read the settings of this process.

        Raises:
            SettingsError: a required variable is missing, or the policy or the mode cannot be used.
        """
        required = (
            "TWILIO_ACCOUNT_SID",
            "TWILIO_AUTH_TOKEN",
            "CONVERSATIONS_SERVICE_SID",
            "WORKSPACE_SID",
            "PUBLIC_URL",
            "POLICY",
        )
        missing = [name for name in required if not environment.get(name)]
        if missing:
            raise SettingsError(f"the environment lacks {', '.join(missing)}; `pulumi up` sets them")
        try:
            policy = parse_policy_json(environment["POLICY"])
        except PolicyError as error:
            raise SettingsError(f"POLICY cannot be used: {error}") from error
        mode = environment.get("MODE") or Mode.ENFORCE
        if mode not in tuple(Mode):
            raise SettingsError(f"MODE is {mode!r}; it must be one of {', '.join(Mode)}")
        return cls(
            account_sid=environment["TWILIO_ACCOUNT_SID"],
            auth_token=environment["TWILIO_AUTH_TOKEN"],
            auth_token_secondary=environment.get("TWILIO_AUTH_TOKEN_SECONDARY") or None,
            api_key_sid=environment.get("TWILIO_API_KEY_SID") or None,
            api_key_secret=environment.get("TWILIO_API_KEY_SECRET") or None,
            service_sid=environment["CONVERSATIONS_SERVICE_SID"],
            workspace_sid=environment["WORKSPACE_SID"],
            public_url=environment["PUBLIC_URL"].rstrip("/"),
            author=environment.get("AUTHOR") or DEFAULT_AUTHOR,
            policy=policy,
            mode=Mode(mode),
            twilio_base_url=environment.get("TWILIO_BASE_URL") or None,
            twilio_edge=environment.get("TWILIO_EDGE") or None,
            rate_limits=environment.get("RATE_LIMITS", "on") != "off",
            sweep_every=parse_duration(environment.get("SWEEP_EVERY") or "PT5M"),
            max_ends_per_sweep=int(environment.get("MAX_ENDS_PER_SWEEP") or DEFAULT_MAX_ENDS_PER_SWEEP),
            arm_on_accept=bool(environment.get("ARM_ON_ACCEPT")),
            google_cloud_project=environment.get("GOOGLE_CLOUD_PROJECT", ""),
        )
