"""A small Pulumi program with what ours has: a function from a zip, a secret, an invoker, and a dynamic resource.

`python -m tests.laptop.small_program HOME [N]` runs its `up` as a process of its own, for tests that interrupt it; with
N it is killed when N resources are made in Google.
"""

import json
import os
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pulumi
import pulumi_gcp as gcp
from pulumi.dynamic import CreateResult, Resource, ResourceProvider

from laptop.gcp_provider.switches import Switches, Trouble, Way
from laptop.recovery import RunGoesOnError
from laptop.stack import LocalStack, StoppedError

SLOW_SECONDS = 1.5
FUNCTION = "flex-chat-inactivity-timeout-local"
AUTH_TOKEN = "token-of-the-simulator"
MAIN = """
import json, os, sys

def echo(request):
    print(json.dumps({"event": "echo", "path": request.path}), flush=True)
    answer = {"version": VERSION, "method": request.method, "path": request.path, "uri": request.environ["RAW_URI"],
              "body": request.get_data(as_text=True), "headers": dict(request.headers), "environment": dict(os.environ)}
    return json.dumps(answer), 200, {"Content-Type": "application/json", "X-Answer": "yes"}
"""


class _SlowProvider(ResourceProvider):
    """Takes its time, so that there is a moment to interrupt."""

    def create(self, props: dict[str, Any]) -> CreateResult:
        time.sleep(SLOW_SECONDS)
        return CreateResult("slow", {**props, "pid": os.getpid()})


class Slow(Resource, module="tests", name="Slow"):
    """A dynamic resource that is created slowly."""

    def __init__(self, name: str, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__(_SlowProvider(), name, {"value": "x"}, opts)


def small_program(version: str = "1") -> Callable[[], None]:
    """The program, whose function says that it is of this version."""

    def program() -> None:
        names = ("cloudfunctions", "run", "cloudbuild", "artifactregistry", "secretmanager", "iam")
        apis = [gcp.projects.Service(name, service=f"{name}.googleapis.com") for name in names]
        enabled = pulumi.ResourceOptions(depends_on=apis)
        bucket = gcp.storage.Bucket("source", location="EU")
        source = pulumi.AssetArchive({"main.py": pulumi.StringAsset(f"VERSION = {version!r}\n{MAIN}")})
        zipped = gcp.storage.BucketObject("zip", bucket=bucket.name, name=f"function-{version}.zip", source=source)
        account = gcp.serviceaccount.Account("runtime", account_id="runtime", opts=enabled)
        secret = gcp.secretmanager.Secret("token", secret_id="token", replication={"auto": {}}, opts=enabled)
        token = pulumi.Config().require_secret("twilioAuthToken")
        kept = gcp.secretmanager.SecretVersion("token", secret=secret.id, secret_data=token)
        reads = gcp.secretmanager.SecretIamMember(
            "reads", secret_id=secret.secret_id, role="roles/secretmanager.secretAccessor", member=account.member
        )
        slow = Slow("slow")
        function = gcp.cloudfunctionsv2.Function(
            "function",
            name=FUNCTION,
            location="europe-west1",
            build_config={
                "runtime": "python313",
                "entry_point": "echo",
                "source": {"storage_source": {"bucket": bucket.name, "object": zipped.name}},
            },
            service_config={
                "service_account_email": account.email,
                "environment_variables": {"GREETING": "hello", "THREADS": "4"},
                "secret_environment_variables": [
                    {"key": "TOKEN", "project_id": "local-laptop", "secret": secret.secret_id, "version": kept.version}
                ],
            },
            opts=pulumi.ResourceOptions(depends_on=[reads, slow, *apis]),
        )
        gcp.cloudrunv2.ServiceIamMember(
            "everybody", name=function.name, location=function.location, role="roles/run.invoker", member="allUsers"
        )
        pulumi.export("url", function.url)
        # A function whose build failed has no service, and so no such address.
        pulumi.export("uri", function.service_config.apply(lambda service: service.get("uri")))

    return program


def main() -> int:
    """Run `up` and tell every line, like the demo does."""
    home, *killed_at = sys.argv[1:]

    def tell(line: str) -> None:
        print(line, flush=True)

    try:
        with LocalStack(
            home=Path(home),
            simulator_url="http://127.0.0.1:9",
            account_sid="AC" + "0" * 32,
            auth_token=AUTH_TOKEN,
            front_port=0,
            program=small_program(),
            google=Switches(trouble=Trouble(int(killed_at[0]), Way.KILLED) if killed_at else None),
            on_output=tell,
            say=tell,
        ) as stack:
            changes = stack.up(preview=False)
            tell(json.dumps(dict(changes.counts)))
    except StoppedError:
        tell("stopped")
        return 130
    except RunGoesOnError as error:
        tell(str(error))
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
