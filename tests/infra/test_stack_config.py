"""The stack's config: which values are refused, with which errors, and what accepted values mean."""

import dataclasses
import json
import re
from datetime import timedelta
from typing import Any

import pytest

from function.settings import Mode
from infra.monitoring.alerts import AlertLimits
from infra.pulumi_run import PulumiRun
from infra.stack_config import LARGEST_POLICY, StackConfig, StackConfigError, parse_stack_config
from infra.stack_settings import KNOWN_KEYS, PublicAccess, Timers
from infra.twilio_resources.urls import shown_url
from tests.infra.program_graph import declare

PROJECT = "flex-chat-inactivity-timeout"
AC = "AC" + "0a" * 16
TOKEN = "5e" * 16
GOOD = {"twilioAccountSid": AC, "twilioAuthToken": TOKEN, "gcp:project": "a-project"}
SECRETS = {"twilioAuthToken", "twilioAuthTokenSecondary", "twilioApiKeySecret"}


def parse(
    *, preview: bool = True, environment: dict[str, str] | None = None, plain: bool = False, **config: str | None
) -> StackConfig:
    """Parse a good config with these changes; None removes a key."""
    values = {key: value for key, value in (GOOD | config).items() if value is not None}
    named = {key if ":" in key else f"{PROJECT}:{key}": value for key, value in values.items()}
    secret_keys = frozenset() if plain else frozenset(f"{PROJECT}:{key}" for key in SECRETS)
    run = PulumiRun(PROJECT, "test", preview, named, secret_keys)
    return parse_stack_config(run, environment=environment or {})


def refusal(**arguments: Any) -> str:
    """Return the error of a config."""
    with pytest.raises(StackConfigError) as refused:
        parse(**arguments)
    return str(refused.value)


