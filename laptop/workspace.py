"""The Automation API's workspace, without the runs of the CLI whose answer nobody needs.

Each run takes a quarter to half a second of a core before it does anything, and `Stack.up` adds three of its own.
"""

import json
from typing import Any

from pulumi.automation import Deployment, LocalWorkspace, OutputMap


class Workspace(LocalWorkspace):
    """A `LocalWorkspace` whose stack's outputs and state are read when they are asked for, with one run each."""

    def stack_outputs(self, stack_name: str) -> OutputMap:  # noqa: ARG002 - the parameter is the Automation API's
        """Nothing: `Stack.up` would read all outputs twice, once with the secrets masked. See `read_outputs`."""
        return {}

    def read_outputs(self, stack_name: str) -> dict[str, Any]:
        """The stack's outputs, with secrets in plain text."""
        return self._read(["stack", "output", "--json", "--show-secrets", "--stack", stack_name])

    def export_stack(self, stack_name: str) -> Deployment:
        """The stack's state, with its secrets encrypted."""
        exported = self._read(["stack", "export", "--stack", stack_name])
        return Deployment(exported["version"], exported["deployment"])

    def _read(self, arguments: list[str]) -> dict[str, Any]:
        found: dict[str, Any] = json.loads(self._run_pulumi_cmd_sync(arguments).stdout)
        return found
