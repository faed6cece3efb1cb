"""Commands with whatever credentials an operator has: they work, or say why in one line."""

import json
from collections.abc import Mapping
from pathlib import Path

import pytest

from ops.deployment import Deployment
from simulator.shared.account import Account
from tests.ops.conftest import outputs_of
from tests.ops.test_command import run, silent
from tests.world.driving import Chat, Twilio
from tests.world.operating import Google

ACCOUNT = Account()
TOKEN = {"TWILIO_AUTH_TOKEN": ACCOUNT.auth_token}
KEY = {"TWILIO_API_KEY_SID": ACCOUNT.api_key_sid, "TWILIO_API_KEY_SECRET": ACCOUNT.api_key_secret}
OF_NOBODY = {"TWILIO_API_KEY_SID": "SK" + "1" * 32, "TWILIO_API_KEY_SECRET": "2" * 32}
SUBACCOUNT = "AC" + "5" * 32
VARIABLES = ("TWILIO_AUTH_TOKEN", "TWILIO_API_KEY_SID", "TWILIO_API_KEY_SECRET")

COMMANDS = {
    "explain": ["explain"],
    "list": ["list"],
    "report": ["report"],
    "end": ["end", "--yes"],
    "extend": ["extend", "--all", "--by", "PT1H", "--yes"],
    "backfill": ["backfill", "--dry-run"],
    "backfill, done": ["backfill", "--yes"],
}


def of(command: list[str], chat: Chat) -> list[str]:
    """The chat, for a command that is about one."""
    return [chat.conversation] if command[0] in {"explain", "end"} else []


def export(monkeypatch: pytest.MonkeyPatch, credentials: Mapping[str, str]) -> None:
    """Let the environment hold these credentials and no others."""
    for variable in VARIABLES:
        monkeypatch.delenv(variable, raising=False)
    for variable, value in credentials.items():
        monkeypatch.setenv(variable, value)


@pytest.fixture(params=["", "SK" + "0a" * 16], ids=["deployed with the token", "deployed with a key"])
def any_outputs(request: pytest.FixtureRequest, deployment: Deployment, tmp_path: Path) -> Path:
    """The outputs of a stack, whose function calls with the token or with a key of its own."""
    told = outputs_of(deployment)
    told["settings"]["TWILIO_API_KEY_SID"] = request.param
    path = tmp_path / "outputs.json"
    path.write_text(json.dumps(told), encoding="utf-8")
    return path


@pytest.mark.parametrize("command", COMMANDS.values(), ids=COMMANDS.keys())
@pytest.mark.parametrize("credentials", [TOKEN, KEY, TOKEN | KEY], ids=["a token", "a key", "both"])
def test_any_credentials_of_the_account_will_do(
    twilio: Twilio,
    any_outputs: Path,
    monkeypatch: pytest.MonkeyPatch,
    credentials: Mapping[str, str],
    command: list[str],
) -> None:
    """The function's own key is not asked for: an operator has one of their own."""
    chat = silent(twilio)
    export(monkeypatch, credentials)

    said = run(any_outputs, *command, *of(command, chat))

    assert said.exit_code == 0, said.output
    assert twilio.account.auth_token not in said.output


@pytest.mark.parametrize("command", COMMANDS.values(), ids=COMMANDS.keys())
@pytest.mark.parametrize(
    "credentials", [{"TWILIO_AUTH_TOKEN": "0" * 32}, OF_NOBODY, TOKEN | OF_NOBODY, {}], ids=["token", "key", "both", ""]
)
def test_credentials_that_do_not_open_the_account_are_said_in_one_line(
    twilio: Twilio,
    any_outputs: Path,
    monkeypatch: pytest.MonkeyPatch,
    credentials: Mapping[str, str],
    command: list[str],
) -> None:
    """Status 2, what to export, and no traceback."""
    chat = silent(twilio)
    export(monkeypatch, credentials)

    said = run(any_outputs, *command, *of(command, chat))

    assert said.exit_code == 2, said.output
    assert len(said.output.splitlines()) == 1
    assert "TWILIO_AUTH_TOKEN" in said.output
    assert not set(credentials.values()) & set(said.output.split())