BAD = [
    # key, value, what the refusal must name besides key and value
    ("timeout", "5m", "ISO 8601 duration"),
    ("timeout", "PT59S", "PT1M"),
    ("timeout", "P1M", "write days"),
    ("timeout", "P31D", "P30D"),
    ("timeout", "PT10M\n", "ISO 8601 duration"),
    ("timeout", "", "ISO 8601 duration"),
    ("timeout", "600", "ISO 8601 duration"),
    ("warnBefore", "PT30S", "PT1M"),
    ("warnBefore", "PT10M", "PT9M"),
    ("warnBefore", "PT0M1", "ISO 8601 duration"),
    ("closedTimeout", "PT9M59S", "PT10M"),
    ("closedTimeout", "PT10M", "more than the timeout of PT10M"),
    ("closedTimeout", "1h", "ISO 8601 duration"),
    ("closedTimeout", "P40D", "P30D"),
    ("policy", "texts", "not an object"),
    ("policy", '["texts"]', "not an object"),
    ("policy", '{"text": {}}', "policy.text is not a setting"),
    (
        "policy",
        '{"rules": [{"match": {"channel": "sms"}, "warnings": [{"before": "PT10M"}]}]}',
        "policy.rules[0].warnings[0].before",
    ),
    (
        "policy",
        '{"warnings": [], "rules": [{"match": {"channel": "email"}, "exempt": true}]}',
        "policy.rules[0].match can never",
    ),
    ("policy", '{"texts": {"warnings": "x"}}', "policy.texts.warnings is not a setting"),
    ("policy", '{"texts": {"warning": ""}}', "policy.texts.warning"),
    ("policy", '{"texts": {"warning": "{hours}"}}', "{minutes}"),
    ("policy", '{"texts": {"closing": "' + "x" * 1601 + '"}}', "1600"),
    ("timers", "Account", "account, on-accept, unmanaged"),
    ("twilioAccountSid", "AC123", "32 hexadecimal digits"),
    ("twilioAccountSid", "SK" + "0a" * 16, "AC followed by"),
    ("twilioAccountSid", AC + " ", "32 hexadecimal digits"),
    ("conversationsServiceSid", "CH" + "0a" * 16, "IS followed by"),
    ("conversationsServiceSid", "", "IS followed by"),
    ("workspaceSid", "WW" + "0a" * 16, "WS followed by"),
    ("twilioApiKeySid", "AC" + "0a" * 16, "SK followed by"),
    ("twilioApiKeySid", "SK" + "0a" * 16, "without twilioApiKeySecret"),
    ("twilioBaseUrl", "http://api.example.com", "must be https"),
    ("twilioBaseUrl", "localhost:8700", "not a URL"),
    ("publicUrl", "https://", "not a URL"),
    ("publicUrl", "https://example.com/?a=b", "leave out what follows the path"),
    ("publicUrl", "ftp://example.com", "not a URL"),
    ("publicUrl", "https://[::1", "not a URL"),
    ("publicUrl", "https://example.com/?", "leave out what follows the path"),
    ("publicUrl", "https://example.com/#", "leave out what follows the path"),
    ("publicUrl", "https://@example.com", "leave them out"),
    ("publicUrl", "https://example.com/@x", "an @ as %40"),
    ("publicUrl", "https://example.com/%zz", "as %XX"),
    ("publicUrl", "https://example.com/ü", "as %XX"),
    ("publicUrl", "https://a..b.com", "1 to 63"),
    ("publicUrl", "https://.", "1 to 63"),
    ("publicUrl", "https://" + "a" * 64 + ".com", "1 to 63"),
    ("publicUrl", "https://*.example.com", "1 to 63"),
    ("publicUrl", "https://bücher.example", "xn--"),
    ("functionUrl", "http://tunnel.example.com", "must be https"),
    ("functionUrl", "https://tunnel.example.com:x", "not a URL"),
    ("takeover", "yes", "true, false"),
    ("takeover", "True", "true, false"),
    ("publicAccess", "everyone", "all-users, none"),
    ("minInstances", "-1", "0 to 1000"),
    ("minInstances", "1.5", "whole number"),
    ("minInstances", "11", "maxInstances of 10"),
    ("maxInstances", "0", "1 to 1000"),
    ("maxInstances", "many", "whole number"),
    ("maxInstances", "1001", "1 to 1000"),
    ("author", "  ", "at least one letter"),
    ("gcp:project", "A Project", "project id"),
    ("gcp:project", "", "gcp:project"),
    ("gcp:region", "Frankfurt", "us-central1"),
    ("schedulerRegion", "Frankfurt", "us-central1"),
    ("secretRegions", "europe-west1, europe-west4", "europe-west1,europe-west4"),
    ("secretRegions", "", "gcloud secrets locations list"),
    ("runServiceAccount", "run@a-project", "gcloud iam service-accounts list"),
    ("buildServiceAccount", "1-compute@developer.gserviceaccount.com", "name@project.iam.gserviceaccount.com"),
    ("scheduleServiceAccount", "", "a service account's email"),
    ("twilioAuthTokenVersion", "projects/p/secrets/token/versions/latest", "a numbered version"),
    ("twilioAuthTokenSecondaryVersion", "token", "projects/PROJECT/secrets/NAME/versions/1"),
    ("enableApis", "no", "true, false"),
    ("imageRepository", "europe-west1-docker.pkg.dev/p/r", "gcloud artifacts repositories list"),
    ("imageRepository", "projects/p/locations/r/repositories/n", "pulumi config set buildServiceAccount"),
    ("protect", "yes", "true, false"),
    ("retention", "PT12H", "P1D"),
    ("retention", "P400D", "P365D"),
    ("namePrefix", "Acme", "2 to 14 lower-case letters"),
    ("namePrefix", "a-prefix-too-long", "2 to 14"),
    ("gcp:defaultLabels", "team", "not an object"),
    ("gcp:defaultLabels", '{"Team": "x"}', "a label is up to 63"),
    ("gcp:defaultLabels", '{"team": "Support"}', "the value 'Support'"),
    ("timout", "PT5M", "did you mean timeout?"),
    ("closeTimeout", "PT1H", "did you mean closedTimeout?"),
    ("TIMEOUT", "PT5M", "known:"),
    ("mode", "audit", "observe, warn-only, enforce"),
    ("mode", "Observe", "observe, warn-only, enforce"),
    ("sweepEvery", "PT7M", "PT5M, PT6M, PT10M"),
    ("sweepEvery", "PT30S", "PT1M"),
    ("sweepEvery", "PT2H", "PT1H"),
    ("sweepEvery", "5m", "ISO 8601"),
    ("maxEndsPerSweep", "0", "1 to 10000"),
    ("monitoring", "on", "true, false"),
    ("notificationChannels", "projects/p/notificationChannels/1", "not a list"),
    ("notificationChannels", "[1]", "not a list"),
    ("notificationChannels", '["me@example.com"]', "gcloud beta monitoring channels list"),
    ("alertLostWebhooks", "-1", "0 to 100000"),
    ("alertWaiting", "few", "whole number"),
    ("alertMissedSweeps", "0", "1 to 100"),
]


