"""TaskRouter's expressions: the grammar, what is equal to what, and what is refused."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from simulator.shared.errors import TwilioError
from simulator.taskrouter.expressions import DEEPEST, LONGEST, parse_expression

ATTRIBUTES = {
    "language": "de",
    "languages": ["de", "en"],
    "level": 3,
    "vip": True,
    "nothing": None,
    "customer": {"name": "Ada Lovelace", "orders": [{"id": 7}, {"id": 9}]},
}

HOLDS = [
    'language=="de"',
    "language = 'de'",
    '"de" == language',
    'language != "fr"',
    "level == 3.0",
    "level > 2 AND level >= 3 AND level < 4 AND level <= 3",
    "1 == 1",
    'language == "fr" OR level == 3',
    '(language == "fr" OR language == "de") AND level == 3',
    'language == "fr" AND level == 9 OR vip == true',
    'language IN ["de", "fr"]',
    "language in ['de']",
    'language NOT IN ["fr", "en"]',
    "languages HAS 'en'",
    "level IN [1, 2, 3]",
    'customer.name CONTAINS "Love"',
    "customer.orders[1].id == 9",
    "missing == null",
    "nothing == null",
    "missing.deeper[3] != 5",
    '"a" < "b"',
    "level > -1",
]
FAILS = [
    'language=="DE"',
    "level == true",
    'level == "3"',
    "vip == 1",
    'language == "fr" AND (level == 3 OR vip == true)',
    "languages HAS 'fr'",
    "language HAS 'de'",
    'language IN ["fr"]',
    "level CONTAINS 3",
    'level < "4"',
    "missing > 0",
    "vip > 0",
    "customer.orders[5].id == 9",
    "language.deeper == 1",
]
REFUSED = [
    "language",
    "language ==",
    "== 3",
    'language == "de" AND',
    'language == "de" OR OR level == 3',
    "(level == 3",
    "level == 3)",
    "level == [level]",
    'language ~ "de"',
    'language == "de',
    "level == 3 level == 4",
    "language NOT HAS 'de'",
    "customer-value == 3",
    "level IN [1 2]",
    "",
    "   ",
]


@pytest.mark.parametrize("text", HOLDS)
def test_an_expression_holds(text: str) -> None:
    """Comparisons, AND before OR, parentheses, keys into objects and arrays, constants on either side."""
    assert parse_expression(text).matches(ATTRIBUTES)


@pytest.mark.parametrize("text", FAILS)
def test_an_expression_does_not_hold(text: str) -> None:
    """Values of different types are neither equal nor ordered; what is missing is null."""
    assert not parse_expression(text).matches(ATTRIBUTES)


@pytest.mark.parametrize("text", REFUSED)
def test_an_invalid_expression_is_refused(text: str) -> None:
    """20001, and nothing is matched by accident."""
    with pytest.raises(TwilioError) as caught:
        parse_expression(text)
    assert (caught.value.status, caught.value.code) == (400, 20001)


def test_depth_and_length_have_bounds() -> None:
    """A client's expression cannot cause endless recursion."""
    assert parse_expression("(" * DEEPEST + "1==1" + ")" * DEEPEST).matches({})
    for text in ("(" * (DEEPEST + 1) + "1==1" + ")" * (DEEPEST + 1), "1==1 " + " " * LONGEST):
        with pytest.raises(TwilioError):
            parse_expression(text)


@given(st.text())
def test_any_text_is_an_expression_or_is_refused(text: str) -> None:
    """Nothing else happens."""
    try:
        expression = parse_expression(text)
    except TwilioError:
        return
    assert expression.matches(ATTRIBUTES) in {True, False}


@pytest.mark.parametrize(
    ("text", "required"),
    [
        ('conversationSid=="CH1"', "CH1"),
        ('"CH1" = conversationSid AND a == 1', "CH1"),
        ('(a == 1 OR b == 2) AND (conversationSid == "CH1" AND c == 3)', "CH1"),
        ('conversationSid=="CH1" OR a == 1', None),
        ('conversationSid!="CH1"', None),
        ("conversationSid==1", None),
    ],
)
def test_the_text_that_an_expression_requires_is_known(text: str, required: str | None) -> None:
    """The search by conversation relies on it."""
    assert parse_expression(text).required("conversationSid") == required
