"""Environment <-> Settings, both ways: `infra/` writes what the function reads, so no variable's name is written twice.

Standard library only (and the policy), because `infra/` imports it.
"""

import enum
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta

from .contract import format_duration, parse_duration
from .policy import Policy, PolicyError, parse_policy_json, policy_document

DEFAULT_AUTHOR = "system"
"""Author of our messages unless configured; also Twilio's default for REST messages (twilio-oai, conversations_v1)."""

DEFAULT_SWEEP_EVERY = timedelta(minutes=5)

DEFAULT_MAX_ENDS_PER_SWEEP = 3_000
"""As many as Twilio's limits let a sweep of five minutes end: half of 20 channels a second."""

REGION = "us1"
"""The one region that Flex exists in (Twilio docs, global infrastructure, as of November 2026)."""

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
"""Where calls may enter Twilio's network on their way to that region; `-ix` over a private line (Twilio docs, edge
locations and interconnect). `roaming` is what Twilio does when no edge is named."""

SDK_ENVIRONMENT = {"TWILIO_EDGE": "", "TWILIO_REGION": ""}
"""What the SDK reads in place of the process's environment, which must not send one side elsewhere than the other; the
SDK takes an empty mapping for none."""

SECRET_VARIABLES = ("TWILIO_AUTH_TOKEN", "TWILIO_AUTH_TOKEN_SECONDARY", "TWILIO_API_KEY_SECRET")
"""Variables that `infra/` must hand over through Secret Manager; `to_environment` leaves them out."""


class Mode(enum.StrEnum):
    """How much of what was decided is done."""

    OBSERVE = "observe"
    WARN_ONLY = "warn-only"
    ENFORCE = "enforce"


class SettingsError(ValueError):
    """The environment does not make a Settings; names every variable concerned, never a secret's value."""


@dataclass(frozen=True)
class Settings:
    """What one deployed function knows before its first request.

    Attributes:
        account_sid: the Twilio account that owns service, workspace and token.
        auth_token: signs Twilio's webhooks; also authenticates our calls unless an API key is given.
        auth_token_secondary: accepted for signatures too, so that a rotation refuses nobody.
        api_key_sid: with `api_key_secret`, authenticates our calls.
        api_key_secret: see `api_key_sid`.
        service_sid: the one Conversations service whose conversations are ours to touch.
        workspace_sid: the TaskRouter workspace that Flex uses.
        public_url: the function's own URL as registered at Twilio, without the route; what signatures are checked
            against.
        author: author of our messages.
        policy: when to warn and when to end.
        mode: whether that is done, or only written to the log.
        twilio_base_url: another address of Twilio's API (the simulator's); None for the real one.
        twilio_edge: one of `EDGES`; None for the one that Twilio chooses. Nothing at another address.
        rate_limits: keep under Twilio's documented rate limits; another address of the API may have none.
        sweep_every: how often the sweep is called, and so how long it may take.
        max_ends_per_sweep: chats that one sweep may end, so that a mistake has a bound.
        arm_on_accept: give a conversation its timer when an agent accepts it; else others do.
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
        """The plain variables, secrets left out: `SECRET_VARIABLES` travel through Secret Manager."""
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
            SettingsError: a required variable is missing or the policy cannot be used.
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