@pytest.mark.parametrize(("key", "value", "named"), BAD, ids=[f"{key}={value[:24]!r}" for key, value, _ in BAD])
def test_a_bad_value_is_refused_in_preview_with_key_value_bound_and_way_out(key: str, value: str, named: str) -> None:
    """Nobody has to guess which setting is meant or which values are possible."""
    said = refusal(**{key: value})

    assert key in said
    assert named in said
    # What may be a secret is not repeated, or in part: the tests below say how much of it.
    maybe_secret = key.endswith(("Sid", "Url", "Version"))
    shown = value.strip() if len(value) < 40 and not value.startswith(("{", "[")) and not maybe_secret else ""
    assert shown in said or "is not a setting" in said
    assert len(said.splitlines()) == 2, f"one problem, one line: {said}"


def test_whom_alerts_notify_and_when_is_a_matter_of_the_stack() -> None:
    """A list as `pulumi config set --path` writes it, and a number for each alert with a threshold."""
    channel = "projects/a-project/notificationChannels/123"
    config = parse(
        notificationChannels=f'["{channel}"]',
        alertLostWebhooks="1",
        alertFailures="2",
        alertRefusals="3",
        alertWaiting="4",
        alertMissedSweeps="5",
        sweepEvery="PT10M",
    )

    assert config.notification_channels == (channel,)
    assert config.alert_limits == AlertLimits(1, 2, 3, 4, 5, sweep_every=timedelta(minutes=10))
    assert (parse().monitoring, parse(monitoring="false").monitoring) == (True, False)
    assert parse().notification_channels == ()


def test_a_project_id_may_have_a_domain() -> None:
    """Google's older organisations have them; its URL is then the next best guess, which the test event checks."""
    config = parse(**{"gcp:project": "example.com:my-project"})

    assert config.google_project == "example.com:my-project"
    assert config.public_url == f"https://us-central1-my-project.example.com.cloudfunctions.net/{PROJECT}-test"


def test_all_problems_are_told_at_once() -> None:
    """One run lists them all."""
    said = refusal(timeout="5m", workspaceSid="WS1", minInstances="x", timout="PT5M")

    assert len(said.splitlines()) == 5


@pytest.mark.parametrize("key", sorted(SECRETS))
def test_a_secret_that_stands_unencrypted_is_refused_and_not_repeated(key: str) -> None:
    """It would be in the stack's file, in git and in the state."""
    more = {"twilioApiKeySid": "SK" + "0a" * 16, "twilioApiKeySecret": "hunter2"} if "ApiKey" in key else {}
    said = refusal(**(more | {key: "hunter2"}), plain=True)

    assert f"pulumi config set --secret {key}" in said
    assert "hunter2" not in said
    assert TOKEN not in said


