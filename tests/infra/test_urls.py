"""How much of somebody else's URL is shown: the address, and never a secret."""

import pytest

from infra.twilio_resources.urls import HIDDEN, shown_url, with_shown_urls


@pytest.mark.parametrize(
    ("url", "shown"),
    [
        ("", ""),
        ("https://hooks.example.com/a", "https://hooks.example.com/a"),
        ("https://hooks.example.com:8443/", "https://hooks.example.com:8443/"),
        ("https://user:hunter2@hooks.example.com/a", f"https://hooks.example.com/a{HIDDEN}"),
        ("https://hunter2@hooks.example.com", f"https://hooks.example.com{HIDDEN}"),
        ("https://u:hunter2@x@hooks.example.com/a", f"https://hooks.example.com/a{HIDDEN}"),
        ("https://hooks.example.com/a?token=hunter2", f"https://hooks.example.com/a{HIDDEN}"),
        ("https://hooks.example.com/a#hunter2", f"https://hooks.example.com/a{HIDDEN}"),
        ("https://user:hunter/2@hooks.example.com/a", HIDDEN),
        ("https://user:hunter#2@hooks.example.com/a", HIDDEN),
        ("https://user:hunter?2@hooks.example.com/a", HIDDEN),
        ("https://hooks.example.com/a?to=user@example.com", HIDDEN),
        ("https://hooks.example.com:hunter2/a", HIDDEN),
        ("https://[hunter2", HIDDEN),
        ("hunter2", HIDDEN),
    ],
)
def test_a_url_is_shown_without_what_may_be_secret(url: str, shown: str) -> None:
    """A mark shows that something was left out, so that it never equals a URL of ours."""
    assert shown_url(url) == shown


def test_a_text_is_told_without_the_secrets_of_its_urls() -> None:
    """Twilio's own errors may quote what it received."""
    said = 'the URL "https://user:hunter2@hooks.example.com/a?t=hunter3" is not valid, see https://www.twilio.com/docs'

    assert (
        with_shown_urls(said)
    ) == f'the URL "https://hooks.example.com/a{HIDDEN}" is not valid, see https://www.twilio.com/docs'


@pytest.mark.parametrize("letter", list("\"'<>"))
def test_a_password_with_a_letter_that_may_end_a_url_is_hidden_in_a_text_too(letter: str) -> None:
    """What follows the letter, up to the host, is still the password."""
    said = f"not valid: https://user:hunter{letter}2@hooks.example.com/a sorry"

    assert with_shown_urls(said) == f"not valid: https://hooks.example.com/a{HIDDEN} sorry"
