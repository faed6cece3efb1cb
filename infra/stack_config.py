"""Stack config and environment -> one frozen StackConfig.

Decides which keys exist, their defaults and bounds, and whether there is enough to deploy with. Nothing else in
`infra/` reads the stack's config. Every problem is found before the first resource, and all of them are told at once.
"""

import enum
import os
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import timedelta

import pulumi
from pulumi.runtime import config as runtime_config

from function.contract import CLOSED_MINIMUM, DurationError, Route, format_duration, parse_within
from function.policy import Policy, PolicyError, Problem, parse_policy
from function.settings import DEFAULT_AUTHOR, DEFAULT_MAX_ENDS_PER_SWEEP, EDGES, REGION, Mode
from infra.config_reader import ConfigReader, sid_complaint
from infra.names import function_name, sweep_name, task_events_url
from infra.twilio_resources.client import ENVIRONMENT_OF, Credentials, find_credentials

DEFAULT_REGION = "us-central1"
DEFAULT_SWEEP_EVERY = "PT5M"
SWEEP_MINUTES = (1, 2, 3, 4, 5, 6, 10, 12, 15, 20, 30, 60)
"""Minutes between sweeps: what divides an hour, for a schedule in cron's words begins anew with each."""

MAX_ENDS_PER_SWEEP = 10_000

LARGEST_FLEET = 1000
"""Instances: the most that Cloud Run gives one service without a request for more."""

SECRET_KEYS = ("twilioAuthToken", "twilioAuthTokenSecondary", "twilioApiKeySecret")
KNOWN_KEYS = (
    "author",
    "closedTimeout",
    "conversationsServiceSid",
    "functionUrl",
    "maxEndsPerSweep",
    "maxInstances",
    "minInstances",
    "mode",
    "policy",
    "publicAccess",
    "publicUrl",
    "sweepEvery",
    "takeover",
    "timeout",
    "timers",
    "twilioAccountSid",
    "twilioApiKeySecret",
    "twilioApiKeySid",
    "twilioAuthToken",
    "twilioAuthTokenSecondary",
    "twilioBaseUrl",
    "twilioEdge",
    "warnBefore",
    "workspaceSid",
)
"""Every key of the project's own namespace. Of other namespaces we read `gcp:project` and `gcp:region`."""


class Timers(enum.StrEnum):
    """Who arms the inactive timer of a conversation: its creation, the function when an agent accepts, or others."""

    ACCOUNT = "account"
    ON_ACCEPT = "on-accept"
    UNMANAGED = "unmanaged"


class PublicAccess(enum.StrEnum):
    """Who may call the public function: everybody (Twilio cannot authenticate to Google), or nobody by our doing."""

    ALL_USERS = "all-users"
    NONE = "none"


class StackConfigError(pulumi.RunError):
    """Config that cannot be deployed; one line a problem, each with key, value, bound and way out."""

    def __init__(self, problems: Iterable[Problem]) -> None:
        self.problems = tuple(problems)
        super().__init__("\n".join(["the stack's config cannot be used:", *(f"  {each}" for each in self.problems)]))


