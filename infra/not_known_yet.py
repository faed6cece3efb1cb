"""Values that a preview may not know yet."""

import pulumi


def known(value: str | None) -> pulumi.Output[str]:
    """The value, or "not known yet" in a preview that has none."""
    return pulumi.Output.from_input(pulumi.UNKNOWN if value is None else value)  # type: ignore[arg-type]
