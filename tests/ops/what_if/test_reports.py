"""What a what-if says: for a terminal, as JSON, as SVG and as HTML."""

import re
import xml.etree.ElementTree as ET
from pathlib import Path

import pytest

from ops.what_if import wording
from ops.what_if.history import Closer
from ops.what_if.plot_svg import svg
from ops.what_if.report_html import html
from ops.what_if.report_json import document
from ops.what_if.report_text import report
from ops.what_if.study import Study
from tests.ops.what_if.past import MINUTE, chat
from tests.ops.what_if.test_study import many, studied


@pytest.fixture
def found(tmp_path: Path) -> Study:
    """Thirty silent customers, and one who returned, on 30 days."""
    chats = [*many(30, "c0 a1"), chat("c0 a1 c20", name="<b>returned</b>")]
    return studied(tmp_path, chats, timeouts=[5 * MINUTE, 30 * MINUTE], accept=0.3)


def test_the_headline_is_one_sentence(found: Study) -> None:
    """Ended, and cut off with the interval."""
    assert re.fullmatch(
        r"With a timeout of 10 min, 31 of 31 chats would have ended, and 1 of these customers wrote again later "
        r"\(3\.2 %, 0\.0 to \d+\.\d\)\.",
        wording.headline(found),
    )


def test_rates_are_called_lower_bounds_where_a_timer_closed_chats(tmp_path: Path) -> None:
    """In the headline, and first among what this cannot know."""
    bounded = studied(tmp_path, many(5, "c0 a1", closed=31, closed_by=Closer.TIMER), "closed_at", "closed_by")

    assert "at least 0 of these customers wrote again later (at least 0.0 %" in wording.headline(bounded)
    assert wording.recommended(bounded, bounded.recommendation).startswith("No timeout is recommended: a timer had")
    assert "rates are lower bounds" in wording.unknowns(bounded)[0]


def test_a_recommendation_says_on_which_days_it_was_chosen_and_how_it_did_on_the_others(found: Study) -> None:
    """Both with numbers."""
    sentence = wording.recommended(found, found.recommendation)

    assert sentence.startswith(
        "Recommended: 5 min, the shortest timeout whose upper bound is below 30.0 % on the first"
    )
    assert "(1 of 21: 4.8 %, " in sentence
    assert "On the last third: 0 of 10 (0.0 %, " in sentence


def test_durations_are_written_for_people() -> None:
    """In the units that they have."""
    assert [wording.duration(each * MINUTE) for each in (10, 90, 1440, 0)] == ["10 min", "1 h 30 min", "1 d", "0 s"]


def test_the_terminal_gets_everything(found: Study) -> None:
    """Sentences, table, plot, segments, curve, what it cannot know, fingerprints."""
    text = "\n".join(report(found))

    assert text.startswith("With a timeout of 10 min")
    for part in (
        "▸ 10 min     31        1",
        "30.0 % is accepted",
        "answered before: all others",
        "wrote again in that chat",
        "the file lacks the columns queue, closed_at, agent",
        "What this cannot know:",
        f"policy {found.policy_fingerprint}, data {found.data_fingerprint}.",
    ):
        assert part in text
    assert max(map(len, text.splitlines())) < 400


def test_a_column_without_a_value_is_left_out(found: Study) -> None:
    """Nobody was notified, and need is not known."""
    head = next(line for line in report(found) if line.lstrip().startswith("timeout"))

    assert "notified" not in head
    assert "needed" not in head


def test_json_has_the_same_figures(found: Study) -> None:
    """Durations in ISO 8601, shares from 0 to 1."""
    told = document(found)

    assert told["timeout"] == "PT10M"
    assert [row["timeout"] for row in told["timeouts"]] == ["PT5M", "PT10M", "PT30M"]
    assert told["timeouts"][1]["ended"] == 31
    assert told["timeouts"][1]["cutOff"]["count"] == 1
    assert told["recommendation"]["timeout"] == "PT5M"
    assert told["missing"] == ["queue", "closed_at", "agent"]


def test_the_plot_is_an_svg_with_curve_band_and_what_is_accepted(found: Study) -> None:
    """And a text for those who cannot see it."""
    root = ET.fromstring(svg(found))
    classes = {each.get("class") for each in root.iter()}

    assert root.get("viewBox") == "0 0 760 400"
    assert {"curve", "band", "accepted", "own"} <= classes
    assert "horizon" not in classes
    assert root.find("{http://www.w3.org/2000/svg}desc") is not None


def test_the_plot_shows_the_horizon_where_a_timer_closed_chats(tmp_path: Path) -> None:
    """Beyond it nothing is known."""
    chats = [*many(5, "c0 a1", closed=21, closed_by=Closer.TIMER), *many(5, "c0 a2 c90")]
    picture = svg(studied(tmp_path, chats, "closed_at", "closed_by"))

    assert 'class="horizon"' in picture


def test_the_page_loads_nothing(found: Study) -> None:
    """No address but the namespace of SVG, no script."""
    page = html(found)

    assert set(re.findall(r"https?://[^\"' ]+", page)) == {"http://www.w3.org/2000/svg"}
    assert not re.search(r"<script|<link|<img|url\(", page)


def test_the_page_shows_names_of_chats_as_text(found: Study) -> None:
    """They come from somebody else's file."""
    page = html(found)

    assert "&lt;b&gt;returned&lt;/b&gt;" in page
    assert "<b>returned" not in page


def test_the_page_has_every_part(found: Study) -> None:
    """Headline, curve, table, price, segments, chats that would have been cut, what it cannot know, fingerprints."""
    page = html(found)

    assert re.findall(r"<h2>(.*?)</h2>", page) == [
        "At each timeout",
        "Price",
        "Segments",
        "Chats that would have been cut off",
        "What this cannot know",
    ]
    assert found.data_fingerprint in page
