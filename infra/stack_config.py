"""Stack config and environment -> one frozen StackConfig.

Decides whether there is enough to deploy with, and which settings do not go together. Every problem is found before the
first resource, and all of them are reported at once. Each setting by itself is declared in `stack_settings`.
"""

import os
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import timedelta

import pulumi

from function.contract import Route, format_duration
from function.policy import Policy, PolicyError, Problem, parse_policy
from function.settings import Mode, Settings
from infra.config_reader import ConfigReader
from infra.existing import Existing, read_existing
from infra.google_provider import ProviderOption
from infra.monitoring.alerts import AlertLimits
from infra.names import function_name, project_host, sweep_name, task_events_url
from infra.pulumi_run import PulumiRun, current_run
from infra.stack_settings import (
    ALERT_FAILURES,
    ALERT_LOST_WEBHOOKS,
    ALERT_MISSED_SWEEPS,
    ALERT_REFUSALS,
    ALERT_WAITING,
    AUTHOR,
    CLOSED_TIMEOUT,
    DEFAULT_LABELS,
    FUNCTION_URL,
    GOOGLE_PROJECT,
    GOOGLE_REGION,
    MAX_ENDS_PER_SWEEP,
    MAX_INSTANCES,
    MIN_INSTANCES,
    MODE,
    MONITORING,
    NAME_PREFIX,
    NOTIFICATION_CHANNELS,
    POLICY,
    PROTECT,
    PUBLIC_ACCESS,
    PUBLIC_URL,
    RETENTION,
    SCHEDULER_REGION,
    SECRET_KEYS,
    SECRET_REGIONS,
    SERVICE_SID,
    SWEEP_EVERY,
    TAKEOVER,
    TIMEOUT,
    TIMERS,
    WARN_BEFORE,
    WORKSPACE_SID,
    PublicAccess,
    Timers,
)
from infra.twilio_access import TwilioAccess, read_twilio_access
from infra.twilio_resources.client import Credentials

LARGEST_POLICY = 30 * 1024
"""Bytes. All variables of a function have 32 KiB, names and values together
(https://cloud.google.com/run/docs/configuring/services/overview-environment-variables, November 2026); the others need
less than two."""

