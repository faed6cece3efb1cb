"""Every setting of a stack, declared once: key, type with its bounds, default, and the sentence that explains it.

The parser, the refusal of unknown keys, docs/settings.md, the table in README.md and Pulumi.example.yaml are made from
these declarations (the pages by `python -m dev.settings_pages`).
"""

import enum
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Generic, TypeVar

from function.contract import CLOSED_MINIMUM, INACTIVE_MINIMUM, format_duration
from function.policy import parse_policy
from function.settings import DEFAULT_AUTHOR, DEFAULT_MAX_ENDS_PER_SWEEP, DEFAULT_SWEEP_EVERY, EDGES, Mode
from infra.image_repository import IMAGES_KEPT
from infra.names import LONGEST_PREFIX
from infra.setting_types import (
    DOCUMENT,
    LABELS,
    SECRET,
    SWITCH,
    TEXT,
    URL,
    SettingType,
    divisor_of_an_hour,
    duration,
    list_of,
    matching,
    one_of,
    several,
    sid,
    whole,
)

Value = TypeVar("Value")

SWEEP_EVERY_CHOICES = tuple(timedelta(minutes=minutes) for minutes in (1, 2, 3, 4, 5, 6, 10, 12, 15, 20, 30, 60))
"""Divisors of an hour: a cron expression such as `*/7` starts again at every full hour."""

INSTANCES_MAXIMUM = 1000
"""What Cloud Run allows one service unless the project has asked for more."""

ALERT_MAXIMUM = 100_000
"""An alert whose threshold is that high is as good as none."""

_DEFAULT_POLICY = parse_policy({}).default


class Timers(enum.StrEnum):
    """Who sets the inactive timer of a conversation: its creation, the function when an agent accepts, or others."""

    ACCOUNT = "account"
    ON_ACCEPT = "on-accept"
    UNMANAGED = "unmanaged"


class PublicAccess(enum.StrEnum):
    """Who may call the public function: everybody (Twilio cannot authenticate to Google), or whom others allow."""

    ALL_USERS = "all-users"
    NONE = "none"


@dataclass(frozen=True)
class Setting(Generic[Value]):
    """One setting.

    Attributes:
        key: as in the stack's file, without the project's own namespace.
        type: how a value is read.
        default: the value when the key is not set.
        about: what it is, as Markdown.
        unset: what happens when the key is not set, where the default is no value.
        example: its value in Pulumi.example.yaml; empty for none.
    """

    key: str
    type: SettingType[Any]
    default: Value
    about: str
    unset: str = "unset"
    example: str = ""

    @property
    def secret(self) -> bool:
        """Whether the value must be encrypted in the stack's file."""
        return self.type is SECRET

    @property
    def shown_default(self) -> str:
        """The default, as Markdown."""
        match self.default:
            case None | "" | ():
                return self.unset
            case bool():
                return f"`{str(self.default).lower()}`"
            case timedelta():
                return f"`{format_duration(self.default)}`"
            case int():
                return f"{self.default:,}"
        return f"`{self.default}`"


