"""The laptop's Google in one process, without the protocol: what tests of its rules make things with."""

import json
import time
import urllib.request
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from laptop.gcp_provider import iam, tokens
from laptop.gcp_provider.cloud import Cloud
from laptop.gcp_provider.functions import Functions
from laptop.gcp_provider.operations import Operations
from laptop.gcp_provider.switches import ALL_WORKS, Switches
from laptop.gcp_provider.values import Blob, Properties, Secret

MARK = "4dabf18193072939515e22adb298388d"
ARCHIVE = "0def7320c3a5731c473e5ecbe6d01bc7"
ASSET = "c44067f5952c0a294b673a41bacd8c17"
EMAIL = "runtime@local-laptop.iam.gserviceaccount.com"
SECRET_ID = "projects/local-laptop/secrets/token"
MAIN = """
import json, os
def echo(request):
    print("said", flush=True)
    return json.dumps({"version": %r, "environment": dict(os.environ)})
"""


def archive(**files: str) -> Blob:
    """An archive as the engine sends one."""
    assets = {name.replace("__", "."): {MARK: ASSET, "text": text, "hash": text} for name, text in files.items()}
    return Blob({MARK: ARCHIVE, "assets": assets, "hash": repr(files)})


@dataclass
class Laptop:
    """A cloud with everything a function needs, and its operations."""

    home: Path
    cloud: Cloud
    functions: Functions
    operations: Operations

    def make(self, token: str, **inputs: Any) -> str:
        """Create one; its id."""
        return self.operations.create(token, inputs).id

    def upload(self, name: str, source: Blob) -> str:
        """An object in the bucket."""
        return self.make(tokens.BUCKET_OBJECT, bucket="source", name=name, source=source)

    def with_everything(self) -> "Laptop":
        """What must be there before a function."""
        for api in ("cloudfunctions", "run", "cloudbuild", "artifactregistry", "secretmanager", "iam"):
            self.make(tokens.SERVICE, service=f"{api}.googleapis.com")
        self.make(tokens.BUCKET, name="source", location="EU")
        self.upload("1.zip", archive(main__py=MAIN % "1"))
        self.make(tokens.ACCOUNT, accountId="runtime")
        self.make(tokens.SECRET, secretId="token", replication={"auto": {}})
        self.make(tokens.SECRET_VERSION, secret=SECRET_ID, secretData=Secret("hush"))
        self.make(tokens.SECRET_MEMBER, secretId="token", role=iam.ACCESSOR, member=f"serviceAccount:{EMAIL}")
        return self

    def ask(self) -> dict[str, Any]:
        """What the running function answers."""
        port = self.functions.port("echo")
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/", timeout=10) as answer:
            found: dict[str, Any] = json.load(answer)
            return found


def function(zip_name: str = "1.zip", **more: Any) -> Properties:
    """A function's inputs."""
    return {
        "name": "echo",
        "location": "europe-west1",
        "buildConfig": {
            "runtime": "python313",
            "entryPoint": "echo",
            "source": {"storageSource": {"bucket": "source", "object": zip_name}},
        },
        "serviceConfig": {
            "serviceAccountEmail": EMAIL,
            "environmentVariables": {"GREETING": "hello"},
            "secretEnvironmentVariables": [
                {"key": "TOKEN", "projectId": "local-laptop", "secret": "token", "version": "1"}
            ],
        }
        | more,
    }


def open_laptop(home: Path, switches: Switches = ALL_WORKS, clock: Callable[[], float] = time.monotonic) -> Laptop:
    """As a new process would open it."""
    cloud = Cloud(home / "cloud", clock)
    functions = Functions(cloud, home / "functions", home / "functions.log")
    return Laptop(home, cloud, functions, Operations(cloud, "http://front", {tokens.FUNCTION: functions}, switches))
