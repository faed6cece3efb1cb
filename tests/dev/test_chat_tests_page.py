"""The transcript of `inactivity test` in the docs is what the command prints."""

from dev.chat_tests_page import PAGE, page


def test_the_transcript_is_current() -> None:
    """`python -m dev.chat_tests_page` makes it, from the script and the policy on the page."""
    assert PAGE.read_text("utf-8") == page()
