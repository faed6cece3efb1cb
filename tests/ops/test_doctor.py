"""`inactivity doctor`: a deployment that works has nothing to mend; each fault is found, with what mends it."""

import json
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import requests
from pytest_httpserver import HTTPServer
from werkzeug import Response

from function.policy import parse_policy
from function.settings import Settings
from simulator.running import RunningSimulator
from tests.ops.test_command import run, silent
from tests.world.driving import Twilio
from tests.world.operating import FUNCTION, Google, outputs_of
from tests.world.running import RunningFunction, free_port, running_function, settings_for

PLAIN = parse_policy({})


@pytest.fixture(scope="module")
def function(_simulator: RunningSimulator, tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningFunction]:
    """The function as the zip would run it."""
    port = free_port()
    settings = replace(settings_for(Twilio(_simulator), port, PLAIN), arm_on_accept=False)
    with running_function(tmp_path_factory.mktemp("function"), settings, port) as running:
        yield running


@pytest.fixture
def stack(twilio: Twilio, google: Google, function: RunningFunction, tmp_path: Path) -> "Stack":
    """A deployment that works, end to end."""
    twilio.configure(f"{function.url}/conversations", "PT8M")
    google.functions = {name: ("ACTIVE", function.settings.to_environment()) for name in (FUNCTION, "sweep")}
    stack = Stack(twilio, google, function.settings, tmp_path / "outputs.json")
    stack.sweep()
    return stack


class Stack:
    """A deployment, and what `doctor` says of it."""

    def __init__(self, twilio: Twilio, google: Google, settings: Settings, outputs: Path) -> None:
        self.twilio = twilio
        self.google = google
        self.path = outputs
        self._settings = settings
        self.output()

    def output(self, **changes: str) -> None:
        """Write the stack's outputs, with other settings if given."""
        told = outputs_of(self._settings)
        outputs = {**told, "settings": {**told["settings"], **changes}}
        self.path.write_text(json.dumps(outputs), encoding="utf-8")

    def webhook(self, **fields: object) -> None:
        """Somebody changes the service's webhook."""
        path = f"conversations/v1/Services/{self.twilio.account.service_sid}/Configuration/Webhooks"
        self.twilio.rest("POST", path, **fields)

    def sweep(self, *, state: str = "ENABLED", code: int = 0, ago: timedelta = timedelta()) -> None:
        """Google says this of the sweep's job."""
        self.google.state, self.google.code = state, code
        self.google.attempt = (datetime.now(UTC) - ago).isoformat()

    def account(self, **fields: object) -> None:
        """Somebody changes the account's configuration."""
        self.twilio.rest("POST", "conversations/v1/Configuration", **fields)

    def another_service(self) -> str:
        """A service beside ours."""
        return str(self.twilio.rest("POST", "conversations/v1/Services", FriendlyName="another")["sid"])

    def examined(self) -> tuple[int, dict[tuple[str, str], str]]:
        """Exit status, and what mends each finding that is not fine, by check and level."""
        said = run(self.path, "doctor", "--json")
        found = [each for each in json.loads(said.output) if each["level"] != "fine"]
        return said.exit_code, {(each["check"], each["level"]): each["mend"] for each in found}

    def lines(self, *arguments: str) -> list[str]:
        """What it prints for people."""
        return run(self.path, "doctor", *arguments).output.splitlines()


CLOCK = {("clock", "note"): ""}
"""The simulator's clock is its own."""