@dataclass(frozen=True)
class StackConfig:
    """Everything that one stack wants, validated.

    Attributes:
        function_name: carries project and stack, so that the function's URL names its owner.
        sweep_name: of the second, private function.
        sweep_every: how often Scheduler calls that one.
        max_ends_per_sweep: chats that one sweep may end.
        google_project: project id; empty when Google is not used.
        region: of every Google resource.
        account_sid: None only in a preview that was not given one.
        credentials: for Twilio's API; complete outside a preview.
        conversations_service_sid: None for the account's default service.
        workspace_sid: None for the workspace in the Flex configuration.
        policy: when to warn and when to end.
        mode: whether that is done, or only written to the log.
        timers: who arms the inactive timers.
        closed_timeout: Twilio's own closed timer, account-wide; None leaves it alone.
        takeover: whether a foreign value may be replaced.
        public_access: who may call the function.
        min_instances: kept warm.
        max_instances: at most.
        public_url: the function's URL as Twilio calls it, without the route and without a slash at the end.
        public_url_is_computed: false when the engineer named it, so that it need not equal Google's.
        google_is_used: false when `functionUrl` points at a function that runs elsewhere.
        twilio_base_url: another address of Twilio's API; None for the real one.
        twilio_edge: where calls enter Twilio's network; None for Twilio's choice.
        author: of our messages.
        warnings: one line each, to be shown under Diagnostics.
    """

    function_name: str
    sweep_name: str
    sweep_every: timedelta
    max_ends_per_sweep: int
    google_project: str
    region: str
    account_sid: str | None
    credentials: Credentials
    conversations_service_sid: str | None
    workspace_sid: str | None
    policy: Policy
    mode: Mode
    timers: Timers
    closed_timeout: timedelta | None
    takeover: bool
    public_access: PublicAccess
    min_instances: int
    max_instances: int
    public_url: str
    public_url_is_computed: bool
    google_is_used: bool
    twilio_base_url: str | None
    twilio_edge: str | None
    author: str
    warnings: tuple[str, ...]

    @property
    def webhook_url(self) -> str:
        """What Twilio calls."""
        return f"{self.public_url}/{Route.CONVERSATIONS}"

    @property
    def task_events_url(self) -> str | None:
        """What TaskRouter calls, and how often it tries again. None: its events are not ours."""
        return task_events_url(self.public_url) if self.timers is Timers.ON_ACCEPT else None

    @property
    def inactive_timer(self) -> timedelta | None:
        """The account's default inactive timer: the earliest step, for it wakes the function. None: not ours."""
        return self.policy.earliest if self.timers is Timers.ACCOUNT else None


def load_stack_config() -> StackConfig:
    """Read the config of the stack that is running.

    Raises:
        StackConfigError: anything that cannot be deployed; ends the program with its lines and nothing else.
    """
    values = {**runtime_config.get_config_env(), **runtime_config.CONFIG.get()}
    secrets = {key for key in values if runtime_config.is_config_secret(key)}
    return parse_stack_config(
        values,
        secret_keys=secrets | set(runtime_config.get_config_secret_keys_env()),
        environment=os.environ,
        project=pulumi.get_project(),
        stack=pulumi.get_stack(),
        preview=pulumi.runtime.is_dry_run(),
    )


def parse_stack_config(
    values: Mapping[str, str],
    *,
    secret_keys: set[str],
    environment: Mapping[str, str],
    project: str,
    stack: str,
    preview: bool,
) -> StackConfig:
    """Validate config values and credentials.

    Args:
        values: with their namespaces (`project:timeout`), as Pulumi hands them over: all text, objects as JSON.
        secret_keys: the keys that are encrypted in the stack's file.
        environment: of the process; its Twilio credentials win over the config's.
        project: name of the Pulumi project, which is the namespace of our keys.
        stack: name of the stack.
        preview: whether nothing will be created, so that credentials may be missing.

    Raises:
        StackConfigError: with every problem.
    """
    own = {key.partition(":")[2]: value for key, value in values.items() if key.startswith(f"{project}:")}
    read = ConfigReader(own)
    read.refuse_unknown(KNOWN_KEYS)
    _refuse_plain_secrets(read, {key for key in SECRET_KEYS if key in own and f"{project}:{key}" not in secret_keys})

    policy = _policy(read, own)
    mode = read.choice("mode", Mode, Mode.ENFORCE)
    timers = read.choice("timers", Timers, Timers.ACCOUNT)
    closed_timeout = _closed_timeout(read, own, policy, timers)
    credentials = find_credentials(environment, own.get)
    _check_api_key(read, credentials)
    _check_tokens(read, environment, credentials)
    account_sid = _account_sid(read, environment, own)
    missing = _missing(account_sid, credentials)
    if not preview:
        read.problems += missing

    name = function_name(project, stack)
    function_url, public_url = read.url("functionUrl"), read.url("publicUrl")
    if function_url and public_url:
        read.complain("publicUrl", "is set together with functionUrl, which already says what Twilio calls; remove one")
    google_project, region = values.get("gcp:project") or "", values.get("gcp:region") or DEFAULT_REGION
    if not function_url:
        _check_google(read, google_project, region)
    min_instances = read.whole("minInstances", default=0, minimum=0, maximum=LARGEST_FLEET)
    max_instances = read.whole("maxInstances", default=10, minimum=1, maximum=LARGEST_FLEET)
    if min_instances > max_instances:
        read.complain("minInstances", f"is {min_instances}, more than maxInstances of {max_instances}")
    sweep_every = _sweep_every(read, own)
    max_ends_per_sweep = read.whole(
        "maxEndsPerSweep", default=DEFAULT_MAX_ENDS_PER_SWEEP, minimum=1, maximum=MAX_ENDS_PER_SWEEP
    )
    conversations_service_sid = read.sid("conversationsServiceSid", "IS")
    workspace_sid = read.sid("workspaceSid", "WS")
    takeover = read.switch("takeover", default=False)
    public_access = read.choice("publicAccess", PublicAccess, PublicAccess.ALL_USERS)
    twilio_base_url = read.url("twilioBaseUrl")
    twilio_edge = _twilio_edge(read, environment, own, twilio_base_url)
    author = read.text("author", DEFAULT_AUTHOR)
    if read.problems or policy is None:
        raise StackConfigError(read.problems)
    return StackConfig(
        function_name=name,
        sweep_name=sweep_name(project, stack),
        sweep_every=sweep_every,
        max_ends_per_sweep=max_ends_per_sweep,
        google_project=google_project,
        region=region,
        account_sid=account_sid,
        credentials=credentials,
        conversations_service_sid=conversations_service_sid,
        workspace_sid=workspace_sid,
        policy=policy,
        mode=mode,
        timers=timers,
        closed_timeout=closed_timeout,
        takeover=takeover,
        public_access=public_access,
        min_instances=min_instances,
        max_instances=max_instances,
        public_url=function_url or public_url or f"https://{region}-{google_project}.cloudfunctions.net/{name}",
        public_url_is_computed=not (function_url or public_url),
        google_is_used=not function_url,
        twilio_base_url=twilio_base_url,
        twilio_edge=twilio_edge,
        author=author,
        warnings=_warnings(missing, closed_timeout),
    )


