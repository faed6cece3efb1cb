"""Settings are written to the environment and read back; secrets are not among them."""

from dataclasses import fields, replace
from datetime import timedelta

import pytest

from function.policy import parse_policy
from function.settings import SECRET_VARIABLES, Mode, Settings, SettingsError

SETTINGS = Settings(
    account_sid="AC1",
    auth_token="hush",
    service_sid="IS1",
    workspace_sid="WS1",
    public_url="https://example.com/f",
    policy=parse_policy({"timeout": "PT5M"}),
    auth_token_secondary="hush again",
    api_key_sid="SK1",
    api_key_secret="hush too",
    author="Bot",
    mode=Mode.WARN_ONLY,
    twilio_base_url="http://127.0.0.1:8700",
    twilio_edge="sydney",
    rate_limits=False,
    sweep_every=timedelta(minutes=15),
    max_ends_per_sweep=7,
    arm_on_accept=True,
    google_cloud_project="project-1",
)
SMALLEST = Settings("AC1", "hush", "IS1", "WS1", "https://example.com/f", SETTINGS.policy)
"""Everything else at its default."""
SECRETS = dict(zip(SECRET_VARIABLES, ("hush", "hush again", "hush too"), strict=True))


def test_settings_are_read_back_as_written() -> None:
    """Every field is compared."""
    assert Settings.from_environment({**SETTINGS.to_environment(), **SECRETS}) == SETTINGS


def test_no_field_is_at_its_default_in_these_tests() -> None:
    """Otherwise a field that is never written would be read back as its default."""
    same = [each.name for each in fields(Settings) if getattr(SETTINGS, each.name) == getattr(SMALLEST, each.name)]

    assert same == ["account_sid", "auth_token", "service_sid", "workspace_sid", "public_url", "policy"]


def test_optional_variables_may_be_missing() -> None:
    """The smallest deployment enforces, keeps Twilio's limits, and sets no timers on acceptance."""
    environment = {name: value for name, value in SMALLEST.to_environment().items() if value}
    required = ("TWILIO_ACCOUNT_SID", "CONVERSATIONS_SERVICE_SID", "WORKSPACE_SID", "PUBLIC_URL", "POLICY")
    alone = {name: environment[name] for name in required}

    assert Settings.from_environment({**environment, "TWILIO_AUTH_TOKEN": "hush"}) == SMALLEST
    assert Settings.from_environment({**alone, "TWILIO_AUTH_TOKEN": "hush"}) == SMALLEST
    empty = dict.fromkeys(SECRET_VARIABLES, "") | {"TWILIO_AUTH_TOKEN": "hush", "AUTHOR": "", "MODE": ""}
    assert Settings.from_environment(SMALLEST.to_environment() | empty) == SMALLEST
    assert (
        SMALLEST.author,
        SMALLEST.mode,
        SMALLEST.rate_limits,
        SMALLEST.sweep_every,
        SMALLEST.max_ends_per_sweep,
        SMALLEST.arm_on_accept,
    ) == ("system", Mode.ENFORCE, True, timedelta(minutes=5), 3_000, False)
    assert (
        SMALLEST.auth_token_secondary,
        SMALLEST.api_key_sid,
        SMALLEST.api_key_secret,
        SMALLEST.twilio_base_url,
        SMALLEST.google_cloud_project,
    ) == (None, None, None, None, "")


def test_variables_have_these_names() -> None:
    """They appear in Google's console, and a running function reads what the next deployment writes."""
    written = SETTINGS.to_environment()
    del written["POLICY"]

    assert written == {
        "TWILIO_ACCOUNT_SID": "AC1",
        "TWILIO_API_KEY_SID": "SK1",
        "TWILIO_BASE_URL": "http://127.0.0.1:8700",
        "TWILIO_EDGE": "sydney",
        "CONVERSATIONS_SERVICE_SID": "IS1",
        "WORKSPACE_SID": "WS1",
        "PUBLIC_URL": "https://example.com/f",
        "AUTHOR": "Bot",
        "MODE": "warn-only",
        "RATE_LIMITS": "off",
        "SWEEP_EVERY": "PT15M",
        "MAX_ENDS_PER_SWEEP": "7",
        "ARM_ON_ACCEPT": "yes",
        "GOOGLE_CLOUD_PROJECT": "project-1",
    }


def test_a_policy_is_always_written_the_same_way() -> None:
    """Otherwise each preview would show a change."""
    policy = parse_policy({"policy": {"texts": {"closing": "Tschüß"}}})
    written = replace(SETTINGS, policy=policy).to_environment()["POLICY"]

    assert written.startswith('{"policy": {"exempt": {"channels": ["email"]}, "languageAttributes": ["language", ')
    assert '"closing": "Tschüß"' in written


def test_no_secret_is_in_the_plain_environment_nor_in_what_is_printed() -> None:
    """Secret Manager provides them."""
    assert "hush" not in str(SETTINGS.to_environment())
    assert "hush" not in repr(SETTINGS)
    assert set(SECRET_VARIABLES).isdisjoint(SETTINGS.to_environment())


def test_everything_that_is_missing_is_named_at_once() -> None:
    """No value is printed."""
    with pytest.raises(SettingsError) as caught:
        Settings.from_environment({"TWILIO_AUTH_TOKEN": "hush"})
    missing = "TWILIO_ACCOUNT_SID, CONVERSATIONS_SERVICE_SID, WORKSPACE_SID, PUBLIC_URL, POLICY"
    assert str(caught.value) == f"the environment lacks {missing}; `pulumi up` sets them"


def test_an_address_may_end_with_a_slash() -> None:
    """Signatures are checked against it, so a second slash would refuse every request."""
    environment = {**SETTINGS.to_environment(), **SECRETS, "PUBLIC_URL": "https://example.com/f/"}

    assert Settings.from_environment(environment).public_url == "https://example.com/f"


def test_a_policy_that_cannot_be_used_is_named() -> None:
    """The error has the path inside the policy."""
    with pytest.raises(SettingsError, match=r"^POLICY cannot be used: timeout is"):
        Settings.from_environment({**SETTINGS.to_environment(), **SECRETS, "POLICY": '{"timeout": "5m"}'})


def test_an_unknown_mode_is_named() -> None:
    """A guess could end chats that should only be observed."""
    with pytest.raises(SettingsError, match=r"^MODE is 'audit'; it must be one of observe, warn-only, enforce$"):
        Settings.from_environment({**SETTINGS.to_environment(), **SECRETS, "MODE": "audit"})
