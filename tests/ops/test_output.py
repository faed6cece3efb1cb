"""Commands whose output cannot be written as it is: all the work is done, and the exit status tells the truth."""

import json
import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

import pytest

from ops.deployment import Deployment
from ops.terminal import show
from tests.ops.conftest import outputs_of
from tests.ops.test_command import silent, webhook
from tests.world.driving import Twilio
from tests.world.operating import Google

ROOT = Path(__file__).resolve().parents[2]
ASCII = {"LC_ALL": "C", "PYTHONCOERCECLOCALE": "0", "PYTHONUTF8": "0"}
LATIN = {"PYTHONIOENCODING": "latin-1"}


def typed(
    outputs: Path | None, words: str, *, into: str = "", environment: Mapping[str, str] = {}
) -> subprocess.CompletedProcess[bytes]:
    """Type a command in a shell, with its output into a file or a pipe."""
    option = f'--outputs "{outputs}"' if outputs else ""
    command = f'set -o pipefail; "{sys.executable}" -P -m ops {words} {option} {into}'
    shell = {**os.environ, "PYTHONPATH": str(ROOT), **environment}
    return subprocess.run(["bash", "-c", command], capture_output=True, check=False, env=shell, cwd="/", timeout=60)


@pytest.mark.parametrize(
    ("into", "environment"),
    [("", LATIN), ("> /dev/full", {}), ("--json > /dev/full", {}), ("| true", {}), ("2> /dev/full > /dev/full", {})],
    ids=["latin-1", "a full disk", "JSON on a full disk", "a reader that is gone", "nobody at all"],
)
def test_off_and_on_do_everything_whoever_listens(
    twilio: Twilio, google: Google, outputs: Path, into: str, environment: Mapping[str, str]
) -> None:
    """The webhook was off and the sweep went on, because the first line could not be printed."""
    off = typed(outputs, "off", into=into, environment=environment)
    when_off = (webhook(twilio)[0], google.state)
    on = typed(outputs, "on", into=into, environment=environment)

    assert (off.returncode, when_off) == (0, ("", "PAUSED")), off.stderr
    assert (on.returncode, bool(webhook(twilio)[0]), google.state) == (0, True, "ENABLED"), on.stderr
    assert b"Traceback" not in off.stderr + on.stderr


def test_what_is_not_off_is_in_the_status_although_nobody_reads_the_lines(
    twilio: Twilio, google: Google, outputs: Path
) -> None:
    """Google refuses, on a full disk."""
    google.status = 403

    off = typed(outputs, "off", into="> /dev/full")

    assert (off.returncode, webhook(twilio)[0]) == (1, "")
    assert off.stderr.decode().splitlines() == [
        "the output cannot be written (OSError: [Errno 28] No space left on device); the exit status tells the result"
    ]


def test_what_acts_acts_on_a_full_disk_and_what_only_shows_says_that_it_could_not(
    twilio: Twilio, outputs: Path
) -> None:
    """A hold and an end are done, and their status says so; a list that nobody can read is status 2, in one line."""
    chat = silent(twilio)
    words = (f"extend {chat.conversation} --by PT2H", f"end {chat.conversation} --yes", "list")

    held, ended, listed = (typed(outputs, each, into="> /dev/full") for each in words)

    assert "doNotTimeOutUntil" in twilio.rest("GET", chat.path)["attributes"]
    assert [held.returncode, ended.returncode, listed.returncode] == [0, 0, 2]
    assert chat.state == "closed"
    assert [len(each.stderr.decode().splitlines()) for each in (held, ended, listed)] == [1, 1, 1]
    assert b"No space left on device" in listed.stderr


def test_a_letter_that_the_terminal_lacks_is_shown_by_its_number(twilio: Twilio, google: Google, outputs: Path) -> None:
    """What is on and what is not can still be told apart."""
    google.status = 403

    status = typed(outputs, "status", environment=LATIN)

    assert [line.split()[0] for line in status.stdout.decode("latin-1").splitlines()] == [r"\u2713", r"\u2717"]


def test_what_pulumi_and_gcloud_say_is_utf_8_whatever_the_shells_locale(
    twilio: Twilio, google: Google, deployment: Deployment, tmp_path: Path
) -> None:
    """In a Latin-1 shell a customer got `SchlieÃŸen`, and in an ASCII one nothing worked."""
    told = outputs_of(deployment)
    told["settings"]["POLICY"] = '{"policy": {"texts": {"closing": "Schließen für heute"}}}'
    answers = {"stack output": json.dumps(told, ensure_ascii=False), "stack export": "{}", "config --json": "{}"}
    cases = "".join(f"'{words}') echo '{answer}';;\n" for words, answer in answers.items())
    for name, script in {"pulumi": f'case "$1 $2" in\n{cases}esac', "gcloud": "echo für >&2; exit 1"}.items():
        (tmp_path / name).write_text(f"#!/bin/sh\n{script}\n", encoding="utf-8")
        (tmp_path / name).chmod(0o755)
    chat = silent(twilio)
    shell = {
        "PATH": f"{tmp_path}{os.pathsep}{os.environ['PATH']}",
        "TWILIO_AUTH_TOKEN": deployment.credentials.auth_token or "",
        "GOOGLE_OAUTH_ACCESS_TOKEN": "",
        **ASCII,
    }

    ended, status = (typed(None, words, environment=shell) for words in (f"end {chat.conversation} --yes", "status"))

    assert ended.returncode == 0, ended.stderr
    assert chat.truth.messages[-1].text == "Schließen für heute"
    assert rb"gcloud has no token (f\xfcr)" in status.stdout


def test_half_a_letter_of_somebody_elses_is_shown_in_json_as_well(capsys: pytest.CaptureFixture[str]) -> None:
    """A queue's name with half a surrogate, which UTF-8 cannot encode, ended in a traceback."""
    show({"queue": "x\ud83dy", "agent": "Zoë"}, (), as_json=True)

    said = capsys.readouterr().out
    assert said.isascii()
    assert json.loads(said) == {"queue": "x\ud83dy", "agent": "Zoë"}
