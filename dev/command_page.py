"""Makes the transcripts of docs/command.md by running the commands: `python -m dev.command_page [--check]`.

Everything runs on this machine: the simulator, the function as the zip would run it, and Google's REST APIs as far as
the command calls them. Addresses of this machine are replaced by those that a deployment would have. A test says when a
transcript is out of date.
"""

from __future__ import annotations

import json
import re
import sys
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from typer.testing import CliRunner

from function.policy import parse_policy
from ops.command import app
from simulator.running import RunningSimulator
from simulator.shared.account import Account
from tests.world.driving import Chat, Twilio
from tests.world.operating import FUNCTION, Google, outputs_of, running_google
from tests.world.running import RunningFunction, free_port, running_function, settings_for

PAGE: Final = Path(__file__).parents[1] / "docs" / "command.md"
JOB: Final = f"projects/example/locations/europe-west1/jobs/sweep-{FUNCTION}"
PUBLIC_URL: Final = f"https://europe-west1-example.cloudfunctions.net/{FUNCTION}"
TWILIO_URL: Final = "https://conversations.twilio.com"
POLICY: Final = {"rules": [{"name": "night", "timeout": "PT20M", "match": {"queue": ["Night"]}}]}


class Desk:
    """An operator at work: a deployed stack, its Twilio, and a shell."""

    def __init__(self, twilio: Twilio, google: Google, function: RunningFunction, environment: dict[str, str]) -> None:
        self.twilio = twilio
        self.google = google
        self._function = function
        self._environment = environment
        self.log = str(function.log)
        self.chats: dict[str, Chat] = {}
        self._shown: list[str] = []

    def types(self, *arguments: str, typed: str = "", variables: Mapping[str, str] = {}) -> None:
        """Type a command; the transcript gets it, what it prints, and an exit status that is not 0."""
        environment = {**self._environment, **variables}
        done = CliRunner(env={name: value for name, value in environment.items() if value}).invoke(
            app, [*arguments], input=typed, prog_name="inactivity"
        )
        command = self._public(" ".join(_quoted(each) for each in arguments)).rstrip()
        hidden = {name: "..." if name.endswith("SECRET") else value for name, value in variables.items()}
        prefix = "".join(f"{name}={value} " for name, value in hidden.items())
        self._shown.append(f"$ {prefix}bin/inactivity {command}\n{self._public(done.output)}")
        if done.exit_code:
            self._shown.append(f"$ echo $?\n{done.exit_code}\n")

    def outputs_with(self, **settings: str) -> str:
        """The stack's outputs with other settings, as text."""
        outputs = json.loads(Path(self._environment["INACTIVITY_OUTPUTS"]).read_text("utf-8"))
        return json.dumps({**outputs, "settings": {**outputs["settings"], **settings}})

    def transcript(self) -> str:
        """What was typed and printed since the last transcript."""
        shown, self._shown = "".join(self._shown), []
        return f"```console\n{shown.rstrip()}\n```"

    def _public(self, text: str) -> str:
        text = text.replace(self._function.url, PUBLIC_URL).replace(self.twilio.url, TWILIO_URL)
        text = re.sub(r"/\S+/(outputs\.json)", r"\1", text.replace(self.log, "log.json"))
        lines = (line.rstrip() for line in re.sub(r"127\.0\.0\.1:\d+", "127.0.0.1", text).splitlines())
        return "".join(f"{line}\n" for line in lines)


def _quoted(argument: str) -> str:
    return argument if re.fullmatch(r"[\w\-+:./]+", argument) else f"'{argument}'"


@contextmanager
def desk() -> Iterator[Desk]:
    """A deployed stack for as long as the block lasts."""
    with ExitStack() as running:
        folder = Path(running.enter_context(tempfile.TemporaryDirectory()))
        twilio = Twilio(running.enter_context(RunningSimulator()))
        google, variables = running.enter_context(running_google())
        port = free_port()
        settings = replace(
            settings_for(twilio, port, parse_policy({"policy": POLICY})), arm_on_accept=False, auth_token_secondary=None
        )
        function = running.enter_context(running_function(folder, settings, port))
        twilio.configure(f"{function.url}/conversations", "PT8M")
        outputs = folder / "outputs.json"
        outputs.write_text(json.dumps(outputs_of(settings, JOB)), encoding="utf-8")
        google.functions = {name: ("ACTIVE", settings.to_environment()) for name in (FUNCTION, f"sweep-{FUNCTION}")}
        google.attempt = datetime.now(UTC).isoformat()
        environment = {
            "INACTIVITY_OUTPUTS": str(outputs),
            "TWILIO_AUTH_TOKEN": settings.auth_token,
            "COLUMNS": "100",
            **variables,
        }
        yield Desk(twilio, google, function, environment)


def transcripts() -> dict[str, str]:
    """Each transcript by the name of its markers, in the order in which they happen."""
    with desk() as at:
        return dict(_stories(at))


def _stories(at: Desk) -> Iterator[tuple[str, str]]:
    at.types("--help")
    yield "help", at.transcript()
    yield from _seeing(at)
    yield from _checking(at)
    yield from _acting(at)
    yield "errors", _errors(at)


def _seeing(at: Desk) -> Iterator[tuple[str, str]]:
    """One chat closely, before its end and after it; then all."""
    twilio = at.twilio
    left = twilio.chat()
    left.says("customer")
    complained = twilio.chat(channel="whatsapp")
    complained.says("customer")
    complained.says("agent")
    twilio.advance("PT7M")
    at.types("explain", complained.conversation)
    yield "explain", at.transcript()

    twilio.advance("PT3M")
    address = next(each.address for each in complained.truth.participants if each.address)
    at.types("explain", "--customer", address, "--at", "2026-01-05T00:05:00Z")
    yield "complaint", at.transcript()

    left.says("agent")
    left.does("leave")
    at.chats = _a_busy_floor(twilio)
    at.types("list")
    yield "list", at.transcript()


