"""A pull request that changes a setting of a deployed stack, and the comment that CI puts on it."""

import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Final

from laptop.progress import ignored
from laptop.pulumi_cli import executable, obtain_pulumi
from simulator.running import RunningSimulator
from tests.ci.pretending import pretend
from tests.infra.account import TwilioAccount

CHANGE: Final[Mapping[str, str]] = {"timeout": "PT20M"}
"""What the pull request changes."""


def ci_preview() -> str:
    """The comment, after a deployment with the defaults."""
    with tempfile.TemporaryDirectory() as folder, RunningSimulator() as simulator:
        ci = pretend(Path(folder), TwilioAccount(simulator), executable(obtain_pulumi(ignored)))
        with ci.make() as stack:
            ci.run("deploy", stack)
        with ci.make(**CHANGE) as stack:
            ci.run("preview", stack)
        return shown(ci.comment)


def shown(comment: str) -> str:
    """A comment as Markdown that a page shows, without the mark by which CI finds it again."""
    return "\n".join(comment.splitlines()[1:]).strip().replace("### ", "**", 1).replace("\n", "**\n", 1)