PASTED = [
    # what somebody took for a value, what of it may be a secret
    (TOKEN, TOKEN),
    ("hunter2", "hunter2"),
    ("https://u5er:hunter2@x.example:99999", "u5er hunter2"),
    ("https://u5er:hun/ter2@x.example", "u5er hun ter2"),
    ("https://u5er:hunter2@x.example", "u5er hunter2"),
    ("https://u5er@x.example:port", "u5er"),
    ("https://x.example:hunter2", "hunter2"),
    ("https://x.example/?token=hunter2", "hunter2"),
    ("https://x.example/?user=u5er@hunter2", "u5er hunter2"),
    ("https://x.example/#hunter2", "hunter2"),
    ("http://x.example/hunter2", "hunter2"),
    ("ftp://u5er:hunter2@x.example", "u5er hunter2"),
    ("x.example/hunter2", "hunter2"),
    ("https:u5er:hunter2@x.example", "u5er hunter2"),
    ("https://[u5er:hunter2@x.example", "u5er hunter2"),
    ("https://u5er hunter2", "hunter2"),
]
MAYBE_SECRET = [
    *((key, "copy it from the Twilio Console") for key in ("twilioAccountSid", "twilioApiKeySid", "workspaceSid")),
    *((key, "https://example.com") for key in ("publicUrl", "functionUrl", "twilioBaseUrl")),
    *((key, "gcloud secrets versions list") for key in ("twilioAuthTokenVersion", "twilioApiKeySecretVersion")),
]


@pytest.mark.parametrize(("key", "way_out"), MAYBE_SECRET, ids=[key for key, _ in MAYBE_SECRET])
def test_a_secret_pasted_into_the_wrong_key_is_not_repeated(key: str, way_out: str) -> None:
    """The log of a CI keeps what an error says; the key and the way out are enough."""
    for value, secrets in PASTED:
        said = refusal(**{key: value})

        assert key in said
        assert not [secret for secret in secrets.split() if secret in said], said
        assert way_out in said or "leave" in said or "must be https" in said, said


@pytest.mark.parametrize(
    ("key", "value", "complaint"),
    [
        ("twilioAccountSid", TOKEN, "is a text of 32 characters, not AC followed by 32 hexadecimal digits"),
        ("twilioAccountSid", AC + " ", "is a text of 35 characters, not AC"),
        ("twilioAccountSid", "SK" + "0a" * 16, f"is 'SK{'0a' * 16}', not AC followed by"),
        ("twilioAuthTokenVersion", TOKEN, "is a text of 32 characters, not a numbered version such as projects/"),
        ("twilioAuthTokenVersion", "projects/p/secrets/t/versions/latest", "is 'projects/p/secrets/t/versions/latest'"),
        ("publicUrl", "example.com", "is a text of 11 characters, not a URL such as https://example.com"),
        ("publicUrl", "https://u:pw@x:99999", "is 'https://...', not a URL such as https://example.com"),
        ("publicUrl", "https://x.example:99999", "is 'https://x.example...', not a URL such as https://example.com"),
        ("publicUrl", "https://[::1", "is 'https://[::1', not a URL"),
        ("publicUrl", "https://x.example/?a=b", "is 'https://x.example...'; leave out what follows the path"),
        ("publicUrl", "http://x.example/a", "is 'http://x.example...'; it must be https"),
        ("publicUrl", "https://u:pw@x.example", "has credentials in it; leave them out"),
    ],
)
def test_of_what_may_be_a_secret_an_error_shows_what_cannot_be_one(key: str, value: str, complaint: str) -> None:
    """Another SID, a name of a secret, a URL's scheme and host; else how long the text is."""
    assert f"{key} {complaint}" in refusal(**{key: value})


SWAPPED = [
    # what the config names as the account, what the environment does
    (AC, TOKEN),
    (TOKEN, AC),
    (TOKEN, "6f" * 16),
]


@pytest.mark.parametrize(("configured", "exported"), SWAPPED)
def test_a_token_in_the_place_of_an_account_is_not_repeated_where_the_other_place_names_one(
    configured: str, exported: str
) -> None:
    """Two accounts are compared, and shown, only when both are accounts."""
    said = refusal(twilioAccountSid=configured, environment={"TWILIO_ACCOUNT_SID": exported})
    wrong = "is a text of 32 characters, not AC followed by 32 hexadecimal digits"

    for key, value in (("twilioAccountSid", configured), ("TWILIO_ACCOUNT_SID", exported)):
        assert (f"{key} {wrong}" in said) == (value != AC)
        assert value == AC or value not in said


