"""The names that resources had before their component's name became part of them, for stacks that were made then.

A resource under another name is another resource: without an alias, `up` would create it a second time, which Google
refuses with 409, and delete the first. A stack that was updated once keeps only the present names.
"""

import pulumi

EARLIER = {
    "webhook-function": "webhook",
    "sweep-function": "sweep",
    "sweep-function-job": "sweep",
    "inactivity-foundation-sources": "inactivity-source",
}
"""Names that did more than get their component's name before the earlier one."""


def with_earlier_names(component: str, *, moved_from: str = "") -> pulumi.ResourceTransformation:
    """Give each resource in Google of a component its earlier name as an alias.

    Args:
        component: the component's name.
        moved_from: type and name (`TYPE::NAME`) of the component whose children they were; empty for this one.
    """

    def transform(args: pulumi.ResourceTransformationArgs) -> pulumi.ResourceTransformationResult | None:
        if not args.type_.startswith("gcp:"):
            return None
        name = EARLIER.get(args.name, args.name.removeprefix(f"{component}-"))
        alias = pulumi.Alias(name=name, parent=_urn(moved_from)) if moved_from else pulumi.Alias(name=name)
        opts = pulumi.ResourceOptions.merge(args.opts, pulumi.ResourceOptions(aliases=[alias]))
        return pulumi.ResourceTransformationResult(args.props, opts)

    return transform


def _urn(type_and_name: str) -> str:
    return f"urn:pulumi:{pulumi.get_stack()}::{pulumi.get_project()}::{type_and_name}"
