"""`ci/stack` where a stack would call Pulumi: the real script, the real engine, stand-ins of Google and Twilio."""

import hashlib
import json
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from pulumi.automation import PulumiCommand

from laptop.ports import listen
from laptop.stack import EngineFailedError, LocalStack
from tests.infra.account import TwilioAccount

SCRIPT = Path(__file__).resolve().parents[2] / "ci" / "stack"
LOCK = "00000000-0000-4000-8000-000000000000"

INSTEAD_OF_PULUMI = """\
#!/usr/bin/env bash
# The Automation API's `pulumi --non-interactive preview FLAG...` becomes `ci/stack OPERATION local ...`.
export PATH={real.parent}:$PATH
operation=$(cat {folder}/operation)
case "$operation:${{2-}}" in
preview:preview | drift:preview) {script} "$operation" local {folder}/comment.md "${{@:3}}" >{folder}/log ;;
deploy:up) {script} deploy local "${{@:3}}" ;;
*) exec {real} "$@" ;;
esac
status=$?
echo $status >{folder}/status
exit $status
"""


@dataclass(frozen=True)
class Ci:
    """A CI with one stack.

    Attributes:
        folder: where the script's output is kept.
        make: makes the stack, with more configuration.
    """

    folder: Path
    make: Callable[..., LocalStack]

    def run(self, operation: str, stack: LocalStack) -> int:
        """One operation of the script; its status."""
        (self.folder / "operation").write_text(operation)
        (self.folder / "status").unlink(missing_ok=True)
        with suppress(EngineFailedError):
            if operation == "deploy":
                stack.up(preview=False)
            else:
                stack.preview()
        return int((self.folder / "status").read_text())

    @property
    def comment(self) -> str:
        """What would be put on the pull request."""
        return (self.folder / "comment.md").read_text()

    @property
    def log(self) -> str:
        """What the CI shows."""
        return (self.folder / "log").read_text()

    @property
    def _lock(self) -> Path:
        project = "flex-chat-inactivity-timeout"
        return self.folder / "home/backend/.pulumi/locks/organization" / project / "local" / f"{LOCK}.json"

    def lock(self) -> None:
        """Somebody else deploys this stack."""
        self._lock.parent.mkdir(parents=True, exist_ok=True)
        holder = {"pid": 1, "username": "somebody", "hostname": "elsewhere", "timestamp": "2026-11-27T12:00:00Z"}
        self._lock.write_text(json.dumps(holder))

    def unlock(self) -> None:
        """They are done."""
        self._lock.unlink()

    def state(self) -> dict[str, str]:
        """Each file of Pulumi's backend, locks included, by the digest of what is in it."""
        backend = self.folder / "home" / "backend"
        files = (path for path in backend.rglob("*") if path.is_file())
        return {str(path.relative_to(backend)): hashlib.sha256(path.read_bytes()).hexdigest() for path in files}


def pretend(folder: Path, account: TwilioAccount, cli: Path) -> Ci:
    """A CI with its files in this folder, on this account, with this Pulumi CLI."""
    command = folder / "bin" / "pulumi"
    command.parent.mkdir()
    command.write_text(INSTEAD_OF_PULUMI.format(real=cli, folder=folder, script=SCRIPT))
    command.chmod(0o755)
    (folder / "operation").write_text("none")
    with listen(0, purpose="the functions' front", option="front_port") as free:
        port = int(free.getsockname()[1])  # the same for each stack, so that the functions keep their address

    def make(**config: str) -> LocalStack:
        return LocalStack(
            home=folder / "home",
            simulator_url=account.url,
            account_sid=account.sid,
            auth_token=account.token,
            config=config,
            front_port=port,
            pulumi=PulumiCommand(root=str(folder)),
        )

    return Ci(folder, make)