@pytest.mark.parametrize(
    ("url", "base"),
    [
        ("https://chat.example.com", "https://chat.example.com"),
        ("https://chat.example.com//", "https://chat.example.com"),
        ("HTTPS://Chat.Example.com/Hook", "https://chat.example.com/Hook"),
        ("https://chat.example.com:8443/a/~b/c%40d;e=f,g", "https://chat.example.com:8443/a/~b/c%40d;e=f,g"),
        ("https://_tunnel.a-b.example.com.", "https://_tunnel.a-b.example.com."),
        (f"https://{'a' * 63}.example.com", f"https://{'a' * 63}.example.com"),
        ("http://LOCALHOST:8080", "http://localhost:8080"),
        ("http://[::1]:8080/", "http://[::1]:8080"),
    ],
)
def test_a_url_is_the_one_that_is_found_at_twilio_later(url: str, base: str) -> None:
    """What is there is compared with it in the form in which any URL is shown; only a path has upper case."""
    assert parse(functionUrl=url).webhook_url == f"{base}/conversations"
    assert shown_url(f"{base}/conversations") == f"{base}/conversations"


def test_defaults_are_those_of_the_table() -> None:
    """Three settings are enough to start."""
    config = parse(preview=False)

    assert dataclasses.asdict(config) | {"policy": None, "credentials": None} == {
        "function_name": f"{PROJECT}-test",
        "sweep_name": f"sweep-{PROJECT}-test",
        "name_prefix": "",
        "sweep_every": timedelta(minutes=5),
        "max_ends_per_sweep": 3_000,
        "google_project": "a-project",
        "region": "us-central1",
        "scheduler_region": "us-central1",
        "secret_regions": (),
        "account_sid": AC,
        "credentials": None,
        "conversations_service_sid": None,
        "workspace_sid": None,
        "policy": None,
        "mode": Mode.ENFORCE,
        "timers": Timers.ACCOUNT,
        "closed_timeout": None,
        "takeover": False,
        "public_access": PublicAccess.ALL_USERS,
        "min_instances": 0,
        "max_instances": 10,
        "monitoring": True,
        "notification_channels": (),
        "alert_limits": {
            "lost_webhooks": 5,
            "failures": 5,
            "refusals": 2,
            "waiting": 5,
            "missed_sweeps": 2,
            "sweep_every": timedelta(minutes=5),
        },
        "public_url": f"https://us-central1-a-project.cloudfunctions.net/{PROJECT}-test",
        "public_url_is_computed": True,
        "existing": {
            "build": None,
            "run": None,
            "schedule": None,
            "secrets": {},
            "repository": "",
            "apis_are_on": False,
        },
        "labels": (),
        "retention": timedelta(days=30),
        "protect": False,
        "google_options": (),
        "google_is_used": True,
        "twilio_base_url": None,
        "twilio_edge": None,
        "author": "system",
        "warnings": (),
    }
    assert (
        config.policy.default.timeout,
        config.policy.default.warn_before,
    ) == (timedelta(minutes=10), timedelta(minutes=2))


