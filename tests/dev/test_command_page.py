"""The page of the operator's command shows what the commands print."""

from dev import command_page


def test_the_transcripts_are_what_the_commands_print() -> None:
    """`python -m dev.command_page` changes nothing."""
    assert command_page.page() == command_page.PAGE.read_text("utf-8")
