"""The client of Twilio: it retries where that is safe, and every failure is one line with a way out and no secret."""

import socket

import pytest
from pulumi.dynamic import Config, ConfigureRequest
from pytest_httpserver import HTTPServer

from function.bootstrap import bootstrap
from function.policy import parse_policy
from function.settings import Settings
from function.twilio_api import Attempt
from function.twilio_api import TwilioError as FunctionsTwilioError
from infra.twilio_resources.client import (
    Credentials,
    CredentialsError,
    ForbiddenError,
    MissingError,
    OtherAccountError,
    TimerSettings,
    TwilioClient,
    TwilioError,
    WebhookSettings,
    same_timer,
)
from infra.twilio_resources.provider import TwilioProvider
from simulator.running import RunningSimulator
from simulator.shared.account import Account
from tests.infra.account import TwilioAccount

WRONG = "0123456789abcdef0123456789abcdef"


@pytest.fixture
def client(account: TwilioAccount) -> TwilioClient:
    """A client with full rights."""
    return TwilioClient(account.sid, Credentials(auth_token=account.token), account.url)


def test_an_api_key_makes_the_calls_when_there_is_one(account: TwilioAccount) -> None:
    """A wrong key is refused although the token is right, because the token then only verifies signatures."""
    credentials = Credentials(auth_token=account.token, api_key_sid="SK" + "0" * 32, api_key_secret=WRONG)

    with pytest.raises(CredentialsError):
        TwilioClient(account.sid, credentials, account.url).default_timers()


SUBACCOUNT = "AC" + "5" * 32
OF_THE_PARENT = Account()


@pytest.mark.parametrize(
    ("read", "of"),
    [
        ("default_service_sid", ""),
        ("workspace_sid", ""),
        ("account_webhook", ""),
        ("service_webhook", "service_sid"),
        ("task_events", "workspace_sid"),
        ("default_timers", ""),
        ("check_credentials", ""),
    ],
)
def test_a_key_of_another_account_is_refused_by_whatever_is_read_first(
    account: TwilioAccount, read: str, of: str
) -> None:
    """It opens its own account, whatever account SID is configured; nothing is written before a read."""
    credentials = Credentials(api_key_sid=OF_THE_PARENT.api_key_sid, api_key_secret=OF_THE_PARENT.api_key_secret)

    with pytest.raises(OtherAccountError) as refused:
        getattr(TwilioClient(SUBACCOUNT, credentials, account.url), read)(*([getattr(account, of)] if of else []))

    assert account.sid in str(refused.value)
    assert SUBACCOUNT in str(refused.value)
    assert OF_THE_PARENT.api_key_secret not in str(refused.value)


@pytest.mark.parametrize(("call", "of"), [("service_webhook", "service_sid"), ("task_events", "workspace_sid")])
def test_what_another_account_does_not_have_is_not_missing(account: TwilioAccount, call: str, of: str) -> None:
    """Its key gets 404 for everything of ours, and nothing may be taken for deleted because of that."""
    other = account.twilio.another_account("parent")
    credentials = Credentials(api_key_sid=other.api_key_sid, api_key_secret=other.api_key_secret)

    with pytest.raises(OtherAccountError) as refused:
        getattr(TwilioClient(account.sid, credentials, account.url), call)(getattr(account, of))

    assert account.sid in str(refused.value)
    assert other.account_sid in str(refused.value)


@pytest.mark.parametrize("call", ["service_webhook", "task_events"])
def test_what_nobody_can_say_is_missing_is_not(account: TwilioAccount, client: TwilioClient, call: str) -> None:
    """The account cannot be read, so the 404 proves nothing."""
    account.twilio.fault("GET /conversations/v1/Configuration$", "status", status=500, times=None)

    with pytest.raises(TwilioError, match="default timers: Twilio answered 500") as refused:
        getattr(client, call)("XX" + "0" * 32)

    assert not isinstance(refused.value, MissingError)


def test_the_token_that_signs_is_tried_beside_the_key_that_calls(account: TwilioAccount) -> None:
    """A function with a wrong token would refuse every webhook."""
    key = {"api_key_sid": OF_THE_PARENT.api_key_sid, "api_key_secret": OF_THE_PARENT.api_key_secret}
    TwilioClient(account.sid, Credentials(auth_token=account.token, **key), account.url).check_credentials()

    with pytest.raises(CredentialsError, match=r"auth token, which signs the webhooks.*twilioAuthToken") as refused:
        TwilioClient(account.sid, Credentials(auth_token=WRONG, **key), account.url).check_credentials()

    assert WRONG not in str(refused.value)


