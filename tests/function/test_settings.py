"""Settings go into the environment and come back; secrets travel another way."""

from dataclasses import replace

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
    google_cloud_project="project-1",
)
SECRETS = dict(zip(SECRET_VARIABLES, ("hush", "hush again", "hush too"), strict=True))


def test_settings_come_back_as_they_went() -> None:
    """Every field."""
    assert SETTINGS == Settings.from_environment({**SETTINGS.to_environment(), **SECRETS})


def test_what_is_optional_may_be_missing() -> None:
    """The smallest deployment."""
    small = replace(
        SETTINGS,
        auth_token_secondary=None,
        api_key_sid=None,
        api_key_secret=None,
        author="system",
        mode=Mode.ENFORCE,
        twilio_base_url=None,
        google_cloud_project="",
    )
    environment = {name: value for name, value in small.to_environment().items() if value}

    assert small == Settings.from_environment({**environment, "TWILIO_AUTH_TOKEN": "hush"})


def test_no_secret_is_in_the_plain_environment_nor_in_what_is_printed() -> None:
    """They are handed over by Secret Manager."""
    assert "hush" not in str(SETTINGS.to_environment())
    assert "hush" not in repr(SETTINGS)
    assert set(SECRET_VARIABLES).isdisjoint(SETTINGS.to_environment())


def test_everything_that_is_missing_is_named_at_once() -> None:
    """And nothing that is there is printed."""
    with pytest.raises(SettingsError, match="lacks TWILIO_ACCOUNT_SID, CONVERSATIONS_SERVICE_SID") as caught:
        Settings.from_environment({"TWILIO_AUTH_TOKEN": "hush"})
    assert "hush" not in str(caught.value)


def test_a_policy_that_cannot_be_used_is_named() -> None:
    """With the path inside the policy."""
    with pytest.raises(SettingsError, match=r"^POLICY cannot be used: timeout is"):
        Settings.from_environment({**SETTINGS.to_environment(), **SECRETS, "POLICY": '{"timeout": "5m"}'})


def test_a_mode_that_is_none_is_named() -> None:
    """Guessing could end chats that were only to be watched."""
    with pytest.raises(SettingsError, match=r"^MODE is 'audit'; it must be one of observe, warn-only, enforce$"):
        Settings.from_environment({**SETTINGS.to_environment(), **SECRETS, "MODE": "audit"})
