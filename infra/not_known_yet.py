"""Values that a preview may not have been given."""

import pulumi


def known(value: str | None) -> pulumi.Output[str]:
    """The value, or "not known yet" in a preview that was not given one."""
    return pulumi.Output.from_input(pulumi.UNKNOWN if value is None else value)  # type: ignore[arg-type]
