"""The provider named gcp: it refuses what Google would, remembers across processes, and runs the zip it was given."""

import io
import json
import os
import zipfile
from contextlib import suppress
from pathlib import Path

import psutil
import pytest

from laptop.gcp_provider import iam, tokens
from laptop.gcp_provider.iam import invokers
from laptop.gcp_provider.operations import PartlyDoneError, RefusedError
from laptop.gcp_provider.values import UNKNOWN, Blob, Properties, Secret, from_wire, reveal, to_wire
from tests.laptop.local_google import (
    ARCHIVE,
    ASSET,
    EMAIL,
    MAIN,
    MARK,
    SECRET_ID,
    Laptop,
    archive,
    function,
    open_laptop,
)


def processes_in(folder: Path) -> list[psutil.Process]:
    """Processes that work below a folder."""
    found = []
    for process in psutil.process_iter():
        try:
            if process.cwd().startswith(str(folder)) and process.status() != psutil.STATUS_ZOMBIE:
                found.append(process)
        except psutil.Error:
            continue
    return found


@pytest.mark.parametrize(
    ("missing", "reason"),
    [
        (
            (tokens.SERVICE, "local-laptop/run.googleapis.com"),
            "Error 403: Cloud Run Admin API has not been used in project",
        ),
        ((tokens.BUCKET_OBJECT, "source-1.zip"), "Error 404: object gs://source/1.zip does not exist"),
        (
            (tokens.ACCOUNT, f"projects/local-laptop/serviceAccounts/{EMAIL}"),
            f"Error 400: Service account {EMAIL} does not exist",
        ),
        ((tokens.SECRET_VERSION, f"{SECRET_ID}/versions/1"), "Error 404: TOKEN: .*/versions/1 does not exist"),
    ],
)
def test_a_function_is_refused_while_something_it_needs_is_missing(
    missing: tuple[str, str], reason: str, laptop: Laptop
) -> None:
    """A program that forgets a dependency fails here as it would at Google, and nothing is stored."""
    laptop.with_everything().operations.delete(*missing)
    assert laptop.cloud.get(*missing) is None
    with pytest.raises(RefusedError, match=reason):
        laptop.operations.create(tokens.FUNCTION, function())
    assert laptop.cloud.all(tokens.FUNCTION) == ()


@pytest.mark.parametrize(
    ("token", "inputs", "problem"),
    [
        (tokens.BUCKET, {"name": "source"}, ("location", "is required")),
        (tokens.BUCKET, {"name": "Source", "location": "EU"}, ("name", "value 'Source' must be")),
        (tokens.ACCOUNT, {"accountId": "x"}, ("accountId", "value 'x' must be 6 to 30")),
        (tokens.SECRET, {"secretId": "token"}, ("replication", "is required")),
        (tokens.SERVICE, {"service": "run"}, ("service", "value 'run' must be")),
        (tokens.RUN_MEMBER, {"name": "f", "role": "run.invoker", "member": "allUsers"}, ("role", "must be a role")),
        (tokens.RUN_MEMBER, {"name": "f", "role": iam.INVOKER, "member": "everybody"}, ("member", "must be a member")),
        (tokens.FUNCTION, {"name": "f", "location": "x", "buildConfig": {}}, ("buildConfig.runtime", "is required")),
        (tokens.FUNCTION, function() | {"name": "F" * 64}, ("name", "must be 1 to 63")),
        (tokens.LOG_METRIC, {"name": "p/ended"}, ("filter", "is required")),
        (tokens.LOG_METRIC, {"name": "/ended", "filter": "x"}, ("name", "must be 1 to 100")),
        (tokens.ALERT_POLICY, {"displayName": "lost", "combiner": "OR"}, ("conditions", "is required")),
        (tokens.DASHBOARD, {}, ("dashboardJson", "is required")),
    ],
)
def test_inputs_that_google_would_refuse_are_named(
    token: str, inputs: Properties, problem: tuple[str, str], laptop: Laptop
) -> None:
    """In `check`, so that a preview shows them."""
    _, problems = laptop.operations.check(token, "x", {}, inputs)
    assert any(problem[0] == found.path and problem[1] in found.reason for found in problems), problems


def test_unknown_values_of_a_preview_are_no_problem(laptop: Laptop) -> None:
    """They are checked when they are known."""
    _, problems = laptop.operations.check(tokens.BUCKET, "x", {}, {"name": UNKNOWN, "location": UNKNOWN})
    assert problems == []


def test_an_automatic_name_stays_the_same(laptop: Laptop) -> None:
    """A second run proposes what the first one made."""
    first, _ = laptop.operations.check(tokens.BUCKET, "source", {}, {"location": "EU"})
    second, _ = laptop.operations.check(tokens.BUCKET, "source", first, {"location": "EU"})
    assert first["name"].startswith("source-")
    assert second == first


