"""The one provider of everything in Google: project, region, labels, and whatever else the stack's config gives it."""

from collections.abc import Mapping
from dataclasses import dataclass, field

import pulumi
import pulumi_gcp as gcp

LABEL = "inactivity-timeout"
"""The label of everything in Google that takes labels; its value is the public function's name."""


@dataclass(frozen=True)
class ProviderOption:
    """A key of the namespace `gcp` that is the provider's own, such as `impersonateServiceAccount`.

    Attributes:
        key: without the namespace.
        value: text, or JSON, as Pulumi keeps it.
        secret: whether it is encrypted in the stack's file.
    """

    key: str
    value: str = field(repr=False)
    secret: bool


@dataclass(frozen=True)
class GoogleProviderArgs:
    """What the provider needs to know.

    Attributes:
        project: id of the Google project.
        region: of whatever names none.
        labels: of whatever takes labels.
        options: the rest of the stack's config for it.
    """

    project: str
    region: str
    labels: Mapping[str, str]
    options: tuple[ProviderOption, ...]


def google_provider(name: str, args: GoogleProviderArgs) -> gcp.Provider:
    """Declare the provider.

    The engine gives the namespace `gcp` to default providers only (https://github.com/pulumi/pulumi/issues/12176, open
    on 2026-11-27), so this hands on the rest of it. Otherwise a stack that impersonates a service account would deploy
    as somebody else.
    """

    def with_options(found: pulumi.ResourceTransformationArgs) -> pulumi.ResourceTransformationResult:
        options = {each.key: pulumi.Output.secret(each.value) if each.secret else each.value for each in args.options}
        return pulumi.ResourceTransformationResult({**found.props, **options}, found.opts)

    return gcp.Provider(
        name,
        project=args.project,
        region=args.region,
        default_labels=args.labels,
        opts=pulumi.ResourceOptions(transformations=[with_options]),
    )
