"""The stack on a laptop, under the real engine: up, the same again, refresh, a change, destroy; and nothing outside."""

import json
import os
import shutil
import urllib.request
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pulumi
import pulumi_gcp as gcp
import pytest

from laptop.gcp_provider.switches import ALL_WORKS, Switches
from laptop.ports import PortTakenError, listen
from laptop.stack import EngineFailedError, LocalStack, reason_of
from tests.laptop.small_program import AUTH_TOKEN, FUNCTION, small_program

pytestmark = [pytest.mark.engine]

MakeStack = Callable[..., LocalStack]


def ask(url: str) -> Mapping[str, Any]:
    """What the function behind this URL answers."""
    with urllib.request.urlopen(f"{url}/conversations?x=1", data=b"a=b", timeout=10) as answer:
        found: Mapping[str, Any] = json.load(answer)
        return found


@pytest.mark.story
def test_one_life_of_a_stack(local_stack: MakeStack, monkeypatch: pytest.MonkeyPatch) -> None:
    """Its function answers at its URL, a second run changes nothing, and destroy leaves nothing."""
    monkeypatch.setenv("TWILIO_AUTH_TOKEN", "of a real account")
    monkeypatch.setenv("PULUMI_BACKEND_URL", "gs://a-real-backend")
    progress: list[str] = []
    with listen(0, purpose="", option="") as probe:
        port = probe.getsockname()[1]
    with local_stack(front_port=port, on_output=progress.append) as stack:
        assert stack.preview().changed == 16
        assert stack.up(preview=False).counts == {"create": 16}
        url = f"{stack.front_url}/{FUNCTION}"
        assert stack.outputs == {"url": url, "uri": url}
        answer = ask(url)
        assert (answer["method"], answer["uri"], answer["body"]) == ("POST", "/conversations?x=1", "a=b")
        assert answer["environment"]["TOKEN"] == AUTH_TOKEN
        assert '"event": "echo"' in stack.function_log().read_text()
        assert any("Function function creating" in line for line in progress), "the engine's progress was not shown"
        assert stack.up(preview=False).changed == 0
        assert stack.refresh().changed == 0
    _the_next_run_finds_it_and_deploys_another_zip(local_stack(front_port=port, program=small_program("2")))
    assert os.environ["TWILIO_AUTH_TOKEN"] == "of a real account"
    assert os.environ["PULUMI_BACKEND_URL"] == "gs://a-real-backend"


def _the_next_run_finds_it_and_deploys_another_zip(second: LocalStack) -> None:
    """The function runs again when its home is opened again; only what the other zip changes is changed."""
    with second as stack:
        url = f"{stack.front_url}/{FUNCTION}"
        assert ask(url)["version"] == "1"
        assert stack.outputs == {"url": url, "uri": url}
        assert stack.up(preview=False).counts == {"replace": 1, "update": 1, "same": 14}
        assert ask(url)["version"] == "2"
        assert stack.destroy().counts["delete"] == 16
        with pytest.raises(urllib.error.HTTPError, match="404"):
            ask(url)


@pytest.mark.story
def test_a_failed_build_is_forgotten_by_the_next_run_and_mended_by_an_update(local_stack: MakeStack) -> None:
    """As with the real provider: the state has the function, a refresh clears its error, only a change builds it."""
    failing = Switches(failing_builds=frozenset({FUNCTION}))
    with local_stack(google=failing) as stack:
        with pytest.raises(
            EngineFailedError, match=r"Error waiting to create function: .* Error code 3, message: Build"
        ):
            stack.up(preview=False)
        stack.switch(ALL_WORKS)
        with pytest.raises(EngineFailedError, match=f"Resource '{FUNCTION}' of kind 'SERVICE' in region"):
            stack.up(preview=False)
    with local_stack(program=small_program("2")) as stack:
        assert stack.up(preview=False).counts == {"create": 1, "replace": 1, "update": 1, "same": 13}
        assert stack.destroy().counts["delete"] == 16


def test_what_no_state_knows_is_in_the_way_unless_the_run_cleans_up(local_stack: MakeStack, tmp_path: Path) -> None:
    """Google keeps what was made and not recorded, and refuses its name; a run on the laptop removes it by default."""

    def keeping() -> None:
        gcp.storage.Bucket("sources", name="sources-of-ours", location="EU")

    with local_stack(program=keeping) as stack:
        stack.up(preview=False)
    shutil.rmtree(tmp_path / "home" / "backend")
    with (
        local_stack(program=keeping, cleans_up=False) as stack,
        pytest.raises(EngineFailedError, match="Error 409: You already own this bucket"),
    ):
        stack.up(preview=False)
    with local_stack(program=keeping) as stack:
        assert stack.up(preview=False).changed == 1