def _checking(at: Desk) -> Iterator[tuple[str, str]]:
    """A deployment that works, and one that somebody has changed."""
    twilio = at.twilio
    at.types("doctor")
    yield "doctor", at.transcript()

    service = f"conversations/v1/Services/{twilio.account.service_sid}/Configuration/Webhooks"
    twilio.rest("POST", service, Filters=["onMessageAdded"])
    twilio.rest("POST", "conversations/v1/Configuration", DefaultInactiveTimer="PT1H")
    at.google.state = "PAUSED"
    at.types("doctor", "--no-chats")
    yield "doctor-problems", at.transcript()
    twilio.rest("POST", "conversations/v1/Configuration", DefaultInactiveTimer="PT8M")


def _acting(at: Desk) -> Iterator[tuple[str, str]]:
    """What changes something, and the report of two weeks."""
    twilio = at.twilio
    at.types("on")
    at.types("off")
    at.types("status", "--json")
    at.types("on")
    yield "switch", at.transcript()

    at.types("extend", at.chats["waits"].conversation, "--by", "PT2H")
    at.types("extend", "--all", "--until", "2026-01-05T01:00:00Z", typed="y\n")
    yield "extend", at.transcript()

    at.types("end", at.chats["answered"].conversation, typed="y\n")
    yield "end", at.transcript()

    _two_weeks(twilio)
    at.types("report", "--log", at.log, "--until", "2026-01-17T00:00:00Z")
    at.types("report", "--until", "2026-01-17T00:00:00Z")
    yield "report", at.transcript()

    old = twilio.chat("bot")
    old.says("customer")
    old.says("bot")
    twilio.disturb(drop=1.0)
    twilio.advance("P3D")
    at.types("backfill", "--dry-run")
    at.types("backfill", "--limit", "20", typed="y\n")
    yield "backfill", at.transcript()


def _a_busy_floor(twilio: Twilio) -> dict[str, Chat]:
    """Chats that wait for everybody in turn."""
    chats = {name: twilio.chat() for name in ("answered", "waits", "paused")}
    chats["queued"] = twilio.chat("queued")
    for chat in chats.values():
        chat.says("customer")
    for name in ("answered", "paused"):
        chats[name].says("agent")
    chats["paused"].does("pause")
    night = twilio.chat(queue="Night")
    night.says("customer")
    night.says("agent")
    twilio.advance("PT3M")
    return chats


def _two_weeks(twilio: Twilio) -> None:
    """Chats on some days, so that a week can be compared with the week before."""
    for queues, returns in (("Everyone",), 1), (("Everyone", "Night"), 0), (("Everyone", "Everyone", "Night"), 2):
        silent = [twilio.chat(queue=queue) for queue in queues]
        back = [twilio.chat() for _ in range(returns)]
        for chat in (*silent, *back):
            chat.says("customer")
            chat.says("agent")
        twilio.advance("PT9M")
        for chat in back:
            chat.says("customer")
        twilio.advance("PT21M")
        for chat in back:
            chat.says("agent")
            chat.does("complete")
        twilio.advance("P4D")


def _errors(at: Desk) -> str:
    """One line for each thing that can be wrong."""
    with tempfile.TemporaryDirectory() as folder:
        outputs = Path(folder) / "outputs.json"

        def types_list(text: str, variables: Mapping[str, str] = {}) -> None:
            outputs.write_text(text, encoding="utf-8")
            at.types("list", "--outputs", str(outputs), variables=variables)

        types_list('{"webhookUrl": "https://exam')
        types_list('{"webhookUrl": "https://example.com"}')
        types_list(at.outputs_with(TWILIO_BASE_URL="http://127.0.0.1:9"))
        account = Account()
        key = {"TWILIO_API_KEY_SID": account.api_key_sid, "TWILIO_API_KEY_SECRET": account.api_key_secret}
        types_list(at.outputs_with(TWILIO_ACCOUNT_SID=f"AC{'5' * 32}"), key)
    for token in ("", "wrong"):
        at.types("list", variables={"TWILIO_AUTH_TOKEN": token})
    at.types("explain", f"CH{'0' * 32}")
    at.types("explain", "--customer", "+491511", "--at", "2026-01-05T00:05:00")
    at.types("extend", "--all", "--by", "2h")
    return at.transcript()


def page() -> str:
    """The page as it is when it is current.

    Raises:
        LookupError: it lacks the markers of a transcript.
    """
    text = PAGE.read_text("utf-8")
    for name, shown in transcripts().items():
        begin, end = f"<!-- {name}: made by `python -m dev.command_page`; do not edit -->", f"<!-- {name}: end -->"
        if begin not in text or end not in text:
            raise LookupError(f"{PAGE.name} lacks the markers of {name}")
        text = f"{text.partition(begin)[0]}{begin}\n{shown}\n{end}{text.partition(end)[2]}"
    return text


def main(arguments: list[str]) -> int:
    """Write the page, or with --check say whether it is out of date."""
    text = page()
    if "--check" in arguments:
        current = PAGE.read_text("utf-8") == text
        print("the page is current" if current else f"{PAGE.name} is out of date: python -m dev.command_page")
        return 0 if current else 1
    PAGE.write_text(text, "utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
