"""Where the Pulumi CLI comes from: the order of the search, what is kept, and the words when there is none."""

import importlib.metadata
import os
import threading
from pathlib import Path

import pytest
from semver import VersionInfo

from laptop.progress import Progress, ignored
from laptop.pulumi_cli import PulumiUnavailableError, executable, obtain_pulumi
from laptop.pulumi_cli.go_build import build_from_go_modules, pinned_version
from laptop.pulumi_cli.official_release import download_official_release
from laptop.pulumi_cli.source import NotObtainedError, Source

WANTED = VersionInfo.parse("3.259.0")


def script(path: Path, body: str) -> Path:
    """An executable shell script."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(f"#!/bin/sh\n{body}\n")
    path.chmod(0o755)
    return path


def fake_pulumi(folder: Path, version: str) -> Path:
    """A CLI that can say its version and nothing else."""
    return script(folder / "pulumi", f"echo v{version}")


def giving(version: str, calls: list[str] | None = None) -> Source:
    """A source that has a CLI."""

    def source(folder: Path, _version: VersionInfo, _progress: Progress) -> None:
        if calls is not None:
            calls.append(version)
        fake_pulumi(folder / "bin", version)

    return source


def failing(reason: str) -> Source:
    """A source that has none."""

    def source(folder: Path, _version: VersionInfo, _progress: Progress) -> None:
        (folder / "half").touch()
        raise NotObtainedError(reason)

    return source


@pytest.fixture(autouse=True)
def empty_path(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The only folder on the PATH beside the system's shell; nothing is in it."""
    folder = tmp_path / "path"
    folder.mkdir()
    monkeypatch.setenv("PATH", os.pathsep.join([str(folder), "/usr/bin", "/bin"]))
    return folder


def obtained(tmp_path: Path, *sources: Source) -> Path:
    """The executable that a run would use."""
    named = [(f"source {number}", source) for number, source in enumerate(sources)]
    return executable(obtain_pulumi(ignored, cache=tmp_path / "cache", sources=named, version=WANTED))


def test_a_new_enough_pulumi_on_the_path_comes_first(tmp_path: Path, empty_path: Path) -> None:
    """What the user installed is used, although the cache has one too."""
    fake_pulumi(tmp_path / "cache" / "pulumi-3.259.0" / "bin", "3.259.0")
    expected = fake_pulumi(empty_path, "3.300.0")
    assert obtained(tmp_path, failing("not asked")) == expected


@pytest.mark.parametrize("version", ["3.258.9", "2.0.0", "4.0.0", "nonsense"])
def test_an_unsuitable_pulumi_on_the_path_is_skipped(version: str, tmp_path: Path, empty_path: Path) -> None:
    """Older than the SDK, another major version, or no version at all."""
    fake_pulumi(empty_path, version)
    assert obtained(tmp_path, giving("3.259.0")) == tmp_path / "cache/pulumi-3.259.0/bin/pulumi"


def test_sources_are_asked_in_order_until_one_has_it(tmp_path: Path) -> None:
    """The first that has a CLI is used; the others are not asked."""
    calls: list[str] = []
    obtained(tmp_path, failing("no network"), giving("3.259.0", calls), giving("3.260.0", calls))
    assert calls == ["3.259.0"]


def test_a_cli_is_kept_for_the_next_run(tmp_path: Path) -> None:
    """The second run asks no source."""
    first = obtained(tmp_path, giving("3.259.0"))
    assert obtained(tmp_path, failing("not asked")) == first


def test_a_source_that_fails_leaves_nothing_behind(tmp_path: Path) -> None:
    """No unfinished CLI and no temporary folder, not even those of an earlier killed run."""
    (tmp_path / "cache" / ".pulumi-3.259.0-killed").mkdir(parents=True)
    with pytest.raises(PulumiUnavailableError):
        obtained(tmp_path, failing("no network"))
    assert [path.name for path in (tmp_path / "cache").iterdir()] == ["pulumi-3.259.0.lock"]