def test_a_changed_region_deletes_a_fixed_name_first_unless_the_program_says_otherwise(local_stack: MakeStack) -> None:
    """The engine follows the provider's answer unless the program sets the option."""
    region = "europe-west1"

    def scheduling() -> None:
        api = gcp.projects.Service("cloudscheduler", service="cloudscheduler.googleapis.com")
        for name, delete_first in {"plain": None, "careful": False}.items():
            gcp.cloudscheduler.Job(
                name,
                name=name,
                region=region,
                schedule="* * * * *",
                http_target={"uri": "http://127.0.0.1:9"},
                opts=pulumi.ResourceOptions(depends_on=[api], delete_before_replace=delete_first),
            )

    lines: list[str] = []
    with local_stack(program=scheduling, on_output=lines.append, simulator_url="") as stack:
        stack.up(preview=False)
        region = "us-east1"
        stack.up(preview=False)
    steps = [line for line in lines if "creating replacement" in line or ("deleting" in line and "original" in line)]
    first = {name: next(line for line in steps if f"Job {name} " in line) for name in ("plain", "careful")}
    assert "deleting" in first["plain"]
    assert "creating replacement" in first["careful"]


def test_a_program_can_look_up_a_function(local_stack: MakeStack) -> None:
    """The data source answers in a preview too; a function that is not there is an error that names it."""

    def asking() -> None:
        try:
            found = gcp.cloudfunctionsv2.get_function(name="echo", location="europe-west1")
        except Exception as error:  # noqa: BLE001 - the SDK raises nothing narrower
            said.append(str(error))
        else:
            said.append(f"{found.state} {found.service_configs}")
        # Only now: a declared resource is made beside the program, so on a busy machine before the question.
        gcp.projects.Service("cloudfunctions", service="cloudfunctions.googleapis.com")

    said: list[str] = []
    with local_stack(program=asking) as stack:
        stack.up(preview=False)
        stack.preview()
    assert "Cloud Functions API has not been used in project" in said[0]
    assert "projects/local-laptop/locations/europe-west1/functions/echo not found" in said[1]


def test_a_refused_program_is_told_in_its_own_words(local_stack: MakeStack) -> None:
    """One message without a traceback; the stack can be used afterwards."""

    def refusing() -> None:
        raise pulumi.RunError("timeout '5m': write it as PT5M")

    with local_stack(program=refusing) as stack:
        with pytest.raises(
            EngineFailedError, match=r"pulumi preview failed: .*timeout '5m': write it as PT5M"
        ) as failed:
            stack.up()
        assert "Traceback" not in str(failed.value)


@pytest.mark.parametrize(
    ("output", "reason"),
    [
        ("error: Resource monitor has terminated, shutting down\nerror: preview failed", "write it as PT5M"),
        ("error: preview failed", "write it as PT5M"),
        ("error: no such project\nerror: preview failed", "no such project"),
    ],
)
def test_a_refusal_is_told_although_the_engine_ended_before_it_heard_it(output: str, reason: str) -> None:
    """This happens on a busy machine. Another error of the engine has precedence."""
    assert reason_of(output, "write it as PT5M") == reason


def test_the_program_is_told_of_the_laptop_by_its_configuration_alone(local_stack: MakeStack) -> None:
    """It names simulator, front and more; keys of an earlier run are removed."""
    seen: dict[str, str | None] = {}

    def looking() -> None:
        config = pulumi.Config()
        for key in ("twilioBaseUrl", "twilioAccountSid", "publicUrl", "timeout", "other"):
            seen[key] = config.get(key)

    with local_stack(program=looking, config={"other": "of an earlier run"}) as stack:
        stack.preview()
    assert seen["other"] == "of an earlier run"
    with local_stack(program=looking, config={"timeout": "PT5M"}) as stack:
        stack.preview()
        expected = {
            "twilioBaseUrl": "http://127.0.0.1:9",
            "twilioAccountSid": "AC" + "0" * 32,
            "publicUrl": f"{stack.front_url}/{FUNCTION}",
            "timeout": "PT5M",
            "other": None,
        }
    assert seen == expected


def test_a_taken_front_port_stops_before_anything_is_made(local_stack: MakeStack, tmp_path: Path) -> None:
    """The message names the port; no stack and no backend were created."""
    with listen(0, purpose="", option="") as other:
        port = other.getsockname()[1]
        with pytest.raises(PortTakenError, match=f"port {port} "):
            local_stack(front_port=port).__enter__()
    assert not (tmp_path / "home" / "backend").exists()


def test_nothing_is_written_outside_the_home(
    local_stack: MakeStack, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The user's `~/.pulumi` and login are unchanged."""
    monkeypatch.setenv("HOME", str(tmp_path / "user"))
    (tmp_path / "user").mkdir()
    with local_stack() as stack:
        stack.preview()
    assert list((tmp_path / "user").iterdir()) == []
