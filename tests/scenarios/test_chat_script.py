"""The language of chat scripts: what it accepts, and the errors for everything else."""

import re
from datetime import timedelta
from pathlib import Path

import pytest

from laptop.chat_script import (
    ACTIONS,
    EXPECTATIONS,
    HEADERS,
    Action,
    Expect,
    Expectation,
    Message,
    ScriptError,
    clock_text,
    find_scripts,
    parse_script,
    read_script,
)

CHATS = Path(__file__).parents[2] / "chats"
PAGE = Path(__file__).parents[2] / "docs" / "chats.md"
NAME = Path("a.chat")


def test_a_script_has_a_chat_and_steps() -> None:
    """Headers describe the chat, lines its steps, and the comments at the top are its description."""
    script = parse_script(
        "# Somebody asks.\n# And waits.\nchannel: sms\nstage: bot\nlanguage: de\ninteraction: no\ntimeout: PT10M\n\n"
        "00:00 customer: Hallo: ist da wer?\n# not the description\n00:30 do accept\n"
        "01:10:00 expect kept agent_silent\n",
        NAME,
    )
    assert script.description == "Somebody asks. And waits."
    assert (script.channel, script.stage, script.language, script.interaction) == ("sms", "bot", "de", False)
    assert script.timeout == timedelta(minutes=10)
    assert script.warn_before is None
    assert script.steps == (
        Message(9, timedelta(), "customer", "Hallo: ist da wer?"),
        Action(11, timedelta(seconds=30), "accept"),
        Expectation(12, timedelta(hours=1, minutes=10), Expect.KEPT, "agent_silent"),
    )


def test_a_missing_header_has_its_default() -> None:
    """A web chat in the queue, of a Flex interaction, under any policy."""
    script = parse_script("00:00 customer: Hi", NAME)
    assert (
        script.channel,
        script.stage,
        script.language,
        script.queue,
        script.interaction,
        script.timeout,
        script.warn_before,
    ) == ("web", "queued", None, None, True, None, None)


@pytest.mark.parametrize(
    ("time", "expected"),
    [
        ("00:00", timedelta()),
        ("08:40", timedelta(minutes=8, seconds=40)),
        ("90:00", timedelta(minutes=90)),
        ("1:30:05", timedelta(hours=1, minutes=30, seconds=5)),
        ("24:00:00", timedelta(days=1)),
    ],
)
def test_a_time_counts_from_the_beginning_of_the_chat(time: str, expected: timedelta) -> None:
    """`MM:SS`, also beyond the hour, and `HH:MM:SS`."""
    assert parse_script(f"{time} customer: Hi", NAME).steps[0].at == expected


@pytest.mark.parametrize(
    ("text", "line", "words"),
    [
        ("chanel: web\n00:00 customer: Hi", 1, ["'chanel: web' is neither a header nor a step", "channel, stage"]),
        ("channel: fax\n00:00 customer: Hi", 1, ["channel is 'fax'", "web, sms"]),
        ("stage: sleeping\n00:00 customer: Hi", 1, ["stage is 'sleeping'", "bot, queued, assigned, wrapping"]),
        ("interaction: maybe\n00:00 customer: Hi", 1, ["interaction is 'maybe'", "yes, no"]),
        ("channel: web\nchannel: sms", 2, ["'channel' is there twice"]),
        ("language:\n00:00 customer: Hi", 1, ["'language' has no value"]),
        ("timeout: 10m\n00:00 customer: Hi", 1, ["timeout is '10m'", "PT10M"]),
        ("00:00 customer: Hi\nchannel: web", 2, ["'channel' follows a step"]),
        ("00:00 robot: Hi", 1, ["'robot' cannot speak", "customer, agent, bot"]),
        ("00:00 customer:", 1, ["customer says nothing"]),
        ("00:00 customer Hi", 1, ["is not a step", "`who: text`"]),
        ("00:00", 1, ["'00:00' is not a step"]),
        ("5m customer: Hi", 1, ["is not a step"]),
        ("00:60 customer: Hi", 1, ["'00:60' is not a time", "MM:SS or HH:MM:SS"]),
        ("1:60:00 customer: Hi", 1, ["'1:60:00' is not a time"]),
        ("00:0 customer: Hi", 1, ["'00:0' is not a time"]),
        ("1:2:3:4 customer: Hi", 1, ["'1:2:3:4' is not a time"]),
        ("00:00 do dance", 1, ["'dance' is not an action", "accept, transfer"]),
        ("00:00 expect rain", 1, ["'rain' cannot be expected", "warned, not warned, ended"]),
        ("00:00 expect kept", 1, ["'kept' cannot be expected", "kept REASON"]),
        ("00:00 expect notices many", 1, ["'notices many' cannot be expected", "notices N"]),
        ("00:00 expect task gone", 1, ["'task gone' cannot be expected", "task STATUS"]),
        ("00:00 expect warned twice", 1, ["'warned twice' cannot be expected"]),
        ("01:00 customer: Hi\n00:59 agent: Ho", 2, ["00:59 is earlier than 01:00 in line 1"]),
        ("00:00 expect open\n00:00 customer: Hi", 2, ["follows an expectation of the same instant (line 1)"]),
    ],
)
def test_an_error_names_file_line_and_what_is_allowed(text: str, line: int, words: list[str]) -> None:
    """The author finds the line, and reads what to write instead."""
    with pytest.raises(ScriptError) as caught:
        parse_script(text, NAME)
    assert str(caught.value).startswith(f"a.chat:{line}: ")
    for word in words:
        assert word in str(caught.value)


