"""The signed event that a function must answer correctly before Twilio and the schedule call it."""

import threading
from collections.abc import Iterator, Mapping
from http.server import BaseHTTPRequestHandler, HTTPServer
from urllib.parse import parse_qsl

import pytest
from pulumi.output import Unknown
from twilio.request_validator import RequestValidator

from function.policy import parse_policy
from function.settings import Settings
from function.twilio_api import IgnoreReason
from function.twilio_api.events import Ignored, parse_event
from infra.signed_test_event import (
    EVENT_TYPE,
    PAUSE_SECONDS,
    Answer,
    SignedTestEventProvider,
    WrongAnswerError,
    explained,
    patiently,
    post,
    signature,
)
from tests.infra.account import TwilioAccount

URL = "https://us-central1-a-project.cloudfunctions.net/f/conversations"
BY_GOOGLE = Answer(403, "<html>Your client does not have permission to get URL /f/conversations</html>")
BY_THE_FUNCTION = Answer(403)
RIGHT = Answer(204)


class Function(HTTPServer):
    """Stands for the function: it checks the signature with its own token, as the real one does.

    Attributes:
    token: what it checks with.
    forms: the genuine events so far.
    """

    def __init__(self, token: str) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.token = token
        self.forms = list[Mapping[str, str]]()

    @property
    def url(self) -> str:
        """The function's address."""
        return f"http://127.0.0.1:{self.server_port}/conversations"


class _Handler(BaseHTTPRequestHandler):
    server: Function

    def do_POST(self) -> None:
        form = dict(parse_qsl(self.rfile.read(int(self.headers["Content-Length"])).decode()))
        genuine = RequestValidator(self.server.token).validate(
            self.server.url, form, self.headers["X-Twilio-Signature"]
        )
        if genuine:
            self.server.forms.append(form)
        self.send_response(204 if genuine else 403)
        self.end_headers()

    def log_message(self, *_: object) -> None:
        """Print nothing."""


@pytest.fixture
def function(account: TwilioAccount) -> Iterator[Function]:
    """A function with the account's token."""
    with Function(account.token) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        yield server
        server.shutdown()
        thread.join()


def props(account: TwilioAccount, function: Function) -> dict[str, object]:
    """The inputs of a resource for this function."""
    return {
        "account_sid": account.sid,
        "url": function.url,
        "function_url": "",
        "computed_url": "",
        "zip": "function-1.zip",
        "environment": {"MODE": "enforce"},
        "secrets": ["TWILIO_AUTH_TOKEN/1"],
    }


def test_a_function_that_accepts_the_signature_is_ready(account: TwilioAccount, function: Function) -> None:
    """One event is sent, signed with the token of this run; the outputs do not contain the token."""
    inputs = props(account, function)
    made = account.provider(SignedTestEventProvider).create(inputs)

    assert made.outs == inputs
    assert function.forms == [{"EventType": EVENT_TYPE, "AccountSid": account.sid}]


def test_the_event_changes_nothing() -> None:
    """The real function ignores it before it reads anything."""
    settings = Settings("AC" + "0" * 32, "5e" * 16, "IS" + "0" * 32, "WS" + "0" * 32, URL, parse_policy({}))

    event = parse_event([("EventType", EVENT_TYPE), ("AccountSid", settings.account_sid)], settings)

    assert event == Ignored(IgnoreReason.OTHER_EVENT)


def test_it_is_signed_as_twilio_signs() -> None:
    """The official validator accepts it."""
    form = {"EventType": EVENT_TYPE, "AccountSid": "AC" + "0" * 32}

    assert RequestValidator("5e" * 16).validate(URL, form, signature(URL, form, "5e" * 16))


def test_google_is_given_time_to_let_twilio_in() -> None:
    """403 three times, with a line each, then the correct answer."""
    answers, slept, said = iter([BY_GOOGLE, BY_GOOGLE, BY_GOOGLE, RIGHT]), list[float](), list[str]()

    assert patiently(lambda: next(answers), URL, sleep=slept.append, tell=said.append) == RIGHT
    assert slept == [PAUSE_SECONDS] * 3
    assert said == [
        f"{URL} does not answer rightly yet (403 by Google); trying again for up to {seconds} s"
        for seconds in (120, 110, 100)
    ]


def test_patience_ends_after_two_minutes() -> None:
    """The error has the last answer."""
    slept = list[float]()

    assert patiently(lambda: BY_GOOGLE, URL, sleep=slept.append, tell=lambda _: None) == BY_GOOGLE
    assert sum(slept) == 120


