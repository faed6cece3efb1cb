"""What a line of the log looks like."""

import io

import pytest

from function.logs import Severity, frames, trace_field, write

SECRET = "4711"
TRACE = "105445aa7843bc8bf206b12000100000"


def test_a_line_is_one_json_object_without_what_is_empty() -> None:
    """Compact, and readable in any language; zero and false say something."""
    stream = io.StringIO()

    write(
        Severity.NOTICE,
        "für alle",
        {"a": 1, "none": None, "text": "", "list": [], "object": {}, "zero": 0, "off": False, "b": ["x"]},
        stream=stream,
    )

    expected = '{"severity":"NOTICE","message":"für alle","a":1,"zero":0,"off":false,"b":["x"]}\n'
    assert expected == stream.getvalue()


@pytest.mark.parametrize("header", [TRACE, f"{TRACE}/1;o=1", f"{TRACE}/1/2"])
def test_lines_of_one_request_belong_to_googles_trace(header: str) -> None:
    """Its id stands before the slash."""
    expected = {"logging.googleapis.com/trace": f"projects/a-project/traces/{TRACE}"}

    assert expected == trace_field(header, "a-project")


@pytest.mark.parametrize(
    ("header", "project"),
    [
        (None, "a-project"),
        ("", "a-project"),
        (TRACE, ""),
        (TRACE[:-1], "a-project"),
        (TRACE + "0", "a-project"),
        (TRACE[:-1] + "-", "a-project"),
        (TRACE[:-3] + "/..", "a-project"),
    ],
)
def test_what_is_no_trace_is_left_out(header: str | None, project: str) -> None:
    """Anybody may send the header."""
    assert {} == trace_field(header, project)


def test_an_error_tells_where_it_was_and_its_kind_and_not_its_message() -> None:
    """Which may quote what a customer wrote."""

    def fail() -> None:
        raise LookupError(SECRET)

    try:
        fail()
    except LookupError as error:
        told = frames(error).splitlines()

    assert "Traceback (most recent call last):" == told[0]
    assert told[1].lstrip().startswith("File ")
    assert "builtins.LookupError" == told[-1]
    assert SECRET not in "".join(told)
