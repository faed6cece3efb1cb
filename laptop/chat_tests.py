"""Plays chat scripts as tests of a policy: the function and the simulator in this process, without a deployment."""

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

from function.policy import PolicyError, parse_policy
from laptop.chat_player import Assumption, ChatPlayer, Check, Happening
from laptop.chat_script import (
    POLICY_FILE,
    ChatScript,
    Expectation,
    ScriptError,
    find_scripts,
    policy_beside,
    read_script,
)
from laptop.function_log import LogEntry, read_line
from sandbox.sandbox import Sandbox

SWEEP_EVERY = "PT5M"
"""How often the sweep runs, as in a deployed stack."""


class UnusableError(ValueError):
    """Nothing can be played. The message is one line that names the file and the way out."""


@dataclass(frozen=True)
class Options:
    """What the command line says about the policy.

    Attributes:
        policy: file with the setting `policy` as JSON; None for the policy.json beside the first script, or no policy.
        timeout: the setting of this name; None for its default.
        warn_before: the setting `warnBefore`; None for its default.
    """

    policy: Path | None = None
    timeout: str | None = None
    warn_before: str | None = None


@dataclass(frozen=True)
class ChatTest:
    """What a script showed.

    Attributes:
        script: what was played.
        happenings: everything that happened, with its time since the chat began.
        impossible: why a step could not be played; empty if all were. The rest of the script was not played then.
    """

    script: ChatScript
    happenings: tuple[tuple[timedelta, Happening], ...]
    impossible: str = ""

    @property
    def checks(self) -> list[Check]:
        """The expectations that were checked, in order."""
        return [happening for _, happening in self.happenings if isinstance(happening, Check)]

    @property
    def differences(self) -> list[Check]:
        """The expectations that did not hold."""
        return [check for check in self.checks if not check.held]

    @property
    def passed(self) -> bool:
        """Whether every step was played and every expectation held."""
        return not self.differences and not self.impossible


def play_tests(paths: Sequence[Path], options: Options) -> Iterator[ChatTest]:
    """Read scripts and policy, then play one script after the other, each in a sandbox of its own.

    Raises:
        UnusableError: a script or the policy cannot be read, a script assumes another timeout or warnBefore, or it
            expects nothing. It is raised before anything is played.
    """
    try:
        scripts = [read_script(path) for path in find_scripts(paths)]
        document = _document(paths, options)
        default = parse_policy(document).default
        for script in scripts:
            Assumption(default.timeout, default.warn_before).check(script)
            _check_expectations(script)
    except ScriptError as error:
        raise UnusableError(str(error)) from error
    except PolicyError as error:
        problems = "; ".join(map(str, error.problems))
        of_the_file = all(problem.path.startswith("policy") for problem in error.problems)
        raise UnusableError(f"{options.policy or POLICY_FILE}: {problems}" if of_the_file else problems) from error
    return (_play(script, document) for script in scripts)


def _check_expectations(script: ChatScript) -> None:
    if not any(isinstance(step, Expectation) for step in script.steps):
        raise UnusableError(
            f"{script.path}: expects nothing, so it cannot fail; add a line such as `08:30 expect warned`"
        )


def _document(paths: Sequence[Path], options: Options) -> dict[str, Any]:
    """The policy's whole document: the setting `policy` and the options that are given."""
    if options.policy is None:
        policy = json.loads(policy_beside(paths) or "{}")
    else:
        try:
            policy = json.loads(options.policy.read_bytes())
        except OSError as error:
            raise UnusableError(f"{options.policy}: cannot be read: {error.strerror}") from error
        except ValueError as error:
            raise UnusableError(f"{options.policy}: is not JSON ({error})") from error
    settings = {"timeout": options.timeout, "warnBefore": options.warn_before, "policy": policy}
    return {key: value for key, value in settings.items() if value is not None}


def _play(script: ChatScript, document: dict[str, Any]) -> ChatTest:
    happenings: list[tuple[timedelta, Happening]] = []
    impossible = ""
    with Sandbox(document) as sandbox:
        sandbox.schedule_sweep(SWEEP_EVERY)
        log = SandboxLog(sandbox)
        player = ChatPlayer(sandbox.client, log, lambda at, happening: happenings.append((at, happening)))
        try:
            player.play(script)
        except ScriptError as error:
            impossible = str(error)
    return ChatTest(script, tuple(happenings), impossible)


class SandboxLog:
    """The log of a function in this process: a line is there before its answer, so nothing has to wait."""

    def __init__(self, sandbox: Sandbox) -> None:
        self._sandbox = sandbox
        self._read = 0

    def await_entries(
        self,
        conversation: str,
        webhooks: int,  # noqa: ARG002
        patience: timedelta,  # noqa: ARG002
        *,
        sweeps: int = 0,  # noqa: ARG002
    ) -> list[LogEntry]:
        """Return the new entries about one conversation."""
        new = self._sandbox.log_lines[self._read :]
        self._read += len(new)
        entries = [entry for line in new if (entry := read_line(line))]
        return [entry for entry in entries if entry.conversation == conversation]