def test_every_key_is_accepted_with_a_good_value() -> None:
    """No key that is known does nothing but fail."""
    versions = ("twilioApiKeySecretVersion", "twilioAuthTokenSecondaryVersion", "twilioAuthTokenVersion")
    values: dict[str, str | None] = {
        "alertFailures": "0",
        "alertLostWebhooks": "100000",
        "alertMissedSweeps": "1",
        "alertRefusals": "10",
        "alertWaiting": "20",
        "author": "Bot",
        "buildServiceAccount": "builder@a-project.iam.gserviceaccount.com",
        "closedTimeout": "PT1H",
        "conversationsServiceSid": "IS" + "0a" * 16,
        "enableApis": "false",
        "functionUrl": "https://tunnel.example.com/",
        "imageRepository": "projects/a-project/locations/us-central1/repositories/images",
        "maxEndsPerSweep": "50",
        "maxInstances": "5",
        "minInstances": "1",
        "mode": "warn-only",
        "monitoring": "false",
        "namePrefix": "acme-chat",
        "notificationChannels": '["projects/a-project/notificationChannels/123"]',
        "policy": '{"texts": {"closing": "Bye"}}',
        "protect": "true",
        "publicAccess": "none",
        "publicUrl": "https://chat.example.com/hook/",
        "retention": "P90D",
        "runServiceAccount": "runner@a-project.iam.gserviceaccount.com",
        "scheduleServiceAccount": "caller@a-project.iam.gserviceaccount.com",
        "schedulerRegion": "europe-west3",
        "secretRegions": "europe-west4,europe-west1",
        "sweepEvery": "PT1H",
        "takeover": "true",
        "timeout": "PT5M",
        "timers": "account",
        "twilioAccountSid": AC,
        "twilioApiKeySecret": "s",
        "twilioApiKeySid": "SK" + "0a" * 16,
        "twilioAuthToken": TOKEN,
        "twilioAuthTokenSecondary": "6f" * 16,
        **dict.fromkeys(versions, "projects/a-project/secrets/twilio/versions/1"),
        "twilioBaseUrl": "http://127.0.0.1:8700",
        "twilioEdge": "sydney",
        "warnBefore": "PT0S",
        "workspaceSid": "WS" + "0a" * 16,
    }
    assert set(values) == set(KNOWN_KEYS)
    ours = values | dict.fromkeys(versions)
    of_google = ours | {"functionUrl": None, "twilioBaseUrl": None}
    of_a_tunnel = ours | {"publicUrl": None, "twilioEdge": None}

    assert parse(**of_google, preview=False).webhook_url == "https://chat.example.com/hook/conversations"
    assert parse(**of_a_tunnel, preview=False).webhook_url == "https://tunnel.example.com/conversations"


def test_a_tunnel_needs_no_google_and_allows_no_second_url() -> None:
    """FunctionUrl alone decides where Twilio calls."""
    tunnel = "https://tunnel.example.com"

    assert not parse(functionUrl=tunnel, **{"gcp:project": None}).google_is_used
    assert "together with functionUrl" in refusal(functionUrl=tunnel, publicUrl=tunnel)


@pytest.mark.parametrize(
    ("timeout", "warn_before", "timer"), [("PT10M", "PT2M", 8), ("PT10M", "PT0S", 10), ("PT2M", "PT1M", 1)]
)
def test_the_inactive_timer_is_the_earliest_step(timeout: str, warn_before: str, timer: int) -> None:
    """It fires for the warning, or for the end if there is no warning."""
    assert parse(timeout=timeout, warnBefore=warn_before).inactive_timer == timedelta(minutes=timer)


@pytest.mark.parametrize("timers", ["unmanaged", "on-accept"])
def test_without_the_accounts_timers_there_is_no_default_timer_and_no_closed_timeout(timers: str) -> None:
    """A setting without effect is an error."""
    assert parse(timers=timers).inactive_timer is None
    assert f"would do nothing with timers: {timers}" in refusal(timers=timers, closedTimeout="PT1H")


def test_only_on_accept_listens_to_the_workspace() -> None:
    """The URL is the function's other route, with retries; Conversations' webhook has none."""
    url = f"https://us-central1-a-project.cloudfunctions.net/{PROJECT}-test/tasks#rc=2&rp=5xx,ct,rt"

    assert parse(timers="on-accept").task_events_url == url
    assert parse().task_events_url is None


TWENTY = (
    "ar",
    "cs",
    "da",
    "de",
    "el",
    "es",
    "fi",
    "fr",
    "it",
    "ja",
    "ko",
    "nb",
    "nl",
    "pl",
    "pt",
    "ru",
    "sv",
    "tr",
    "uk",
)


