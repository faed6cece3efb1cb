"""A first deployment whose build fails, and the `pulumi up` that repairs it, under the real engine."""

import re
import tempfile
from pathlib import Path

from laptop.gcp_provider.switches import ALL_WORKS, Switches
from laptop.stack import EngineFailedError, LocalStack
from simulator.running import RunningSimulator
from tests.infra.account import TwilioAccount

NAME = "flex-chat-inactivity-timeout-local"
FAILING = Switches(failing_builds=frozenset({NAME}))
SHOWN = re.compile(
    r"error: webhook-function|\* Error waiting|warning: Google calls|[-+~] \S+:(Function webhook-function updated|"
    r"SignedTestEvent \S+ created|ServiceWebhook \S+ created)|\+ \S+:Function \S+ \*\*creating failed"
)
"""What begins a line that says how it went."""

UNSTEADY = (
    (re.compile(r"127\.0\.0\.1:\d+"), "127.0.0.1:8701"),
    (re.compile(r" \(\d+(\.\d+)?s\)"), ""),
    (re.compile(r"\d{4}-\d\d-\d\dT[\d:.]+Z"), "2026-11-27T10:00:00Z"),
    (re.compile(r"\b\d{10,13}\b"), "123456789012"),
    (re.compile(r"[ \t]+"), " "),
)
"""What differs from run to run, and what the page has in its place."""


def failed_build() -> str:
    """The lines about the public function and Twilio, in their order."""
    lines: list[str] = []
    with tempfile.TemporaryDirectory() as folder, RunningSimulator() as simulator:
        account = TwilioAccount(simulator)
        with LocalStack(
            home=Path(folder) / "home",
            simulator_url=account.url,
            account_sid=account.sid,
            auth_token=account.token,
            config={"monitoring": "false"},
            front_port=0,
            google=FAILING,
            on_output=lines.append,
        ) as stack:
            told = ["$ pulumi up"]
            try:
                stack.up(preview=False)
            except EngineFailedError:
                told += _shown(lines)
            lines.clear()
            stack.switch(ALL_WORKS)
            stack.up(preview=False)
            told += ["", "$ pulumi up", *_shown(lines)]
            stack.destroy()
    return "\n".join(["```text", *told, "```"])


def _shown(lines: list[str]) -> list[str]:
    """Steps in their order, then what was said about them, which the engine orders in one way or another."""
    texts = [_steady(one) for line in lines for one in line.splitlines()]
    told = list(dict.fromkeys(text for text in texts if SHOWN.match(text)))
    return [text for text in told if text[0] in "+~"] + sorted(text for text in told if text[0] not in "+~")


def _steady(line: str) -> str:
    for expression, replacement in UNSTEADY:
        line = expression.sub(replacement, line)
    return line.strip()