def test_a_wrong_key_is_named_as_one(account: TwilioAccount) -> None:
    """The token may be right."""
    credentials = Credentials(auth_token=account.token, api_key_sid="SK" + "0" * 32, api_key_secret=WRONG)

    with pytest.raises(CredentialsError, match=rf"\(401, API key SK{'0' * 32}\); check twilioApiKeySid"):
        TwilioClient(account.sid, credentials, account.url).check_credentials()


def test_a_keys_secret_in_the_place_of_its_sid_is_not_shown(account: TwilioAccount) -> None:
    """A destroy and `bin/inactivity` read credentials that no config has checked."""
    credentials = Credentials(api_key_sid="a-secret-of-a-key", api_key_secret="SK" + "0" * 32)

    with pytest.raises(CredentialsError, match=r"API key \[no SID\]") as refused:
        TwilioClient(account.sid, credentials, account.url).check_credentials()
    account.twilio.fault(".*", "status", status=403, times=None)
    with pytest.raises(ForbiddenError, match=r"API key \[no SID\]") as forbidden:
        TwilioClient(account.sid, credentials, account.url).check_credentials()

    assert "a-secret-of-a-key" not in f"{refused.value}{forbidden.value}"


def test_the_shells_edge_and_region_do_not_decide_where_calls_go(
    account: TwilioAccount, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A simulator's address is used as it is, with an edge in the config too."""
    monkeypatch.setenv("TWILIO_EDGE", "dublin")
    monkeypatch.setenv("TWILIO_REGION", "ie1")

    for edge in (None, "sydney"):
        TwilioClient(account.sid, Credentials(auth_token=account.token), account.url, edge).check_credentials()


def test_a_slash_at_the_end_of_an_address_is_no_part_of_it(account: TwilioAccount) -> None:
    """A provider is given the config as somebody wrote it."""
    provider = TwilioProvider()
    config = {"p:twilioAuthToken": account.token, "p:twilioBaseUrl": f"{account.url}/"}
    provider.configure(ConfigureRequest(Config(config, "p")))
    account.clear_log()

    provider.client({"account_sid": account.sid}).check_credentials()

    assert account.calls() == ["/conversations/v1/Configuration"]


@pytest.mark.parametrize(
    ("edge", "host"), [(None, "conversations.twilio.com"), ("sydney", "conversations.sydney.us1.twilio.com")]
)
def test_calls_enter_by_the_edge_that_was_set(
    account: TwilioAccount, httpserver: HTTPServer, monkeypatch: pytest.MonkeyPatch, edge: str | None, host: str
) -> None:
    """Deployer and function use the same edge, whatever the shell's variables are."""
    monkeypatch.setenv("TWILIO_EDGE", "dublin")
    monkeypatch.setenv("TWILIO_REGION", "ie1")
    settings = Settings(account.sid, account.token, "IS1", "WS1", "https://f", parse_policy({}), twilio_edge=edge)

    monkeypatch.setenv("HTTPS_PROXY", httpserver.url_for(""))

    with pytest.raises(TwilioError):
        TwilioClient(account.sid, Credentials(auth_token=account.token), edge=edge).default_timers()
    by_deployer = {request.environ["RAW_URI"] for request, _ in httpserver.log}
    httpserver.clear_log()
    function = bootstrap(Settings.from_environment({**settings.to_environment(), "TWILIO_AUTH_TOKEN": WRONG}))
    with pytest.raises(FunctionsTwilioError):
        function.api.conversation(Attempt.lasting(2), "CH" + "0" * 32)
    by_function = {request.environ["RAW_URI"] for request, _ in httpserver.log}

    assert (by_deployer, by_function) == ({f"{host}:443"}, {f"{host}:443"})


def test_wrong_credentials_are_named_without_the_secret(account: TwilioAccount) -> None:
    """The account, what was tried, and where the token may come from."""
    with pytest.raises(CredentialsError) as refused:
        TwilioClient(account.sid, Credentials(auth_token=WRONG), account.url).default_timers()

    for part in ("read the default timers", account.sid, "401", "TWILIO_AUTH_TOKEN"):
        assert part in str(refused.value)
    assert WRONG not in str(refused.value)


def test_no_credentials_are_said_before_any_call(account: TwilioAccount) -> None:
    """The error names both ways to provide them."""
    with pytest.raises(TwilioError, match="export TWILIO_AUTH_TOKEN, or run pulumi config set --secret"):
        TwilioClient(account.sid, Credentials(), account.url)


def test_what_is_not_there_is_told_apart(client: TwilioClient) -> None:
    """A deleted service is not a failure of Twilio's."""
    with pytest.raises(MissingError, match="404"):
        client.service_webhook("IS" + "0" * 32)


def test_twilios_own_words_reach_the_engineer_in_one_line(client: TwilioClient) -> None:
    """Its error number leads to its documentation."""
    with pytest.raises(TwilioError) as refused:
        client.write_default_timers(TimerSettings(), TimerSettings(inactive="PT8S"))

    assert "50375" in str(refused.value)
    assert len(str(refused.value).splitlines()) == 1


def test_an_address_where_nobody_answers_is_said_within_seconds(account: TwilioAccount) -> None:
    """It is retried, then named in the error; it never hangs."""
    with socket.socket() as nobody:
        nobody.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{nobody.getsockname()[1]}"

        with pytest.raises(TwilioError, match="could not read the default timers: ConnectionError"):
            TwilioClient(account.sid, Credentials(auth_token=account.token), url).default_timers()


@pytest.mark.parametrize(
    ("proxy", "error"),
    [
        ("http://u5er:hunter2#x@127.0.0.1:9", "InvalidURL"),
        ("http://u5er:hunter2?x@127.0.0.1:9", "InvalidURL"),
        ("http://u5er:hunter2/x@127.0.0.1:9", "InvalidURL"),
        ("http://u5er:pa@hunter2..example:9", "LocationParseError"),
        ("ftp://u5er:hunter2@127.0.0.1:9", "InvalidURL"),
        ("u5er:hunter2@127.0.0.1:9", "InvalidProxyURL"),
        ("socks5://u5er:hunter2@127.0.0.1:9", "InvalidSchema"),
    ],
)
def test_an_address_of_a_proxy_that_cannot_be_read_is_not_repeated(
    account: TwilioAccount, monkeypatch: pytest.MonkeyPatch, proxy: str, error: str
) -> None:
    """It may have a password, and whoever parses it wrongly takes that for a host; the way out names the variable."""
    monkeypatch.setenv("HTTPS_PROXY", proxy)

    with pytest.raises(TwilioError) as refused:
        TwilioClient(account.sid, Credentials(auth_token=account.token)).default_timers()

    assert str(refused.value) == (
        f"could not read the default timers: {error}; "
        "check HTTPS_PROXY and NO_PROXY (the address of an HTTP proxy, not socks), and twilioBaseUrl"
    )


@pytest.mark.parametrize("status", [429, 503])
def test_a_busy_twilio_is_asked_again(
    simulator: RunningSimulator, client: TwilioClient, account: TwilioAccount, status: int
) -> None:
    """Our writes are absolute, so a repeated one changes nothing."""
    account.clear_log()
    simulator.control(
        "POST", "faults", [{"match": "POST .*/v1/Configuration$", "nth": 1, "kind": "status", "status": status}]
    )
    try:
        client.write_default_timers(TimerSettings(), TimerSettings(inactive="PT8M"))
    finally:
        simulator.control("DELETE", "faults")

    assert len(account.writes()) == 2
    assert account.settings()["Configuration"]["default_inactive_timer"] == "PT8M"


def test_only_what_differs_is_written(client: TwilioClient, account: TwilioAccount) -> None:
    """A parameter that is left out keeps its value, also one that somebody changed a moment ago."""
    seen = client.service_webhook(account.service_sid)
    account.write(account.service_webhook, PreWebhookUrl="https://hooks.example.com/pre")

    client.write_service_webhook(
        account.service_sid, seen, WebhookSettings("", "https://f.example.com/conversations", "POST", ("onMessageAdd",))
    )

    webhook = account.settings()[account.service_webhook]
    assert webhook["pre_webhook_url"] == "https://hooks.example.com/pre"
    assert webhook["post_webhook_url"] == "https://f.example.com/conversations"


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("", "PT0S", True),
        ("PT90S", "PT1M30S", True),
        ("P1D", "PT24H", True),
        ("P1W", "P1W", True),
        ("P1W", "P7D", False),
        ("PT8M", "", False),
        ("PT8M", "PT8M1S", False),
    ],
)
def test_timers_are_compared_as_durations(one: str, other: str, same: bool) -> None:
    """A text that is no duration equals only itself."""
    assert same_timer(one, other) == same