def test_a_script_without_a_step_is_refused() -> None:
    """Headers alone are not a chat."""
    with pytest.raises(ScriptError, match=r"a\.chat: has no step"):
        parse_script("channel: web\n", NAME)


def test_a_file_that_is_not_text_is_refused(tmp_path: Path) -> None:
    """There is no traceback if it is a picture."""
    path = tmp_path / "picture.chat"
    path.write_bytes(b"\xff\xfe\x00")
    with pytest.raises(ScriptError, match=r"picture\.chat: cannot be read as UTF-8 text"):
        read_script(path)


def test_scripts_are_found_by_folder_and_by_name(tmp_path: Path) -> None:
    """A folder means its scripts in order; a missing path is named."""
    for name in ("b.chat", "a.chat", "notes.txt"):
        (tmp_path / name).write_text("00:00 customer: Hi")
    assert find_scripts([tmp_path]) == [tmp_path / "a.chat", tmp_path / "b.chat"]
    assert find_scripts([tmp_path / "b.chat"]) == [tmp_path / "b.chat"]
    with pytest.raises(ScriptError, match="nowhere: no such file or folder"):
        find_scripts([tmp_path / "nowhere"])
    (tmp_path / "empty").mkdir()
    with pytest.raises(ScriptError, match=r"no \.chat file in"):
        find_scripts([tmp_path / "empty"])


@pytest.mark.parametrize(
    ("at", "expected"),
    [
        (timedelta(minutes=8, seconds=40), "08:40"),
        (timedelta(hours=1, seconds=5), "1:00:05"),
        (timedelta(days=1), "24:00:00"),
    ],
)
def test_a_time_is_written_as_scripts_write_it(at: timedelta, expected: str) -> None:
    """The timeline and the script use the same form."""
    assert clock_text(at) == expected


def test_the_documented_expectations_are_the_ones_that_exist() -> None:
    """The table of expectations in the code is complete."""
    assert {text.rstrip("NREASOTUX").strip() for text in EXPECTATIONS} == {kind.value for kind in Expect}


def test_every_script_of_ours_explains_itself() -> None:
    """Our scripts are documentation: each has a description and the policy that it assumes."""
    scripts = [read_script(path) for path in find_scripts([CHATS])]
    assert len(scripts) >= 8
    for script in scripts:
        assert script.description, script.path
        assert script.timeout, script.path
        assert script.warn_before is not None, script.path
        assert any(isinstance(step, Expectation) for step in script.steps), script.path


def test_every_header_is_documented() -> None:
    """Each has a line of documentation."""
    assert all(HEADERS.values())


def test_the_page_lists_every_action() -> None:
    """It lists no others."""
    rows = [line for line in PAGE.read_text(encoding="utf-8").splitlines() if line.startswith("| `do ")]
    listed = {action for row in rows for action in re.findall(r"`do (\w+)`", row.split(" | ")[0])}
    assert set(ACTIONS) == listed
