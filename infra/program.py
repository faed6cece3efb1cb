"""The Pulumi program: config -> resources -> exports. Composition only.

Order: what was set at Twilio before us, then Google, a signed test event, the schedule, then Twilio: nothing calls a
function that does not answer, and no timer runs before the sweep, which finds what was lost, is scheduled. Monitoring
comes last: an engine starts nothing after a failure, and chats are released without it. A destroy goes the other way
round, so Twilio is pointed away from the function before the function and its schedule go.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

import pulumi
import pulumi_gcp as gcp

from function.settings import Settings
from infra.broken_functions import broken_since
from infra.existing import ExistingSecret
from infra.foundation import Foundation, FoundationArgs
from infra.google_provider import LABEL, GoogleProviderArgs, google_provider
from infra.monitoring.component import Monitoring, MonitoringArgs
from infra.monitoring.log_metrics import Services
from infra.names import service_account_id
from infra.not_known_yet import known
from infra.rights_in_effect import A_MINUTE
from infra.signed_test_event import SignedTestEvent
from infra.stack_config import StackConfig, load_stack_config
from infra.stack_settings import API_KEY_SECRET, AUTH_TOKEN, AUTH_TOKEN_SECONDARY, PublicAccess, Timers
from infra.sweep_function import SweepFunction, SweepFunctionArgs
from infra.twilio_resources.client import ENVIRONMENT_OF, TimerSettings, spell_timer
from infra.twilio_resources.default_timers import DefaultTimers
from infra.twilio_resources.prior_settings import PriorSettings
from infra.twilio_resources.service_webhook import ServiceWebhook
from infra.twilio_resources.task_events import TaskEvents
from infra.webhook_function import WebhookFunction, WebhookFunctionArgs


def deploy(*, rights_take: timedelta = A_MINUTE) -> None:
    """Declare one stack. Called once per run; importing this module declares nothing.

    Args:
        rights_take: how long a build waits for new rights; the laptop's provider knows them at once.

    Raises:
        StackConfigError: the config cannot be deployed; nothing was declared.
    """
    config = load_stack_config()
    for warning in config.warnings:
        pulumi.log.warn(warning)
    account_sid = known(config.account_sid)
    timers = _timers(config)
    prior = PriorSettings(
        "prior-settings",
        account_sid=account_sid,
        wanted_service_sid=config.conversations_service_sid or "",
        wanted_workspace_sid=config.workspace_sid or "",
        webhook_url=config.webhook_url,
        timers=timers,
        events_url=config.task_events_url,
        takeover=config.takeover,
        opts=pulumi.ResourceOptions(protect=config.protect),
    )
    service_sid = pulumi.Output.from_input(config.conversations_service_sid or prior.service_sid)
    workspace_sid = pulumi.Output.from_input(config.workspace_sid or prior.workspace_sid)

    ready: list[pulumi.Resource] = [prior]
    environment = _environment(config, account_sid, service_sid, workspace_sid)
    google: _Google | None = None
    if config.google_is_used:
        google = _google(config, account_sid, environment, rights_take, after=prior)
        ready += [google.answers, *google.sweep.ready]
        pulumi.export("sweepJob", google.sweep.job)

    webhook = ServiceWebhook(
        "service-webhook",
        service_sid=service_sid,
        url=config.webhook_url,
        remembered=prior.webhook,
        opts=pulumi.ResourceOptions(depends_on=ready, protect=config.protect),
    )
    deployed: list[pulumi.Resource] = [webhook]
    if timers:
        default_timers = DefaultTimers(
            "default-timers",
            ours=timers,
            remembered=prior.timers,
            opts=pulumi.ResourceOptions(depends_on=ready, protect=config.protect),
        )
        deployed.append(default_timers)
    if config.task_events_url:
        task_events = TaskEvents(
            "task-events",
            workspace_sid=workspace_sid,
            url=config.task_events_url,
            remembered=prior.events,
            opts=pulumi.ResourceOptions(depends_on=ready, protect=config.protect),
        )
        deployed.append(task_events)
    if google and config.monitoring:
        _watch(config, google, after=deployed)

    pulumi.export("webhookUrl", config.webhook_url)
    pulumi.export("serviceSid", service_sid)
    pulumi.export("workspaceSid", workspace_sid)
    pulumi.export("settings", environment)
    if config.google_is_used:
        pulumi.export("functionName", config.function_name)


@dataclass(frozen=True)
class _Google:
    """What stands in Google, and what later parts of the program need of it."""

    provider: gcp.Provider
    foundation: Foundation
    sweep: SweepFunction
    answers: SignedTestEvent


def _google(
    config: StackConfig,
    account_sid: pulumi.Output[str],
    environment: pulumi.Output[dict[str, str]],
    rights_take: timedelta,
    *,
    after: pulumi.Resource,
) -> _Google:
    """Both functions, what they need, and the right answer that whoever calls them waits for."""
    provider = google_provider(
        "google",
        GoogleProviderArgs(
            project=config.google_project,
            region=config.region,
            labels=_labels(config),
            options=config.google_options,
        ),
    )
    opts = pulumi.ResourceOptions(depends_on=[after], providers={"gcp": provider})
    foundation = Foundation(
        "inactivity-foundation",
        FoundationArgs(
            function_name=config.function_name,
            project=config.google_project,
            location=config.region,
            secrets=_secrets(config),
            secret_regions=config.secret_regions,
            existing=config.existing,
            name_prefix=config.name_prefix,
            kept_for=config.retention,
            protect=config.protect,
            rights_take=rights_take,
        ),
        opts,
    )
    function = WebhookFunction(
        "webhook-function",
        WebhookFunctionArgs(
            foundation=foundation,
            function_name=config.function_name,
            location=config.region,
            environment=environment,
            broken_since=broken_since(config.function_name, config.region, provider),
            min_instances=config.min_instances,
            max_instances=config.max_instances,
            everybody_may_call=config.public_access is PublicAccess.ALL_USERS,
        ),
        opts,
    )
    answers = SignedTestEvent(
        "signed-test-event",
        account_sid=account_sid,
        url=config.webhook_url,
        function_url=function.url,
        computed_url=config.public_url if config.public_url_is_computed else "",
        zip_name=foundation.zip_name,
        environment=environment,
        secrets=foundation.secret_versions,
        opts=pulumi.ResourceOptions(depends_on=function.ready),
    )
    sweep = SweepFunction(
        "sweep-function",
        SweepFunctionArgs(
            foundation=foundation,
            function_name=config.sweep_name,
            account_id=service_account_id("schedule", config.function_name, config.name_prefix),
            existing_account=config.existing.schedule,
            location=config.region,
            scheduler_region=config.scheduler_region,
            environment=environment,
            broken_since=broken_since(config.sweep_name, config.region, provider),
            every=config.sweep_every,
            called_after=answers,
        ),
        opts,
    )
    return _Google(provider, foundation, sweep, answers)


def _watch(config: StackConfig, google: _Google, *, after: Sequence[pulumi.Resource]) -> None:
    """What an operator watches."""
    Monitoring(
        "monitoring",
        MonitoringArgs(
            foundation=google.foundation,
            services=Services(config.function_name, config.sweep_name),
            labels=_labels(config),
            limits=config.alert_limits,
            channels=config.notification_channels,
            after=tuple(after),
        ),
        # A destroy begins here, and would have deleted the monitoring when it comes to what is protected.
        pulumi.ResourceOptions(providers={"gcp": google.provider}, protect=config.protect),
    )


def _labels(config: StackConfig) -> dict[str, str]:
    """Of everything in Google that takes labels."""
    return {**dict(config.labels), LABEL: config.function_name}


def _timers(config: StackConfig) -> TimerSettings | None:
    if config.inactive_timer is None:
        return None
    return TimerSettings(spell_timer(config.inactive_timer), spell_timer(config.closed_timeout))


def _environment(
    config: StackConfig,
    account_sid: pulumi.Output[str],
    service_sid: pulumi.Output[str],
    workspace_sid: pulumi.Output[str],
) -> pulumi.Output[dict[str, str]]:
    def settings(sids: list[str]) -> dict[str, str]:
        account, service, workspace = sids
        return Settings(
            account_sid=account,
            auth_token="",  # travels through Secret Manager
            api_key_sid=config.credentials.api_key_sid,
            service_sid=service,
            workspace_sid=workspace,
            public_url=config.public_url,
            policy=config.policy,
            mode=config.mode,
            arm_on_accept=config.timers is Timers.ON_ACCEPT,
            author=config.author,
            rate_limits=config.twilio_base_url is None,
            sweep_every=config.sweep_every,
            max_ends_per_sweep=config.max_ends_per_sweep,
            twilio_base_url=config.twilio_base_url,
            twilio_edge=config.twilio_edge,
            google_cloud_project=config.google_project,
        ).to_environment()

    return pulumi.Output.all(account_sid, service_sid, workspace_sid).apply(settings)


def _secrets(config: StackConfig) -> dict[str, str | ExistingSecret | None]:
    """The function's secret variables; those that are not configured are left out, but for the token."""
    values: dict[str, str | ExistingSecret | None] = {
        AUTH_TOKEN.key: config.credentials.auth_token or None,
        AUTH_TOKEN_SECONDARY.key: config.credentials.auth_token_secondary,
        API_KEY_SECRET.key: config.credentials.api_key_secret,
        **config.existing.secrets,
    }
    return {ENVIRONMENT_OF[key]: value for key, value in values.items() if value or key == AUTH_TOKEN.key}
