"""What makes Google build the function again, on the real engine: another module or another lock."""

import os
from collections.abc import Callable
from pathlib import Path

import pulumi
import pulumi_gcp as gcp
import pytest

from infra import source_zip
from laptop.stack import LocalStack

pytestmark = [pytest.mark.engine]

MAIN = """\
def webhook(request):
    return "", 204
"""
FILES = {
    "function/main.py": MAIN,
    "function/chat/case.py": "A = 1\n",
    "requirements/function.txt": "functions-framework==3.10.2 --hash=sha256:0\n",
}
APIS = ("cloudfunctions", "run", "cloudbuild", "artifactregistry")


def checkout(folder: Path, *, mode: int = 0o644, time: int = 1_700_000_000) -> Path:
    """A checkout of a small function."""
    for name, text in FILES.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text)
    for path in folder.rglob("*"):
        if path.is_file():
            path.chmod(mode)
            os.utime(path, (time, time))
    return folder


def deploying(find_root: Callable[[], Path]) -> Callable[[], None]:
    """A program that uploads the zip of the checkout that is found, and makes a function of it, as ours does."""

    def program() -> None:
        root = find_root()
        apis = [gcp.projects.Service(name, service=f"{name}.googleapis.com") for name in APIS]
        files = source_zip.source_files(root)
        bucket = gcp.storage.Bucket("zips", location="EU")
        source = gcp.storage.BucketObject(
            "source", name=source_zip.object_name(files), bucket=bucket.name, source=source_zip.archive(files)
        )
        gcp.cloudfunctionsv2.Function(
            "webhook",
            name="a-function",
            location="europe-west1",
            build_config={
                "runtime": "python313",
                "entry_point": "webhook",
                "source": {"storage_source": {"bucket": bucket.name, "object": source.name}},
            },
            service_config={"environment_variables": {"THREADS": "1"}},
            opts=pulumi.ResourceOptions(depends_on=apis),
        )
        pulumi.export("digest", source.md5hash)

    return program


def test_only_another_content_is_another_deployment(tmp_path: Path) -> None:
    """Another machine, day, file mode or stray file changes nothing; a changed dependency does."""
    here = checkout(tmp_path / "here")
    there = checkout(tmp_path / "another machine", mode=0o700, time=1_800_000_000)
    for dirt in ("__pycache__/main.cpython-313.pyc", ".DS_Store", "._main.py", "main.py~", "chat/case 2.py"):
        (there / "function" / dirt).parent.mkdir(exist_ok=True)
        (there / "function" / dirt).write_text("dirt")

    root = here

    def stack_of(name: str) -> LocalStack:
        return LocalStack(
            home=tmp_path / name,
            simulator_url="http://127.0.0.1:9",
            account_sid="AC" + "0" * 32,
            auth_token="a token",
            front_port=0,
            program=deploying(lambda: root),
        )

    def up(stack: LocalStack) -> tuple[dict[str, int], str]:
        """What an `up` changes, and the digest of the zip that stands there then."""
        changes = stack.up(preview=False).counts
        return {kind: count for kind, count in changes.items() if kind != "same"}, stack.outputs["digest"]

    with stack_of("one") as stack:
        made, digest = up(stack)
        assert set(made) == {"create"}
        root = there
        assert up(stack) == ({}, digest)
        with stack_of("another") as another:
            assert up(another) == (made, digest), "the same bytes are uploaded from there"

        with (there / "requirements" / "function.txt").open("a") as lock:
            lock.write("# another dependency\n")
        changes, other = up(stack)
        assert changes == {"replace": 1, "update": 1}
        assert other != digest
