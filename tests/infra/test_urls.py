"""What of somebody else's URL may be seen: who is called, and never what opens it."""

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
        ("https://[hunter2", HIDDEN),
        ("hunter2", HIDDEN),
    ],
)
def test_a_url_is_shown_without_what_may_be_secret(url: str, shown: str) -> None:
    """And with a mark where something was left out, so that it never equals a URL that is ours."""
    assert shown_url(url) == shown


def test_a_text_is_told_without_the_secrets_of_its_urls() -> None:
    """Twilio's own words may quote what it was sent."""
    said = 'the URL "https://user:hunter2@hooks.example.com/a?t=hunter3" is not valid, see https://www.twilio.com/docs'

    assert (
        with_shown_urls(said)
    ) == f'the URL "https://hooks.example.com/a{HIDDEN}" is not valid, see https://www.twilio.com/docs'