def test_a_policy_that_no_function_can_be_given_is_refused_in_the_preview() -> None:
    """Google would refuse it in the middle of an up; a function that runs elsewhere has no such bound."""
    text = dict.fromkeys([*TWENTY, "default"], "é" * 700)
    policy = json.dumps({"texts": {"warning": text, "closing": text}})

    (said,) = refusal(policy=policy).splitlines()[1:]

    assert re.fullmatch(
        r"  policy is 5\d{4} bytes long for the function, more than 30720, because Google gives all of a function's "
        r"variables 32 KiB; write shorter texts, or texts in fewer languages",
        said,
    )
    assert parse(policy=policy, functionUrl="https://tunnel.example.com").policy.default.texts.warning.translations


def test_the_longest_policy_leaves_room_for_the_other_variables() -> None:
    """Bytes count, not letters: of names and values together."""
    most = {"timers": "on-accept", "twilioApiKeySid": "SK" + "0a" * 16, "twilioEdge": "sao-paulo-ix"}
    longest = {
        "gcp:project": "example.com:" + "a" * 30,
        "publicUrl": f"https://{'a' * 63}.{'b' * 63}.example.com/{'c' * 200}",
        "author": "é" * 256,
    }

    def bots(length: int) -> str:
        return json.dumps({"bots": ["b" * length]})

    def variables(length: int) -> dict[str, str]:
        graph = declare(
            GOOD | most | longest | {"twilioApiKeySecret": "s", "policy": bots(length)}, secrets=SECRETS, preview=False
        )
        found: dict[str, str] = graph.resources["webhook-function (Function)"].inputs["serviceConfig"][
            "environmentVariables"
        ]
        return found

    longest_name = LARGEST_POLICY - len(variables(1)["POLICY"]) + 1
    given = variables(longest_name)

    assert len(given["POLICY"]) == LARGEST_POLICY
    assert sum(len(name) + len(value.encode()) for name, value in given.items()) < 32_768
    assert f"is {LARGEST_POLICY + 1} bytes long" in refusal(policy=bots(longest_name + 1))


def test_a_closed_timeout_is_warned_of() -> None:
    """It breaks the promise to customers who wait, so nobody should set it unknowingly."""
    (warning,) = parse(closedTimeout="PT1H", preview=False).warnings

    assert "closedTimeout is PT1H" in warning
    assert "whoever is waited for" in warning


def test_a_preview_without_credentials_says_what_it_could_not_look_at() -> None:
    """CI may preview without secrets."""
    (warning,) = parse(twilioAuthToken=None, twilioAccountSid=None).warnings

    for part in ("could not look at Twilio", "twilioAuthToken is not set", "TWILIO_ACCOUNT_SID"):
        assert part in warning


@pytest.mark.parametrize(
    ("key", "way_out"),
    [
        ("twilioAuthToken", "pulumi config set --secret twilioAuthToken"),
        ("twilioAccountSid", "pulumi config set twilioAccountSid"),
    ],
)
def test_up_without_credentials_is_refused_before_anything_is_created(key: str, way_out: str) -> None:
    """Half a deployment helps nobody."""
    said = refusal(**{key: None}, preview=False)

    assert f"{key} is not set" in said
    assert way_out in said


def test_the_environments_credentials_win() -> None:
    """A new token needs no change of the config, and CI needs none in it."""
    config = parse(environment={"TWILIO_AUTH_TOKEN": "6f" * 16}, preview=False)

    assert config.credentials.auth_token == "6f" * 16
    assert parse(twilioAccountSid=None, environment={"TWILIO_ACCOUNT_SID": AC}, preview=False).account_sid == AC


def test_an_environment_of_another_account_is_refused() -> None:
    """Variables left from another job must not move a stack."""
    other = "AC" + "0b" * 16
    said = refusal(environment={"TWILIO_ACCOUNT_SID": other})

    assert AC in said
    assert other in said
    assert "unset the variable" in said


def test_credentials_are_not_in_a_configs_repr() -> None:
    """Printing a config prints no secret."""
    next_token = "6f" * 16
    config = parse(twilioAuthTokenSecondary=next_token, twilioApiKeySid="SK" + "0a" * 16, twilioApiKeySecret="hunter3")

    for secret in (TOKEN, next_token, "hunter3"):
        assert secret not in repr(config)