def _refuse_plain_secrets(read: ConfigReader, keys: set[str]) -> None:
    for key in sorted(keys):
        read.complain(key, f"stands unencrypted in the stack's file; write it with pulumi config set --secret {key}")


def _policy(read: ConfigReader, own: Mapping[str, str]) -> Policy | None:
    document = {key: own[key] for key in ("timeout", "warnBefore") if key in own}
    try:
        return parse_policy(document | {"policy": read.document("policy")})
    except PolicyError as error:
        read.problems += error.problems
        return None


def _closed_timeout(
    read: ConfigReader, own: Mapping[str, str], policy: Policy | None, timers: Timers
) -> timedelta | None:
    if "closedTimeout" not in own:
        return None
    try:
        closed = parse_within(own["closedTimeout"], minimum=CLOSED_MINIMUM)
    except DurationError as error:
        read.complain("closedTimeout", f"{error}; or remove it, and Twilio's closed timer is left alone")
        return None
    if policy and closed <= policy.latest:
        timeout = format_duration(policy.latest)
        read.complain(
            "closedTimeout", f"is {format_duration(closed)}, which must be more than the timeout of {timeout}"
        )
    if timers is not Timers.ACCOUNT:
        read.complain("closedTimeout", f"would do nothing with timers: {timers}; remove one of the two")
    return closed


def _sweep_every(read: ConfigReader, own: Mapping[str, str]) -> timedelta:
    text = own.get("sweepEvery", DEFAULT_SWEEP_EVERY)
    try:
        every = parse_within(text, minimum=timedelta(minutes=1), maximum=timedelta(hours=1))
    except DurationError as error:
        read.complain("sweepEvery", str(error))
        return timedelta(minutes=5)
    if every not in {timedelta(minutes=minutes) for minutes in SWEEP_MINUTES}:
        known = ", ".join(format_duration(timedelta(minutes=minutes)) for minutes in SWEEP_MINUTES)
        read.complain("sweepEvery", f"is {text}, which does not divide an hour; write one of {known}")
    return every


def _account_sid(read: ConfigReader, environment: Mapping[str, str], own: Mapping[str, str]) -> str | None:
    variable = ENVIRONMENT_OF["twilioAccountSid"]
    configured, exported = own.get("twilioAccountSid"), environment.get(variable)
    if configured and exported and configured != exported:
        read.complain(
            "twilioAccountSid",
            f"is {configured!r}, but {variable} in the environment is {exported!r}; unset the variable, "
            "or select the stack of that account",
        )
    account_sid = exported or configured
    if account_sid and (complaint := sid_complaint(account_sid, "AC")):
        read.complain("twilioAccountSid" if account_sid == configured else variable, complaint)
    return account_sid or None


