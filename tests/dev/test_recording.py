"""The demo's picture: each line in its time, colours and text kept, and nothing but SVG."""

import xml.etree.ElementTree as ET

import pytest
from rich.text import Text

from dev.recording import HEIGHT, LONGEST, PICTURE, SHORTEST, Line, Recorder, lines_of, picture

SVG = "{http://www.w3.org/2000/svg}"


def drawn(lines: list[Line]) -> list[str]:
    """The text of each line in the picture."""
    root = ET.fromstring(picture(lines))
    return ["".join(element.itertext()) for element in root.iter(f"{SVG}text")]


def test_a_recorder_knows_when_each_line_was_complete() -> None:
    """One time for each end of a line, in order."""
    recorder = Recorder()
    for text in ("a", "b\n", "c\nd\n"):
        recorder.write(text)

    assert recorder.getvalue() == "ab\nc\nd\n"
    assert len(recorder.times) == 3
    assert recorder.times == sorted(recorder.times)


def test_pauses_are_brought_within_limits() -> None:
    """A long deployment does not make the picture slow."""
    pauses = [one.at for one in lines_of("a\nb\nc\n", [0.0, 60.0, 60.0])]

    assert pauses == pytest.approx([SHORTEST, SHORTEST + LONGEST, 2 * SHORTEST + LONGEST])


def test_what_was_printed_is_what_is_drawn() -> None:
    """To the letter, with its colours; what looks like markup is text."""
    (line,) = lines_of("\x1b[1;32m✓\x1b[0m <b> & more\n", [0.0])

    assert drawn([line]) == ["✓ <b> & more"]
    assert 'font-weight="bold"' in picture([line])


def test_a_long_recording_scrolls_to_its_end() -> None:
    """The last line is in the window."""
    lines = [Line(0.1 * place, Text(str(place))) for place in range(HEIGHT + 3)]

    assert "translateY(-51px)}}" in picture(lines)
    assert drawn(lines)[-1] == str(HEIGHT + 2)


def test_the_picture_in_the_docs_is_of_a_demo_that_held() -> None:
    """It needs no script and no other file, and its last line is the verdict."""
    root = ET.parse(PICTURE).getroot()
    last = ["".join(element.itertext()) for element in root.iter(f"{SVG}text")][-1]

    assert last.endswith("expectations held. Everything went as it should.")
    assert "http" not in PICTURE.read_text(encoding="utf-8").replace("http://www.w3.org/2000/svg", "").replace(
        "http://127.0.0.1", ""
    )
