"""The query language as Google documents it (https://cloud.google.com/logging/docs/view/logging-query-language)."""

from typing import Any

import pytest

from tests.infra.monitoring.logging_query import QueryError, compiled, extracted


def entry(severity: str = "INFO", **payload: Any) -> dict[str, Any]:
    """A log entry with this payload."""
    return {"severity": severity, "resource": {"type": "k8s_cluster", "labels": {"a": "b"}}, "jsonPayload": payload}


@pytest.mark.parametrize(
    ("query", "payload", "expected"),
    [
        ('jsonPayload.x="Done"', {"x": "done"}, True),
        ("jsonPayload.x=done", {"x": "done"}, True),
        ('jsonPayload.x="done"', {"x": "done it"}, False),
        ('jsonPayload.x="done"', {}, False),
        ('NOT jsonPayload.x="done"', {}, True),
        ("jsonPayload.x=true", {"x": True}, True),
        ("jsonPayload.x=true", {"x": False}, False),
        ('jsonPayload.x=~"^on"', {"x": "one"}, True),
        ('jsonPayload.x=~"ne"', {"x": "one"}, True),
        ('jsonPayload.x=~"^ON"', {"x": "one"}, False),
        ('jsonPayload.x=~"^on"', {}, False),
        ("jsonPayload.x>=10", {"x": 10}, True),
        ("jsonPayload.x>10", {"x": 10}, False),
        ("jsonPayload.x<=10", {"x": 10.5}, False),
        ("jsonPayload.x.y=1", {"x": {"y": 1}}, True),
        ("jsonPayload.x.y=1", {"x": 1}, False),
        ('resource.labels.a="b"', {}, True),
        ('resource.type="k8s_cluster" AND jsonPayload.x=1', {"x": 1}, True),
    ],
)
def test_a_comparison(query: str, payload: dict[str, Any], expected: bool) -> None:
    """Text without regard to case, expressions with it, numbers by value; a missing field compares with nothing."""
    assert compiled(query)(entry(**payload)) == expected


@pytest.mark.parametrize(("severity", "expected"), [("INFO", False), ("ERROR", True), ("CRITICAL", True)])
def test_a_severity_is_compared_by_its_rank(severity: str, expected: bool) -> None:
    """Not as text, in which CRITICAL would be less than ERROR."""
    assert compiled("severity>=ERROR")(entry(severity)) == expected
    assert compiled('severity>="ERROR"')(entry(severity)) == expected


@pytest.mark.parametrize(
    "given", [{letter: letter in chosen for letter in "abcd"} for chosen in ("", "a", "ac", "c", "bd")]
)
def test_or_comes_before_and(given: dict[str, bool]) -> None:
    """Google's example: `a OR NOT b AND NOT c OR d` means `(a OR (NOT b)) AND ((NOT c) OR d)`."""
    a, b, c, d = (f"jsonPayload.{letter}=true" for letter in "abcd")

    short, full = compiled(f"{a} OR NOT {b} AND NOT {c} OR {d}"), compiled(f"({a} OR (NOT {b})) AND ((NOT {c}) OR {d})")

    wanted = (given["a"] or not given["b"]) and (not given["c"] or given["d"])
    assert (short(entry(**given)), full(entry(**given))) == (wanted, wanted)


@pytest.mark.parametrize(
    "query", ["", "jsonPayload.x", 'jsonPayload.x:"y"', "(jsonPayload.x=1", "jsonPayload.x=1 )", "a=1 b=2"]
)
def test_what_is_beyond_the_subset_is_an_error(query: str) -> None:
    """A filter that this cannot evaluate must not pass as one that matches nothing."""
    with pytest.raises(QueryError):
        compiled(query)


def test_an_extractor_finds_text() -> None:
    """A field that is missing has no text."""
    assert [extracted(f"EXTRACT(jsonPayload.{key})", entry(x=1.5)) for key in ("x", "y")] == ["1.5", ""]
    with pytest.raises(QueryError):
        extracted("REGEXP_EXTRACT(jsonPayload.x, a)", entry())