def _check_api_key(read: ConfigReader, credentials: Credentials) -> None:
    sid = credentials.api_key_sid
    if sid and (complaint := sid_complaint(sid, "SK")):
        read.complain("twilioApiKeySid", complaint)
    elif bool(sid) != bool(credentials.api_key_secret):
        shown = f" to {sid!r}" if sid else ""
        given, lacking = ("twilioApiKeySid", "twilioApiKeySecret")[:: 1 if sid else -1]
        read.complain(given, f"is set{shown} without {lacking}; set both, or none to call Twilio with the auth token")


def _check_tokens(read: ConfigReader, environment: Mapping[str, str], credentials: Credentials) -> None:
    """A token that was cut or has a blank in it signs nothing, so every webhook would be refused."""
    tokens = {
        "twilioAuthToken": credentials.auth_token,
        "twilioAuthTokenSecondary": credentials.auth_token_secondary,
    }
    for key, token in tokens.items():
        if token and not re.fullmatch("[0-9a-fA-F]{32}", token, re.ASCII):
            variable = ENVIRONMENT_OF[key]
            read.complain(
                variable if environment.get(variable) else key,
                f"is a text of {len(token)} characters, not 32 hexadecimal digits; copy it from the Twilio Console",
            )


def _twilio_edge(
    read: ConfigReader, environment: Mapping[str, str], own: Mapping[str, str], base_url: str | None
) -> str | None:
    """The edge, which deployer, function and operator share; the SDK's own variables must not say otherwise."""
    edge = own.get("twilioEdge")
    if edge is not None and edge not in EDGES:
        read.complain(
            "twilioEdge", f"is {edge!r}; write one of {', '.join(EDGES)}, or remove it, and Twilio takes the nearest"
        )
    if base_url:
        if edge:
            read.complain("twilioEdge", "would do nothing with twilioBaseUrl; remove one of the two")
        return None
    region, exported = environment.get("TWILIO_REGION"), environment.get("TWILIO_EDGE")
    if region and region != REGION:
        read.complain("TWILIO_REGION", f"is {region!r} in the environment, and Flex exists in {REGION} only; unset it")
    if exported and exported != edge:
        configured = f"twilioEdge is {edge!r}" if edge else "twilioEdge is not set"
        use_it = f", or run pulumi config set twilioEdge {exported}" if exported in EDGES else ""
        read.complain(
            "TWILIO_EDGE",
            f"is {exported!r} in the environment, but {configured}, which the deployed function goes by; "
            f"unset the variable{use_it}",
        )
    return edge


def _missing(account_sid: str | None, credentials: Credentials) -> list[Problem]:
    given = {"twilioAccountSid": account_sid, "twilioAuthToken": credentials.auth_token}
    return [
        Problem(
            key,
            f"is not set; export {ENVIRONMENT_OF[key]}, or run "
            f"pulumi config set {'--secret ' if key in SECRET_KEYS else ''}{key}",
        )
        for key, value in given.items()
        if not value
    ]


def _check_google(read: ConfigReader, project: str, region: str) -> None:
    if not project:
        read.complain("gcp:project", "is not set; run pulumi config set gcp:project with the id of a Google project")
    elif not re.fullmatch(r"[a-z][a-z0-9-]{4,28}[a-z0-9]", project, re.ASCII):
        read.complain("gcp:project", f"is {project!r}, not a project id of 6 to 30 lower-case letters, digits, hyphens")
    if not re.fullmatch(r"[a-z]+-[a-z]+[0-9]+", region, re.ASCII):
        read.complain("gcp:region", f"is {region!r}, not a region such as {DEFAULT_REGION}")


def _warnings(missing: list[Problem], closed_timeout: timedelta | None) -> tuple[str, ...]:
    warnings = []
    if missing:
        keys = "; ".join(str(problem) for problem in missing)
        warnings.append(
            "this preview could not look at Twilio: whether a webhook or a timer of somebody else stands there is not "
            f"known, and pulumi up will refuse: {keys}"
        )
    if closed_timeout:
        warnings.append(
            f"closedTimeout is {format_duration(closed_timeout)}: Twilio's closed timer ends a chat whoever is waited "
            "for, the customer who waits for an answer included; remove it unless that is meant"
        )
    return tuple(warnings)
