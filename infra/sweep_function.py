"""The private function that sweeps, and the schedule that calls it.

The same zip as the public function, another entry point. Nobody but Scheduler's service account may call it, so the
check is Google's, and the public function has no path for it.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta

import pulumi
import pulumi_gcp as gcp

from function.contract import EntryPoint, sweep_timeout
from infra.broken_functions import rebuilding
from infra.earlier_names import with_earlier_names
from infra.existing import ExistingAccount
from infra.foundation import Foundation, with_platform_variables
from infra.not_known_yet import known

API = "cloudscheduler.googleapis.com"

MEMORY = "512Mi"
"""Ten thousand conversations' lists, and threads and connections for 32 conversations at a time."""

THREADS = 2
"""Requests: one sweep at a time, and a second one that is refused."""


@dataclass(frozen=True)
class SweepFunctionArgs:
    """What the private function and its schedule need to know.

    Attributes:
        foundation: what the function needs.
        function_name: of this function and of its schedule.
        account_id: of the service account that the schedule calls it as.
        existing_account: somebody else's account in its place.
        location: where the function is.
        scheduler_region: where its schedule is.
        environment: the function's plain variables, the same as the public one's.
        broken_since: when its last build or start failed; None if it did not.
        every: how often the schedule calls; a number of minutes that divides an hour.
        called_after: what must be there before the schedule calls.
    """

    foundation: Foundation
    function_name: str
    account_id: str
    existing_account: ExistingAccount | None
    location: str
    scheduler_region: str
    environment: pulumi.Input[Mapping[str, str]]
    broken_since: str | None
    every: timedelta
    called_after: pulumi.Resource


class SweepFunction(pulumi.ComponentResource):
    """The private function and its schedule.

    Attributes:
        job: Google's name of the schedule, for whoever pauses it.
        ready: what anybody depends on who relies on lost webhooks being found.
    """

    job: pulumi.Output[str]
    ready: list[pulumi.Resource]

    def __init__(self, name: str, args: SweepFunctionArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        """Declare function and schedule."""
        aliases = pulumi.ResourceOptions(transformations=[with_earlier_names(name)])
        super().__init__("inactivity:google:SweepFunction", name, None, pulumi.ResourceOptions.merge(opts, aliases))
        foundation, timeout = args.foundation, int(sweep_timeout(args.every).total_seconds())
        api = foundation.apis(name, [API], parent=self)
        function = gcp.cloudfunctionsv2.Function(
            name,
            name=args.function_name,
            location=args.location,
            description="Finds chats whose webhook was lost, and treats them as the webhook would. Managed by Pulumi.",
            build_config=foundation.build_config(EntryPoint.SWEEP, args.broken_since),
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
                "environment_variables": with_platform_variables(args.environment, THREADS),
                "secret_environment_variables": foundation.secret_variables,
            },
            opts=pulumi.ResourceOptions.merge(
                foundation.lasting(self, *foundation.needs), rebuilding(args.broken_since)
            ),
        )
        caller = args.existing_account or foundation.service_account(
            self, f"{name}-schedule", args.account_id, f"{args.function_name}: schedule", *foundation.needs
        )
        replaced = pulumi.ResourceOptions(replace_with=[function])  # a new function has lost its callers
        may_call = gcp.cloudrunv2.ServiceIamMember(
            f"{name}-schedule-may-call",
            location=args.location,
            name=function.name,
            role="roles/run.invoker",
            member=caller.member,
            opts=pulumi.ResourceOptions.merge(foundation.child(self), replaced),
        )
        # Address and audience as in Google's own tested example of a schedule that calls a private function
        # (GoogleCloudPlatform/magic-modules, cloudfunctions2_scheduler_auth.tf.tmpl, November 2026).
        address: pulumi.Output[str] = function.service_config.apply(_address)
        job = gcp.cloudscheduler.Job(
            f"{name}-job",
            name=args.function_name,
            region=args.scheduler_region,
            description="Calls the sweep. `inactivity off` pauses it, `inactivity on` and an update resume it.",
            schedule=cron(args.every),
            time_zone="Etc/UTC",
            paused=False,
            attempt_deadline=f"{timeout}s",
            retry_config={"retry_count": 0},  # the next sweep is the retry
            http_target={
                "uri": address,
                "http_method": "POST",
                "oidc_token": {
                    "service_account_email": caller.email,
                    "audience": pulumi.Output.concat(address, "/"),
                },
            },
            opts=foundation.lasting(self, *api, may_call, args.called_after),
        )
        self.job = job.id
        self.ready = [job]
        self.register_outputs({"job": self.job})


def _address(config: gcp.cloudfunctionsv2.outputs.FunctionServiceConfig | None) -> pulumi.Output[str]:
    """Where the function answers; a function whose first build failed has no address until it is built again."""
    return known((config.uri or None) if config else None)


def cron(every: timedelta) -> str:
    """The schedule as a cron expression, for a number of minutes that divides an hour."""
    minutes = every // timedelta(minutes=1)
    return {1: "* * * * *", 60: "0 * * * *"}.get(minutes, f"*/{minutes} * * * *")
