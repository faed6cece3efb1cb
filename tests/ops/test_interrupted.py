"""Commands that act, after Ctrl-C: what was done by then is shown, and the status is 130."""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.ops.test_command import silent, webhook
from tests.ops.test_output import ROOT
from tests.world.driving import Twilio, eventually
from tests.world.operating import Google

CONVERSATION = r"^POST /conversations/v1/Services/\w+/Conversations/CH\w+$"
TO_STDERR = "interrupted: what is not shown was not tried\n"


@pytest.fixture(autouse=True)
def _heeded() -> Iterator[None]:
    """A shell has Ctrl-C ignored for what it runs in the background, and children inherit that."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


def interrupted(twilio: Twilio, outputs: Path, *arguments: str) -> tuple[str, str]:
    """Type a command, and Ctrl-C when Twilio has got the request that a fault makes slow; what it printed."""
    with subprocess.Popen(
        [sys.executable, "-P", "-m", "ops", *arguments, "--outputs", str(outputs)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
    ) as process:
        eventually(lambda: twilio.hits() == [1])
        process.send_signal(signal.SIGINT)
        printed = process.communicate(timeout=30)
    twilio.clear_faults()

    assert process.returncode == 130, printed
    return printed


@pytest.mark.parametrize("options", [[], ["--json"]], ids=["lines", "JSON"])
def test_holds_until_then_are_shown(twilio: Twilio, outputs: Path, options: list[str]) -> None:
    """Of three chats, the first is held, the second may be, and the third was not tried."""
    sids = [silent(twilio).conversation for _ in range(3)]
    twilio.fault(CONVERSATION, "slow", nth=2, seconds=1.0)

    shown, said = interrupted(twilio, outputs, "extend", *sids, "--by", "PT2H", *options)

    lines = [f"{each['conversation']} {each['message']}" for each in json.loads(shown)] if options else None
    assert (lines or shown.splitlines()) == [
        f"{sids[0]} is held until 2026-01-05 02:00:00Z",
        f"{sids[1]} was interrupted: it may be held, or not; run it again",
    ]
    assert said == TO_STDERR


@pytest.mark.parametrize("options", [[], ["--json"]], ids=["lines", "JSON"])
def test_a_backfill_until_then_is_counted(twilio: Twilio, outputs: Path, options: list[str]) -> None:
    """One of three chats is warned, and one may be."""
    for _ in range(3):
        silent(twilio, "bot")
    twilio.advance("P3D")
    twilio.fault(r"^POST .*/Messages$", "slow", nth=2, seconds=1.0)

    shown, said = interrupted(twilio, outputs, "backfill", "--yes", *options)

    if options:
        done = json.loads(shown)["done"]
        assert (done["warn"], done["end"], done["failed"]) == (1, 0, 1)
        why = [each["why"] for each in done["lookAt"]]
    else:
        _, counts, *rest = shown.splitlines()
        assert counts == "1 warned, 0 ended, 1 failed."
        why = [line.partition(": ")[2] for line in rest]
    assert why == ["interrupted: it may be warned or half ended; run it again"]
    assert said == TO_STDERR


@pytest.mark.parametrize("options", [[], ["--json"]], ids=["lines", "JSON"])
def test_an_end_that_was_interrupted_may_be_half_done(twilio: Twilio, outputs: Path, options: list[str]) -> None:
    """The notice was posted, so it is not nothing."""
    chat = silent(twilio)
    twilio.fault(r"^POST .*/Messages$", "slow", when="after", seconds=1.0)

    shown, _ = interrupted(twilio, outputs, "end", chat.conversation, "--yes", *options)

    message = json.loads(shown)["message"] if options else shown.splitlines()[-1]
    assert chat.ours == ["closing"]
    assert "may be half ended: interrupted; run it again" in message


@pytest.mark.parametrize("options", [[], ["--json"]], ids=["lines", "JSON"])
def test_what_is_off_by_then_is_shown(twilio: Twilio, google: Google, outputs: Path, options: list[str]) -> None:
    """The webhook is off; the event callback, which comes next, may be, and the sweep was not tried."""
    told = json.loads(outputs.read_text(encoding="utf-8"))
    told["settings"]["ARM_ON_ACCEPT"] = "yes"
    outputs.write_text(json.dumps(told), encoding="utf-8")
    twilio.fault(r"^GET /taskrouter/v1/Workspaces/\w+$", "slow", seconds=1.0)

    shown, said = interrupted(twilio, outputs, "off", *options)

    lines = [f"{each['part']}: {each['message']}" for each in json.loads(shown)] if options else None
    off, unknown = lines or [line[2:] for line in shown.splitlines()]
    assert off == "webhook: off: Twilio does not call us any more"
    assert unknown == "event callback: was interrupted: it may be done, or not; run it again"
    assert (webhook(twilio)[0], google.state) == ("", "ENABLED")
    assert said == TO_STDERR