def test_the_zip_that_was_uploaded_is_what_runs_with_the_declared_environment_alone(
    laptop: Laptop, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Plain and secret variables arrive, and of our own environment only what a process needs."""
    monkeypatch.setenv("TWILIO_AUTH_TOKEN", "of the developer")
    monkeypatch.setenv("SOMETHING", "else")
    laptop.with_everything().operations.create(tokens.FUNCTION, function())
    answer = laptop.ask()
    assert answer["version"] == "1"
    assert (answer["environment"]["GREETING"], answer["environment"]["TOKEN"]) == ("hello", "hush")
    bare = {"PATH", "LANG", "LC_ALL", "LC_CTYPE", "TMPDIR", "TZ", "PYTHONUNBUFFERED"}
    platform = {"K_SERVICE", "K_CONFIGURATION", "K_REVISION", "CLOUD_RUN_TIMEOUT_SECONDS"}
    framework = {"FUNCTION_TARGET", "FUNCTION_SIGNATURE_TYPE", "SERVER_SOFTWARE"}
    assert set(answer["environment"]) - bare - platform - framework - {"GREETING", "TOKEN"} == set()
    assert "said" in (laptop.home / "functions.log").read_text()


def test_another_zip_is_another_process_and_the_old_one_ends(laptop: Laptop) -> None:
    """An update moves the traffic; deploying the same again restarts nothing."""
    made = laptop.with_everything().operations.create(tokens.FUNCTION, function())
    first = laptop.functions.port("echo")
    laptop.operations.update(tokens.FUNCTION, made.id, function())
    assert laptop.functions.port("echo") == first
    laptop.upload("2.zip", archive(main__py=MAIN % "2"))
    laptop.operations.update(tokens.FUNCTION, made.id, function("2.zip"))
    assert laptop.ask()["version"] == "2"
    assert len(processes_in(laptop.home)) == 3  # runner, server, worker: of one function


def test_a_changed_byte_of_the_stored_zip_is_noticed(laptop: Laptop) -> None:
    """Only what was uploaded may run."""
    laptop.with_everything()
    (stored,) = (laptop.home / "cloud" / "objects").iterdir()
    stored.write_bytes(stored.read_bytes() + b"x")
    with pytest.raises(PartlyDoneError, match="is not the one that was uploaded"):
        laptop.operations.create(tokens.FUNCTION, function())


@pytest.mark.parametrize(
    ("source", "reason"),
    [
        (archive(other__py="x = 1"), "there is no main.py in the source"),
        (archive(main__py="raise RuntimeError('at import')"), "RuntimeError: at import"),
        (archive(main__py="x = 1"), "echo"),
        (Blob({MARK: ASSET, "text": "no zip", "hash": "h"}), "the source is not a zip"),
    ],
)
def test_a_function_that_cannot_start_fails_with_its_last_output(source: Blob, reason: str, laptop: Laptop) -> None:
    """As a failed deployment does, and no process is left."""
    laptop.with_everything().upload("bad.zip", source)
    with pytest.raises(PartlyDoneError, match=reason):
        laptop.operations.create(tokens.FUNCTION, function("bad.zip"))
    assert processes_in(laptop.home) == []


def test_a_new_process_finds_what_the_old_one_deployed_and_runs_it(laptop: Laptop) -> None:
    """State outlives the process: resources are there, secrets still secret, functions started again."""
    laptop.with_everything().operations.create(tokens.FUNCTION, function())
    laptop.make(tokens.RUN_MEMBER, name="echo", location="europe-west1", role=iam.INVOKER, member="allUsers")
    laptop.functions.close()
    assert processes_in(laptop.home) == []

    again = open_laptop(laptop.home)
    again.functions.restore()
    try:
        assert again.ask()["version"] == "1"
        assert invokers(again.cloud, "echo") == frozenset({"allUsers"})
        (version,) = again.cloud.all(tokens.SECRET_VERSION)
        assert version.outputs["secretData"] == Secret("hush")
        assert [again.cloud.all()] == [laptop.cloud.all()]
    finally:
        again.functions.close()


def test_only_the_user_can_read_the_file_with_secrets(laptop: Laptop) -> None:
    """Secret Manager keeps values; here a file does."""
    laptop.with_everything()
    mode = (laptop.home / "cloud" / "resources.json").stat().st_mode
    assert oct(mode & 0o777) == "0o600"


def test_a_secrets_version_number_is_never_given_twice(laptop: Laptop) -> None:
    """A deleted version's number is not reused, so a pinned number always means the same value."""
    laptop.with_everything()
    laptop.operations.delete(tokens.SECRET_VERSION, f"{SECRET_ID}/versions/1")
    assert laptop.make(tokens.SECRET_VERSION, secret=SECRET_ID, secretData=Secret("new")) == f"{SECRET_ID}/versions/2"


def test_naming_the_providers_project_changes_nothing(laptop: Laptop) -> None:
    """A resource without a project is in the provider's; another project is a change."""
    unnamed = {"accountId": "runtime"}
    named, elsewhere = unnamed | {"project": "local-laptop"}, unnamed | {"project": "elsewhere"}

    assert laptop.operations.diff(tokens.ACCOUNT, "runtime", named, unnamed).changed == ()
    assert laptop.operations.diff(tokens.ACCOUNT, "runtime", unnamed, named).changed == ()
    assert laptop.operations.diff(tokens.ACCOUNT, "runtime", unnamed, elsewhere).changed == ("project",)


def test_monitoring_needs_its_apis_and_an_alert_about_lines_a_rate(laptop: Laptop) -> None:
    """Google refuses both otherwise."""
    alert = {"displayName": "late", "combiner": "OR", "conditions": [{"conditionMatchedLog": {"filter": "x"}}]}
    wanted: dict[str, Properties] = {
        tokens.LOG_METRIC: {"name": "p/ended", "filter": "x"},
        tokens.DASHBOARD: {"dashboardJson": "{}"},
        tokens.ALERT_POLICY: alert | {"alertStrategy": {"notificationRateLimit": {"period": "300s"}}},
    }
    for token, inputs in wanted.items():
        with pytest.raises(RefusedError, match="has not been used in project"):
            laptop.operations.create(token, inputs)
    for api in ("logging", "monitoring"):
        laptop.make(tokens.SERVICE, service=f"{api}.googleapis.com")
    with pytest.raises(RefusedError, match="needs a notification rate limit"):
        laptop.operations.create(tokens.ALERT_POLICY, alert)

    for token, inputs in wanted.items():
        assert laptop.operations.create(token, inputs).outputs == inputs
    with pytest.raises(RefusedError, match="metric p/ended exists already"):
        laptop.operations.create(tokens.LOG_METRIC, wanted[tokens.LOG_METRIC])


def test_an_unknown_type_is_stored_and_echoed(laptop: Laptop) -> None:
    """The program may grow before the laptop knows."""
    token = "gcp:pubsub/topic:Topic"
    inputs, problems = laptop.operations.check(token, "ends", {}, {"labels": {"x": "y"}})
    made = laptop.operations.create(token, inputs)
    assert problems == []
    assert made.outputs == inputs
    assert laptop.operations.read(token, made.id) == made


def test_what_no_state_knows_is_found(laptop: Laptop) -> None:
    """So `recover` knows what a killed run created and did not record."""
    laptop.make(tokens.BUCKET, name="known", location="EU")
    laptop.make(tokens.BUCKET, name="unknown", location="EU")
    assert [found.id for found in laptop.cloud.unlisted([(tokens.BUCKET, "known")])] == ["unknown"]


def test_equal_files_make_equal_zips_from_memory_disk_and_folder(tmp_path: Path) -> None:
    """The bytes depend on names and contents, not on where the engine found them."""
    (tmp_path / "main.py").write_text("x = 1")
    on_disk = {MARK: ASSET, "path": str(tmp_path / "main.py"), "hash": "h"}
    blobs = [
        archive(main__py="x = 1"),
        Blob({MARK: ARCHIVE, "assets": {"main.py": on_disk}}),
        Blob({MARK: ARCHIVE, "path": str(tmp_path)}),
    ]
    zips = {blob.read() for blob in blobs}
    assert len(zips) == 1
    with zipfile.ZipFile(io.BytesIO(zips.pop())) as opened:
        assert {name: opened.read(name) for name in opened.namelist()} == {"main.py": b"x = 1"}


def test_values_survive_the_protocol_and_secrets_do_not_show() -> None:
    """They are the same after a round trip, and a secret is not printed by accident."""
    value = {"a": [1, "x", None, {"b": Secret({"c": "hush"})}], "u": UNKNOWN, "z": archive(f="t")}
    assert from_wire(json.loads(json.dumps(to_wire(value)))) == value
    assert reveal(value["a"][3]) == {"b": {"c": "hush"}}  # type: ignore[index]
    assert "hush" not in repr(value)


def test_the_function_ends_when_its_starter_is_killed(tmp_path: Path) -> None:
    """Kill -9 leaves nothing: the runner sees its standard input close."""
    reading, writing = os.pipe()
    runner = Path(tokens.__file__).with_name("function_runner.py")
    starter = psutil.Popen(
        ["python3", "-I", str(runner), "sleep", "100"], stdin=reading, cwd=tmp_path, start_new_session=True
    )
    os.close(reading)
    sleeper = None
    while sleeper is None:
        with suppress(psutil.NoSuchProcess):  # a child that was listed may be gone, or not yet be itself
            sleeper = next((child for child in starter.children() if child.name() == "sleep"), None)
    os.close(writing)
    _, alive = psutil.wait_procs([starter, sleeper], timeout=5)
    assert alive == []
