"""States that earlier versions of the program left: `state_*.json`, each written once by the version that it is of.

`python -m tests.infra.recorded_states NAME` records the present one, when a version is released. What differs from one
machine or account to the next is a placeholder in the file. Secrets are in plain text: they are the simulator's.
"""

import json
import sys
import tempfile
from collections.abc import Collection, Mapping
from pathlib import Path
from typing import Any

from infra.source_zip import source_files
from laptop.gcp_provider.values import Blob
from laptop.stack import LocalStack
from simulator.running import RunningSimulator
from tests.infra.account import TwilioAccount
from tests.infra.program_graph import SECRET_KEY

ROOT = Path(__file__).resolve().parents[2]
RECORDED = sorted(Path(__file__).parent.glob("state_*.json"))
"""All of them."""

UNNEEDED = frozenset({"assets", "created", "modified", "sourcePosition", "stackTrace"})
"""Keys of a state that say where and when it was made; an archive is known by its hash."""

_PROJECT = "flex-chat-inactivity-timeout"
_ASSET, _ARCHIVE = "c44067f5952c0a294b673a41bacd8c17", "0def7320c3a5731c473e5ecbe6d01bc7"
"""Marks of Pulumi's protocol."""

_MONITORING = "false"
"""Its resources only look at the others, and each of them is one more to read in every test."""


def record(name: str) -> Path:
    """Write down what the present program leaves; the file."""
    with tempfile.TemporaryDirectory() as folder, RunningSimulator() as simulator:
        home, account = Path(folder) / "home", TwilioAccount(simulator)
        with LocalStack(
            home=home,
            simulator_url=account.url,
            account_sid=account.sid,
            auth_token=account.token,
            config={"monitoring": _MONITORING},
            front_port=0,
        ) as stack:
            stack.up(preview=False)
            places = placeholders(account, stack.front_url)
            state = stack.export()
        left = {"state": state, "google": json.loads((home / "cloud" / "resources.json").read_text("utf-8"))}
    text = json.dumps(_without(left, UNNEEDED), indent=1, sort_keys=True)
    for placeholder, value in places.items():
        text = text.replace(value, placeholder)
    path = Path(__file__).with_name(f"state_{name}.json")
    path.write_text(f"{text}\n", "utf-8")
    return path


def placeholders(account: TwilioAccount, front_url: str) -> Mapping[str, str]:
    """What stands for what, the longest values first."""
    return {
        "{root}": str(ROOT),
        "{front}": front_url,
        "{twilio}": account.url,
        "{account}": account.sid,
        "{service}": account.service_sid,
        "{workspace}": account.workspace_sid,
        "{token}": account.token,
    }


def put_back(recorded: Path, home: Path, account: TwilioAccount, front_url: str) -> None:
    """Let a stack that was opened once, and never deployed, be the recorded one: state, Google and Twilio."""
    text = recorded.read_text("utf-8")
    for placeholder, value in placeholders(account, front_url).items():
        text = text.replace(placeholder, value)
    left = json.loads(text)
    (home / "cloud" / "resources.json").write_text(json.dumps(left["google"]), "utf-8")
    for resource in left["google"]["resources"]:
        if digest := resource["outputs"].get("contentSha256"):
            (home / "cloud" / "objects" / digest).write_bytes(_present_zip())
    checkpoint = {"stack": f"organization/{_PROJECT}/local", "latest": left["state"]}
    state_file = home / "backend" / ".pulumi" / "stacks" / _PROJECT / "local.json"
    state_file.write_text(json.dumps({"version": 3, "checkpoint": checkpoint}), "utf-8")
    for resource in left["state"]["resources"]:
        _write_to_twilio(resource, account)


def _without(value: Any, keys: Collection[str]) -> Any:
    if isinstance(value, dict):
        return {key: _without(each, keys) for key, each in value.items() if key not in keys}
    return [_without(each, keys) for each in value] if isinstance(value, list) else value


def _present_zip() -> bytes:
    """The zip of now; where it is not the one of then, the functions of then do not start, and `up` updates them."""
    assets = {file.name: {SECRET_KEY: _ASSET, "path": str(file.path)} for file in source_files()}
    return Blob({SECRET_KEY: _ARCHIVE, "assets": assets}).read()


def _write_to_twilio(resource: Mapping[str, Any], account: TwilioAccount) -> None:
    kind, inputs = resource["type"].rpartition(":")[2], resource.get("inputs", {})
    if kind == "ServiceWebhook":
        account.write(
            account.service_webhook, PostWebhookUrl=inputs["url"], Method=inputs["method"], Filters=inputs["events"]
        )
    if kind == "DefaultTimers":
        account.write("Configuration", DefaultInactiveTimer=inputs["inactive"])


if __name__ == "__main__":
    print(record(sys.argv[1]).name)