GOOGLE_PROJECT = Setting(
    "gcp:project",
    matching(
        r"([a-z0-9.-]+\.[a-z]+:)?[a-z][a-z0-9-]{4,28}[a-z0-9]",
        "a project id of 6 to 30 lower-case letters, digits, hyphens",
        "see gcloud projects list",
    ),
    "",
    "id of the Google project",
    unset="required",
    example="my-google-project",
)
ACCOUNT_SID: Setting[str | None] = Setting(
    "twilioAccountSid",
    sid("AC"),
    None,
    "the Twilio account",
    unset="required",
    example="ACxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx",
)
AUTH_TOKEN: Setting[str | None] = Setting(
    "twilioAuthToken",
    SECRET,
    None,
    "verifies the signatures of Twilio's webhooks and authenticates calls; 32 hexadecimal digits",
    unset="required",
)
_REGION = r"[a-z]+-[a-z]+[0-9]+"
DEFAULT_LABELS: Setting[Any] = Setting(
    "gcp:defaultLabels",
    LABELS,
    (),
    "labels of everything in Google that takes labels, alerts among them, beside `inactivity-timeout`",
    unset="none",
)
GOOGLE_REGION = Setting(
    "gcp:region",
    matching(_REGION, "a region such as us-central1", "see gcloud scheduler locations list"),
    "us-central1",
    "where everything runs; a region that Cloud Scheduler has, unless `schedulerRegion` names another",
    example="europe-west1",
)
TIMEOUT = Setting(
    "timeout", duration(INACTIVE_MINIMUM), _DEFAULT_POLICY.timeout, "silence until the end", example="PT10M"
)
WARN_BEFORE = Setting(
    "warnBefore",
    duration(timedelta()),
    _DEFAULT_POLICY.warn_before,
    "how long before the end the warning comes; `PT0S` for none, otherwise at least `PT1M` and at least a minute less "
    "than `timeout`",
    example="PT2M",
)
POLICY: Setting[Any] = Setting(
    "policy",
    DOCUMENT,
    None,
    "rules by channel, queue, workflow, attribute or language; warnings, texts by language, exemptions, bots, what "
    "becomes of those who wait, of invites that nobody accepts, of finished chats that stay open: "
    "[policy.md](policy.md)",
    unset="none",
    example="""
    texts:
      warning: Are you still there? This chat ends in {minutes} min.
      closing: This chat has ended. Write to us again at any time.
    # Chats that an agent finished and nobody closed block the customer's SMS or WhatsApp address until they end.
    # whenLeftOver: {do: end, after: P1D}""",
)
MODE = Setting(
    "mode",
    one_of(Mode, Mode),
    Mode.ENFORCE,
    "`observe`: decide and log, post and write nothing (Twilio's timers still change states, and `timers: on-accept` "
    "still sets them); `warn-only`: warn, but never end",
)
TIMERS = Setting(
    "timers",
    one_of(Timers, Timers),
    Timers.ACCOUNT,
    "`account`: this stack owns the account's default timers; `on-accept`: the function sets each conversation's timer "
    "when an agent accepts it, and the account has no default; `unmanaged`: somebody else sets timers",
)
CLOSED_TIMEOUT: Setting[timedelta | None] = Setting(
    "closedTimeout",
    duration(CLOSED_MINIMUM),
    None,
    "Twilio's own closed timer for the account, more than `timeout`; it ignores whose turn it is, so preview warns",
)
SERVICE_SID: Setting[str | None] = Setting(
    "conversationsServiceSid",
    sid("IS"),
    None,
    "the service whose conversations are ours",
    unset="the account's default",
)
WORKSPACE_SID: Setting[str | None] = Setting(
    "workspaceSid", sid("WS"), None, "the TaskRouter workspace", unset="the Flex configuration's"
)
AUTHOR = Setting("author", TEXT, DEFAULT_AUTHOR, "author of our messages")
TAKEOVER = Setting(
    "takeover",
    SWITCH,
    default=False,
    about="replace somebody else's webhook, timer or event callback; `destroy` puts it back",
)
AUTH_TOKEN_SECONDARY: Setting[str | None] = Setting(
    "twilioAuthTokenSecondary", SECRET, None, "accepted for signatures too, during a rotation; 32 hexadecimal digits"
)
API_KEY_SID: Setting[str | None] = Setting(
    "twilioApiKeySid", sid("SK"), None, "API key for calls, instead of the token; made in this very account"
)
API_KEY_SECRET: Setting[str | None] = Setting("twilioApiKeySecret", SECRET, None, "secret of that API key")
PUBLIC_ACCESS = Setting(
    "publicAccess",
    one_of(PublicAccess, PublicAccess),
    PublicAccess.ALL_USERS,
    "`none` leaves the invoker binding to you (organisation policies may forbid `allUsers`)",
)
_ACCOUNT = matching(
    r"[a-z][a-z0-9-]{4,28}[a-z0-9]@[a-z0-9.-]+\.iam\.gserviceaccount\.com",
    "a service account's email such as name@project.iam.gserviceaccount.com",
    "see gcloud iam service-accounts list",
    bounds="`NAME@PROJECT.iam.gserviceaccount.com`",
)
BUILD_SERVICE_ACCOUNT: Setting[str | None] = Setting(
    "buildServiceAccount",
    _ACCOUNT,
    None,
    "a service account of yours that builds the functions: "
    "[what you must grant](operations.md#what-somebody-else-may-own)",
    unset="made",
)
RUN_SERVICE_ACCOUNT: Setting[str | None] = Setting(
    "runServiceAccount", _ACCOUNT, None, "a service account of yours that the functions run as", unset="made"
)
SCHEDULE_SERVICE_ACCOUNT: Setting[str | None] = Setting(
    "scheduleServiceAccount", _ACCOUNT, None, "a service account of yours that calls the sweep", unset="made"
)
_SECRET_VERSION = matching(
    r"projects/([a-z0-9.-]+:)?[a-z0-9-]+/secrets/[A-Za-z0-9_-]{1,255}/versions/[1-9][0-9]{0,8}",
    "a numbered version such as projects/PROJECT/secrets/NAME/versions/1",
    "see gcloud secrets versions list",
    bounds="`projects/PROJECT/secrets/NAME/versions/1`",
    harmless="projects/.*",
)
AUTH_TOKEN_VERSION: Setting[str | None] = Setting(
    "twilioAuthTokenVersion",
    _SECRET_VERSION,
    None,
    "a secret of yours with the auth token, so that neither config nor state has it; export `TWILIO_AUTH_TOKEN` for "
    "each run",
    unset="made from `twilioAuthToken`",
)
AUTH_TOKEN_SECONDARY_VERSION: Setting[str | None] = Setting(
    "twilioAuthTokenSecondaryVersion",
    _SECRET_VERSION,
    None,
    "the same for the secondary token",
    unset="made from `twilioAuthTokenSecondary`",
)
API_KEY_SECRET_VERSION: Setting[str | None] = Setting(
    "twilioApiKeySecretVersion",
    _SECRET_VERSION,
    None,
    "the same for the secret of `twilioApiKeySid`",
    unset="made from `twilioApiKeySecret`",
)
ENABLE_APIS = Setting(
    "enableApis", SWITCH, default=True, about="whether this stack turns on the APIs that it needs; `false`: you do"
)
IMAGE_REPOSITORY: Setting[str | None] = Setting(
    "imageRepository",
    matching(
        r"projects/([a-z0-9.-]+:)?[a-z0-9-]+/locations/[a-z0-9-]+/repositories/[a-z][a-z0-9-]*",
        "a repository such as projects/PROJECT/locations/REGION/repositories/NAME",
        "see gcloud artifacts repositories list",
        bounds="`projects/PROJECT/locations/REGION/repositories/NAME`",
    ),
    None,
    "a Docker repository of yours in Artifact Registry, in `gcp:region`, for the functions' images",
    unset="made",
)
RETENTION = Setting(
    "retention",
    duration(timedelta(days=1), timedelta(days=365)),
    timedelta(days=30),
    f"how long earlier zips and images of the functions are kept; the newest {IMAGES_KEPT} images of each stay anyway",
)
PROTECT = Setting(
    "protect",
    SWITCH,
    default=False,
    about="whether Pulumi refuses to delete or replace what chats depend on, so that a `destroy` stops before it "
    "deletes anything; to do so after all, set `false` and `pulumi up` first",
)
NAME_PREFIX: Setting[str | None] = Setting(
    "namePrefix",
    matching(
        rf"[a-z][a-z0-9-]{{0,{LONGEST_PREFIX - 2}}}[a-z0-9]",
        f"2 to {LONGEST_PREFIX} lower-case letters, digits and hyphens, a letter first",
        "write what your policies want names to begin with",
    ),
    None,
    "what the name of everything in Google begins with; a change makes all of it anew, before what it replaces goes",
    unset="none",
)
SCHEDULER_REGION: Setting[str | None] = Setting(
    "schedulerRegion",
    matching(_REGION, "a region such as us-central1", "see gcloud scheduler locations list"),
    None,
    "where the sweep's schedule is, if Cloud Scheduler does not exist in `gcp:region`; Google checks it",
    unset="`gcp:region`",
)
SECRET_REGIONS: Setting[tuple[str, ...]] = Setting(
    "secretRegions",
    list_of(_REGION, "regions such as europe-west1,europe-west4", "see gcloud secrets locations list"),
    (),
    "where Secret Manager keeps the secrets; a change creates them anew and updates the functions",
    unset="replicated automatically",
)
PUBLIC_URL: Setting[str | None] = Setting(
    "publicUrl", URL, None, "what Twilio calls, for a custom domain; without the route", unset="computed"
)
FUNCTION_URL: Setting[str | None] = Setting(
    "functionUrl", URL, None, "use a function that runs elsewhere (a tunnel during development): Google is skipped"
)
TWILIO_BASE_URL: Setting[str | None] = Setting(
    "twilioBaseUrl", URL, None, "another address of Twilio's API: the simulator's"
)
TWILIO_EDGE: Setting[str | None] = Setting(
    "twilioEdge",
    one_of(EDGES, str),
    None,
    "where deployer, function and `inactivity` enter Twilio's network. Flex is in region `us1` only. `TWILIO_EDGE` and "
    "`TWILIO_REGION` in the environment decide nothing, and preview refuses them where they name another place",
    unset="the nearest",
)
SWEEP_EVERY = Setting(
    "sweepEvery",
    divisor_of_an_hour(SWEEP_EVERY_CHOICES),
    DEFAULT_SWEEP_EVERY,
    "how often the sweep looks for chats whose webhook was lost",
)
MAX_ENDS_PER_SWEEP = Setting(
    "maxEndsPerSweep",
    whole(1, 10_000),
    DEFAULT_MAX_ENDS_PER_SWEEP,
    "chats that one sweep may end, so that a mistake has a bound",
)
MIN_INSTANCES = Setting(
    "minInstances",
    whole(0, INSTANCES_MAXIMUM),
    0,
    "instances of the function that are always kept; one avoids cold starts",
)
MAX_INSTANCES = Setting("maxInstances", whole(1, INSTANCES_MAXIMUM), 10, "maximum of instances of the function")
MONITORING = Setting(
    "monitoring",
    SWITCH,
    default=True,
    about="metrics of the function's log and a dashboard in Google, and alerts if there are `notificationChannels`: "
    "[monitoring.md](monitoring.md)",
)
NOTIFICATION_CHANNELS: Setting[tuple[str, ...]] = Setting(
    "notificationChannels",
    several(
        matching(
            r"projects/[^/\s]+/notificationChannels/[0-9]+",
            "a name like projects/PROJECT/notificationChannels/123",
            "see gcloud beta monitoring channels list",
            bounds="`projects/PROJECT/notificationChannels/123`",
        )
    ),
    (),
    "Google's channels, made by you, that alerts notify; without any there are no alerts",
    unset="none",
)
ALERT_LOST_WEBHOOKS = Setting(
    "alertLostWebhooks",
    whole(0, ALERT_MAXIMUM),
    5,
    "silent customers in half an hour whom only the sweep finds; more than that for an hour is an alert",
)
ALERT_FAILURES = Setting(
    "alertFailures", whole(0, ALERT_MAXIMUM), 5, "errors in ten minutes; more than that for 15 minutes is an alert"
)
ALERT_REFUSALS = Setting(
    "alertRefusals",
    whole(0, ALERT_MAXIMUM),
    2,
    "lines about refused signatures in a quarter of an hour; more than that for half an hour is an alert",
)
ALERT_WAITING = Setting(
    "alertWaiting",
    whole(0, ALERT_MAXIMUM),
    5,
    "agents who keep a customer waiting, newly in a quarter of an hour; more than that for half an hour is an alert",
)
ALERT_MISSED_SWEEPS = Setting(
    "alertMissedSweeps",
    whole(1, 100),
    2,
    "sweeps that may fail to come; one more than these, and 15 minutes for Google's own delay, is an alert",
)

SETTINGS: tuple[Setting[Any], ...] = tuple(each for each in list(globals().values()) if isinstance(each, Setting))
"""All of them, in the order of this file, which is that of the docs."""

MAIN = (TIMEOUT, WARN_BEFORE, POLICY, MODE, TIMERS)
"""Those that README.md shows."""

KNOWN_KEYS = tuple(sorted(setting.key for setting in SETTINGS if ":" not in setting.key))
"""Every key of the project's own namespace."""

VERSION_OF = {
    AUTH_TOKEN.key: AUTH_TOKEN_VERSION,
    AUTH_TOKEN_SECONDARY.key: AUTH_TOKEN_SECONDARY_VERSION,
    API_KEY_SECRET.key: API_KEY_SECRET_VERSION,
}
"""Each secret's key, with the setting that names a version of it which somebody else keeps."""

SECRET_KEYS = tuple(setting.key for setting in SETTINGS if setting.secret)