@pytest.fixture(autouse=True)
def _token(twilio: Twilio, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TWILIO_AUTH_TOKEN", twilio.account.auth_token)


def test_a_deployment_that_works_has_nothing_to_mend_and_nothing_is_written(stack: Stack) -> None:
    """Status 0, for cron; only reads, and two events that change nothing."""
    stack.twilio.clear_log()

    assert stack.examined() == (0, CLOCK)
    assert {request.method for request in stack.twilio.requests()} == {"GET"}


def test_each_check_has_a_line_and_the_sum_comes_last(stack: Stack) -> None:
    """In the order in which a deployment works."""
    lines = stack.lines()

    assert [line.split()[1] for line in lines[:-1]] == [
        *("credentials", "permissions", "edge", "clock", "service", "webhook", "filters", "reachable", "verified"),
        *("timers", "retries", "leave", "revision", "revision", "sweep", "chats", "tasks"),
    ]
    assert lines[-1] == "17 findings, 0 for somebody to mend."


def test_a_cron_job_may_leave_the_chats_out(stack: Stack) -> None:
    """Nothing is listed."""
    stack.twilio.clear_log()

    lines = stack.lines("--no-chats")

    assert lines[-1] == "15 findings, 0 for somebody to mend."
    assert [each.path for each in stack.twilio.requests() if "State=" in each.path] == []


Break = Callable[[Stack], object]


BROKEN: dict[str, tuple[Break, str, str]] = {
    "off": (lambda stack: stack.webhook(PostWebhookUrl=""), "webhook", "bin/inactivity on"),
    "somebody else's webhook": (
        lambda stack: stack.webhook(PostWebhookUrl="https://example.com/theirs"),
        "webhook",
        "pulumi up, which says whose it is and how to take it over",
    ),
    "another method": (lambda stack: stack.webhook(Method="GET"), "webhook", "pulumi up"),
    "no filter of ours": (lambda stack: stack.webhook(Filters=["onMessageAdded"]), "filters", "bin/inactivity on"),
    "another default service": (
        lambda stack: stack.account(DefaultChatServiceSid=stack.another_service()),
        "service",
        "pulumi config rm conversationsServiceSid && pulumi up",
    ),
    "another timer": (
        lambda stack: stack.account(DefaultInactiveTimer="PT1H"),
        "timers",
        "pulumi up; with timers: unmanaged, set the timer to that yourself",
    ),
    "a function of another config": (lambda stack: stack.output(MODE="warn-only"), "revision", "pulumi up"),
    "a function whose build failed": (
        lambda stack: stack.google.functions.update({FUNCTION: ("FAILED", {})}),
        "revision",
        "pulumi up, which builds it again",
    ),
    "a function that is gone": (lambda stack: stack.google.functions.pop("sweep"), "revision", "pulumi up"),
    "a paused schedule": (lambda stack: stack.sweep(state="PAUSED"), "sweep", "bin/inactivity on"),
    "a sweep that failed": (
        lambda stack: stack.sweep(code=14),
        "sweep",
        "gcloud functions logs read sweep, then pulumi up",
    ),
    "a sweep of long ago": (
        lambda stack: stack.sweep(ago=timedelta(hours=1)),
        "sweep",
        "gcloud scheduler jobs run, and look at the job in the console",
    ),
}


@pytest.mark.parametrize(("break_it", "check", "mend"), BROKEN.values(), ids=BROKEN.keys())
def test_a_fault_is_found_with_what_mends_it(stack: Stack, break_it: Break, check: str, mend: str) -> None:
    """One fault, one finding, status 1."""
    break_it(stack)

    status, found = stack.examined()

    assert (status, {name: way for name, way in found.items() if name != ("clock", "note")}) == (
        1,
        {(check, "problem"): mend},
    )


@pytest.mark.parametrize("fields", [{"DefaultInactiveTimer": "PT5M"}, {"DefaultClosedTimer": "PT1H"}])
def test_a_timer_that_need_not_be_mended_is_a_note(stack: Stack, fields: dict[str, str]) -> None:
    """One that fires in vain; and one that closes chats, which the config may want."""
    stack.account(**fields)

    assert stack.examined() == (0, CLOCK | {("timers", "note"): ""})


def test_a_function_that_does_not_answer_is_found(stack: Stack, function: RunningFunction) -> None:
    """The address leads elsewhere: the webhook is not ours there, and nothing answers."""
    elsewhere = f"http://127.0.0.1:{free_port()}"
    stack.webhook(PostWebhookUrl=f"{elsewhere}/conversations")
    told = outputs_of(replace(function.settings, public_url=elsewhere))
    stack.path.write_text(json.dumps(told), encoding="utf-8")

    status, found = stack.examined()

    assert (status, found[("reachable", "problem")]) == (1, "pulumi up")


def test_a_function_with_another_token_is_found(
    stack: Stack, monkeypatch: pytest.MonkeyPatch, function: RunningFunction
) -> None:
    """Twilio's token was rotated: webhooks are refused, and calls with a key still work."""
    account = stack.twilio.account
    monkeypatch.setenv("TWILIO_API_KEY_SID", account.api_key_sid)
    monkeypatch.setenv("TWILIO_API_KEY_SECRET", account.api_key_secret)
    monkeypatch.setenv("TWILIO_AUTH_TOKEN", "0" * 32)

    _, found = stack.examined()

    assert found[("verified", "problem")].startswith("pulumi up with the account's auth token")
    assert ("credentials", "problem") in found


@pytest.mark.parametrize(
    ("answers", "said"),
    [
        ([403, 503, 204], "✓ verified     it accepts a test event that this auth token signs"),
        (
            [403, 503, 503],
            "✗ verified     it does not accept an event that this token signs: 503; its log says why",
        ),
    ],
)
def test_a_function_that_only_starts_is_asked_again(
    stack: Stack, function: RunningFunction, httpserver: HTTPServer, answers: list[int], said: str
) -> None:
    """A 503 says nothing about the token, and the second answer counts."""
    coming = iter(answers)
    httpserver.expect_request("/conversations").respond_with_handler(lambda _: Response(status=next(coming)))
    stack.webhook(PostWebhookUrl=httpserver.url_for("/conversations"))
    told = outputs_of(replace(function.settings, public_url=httpserver.url_for("").rstrip("/")))
    stack.path.write_text(json.dumps(told), encoding="utf-8")

    assert said in stack.lines()
    assert list(coming) == []


def test_what_cannot_be_checked_counts_as_a_problem(stack: Stack) -> None:
    """Google refuses: the rest is checked all the same."""
    stack.google.status = 403

    status, found = stack.examined()

    mend = "mend that, then run bin/inactivity doctor again"
    assert (status, found) == (1, CLOCK | {("revision", "unknown"): mend, ("sweep", "unknown"): mend})


def test_rights_that_are_missing_are_named(stack: Stack) -> None:
    """An API key without TaskRouter."""
    stack.twilio.fault("GET /taskrouter/v1/Workspaces/[^/]+/Events", "status", status=403, times=None)

    _, found = stack.examined()

    assert found[("permissions", "problem")].startswith("give the API key these rights")
    assert any("list_events" in line or "TaskRouter events: HTTP 403" in line for line in stack.lines())


def test_agents_who_may_leave_are_a_note(stack: Stack) -> None:
    """Their chats are kept; nothing has to be done."""
    configuration = {"account_sid": stack.twilio.account.account_sid, "agent_conv_end_methods": {"enabled": ["Leave"]}}
    account = stack.twilio.account
    url = f"{stack.twilio.url}/flex-api/v1/Configuration"
    requests.post(url, json=configuration, auth=(account.account_sid, account.auth_token), timeout=10)

    assert stack.examined() == (0, CLOCK | {("leave", "note"): ""})


def test_an_event_callback_without_its_retries_is_found(
    twilio: Twilio, google: Google, function: RunningFunction, tmp_path: Path
) -> None:
    """With `timers: on-accept` TaskRouter must try again."""
    settings = replace(function.settings, arm_on_accept=True)
    stack = Stack(twilio, google, settings, tmp_path / "outputs.json")
    twilio.listen(function.url)
    listening = stack.examined()[1]
    workspace = f"taskrouter/v1/Workspaces/{twilio.account.workspace_sid}"
    twilio.rest("POST", workspace, EventCallbackUrl=f"{function.url}/tasks", EventsFilter="reservation.accepted")

    assert ("retries", "problem") not in listening
    assert stack.examined()[1][("retries", "problem")] == "bin/inactivity on"


def test_a_chat_that_is_overdue_for_longer_than_two_sweeps_is_stuck(stack: Stack) -> None:
    """First explained and ended one by one; after a day the sweep leaves it to backfill."""
    chat = silent(stack.twilio, "bot")
    stack.twilio.disturb(drop=1.0)
    stack.twilio.advance("PT30M")
    soon = stack.examined()[1]
    stack.twilio.advance("P2D")

    sid = chat.conversation
    assert soon[("chats", "problem")] == f"bin/inactivity explain {sid}, then bin/inactivity end {sid}"
    assert stack.examined()[1][("chats", "problem")] == "bin/inactivity backfill --dry-run"


def test_a_message_that_nobody_will_read_is_stuck(stack: Stack) -> None:
    """The task was cancelled while the customer waited."""
    chat = stack.twilio.chat("queued")
    chat.says("customer")
    stack.twilio.rest(
        "POST",
        f"taskrouter/v1/Workspaces/{stack.twilio.account.workspace_sid}/Tasks/{chat.task}",
        AssignmentStatus="canceled",
        Reason="test",
    )
    stack.twilio.advance("PT6M")

    assert stack.examined()[1][("chats", "problem")] == "invite an agent in Flex, or answer"


def test_a_task_that_a_closed_conversation_left_is_stuck(stack: Stack) -> None:
    """It holds an agent's capacity; `end` releases it."""
    chat = silent(stack.twilio)
    stack.twilio.disturb(drop=1.0)
    stack.twilio.rest("POST", chat.path, State="closed")
    fresh = stack.examined()[1]
    stack.twilio.advance("PT2H")
    stuck = stack.examined()[1]
    run(stack.path, "end", chat.conversation, "--yes")

    assert fresh == CLOCK
    assert stuck == CLOCK | {("tasks", "problem"): f"bin/inactivity end {chat.conversation}"}
    assert stack.examined() == (0, CLOCK)