def test_the_wrong_version_from_a_source_is_not_kept(tmp_path: Path) -> None:
    """A CLI older than the SDK does not get into the cache."""
    with pytest.raises(
        PulumiUnavailableError,
        match=r"your current CLI version is 3\.1\.0",
    ):
        obtained(tmp_path, giving("3.1.0"))
    assert not (tmp_path / "cache" / "pulumi-3.259.0").exists()


def test_without_any_the_message_says_what_was_tried_and_what_to_install(tmp_path: Path) -> None:
    """One message: each way with its reason, then the ways out."""
    with pytest.raises(PulumiUnavailableError) as failed:
        obtained(tmp_path, failing("no network"), failing("no `go` on the PATH"))
    message = str(failed.value)
    assert "`pulumi` on the PATH: there is none" in message
    assert "source 0: no network" in message
    assert "source 1: no `go` on the PATH" in message
    assert "https://www.pulumi.com/docs/install/" in message
    assert "https://go.dev/dl/" in message


def test_two_runs_at_once_download_it_once(tmp_path: Path) -> None:
    """The second waits for the first and uses its result."""
    calls: list[str] = []
    inside, go_on = threading.Event(), threading.Event()

    def slow(folder: Path, version: VersionInfo, progress: Progress) -> None:
        inside.set()
        go_on.wait(10)
        giving("3.259.0", calls)(folder, version, progress)

    first = threading.Thread(target=obtained, args=(tmp_path, slow))
    first.start()
    assert inside.wait(10)
    found: list[Path] = []
    second = threading.Thread(target=lambda: found.append(obtained(tmp_path, giving("3.300.0", calls))))
    second.start()
    go_on.set()
    first.join(10)
    second.join(10)
    assert calls == ["3.259.0"]
    assert found == [tmp_path / "cache/pulumi-3.259.0/bin/pulumi"]


def test_an_official_release_that_cannot_be_reached_is_given_up_at_once(tmp_path: Path) -> None:
    """No installer is started where its host does not answer."""
    with pytest.raises(NotObtainedError, match=r"http://127\.0\.0\.1:9/ cannot be reached \(.*refused"):
        download_official_release(tmp_path, WANTED, ignored, releases="http://127.0.0.1:9/")


def test_the_go_modules_are_of_the_sdks_version() -> None:
    """`go.mod` is not older than the SDK that talks to what is built from it."""
    assert pinned_version() >= VersionInfo.parse(importlib.metadata.version("pulumi"))


def test_a_build_puts_the_launcher_of_dynamic_resources_beside_the_cli(tmp_path: Path, empty_path: Path) -> None:
    """With a `go` that answers as the real one does: both files exist and are executable."""
    launcher = script(tmp_path / "sdk/python/dist/pulumi-resource-pulumi-python", "true")
    launcher.chmod(0o644)
    script(
        empty_path / "go",
        f"""case "$1 $2" in
        "list -deps") echo one; echo two;;
        "list -m") echo {tmp_path}/sdk;;
        build*) while [ "$1" != -o ]; do shift; done; printf '#!/bin/sh\\necho v3.259.0\\n' > "$2"; chmod 755 "$2";;
        esac""",
    )
    said: list[str] = []
    assert (
        obtained(tmp_path, lambda folder, version, _progress: build_from_go_modules(folder, version, said.append))
        == tmp_path / "cache/pulumi-3.259.0/bin/pulumi"
    )
    made = tmp_path / "cache/pulumi-3.259.0/bin/pulumi-resource-pulumi-python"
    assert os.access(made, os.X_OK)
    assert any("building Pulumi 3.259.0" in line for line in said)


def test_a_failing_build_says_the_last_lines_of_the_compiler(tmp_path: Path, empty_path: Path) -> None:
    """The message has the reason, in one line."""
    script(empty_path / "go", 'echo "go: no such module" >&2; exit 1')
    with pytest.raises(PulumiUnavailableError, match="`go list` failed: go: no such module"):
        obtained(tmp_path, build_from_go_modules)


def test_without_go_nothing_is_built(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, empty_path: Path) -> None:
    """It says so."""
    monkeypatch.setenv("PATH", str(empty_path))
    with pytest.raises(NotObtainedError, match="no `go` on the PATH"):
        build_from_go_modules(tmp_path, WANTED, ignored)