OUR_KEYS_OF_GOOGLE = (GOOGLE_PROJECT.key, GOOGLE_REGION.key, DEFAULT_LABELS.key)
"""Keys of Google's namespace that are settings of ours too."""


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
        name_prefix: what names of other things in Google begin with; empty for our own word.
        sweep_name: of the second, private function.
        sweep_every: how often Scheduler calls that one.
        max_ends_per_sweep: chats that one sweep may end.
        google_project: project id; empty when Google is not used.
        region: of every Google resource that says nothing else.
        scheduler_region: of the sweep's schedule.
        secret_regions: where secrets are kept; empty to replicate them automatically.
        account_sid: None only in a preview that was not given one.
        credentials: for Twilio's API; complete outside a preview.
        conversations_service_sid: None for the account's default service.
        workspace_sid: None for the workspace in the Flex configuration.
        policy: when to warn and when to end.
        mode: whether that is done, or only written to the log.
        timers: who sets the inactive timers.
        closed_timeout: Twilio's own closed timer, account-wide; None leaves it alone.
        takeover: whether a foreign value may be replaced.
        public_access: who may call the function.
        min_instances: always kept.
        max_instances: the maximum.
        monitoring: whether Google has metrics, alerts and a dashboard of it.
        notification_channels: names of Google's channels that alerts notify.
        alert_limits: what the alerts' thresholds are made of.
        public_url: the function's URL as Twilio calls it, without the route and without a slash at the end.
        public_url_is_computed: false when the engineer named it, so that it need not equal Google's.
        existing: what somebody else owns, and the program does not make.
        labels: of everything in Google, beside our own.
        retention: how long earlier zips and images are kept.
        protect: whether Pulumi refuses to delete what chats depend on.
        google_options: the rest of the config's namespace `gcp`, which is the provider's.
        google_is_used: false when `functionUrl` points at a function that runs elsewhere.
        twilio_base_url: another address of Twilio's API; None for the real one.
        twilio_edge: where calls enter Twilio's network; None for Twilio's choice.
        author: of our messages.
        warnings: one line each, to be shown under Diagnostics.
    """

    function_name: str
    name_prefix: str
    sweep_name: str
    sweep_every: timedelta
    max_ends_per_sweep: int
    google_project: str
    region: str
    scheduler_region: str
    secret_regions: tuple[str, ...]
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
    monitoring: bool
    notification_channels: tuple[str, ...]
    alert_limits: AlertLimits
    public_url: str
    public_url_is_computed: bool
    existing: Existing
    labels: tuple[tuple[str, str], ...]
    retention: timedelta
    protect: bool
    google_options: tuple[ProviderOption, ...]
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
    return parse_stack_config(current_run(), environment=os.environ)


def parse_stack_config(run: PulumiRun, *, environment: Mapping[str, str]) -> StackConfig:
    """Validate config values and credentials.

    Args:
        run: with the config; credentials may be missing from a preview.
        environment: of the process; its Twilio credentials win over the config's.

    Raises:
        StackConfigError: with every problem.
    """
    read = ConfigReader(_values(run))
    read.refuse_unknown()
    _refuse_plain_secrets(read, run)
    policy = _policy(read)
    timers = read.read(TIMERS)
    existing = read_existing(read)
    twilio = read_twilio_access(read, environment, existing.secrets)
    if not run.preview:
        read.problems += twilio.missing
    prefix = read.read(NAME_PREFIX) or ""
    name = function_name(run.project, run.stack, prefix)
    function_url, public_url = read.read(FUNCTION_URL), read.read(PUBLIC_URL)
    google_is_used = FUNCTION_URL.key not in read.values
    if function_url and public_url:
        read.complain(
            PUBLIC_URL.key, "is set together with functionUrl, which already says what Twilio calls; remove one"
        )
    if google_is_used:
        _refuse_large_policy(read, policy)
    google_project, region = _google(read, used=google_is_used)
    min_instances, max_instances = read.read(MIN_INSTANCES), read.read(MAX_INSTANCES)
    if min_instances > max_instances:
        read.complain(MIN_INSTANCES.key, f"is {min_instances}, more than maxInstances of {max_instances}")
    closed_timeout = _closed_timeout(read, policy, timers)
    alert_limits = _alert_limits(read)
    config = StackConfig(
        function_name=name,
        name_prefix=prefix,
        sweep_name=sweep_name(run.project, run.stack, prefix),
        sweep_every=alert_limits.sweep_every,
        max_ends_per_sweep=read.read(MAX_ENDS_PER_SWEEP),
        google_project=google_project,
        region=region,
        scheduler_region=read.read(SCHEDULER_REGION) or region,
        secret_regions=read.read(SECRET_REGIONS),
        account_sid=twilio.account_sid,
        credentials=twilio.credentials,
        conversations_service_sid=read.read(SERVICE_SID),
        workspace_sid=read.read(WORKSPACE_SID),
        policy=policy,
        mode=read.read(MODE),
        timers=timers,
        closed_timeout=closed_timeout,
        takeover=read.read(TAKEOVER),
        public_access=read.read(PUBLIC_ACCESS),
        min_instances=min_instances,
        max_instances=max_instances,
        monitoring=read.read(MONITORING),
        notification_channels=read.read(NOTIFICATION_CHANNELS),
        alert_limits=alert_limits,
        public_url=function_url
        or public_url
        or f"https://{region}-{project_host(google_project)}.cloudfunctions.net/{name}",
        public_url_is_computed=not (function_url or public_url),
        existing=existing,
        labels=read.read(DEFAULT_LABELS),
        retention=read.read(RETENTION),
        protect=read.read(PROTECT),
        google_options=_google_options(run),
        google_is_used=google_is_used,
        twilio_base_url=twilio.base_url,
        twilio_edge=twilio.edge,
        author=read.read(AUTHOR),
        warnings=_warnings(twilio, closed_timeout),
    )
    if read.problems:
        raise StackConfigError(read.problems)
    return config


def _values(run: PulumiRun) -> dict[str, str]:
    """The settings as written: our keys without their namespace, and those of Google's unless they are empty."""
    own = {key.removeprefix(f"{run.project}:"): v for key, v in run.values.items() if key.startswith(f"{run.project}:")}
    google = {key: run.values[key] for key in OUR_KEYS_OF_GOOGLE if run.values.get(key)}
    return own | google


