"""The private function that sweeps, and the schedule that calls it.

The same zip as the public function, another entry point. Nobody but Scheduler's service account may call it, so the
check is Google's, and the public function has no path for it.
"""

from collections.abc import Mapping
from datetime import timedelta

import pulumi
import pulumi_gcp as gcp

from function.contract import EntryPoint, sweep_timeout
from infra.names import service_account_id
from infra.stack_config import StackConfig
from infra.webhook_function import Foundation, retrying_propagation, with_platform_variables

API = "cloudscheduler.googleapis.com"

MEMORY = "512Mi"
"""Ten thousand conversations' lists, and threads and connections for 32 conversations at a time."""

THREADS = 2
"""Requests: one sweep at a time, and a second one that is told so."""


class SweepFunction(pulumi.ComponentResource):
    """The private function and its schedule.

    Attributes:
        job: Google's name of the schedule, for whoever pauses it.
        ready: what must stand before lost webhooks are found.
    """

    job: pulumi.Output[str]
    ready: list[pulumi.Resource]

    def __init__(
        self,
        name: str,
        config: StackConfig,
        *,
        foundation: Foundation,
        environment: pulumi.Input[Mapping[str, str]],
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        """Declare function and schedule.

        Args:
            name: of the component.
            config: of the stack.
            foundation: what the public function stands on.
            environment: the function's plain variables, the same as the public one's.
            opts: of the component.
        """
        super().__init__("inactivity:google:SweepFunction", name, None, opts)
        timeout = int(sweep_timeout(config.sweep_every).total_seconds())
        child = pulumi.ResourceOptions(parent=self, hooks=retrying_propagation("wait-for-propagation-of-the-sweep"))
        api = gcp.projects.Service(
            "cloudscheduler",
            project=config.google_project,
            service=API,
            disable_on_destroy=False,
            disable_dependent_services=False,
            opts=child,
        )
        function = gcp.cloudfunctionsv2.Function(
            "sweep",
            name=config.sweep_name,
            project=config.google_project,
            location=config.region,
            description="Finds chats whose webhook was lost, and treats them as the webhook would. Managed by Pulumi.",
            build_config=foundation.build_config(EntryPoint.SWEEP),
            service_config={
                "service_account_email": foundation.run.email,
                "available_cpu": "1",
                "available_memory": MEMORY,
                "max_instance_request_concurrency": THREADS,
                "min_instance_count": 0,
                "max_instance_count": 1,
                "timeout_seconds": timeout,
                "ingress_settings": "ALLOW_ALL",
                "all_traffic_on_latest_revision": True,
                "environment_variables": with_platform_variables(environment, THREADS),
                "secret_environment_variables": foundation.secret_variables,
            },
            opts=_after(child, *foundation.needs),
        )
        caller = gcp.serviceaccount.Account(
            "schedule",
            account_id=service_account_id("schedule", config.function_name),
            project=config.google_project,
            display_name=f"{config.sweep_name}: schedule",
            opts=_after(child, *foundation.needs),
        )
        may_call = gcp.cloudrunv2.ServiceIamMember(
            "schedule-may-call",
            project=config.google_project,
            location=config.region,
            name=function.name,
            role="roles/run.invoker",
            member=caller.member,
            opts=pulumi.ResourceOptions.merge(child, pulumi.ResourceOptions(replace_with=[function])),
        )
        job = gcp.cloudscheduler.Job(
            "sweep",
            name=config.sweep_name,
            project=config.google_project,
            region=config.region,
            description="Calls the sweep. `inactivity off` pauses it, `inactivity on` and an update resume it.",
            schedule=cron(config.sweep_every),
            time_zone="Etc/UTC",
            paused=False,
            attempt_deadline=f"{timeout}s",
            retry_config={"retry_count": 0},  # the next sweep is the retry
            http_target={
                "uri": function.url,
                "http_method": "POST",
                "oidc_token": {"service_account_email": caller.email, "audience": function.url},
            },
            opts=_after(child, api, may_call),
        )
        self.job = job.id
        self.ready = [job]
        self.register_outputs({"job": self.job})


def cron(every: timedelta) -> str:
    """The schedule in Scheduler's words, for a number of minutes that divides an hour."""
    minutes = every // timedelta(minutes=1)
    return {1: "* * * * *", 60: "0 * * * *"}.get(minutes, f"*/{minutes} * * * *")


def _after(options: pulumi.ResourceOptions, *resources: pulumi.Resource) -> pulumi.ResourceOptions:
    return pulumi.ResourceOptions.merge(options, pulumi.ResourceOptions(depends_on=list(resources)))
