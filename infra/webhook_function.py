"""The public function: what Twilio calls."""

from collections.abc import Mapping
from dataclasses import dataclass

import pulumi
import pulumi_gcp as gcp

from function.contract import EVENTS_AT_ONCE, EntryPoint
from infra.broken_functions import rebuilding
from infra.earlier_names import with_earlier_names
from infra.foundation import Foundation, with_platform_variables

TIMEOUT_SECONDS = 30
"""Twilio waits five; the rest is for a cold start."""


@dataclass(frozen=True)
class WebhookFunctionArgs:
    """What the public function needs to know.

    Attributes:
        foundation: what it needs.
        function_name: carries project and stack, so that the function's URL names its owner.
        location: where it runs.
        environment: its plain variables.
        broken_since: when its last build or start failed; None if it did not.
        min_instances: always kept.
        max_instances: the maximum.
        everybody_may_call: whether this component lets everybody call it; otherwise somebody else grants that right.
    """

    foundation: Foundation
    function_name: str
    location: str
    environment: pulumi.Input[Mapping[str, str]]
    broken_since: str | None
    min_instances: int
    max_instances: int
    everybody_may_call: bool


class WebhookFunction(pulumi.ComponentResource):
    """The public function, deployed from this very checkout.

    Attributes:
        url: the function's address as Google reports it.
        ready: what anybody who is pointed at the function depends on.
    """

    url: pulumi.Output[str]
    ready: list[pulumi.Resource]

    def __init__(self, name: str, args: WebhookFunctionArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        """Declare the function and who may call it."""
        aliases = pulumi.ResourceOptions(transformations=[with_earlier_names(name)])
        super().__init__("inactivity:google:WebhookFunction", name, None, pulumi.ResourceOptions.merge(opts, aliases))
        foundation = args.foundation
        function = gcp.cloudfunctionsv2.Function(
            name,
            name=args.function_name,
            location=args.location,
            description="Warns silent customers of a Flex chat and releases the chat. Managed by Pulumi.",
            build_config=foundation.build_config(EntryPoint.WEBHOOK, args.broken_since),
            service_config={
                "service_account_email": foundation.run.email,
                "available_cpu": "1",
                "available_memory": "256Mi",
                "max_instance_request_concurrency": EVENTS_AT_ONCE,
                "min_instance_count": args.min_instances,
                "max_instance_count": args.max_instances,
                "timeout_seconds": TIMEOUT_SECONDS,
                "ingress_settings": "ALLOW_ALL",
                "all_traffic_on_latest_revision": True,
                "environment_variables": with_platform_variables(args.environment, EVENTS_AT_ONCE),
                "secret_environment_variables": foundation.secret_variables,
            },
            opts=pulumi.ResourceOptions.merge(
                foundation.lasting(self, *foundation.needs), rebuilding(args.broken_since)
            ),
        )
        self.url = function.url
        self.ready = [function]
        if args.everybody_may_call:
            replaced = pulumi.ResourceOptions(replace_with=[function])  # a new function has lost its callers
            invoker = gcp.cloudrunv2.ServiceIamMember(
                f"{name}-everybody-may-call",
                location=args.location,
                name=function.name,
                role="roles/run.invoker",
                member="allUsers",
                opts=pulumi.ResourceOptions.merge(foundation.child(self), replaced),
            )
            self.ready.append(invoker)
        self.register_outputs({"url": self.url})