@pytest.mark.parametrize("answer", [BY_THE_FUNCTION, RIGHT, Answer(302), Answer(405)])
def test_what_no_waiting_changes_is_not_waited_for(answer: Answer) -> None:
    """The main case is a refused signature: Google's own 403 has a body, and the function's has none."""
    slept = list[float]()

    assert patiently(lambda: answer, URL, sleep=slept.append) == answer
    assert slept == []


def test_a_function_with_another_token_stops_the_run(account: TwilioAccount, function: Function) -> None:
    """Twilio accepts the token of this run, so the function's is wrong; nothing was changed at Twilio."""
    function.token = "6f" * 16

    with pytest.raises(WrongAnswerError, match=r"this run's auth token is right: the function has another") as stopped:
        account.provider(SignedTestEventProvider).create(props(account, function))

    said = str(stopped.value)
    assert said.endswith("look at the secret's version and at publicUrl (Twilio was not changed)")
    assert account.token not in said


def test_a_wrong_token_of_this_run_is_named(account: TwilioAccount, function: Function) -> None:
    """Twilio refuses it."""
    account.token, right = "6f" * 16, account.token
    wrong = account.provider(SignedTestEventProvider)
    account.token = right

    with pytest.raises(WrongAnswerError, match="Twilio refuses this run's auth token: correct twilioAuthToken"):
        wrong.create(props(account, function))


def test_an_update_that_is_answered_wrongly_names_the_way_back(account: TwilioAccount, function: Function) -> None:
    """The new revision is in use already."""
    before, function.token = props(account, function), "6f" * 16

    with pytest.raises(WrongAnswerError, match="run pulumi up with the code and the config of before, or bin/inactiv"):
        account.provider(SignedTestEventProvider).update("id", before, before | {"zip": "function-2.zip"})


def test_without_a_token_the_run_says_what_is_missing(account: TwilioAccount, function: Function) -> None:
    """With an API key alone nothing can be signed."""
    account.token = ""

    with pytest.raises(WrongAnswerError, match="twilioAuthToken is missing"):
        account.provider(SignedTestEventProvider).create(props(account, function))


@pytest.mark.parametrize("key", ["account_sid", "url", "zip", "environment", "secrets"])
def test_a_changed_function_is_asked_again(account: TwilioAccount, function: Function, key: str) -> None:
    """Code, settings or secrets changed; a value that a preview does not know is no change."""
    before, provider = props(account, function), account.provider(SignedTestEventProvider)

    assert not provider.diff("id", before, before).changes
    assert provider.diff("id", before, before | {key: "another"}).changes
    assert not provider.diff("id", before, before | {key: Unknown()}).changes


def test_a_function_at_another_url_than_computed_stops_before_twilio_is_changed(
    account: TwilioAccount, function: Function
) -> None:
    """Signatures would be checked against another URL than Twilio calls; the error names publicUrl."""
    provider = account.provider(SignedTestEventProvider)
    news = props(account, function) | {"function_url": "https://a.example.com", "computed_url": "https://b.example.com"}

    (failure,) = provider.check({}, news).failures
    assert "run pulumi config set publicUrl https://a.example.com and pulumi up again" in failure.reason
    assert provider.check({}, news | {"computed_url": "https://a.example.com"}).failures == []
    assert provider.check({}, news | {"function_url": Unknown()}).failures == []
    assert provider.check({}, news | {"computed_url": ""}).failures == []


@pytest.mark.parametrize(
    ("answer", "named"),
    [
        (BY_GOOGLE, "grant roles/run.invoker to allUsers"),
        (Answer(301), "correct publicUrl"),
        (Answer(404, "<html>"), "ingress settings"),
        (Answer(503), "its log says why"),
        (Answer(0, "ConnectTimeout"), "no answer: ConnectTimeout; check publicUrl, HTTPS_PROXY and NO_PROXY"),
    ],
)
def test_every_other_wrong_answer_names_a_way_out(answer: Answer, named: str) -> None:
    """It is one line."""
    assert named in explained(answer)


def test_a_proxy_or_a_url_that_cannot_be_read_is_no_answer(monkeypatch: pytest.MonkeyPatch) -> None:
    """Only the type of the error is shown: its text quotes an address, which may have a password."""
    monkeypatch.setenv("HTTPS_PROXY", "http://u5er:pa@hunter2..example:9")

    assert post(URL, {}, {}) == Answer(0, "LocationParseError")