def _refuse_plain_secrets(read: ConfigReader, run: PulumiRun) -> None:
    for key in sorted(SECRET_KEYS):
        if key in read.values and f"{run.project}:{key}" not in run.secret_keys:
            read.complain(key, f"is not encrypted in the stack's file; write it with pulumi config set --secret {key}")


def _policy(read: ConfigReader) -> Policy:
    """The policy; the default one where it is bad and noted as a problem."""
    document = {key: read.values[key] for key in (TIMEOUT.key, WARN_BEFORE.key) if key in read.values}
    try:
        return parse_policy(document | {POLICY.key: read.read(POLICY)})
    except PolicyError as error:
        read.problems += error.problems
        return parse_policy({})


def _refuse_large_policy(read: ConfigReader, policy: Policy) -> None:
    """As the function gets it: with every default that is inherited, and without blanks that somebody wrote."""
    variables = Settings("", "", "", "", "", policy).to_environment()
    size = len(variables["POLICY"].encode(errors="replace"))
    if size > LARGEST_POLICY:
        read.complain(
            POLICY.key,
            f"is {size} bytes long for the function, more than {LARGEST_POLICY}, because Google gives all of a "
            "function's variables 32 KiB; write shorter texts, or texts in fewer languages",
        )


def _closed_timeout(read: ConfigReader, policy: Policy, timers: Timers) -> timedelta | None:
    closed = read.read(CLOSED_TIMEOUT)
    if closed is None:
        return None
    if closed <= policy.latest:
        timeout = format_duration(policy.latest)
        read.complain(
            CLOSED_TIMEOUT.key, f"is {format_duration(closed)}, which must be more than the timeout of {timeout}"
        )
    if timers is not Timers.ACCOUNT:
        read.complain(CLOSED_TIMEOUT.key, f"would do nothing with timers: {timers}; remove one of the two")
    return closed


def _google(read: ConfigReader, *, used: bool) -> tuple[str, str]:
    """Project and region, which nobody checks where Google is not used."""
    if not used:
        return read.values.get(GOOGLE_PROJECT.key, ""), read.values.get(GOOGLE_REGION.key, GOOGLE_REGION.default)
    if GOOGLE_PROJECT.key not in read.values:
        read.complain(
            GOOGLE_PROJECT.key, "is not set; run pulumi config set gcp:project with the id of a Google project"
        )
    return read.read(GOOGLE_PROJECT), read.read(GOOGLE_REGION)


def _alert_limits(read: ConfigReader) -> AlertLimits:
    return AlertLimits(
        lost_webhooks=read.read(ALERT_LOST_WEBHOOKS),
        failures=read.read(ALERT_FAILURES),
        refusals=read.read(ALERT_REFUSALS),
        waiting=read.read(ALERT_WAITING),
        missed_sweeps=read.read(ALERT_MISSED_SWEEPS),
        sweep_every=read.read(SWEEP_EVERY),
    )


def _google_options(run: PulumiRun) -> tuple[ProviderOption, ...]:
    return tuple(
        ProviderOption(key.removeprefix("gcp:"), value, key in run.secret_keys)
        for key, value in sorted(run.values.items())
        if key.startswith("gcp:") and key not in OUR_KEYS_OF_GOOGLE
    )


def _warnings(twilio: TwilioAccess, closed_timeout: timedelta | None) -> tuple[str, ...]:
    warnings = []
    if twilio.missing:
        keys = "; ".join(str(problem) for problem in twilio.missing)
        warnings.append(
            "this preview could not look at Twilio, so it does not know whether somebody else's webhook or timer is "
            f"there; pulumi up will refuse: {keys}"
        )
    if closed_timeout:
        warnings.append(
            f"closedTimeout is {format_duration(closed_timeout)}: Twilio's closed timer ends a chat whoever is waited "
            "for, also one whose customer waits for an answer; remove it unless you mean that"
        )
    return tuple(warnings)