def test_the_inactive_timer_is_the_earliest_step_of_all_rules() -> None:
    """The account has one timer, so it must be in time for the rule with the shortest step."""
    rules = '[{"match": {"channel": "sms"}, "timeout": "PT5M"}, {"match": {"queue": "VIP"}, "timeout": "PT1H"}]'

    assert parse(policy=f'{{"rules": {rules}}}').inactive_timer == timedelta(minutes=3)
    assert "more than the timeout of PT1H" in refusal(policy=f'{{"rules": {rules}}}', closedTimeout="PT30M")


@pytest.mark.parametrize("key", ["twilioAuthToken", "twilioAuthTokenSecondary"])
@pytest.mark.parametrize("token", [TOKEN[:-1], f"{TOKEN} ", f"{TOKEN}\n", f'"{TOKEN}"', "SK" + TOKEN, "g" * 32])
def test_a_token_that_can_sign_nothing_is_refused_in_the_preview_and_not_shown(key: str, token: str) -> None:
    """Cut, quoted, or another kind of secret: every webhook would be refused."""
    variable = {"twilioAuthToken": "TWILIO_AUTH_TOKEN", "twilioAuthTokenSecondary": "TWILIO_AUTH_TOKEN_SECONDARY"}[key]

    for said, named in ((refusal(**{key: token}), key), (refusal(environment={variable: token}), variable)):
        assert f"{named} is a text of {len(token)} characters, not 32 hexadecimal digits" in said
        assert token.strip() not in said


def test_an_edge_of_us1_may_be_chosen() -> None:
    """The shell's variable may have the same value."""
    assert parse().twilio_edge is None
    assert parse(twilioEdge="sydney").twilio_edge == "sydney"
    assert parse(twilioEdge="sydney", environment={"TWILIO_EDGE": "sydney"}).twilio_edge == "sydney"
    assert parse(twilioEdge="ashburn-ix", environment={"TWILIO_REGION": "us1"}).twilio_edge == "ashburn-ix"


@pytest.mark.parametrize("edge", ["", "Sydney", "roaming", "ie1", "gll", "dublin.ie1", "evil.example.com"])
def test_an_unknown_edge_is_refused_with_those_there_are(edge: str) -> None:
    """It becomes part of a host name."""
    said = refusal(twilioEdge=edge)

    assert f"twilioEdge is {edge!r}" in said
    assert "ashburn, ashburn-ix, dublin" in said


SHELLS = [
    # environment, config, what the refusal must say
    ({"TWILIO_REGION": "ie1"}, {}, "TWILIO_REGION is 'ie1' in the environment, and Flex exists in us1 only; unset it"),
    ({"TWILIO_REGION": "au1"}, {"twilioEdge": "sydney"}, "Flex exists in us1 only"),
    ({"TWILIO_EDGE": "dublin"}, {}, "unset the variable, or run pulumi config set twilioEdge dublin"),
    ({"TWILIO_EDGE": "dublin"}, {"twilioEdge": "sydney"}, "but twilioEdge is 'sydney'"),
    ({"TWILIO_EDGE": "gll"}, {}, "TWILIO_EDGE is 'gll' in the environment, but twilioEdge is not set"),
]


@pytest.mark.parametrize(("environment", "config", "named"), SHELLS)
def test_a_shell_that_would_send_one_side_elsewhere_is_refused(
    environment: dict[str, str], config: dict[str, str], named: str
) -> None:
    """The deployer would call one place and the function another."""
    assert named in refusal(environment=environment, **config)


def test_at_another_address_of_the_api_there_are_no_edges() -> None:
    """A simulator has no region; the shell's variables have no effect there, and a configured edge is an error."""
    address = "http://127.0.0.1:8700"
    shell = {"TWILIO_EDGE": "dublin", "TWILIO_REGION": "ie1"}

    assert parse(twilioBaseUrl=address, environment=shell).twilio_edge is None
    assert "would do nothing with twilioBaseUrl" in refusal(twilioBaseUrl=address, twilioEdge="sydney")