@pytest.fixture(params=[KEY, TOKEN | KEY], ids=["a key", "both"])
def outputs_of_a_subaccount(
    request: pytest.FixtureRequest, deployment: Deployment, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Path:
    """The stack is for a subaccount, and the environment has a key of the simulator's account."""
    export(monkeypatch, request.param)
    told = {**outputs_of(deployment), "sweepJob": ""}
    told["settings"]["TWILIO_ACCOUNT_SID"] = SUBACCOUNT
    path = tmp_path / "outputs.json"
    path.write_text(json.dumps(told), encoding="utf-8")
    return path


@pytest.mark.parametrize(
    ("command", "status"),
    [("explain", 2), ("list", 2), ("report", 2), ("backfill", 2), ("off", 1), ("on", 1), ("status", 1)],
)
def test_a_key_of_another_account_is_said_with_both_names(
    twilio: Twilio, outputs_of_a_subaccount: Path, command: str, status: int
) -> None:
    """A key opens its own account, whatever the stack is for; nothing is written there."""
    chat = silent(twilio)
    twilio.advance("PT9M")
    twilio.clear_log()

    said = run(outputs_of_a_subaccount, command, *of([command], chat))

    assert said.exit_code == status
    assert twilio.account.account_sid in said.output
    assert SUBACCOUNT in said.output
    assert {request.method for request in twilio.requests()} == {"GET"}


@pytest.mark.parametrize(
    "command",
    [
        ["explain"],
        ["explain", "--customer", "+4915112345678", "--at", "2026-01-05T00:00:00Z"],
        ["list"],
        ["report"],
        ["end", "--yes"],
        ["extend", "--by", "PT1H"],
        ["extend", "--all", "--by", "PT1H", "--yes"],
        ["backfill", "--dry-run"],
        ["doctor"],
        ["off"],
        ["status"],
    ],
    ids=" ".join,
)
def test_a_404_of_another_account_is_said_with_both_names(
    twilio: Twilio, outputs: Path, google: Google, monkeypatch: pytest.MonkeyPatch, command: list[str]
) -> None:
    """It has nothing of ours, so its key gets 404 for everything, which sounds like a chat that was deleted."""
    other, chat = twilio.another_account("parent"), silent(twilio)
    export(monkeypatch, {"TWILIO_API_KEY_SID": other.api_key_sid, "TWILIO_API_KEY_SECRET": other.api_key_secret})
    of_one = command[0] in {"explain", "end", "extend"} and not {"--customer", "--all"} & set(command)
    twilio.clear_log()

    said = run(outputs, *command, *([chat.conversation] if of_one else []))

    assert said.exit_code in {1, 2}
    assert f"account {other.account_sid}" in said.output
    assert f"this stack is for {twilio.account.account_sid}" in said.output
    assert {request.method for request in twilio.requests()} == {"GET"}


@pytest.mark.parametrize(
    "command",
    [
        ["explain", "CH" + "0" * 32],
        ["list"],
        ["doctor"],
        ["report"],
        ["end", "CH" + "0" * 32, "--yes"],
        ["extend", "--all", "--by", "PT1H", "--yes"],
        ["backfill", "--dry-run"],
        ["off"],
    ],
)
@pytest.mark.parametrize(
    "text",
    [
        "",
        "[]",
        "3",
        "null",
        '{"webhookUrl": "https://exam',
        '{"webhookUrl": "https://example.com"}',
        '{"webhookUrl": "https://example.com", "serviceSid": 3, "settings": [1]}',
    ],
)
def test_a_file_that_is_no_output_is_said_in_one_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, text: str, command: list[str]
) -> None:
    """Whatever is in it."""
    export(monkeypatch, TOKEN)
    path = tmp_path / "outputs.json"
    path.write_text(text, encoding="utf-8")

    said = run(path, *command)

    assert said.exit_code == 2
    assert len(said.output.splitlines()) == 1


def test_settings_of_a_half_finished_stack_are_not_enough_to_decide_by(
    twilio: Twilio, deployment: Deployment, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Without a policy nothing can be explained, and the line says what to do."""
    export(monkeypatch, TOKEN)
    path = tmp_path / "outputs.json"
    settings = {"TWILIO_ACCOUNT_SID": deployment.account_sid}
    path.write_text(json.dumps({**outputs_of(deployment), "settings": settings}), encoding="utf-8")

    said = run(path, "list")

    assert said.exit_code == 2
    assert "POLICY" in said.output
    assert "run pulumi up" in said.output


def test_a_rules_name_is_text(twilio: Twilio, deployment: Deployment, tmp_path: Path) -> None:
    """Whoever wrote the policy may have written brackets."""
    policy = {"rules": [{"name": "[/night] [red]", "timeout": "PT20M", "match": {"channel": "web"}}]}
    told = outputs_of(deployment)
    told["settings"]["POLICY"] = json.dumps({"policy": policy})
    path = tmp_path / "outputs.json"
    path.write_text(json.dumps(told), encoding="utf-8")
    chat = silent(twilio)

    with pytest.MonkeyPatch.context() as patch:
        export(patch, TOKEN)
        said = run(path, "explain", chat.conversation)

    assert said.exit_code == 0, said.output
    assert "[/night] [red]" in said.output
