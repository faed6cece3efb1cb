"""The page's files, its stream of events, and the decisions that it shows; `tests/browser` uses it as a person does."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from html.parser import HTMLParser
from typing import Any, get_args

import pytest
import requests

from simulator.client import SimulatorError
from simulator.decisions import KEPT
from simulator.faults import Kind
from simulator.flex.chats import ACTIONS, CHANNELS, Speaker, Stage
from simulator.page.feed import Feed
from simulator.page.overview import MAXIMUM_ROWS
from simulator.page.routes import ASSETS, POLICY
from simulator.running import RunningSimulator
from simulator.simulation import Simulation

from .conftest import World

PAGE = (ASSETS / "page.html").read_text("utf-8")


class Choices(HTMLParser):
    """The values of each `select` on the page, and what its buttons do."""

    def __init__(self) -> None:
        super().__init__()
        self.of: dict[str, list[str]] = {}
        self.actions: list[str] = []
        self._select = ""
        self._text_wanted = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Note a select, its options, and the action of a button."""
        found = dict(attrs)
        self._text_wanted = False
        if tag == "select":
            self._select = found.get("name") or found.get("id") or ""
            self.of[self._select] = []
        elif tag == "option" and found.get("value") is not None:
            self.of[self._select].append(found["value"] or "")
        elif tag == "option":
            self._text_wanted = True
        elif tag == "button" and found.get("data-do"):
            self.actions.append(found["data-do"] or "")

    def handle_data(self, data: str) -> None:
        """Note the text of an option that has no value."""
        if self._text_wanted:
            self.of[self._select].append(data.strip())
            self._text_wanted = False


@pytest.fixture(scope="module")
def choices() -> Choices:
    """What can be chosen on the page."""
    parser = Choices()
    parser.feed(PAGE)
    return parser


def get(simulator: RunningSimulator, path: str) -> requests.Response:
    """One of the page's files."""
    with requests.Session() as http:
        http.trust_env = False
        return http.get(f"{simulator.url}{path}", timeout=10)


@contextmanager
def listening(simulator: RunningSimulator) -> Iterator[Iterator[dict[str, Any]]]:
    """The events that an open page gets."""
    with requests.Session() as http:
        http.trust_env = False
        with http.get(f"{simulator.url}/_simulator/events", stream=True, timeout=10) as answer:
            yield (
                json.loads(line.removeprefix("data: "))
                for line in answer.iter_lines(decode_unicode=True)
                if line.startswith("data: ")
            )


@pytest.mark.parametrize(
    ("path", "kind"),
    [
        ("/", "text/html"),
        ("/_simulator/page/page.css", "text/css"),
        ("/_simulator/page/page.js", "text/javascript"),
        ("/_simulator/page/icon.svg", "image/svg+xml"),
    ],
)
def test_each_file_forbids_what_is_not_its_own(path: str, kind: str, world: World) -> None:
    """The browser loads nothing from elsewhere, runs no inline script, and makes no markup from text."""
    answer = get(world.simulator, path)

    assert (answer.status_code, answer.headers["content-type"].partition(";")[0]) == (200, kind)
    assert answer.headers["content-security-policy"] == POLICY
    assert "unsafe" not in POLICY
    assert POLICY.startswith("default-src 'none'; script-src 'self'; ")


def test_the_page_names_no_other_origin() -> None:
    """Every address in its files is a path; the icon's namespace is a name, not an address."""
    texts = {path.name: path.read_text("utf-8") for path in ASSETS.iterdir()}
    found = {name: re.findall(r"\w+://[^\s\"')]+", text) for name, text in texts.items()}

    assert found == {"icon.svg": ["http://www.w3.org/2000/svg"], "page.css": [], "page.html": [], "page.js": []}


def test_a_file_that_the_page_does_not_have_is_refused(world: World) -> None:
    """Also one that exists elsewhere."""
    asked = [get(world.simulator, f"/_simulator/page/{name}") for name in ("more.js", "%2e%2e%2froutes.py")]

    assert [answer.status_code for answer in asked] == [404, 404]


def test_the_page_offers_every_choice_that_the_control_plane_has(choices: Choices) -> None:
    """Channels, stages, speakers, actions and kinds of faults, and no other."""
    offered = (set(choices.of["channel"]), set(choices.of["stage"]), set(choices.of["from"]), set(choices.of["kind"]))

    assert offered == (set(CHANNELS), set(Stage), set(Speaker), set(get_args(Kind)))
    assert sorted(choices.actions) == sorted(ACTIONS)


def test_a_page_that_opens_gets_everything_and_then_what_changes(world: World) -> None:
    """A chat that did not change is not sent again."""
    quiet = world.chat()
    with listening(world.simulator) as events:
        first = next(events)
        busy = world.chat(stage="assigned")
        second = next(events)

    assert (first["everything"], [row["sid"] for row in first["rows"]]) == (True, [quiet["conversation"]])
    assert (second["everything"], [row["sid"] for row in second["rows"]]) == (False, [busy["conversation"]])


def test_a_reset_sends_everything_again(world: World) -> None:
    """The page forgets the chats that are gone."""
    world.chat()
    with listening(world.simulator) as events:
        next(events)
        world.control("POST", "reset", {})
        after = next(events)

    assert (after["everything"], after["rows"]) == (True, [])


def test_a_row_says_what_comes_next(world: World) -> None:
    """The timer, who holds the task, and the newest message."""
    world.default_timers(inactive="PT10M")
    chat = world.chat(stage="assigned")
    world.advance("PT1M")
    world.say(chat, "agent", "Which order?")
    world.advance("PT2M")
    with listening(world.simulator) as events:
        [row] = next(events)["rows"]

    assert row["timer"] == {"sets": "inactive", "due": "2026-01-05T00:11:00Z", "seconds": 600.0}
    assert row["tasks"] == [{"status": "assigned", "worker": "agent"}]
    assert row["newest"] == {"speaker": "agent", "text": "Which order?"}


def test_chats_are_in_order_of_their_next_step(world: World) -> None:
    """Running timers first, then chats without one, then closed ones."""
    closed, waiting = world.chat(stage="assigned"), world.chat()
    world.do(closed, "complete")
    world.default_timers(inactive="PT10M")
    sooner = world.chat()
    world.advance("PT1M")
    later = world.chat()
    with listening(world.simulator) as events:
        rows = next(events)["rows"]

    ordered = [row["sid"] for row in sorted(rows, key=lambda row: str(row["order"]))]
    assert ordered == [chat["conversation"] for chat in (sooner, later, waiting, closed)]


def test_chats_beyond_the_maximum_are_counted() -> None:
    """The list has those whose next step comes first."""
    simulation = Simulation()
    for _ in range(MAXIMUM_ROWS + 3):
        simulation.chats.create(stage="bot", interaction=False)
    news = Feed(simulation).news()

    assert news is not None
    rows = news["rows"]
    assert isinstance(rows, list)
    assert (len(rows), news["more"]) == (MAXIMUM_ROWS, 3)


def test_nothing_is_sent_while_nothing_happens() -> None:
    """A page that is only open costs next to nothing."""
    feed = Feed(Simulation())

    assert feed.news() is not None
    assert feed.news() is None


def test_a_simulator_stops_at_once_although_a_page_is_open() -> None:
    """The stream ends, so that the server need not break it."""
    with ExitStack() as running:
        simulator = running.enter_context(RunningSimulator())
        with listening(simulator) as events:
            next(events)
            running.close()

            assert list(events) == []


def test_a_decision_is_shown_as_it_was_posted(world: World) -> None:
    """With its rows and the virtual time."""
    chat = world.chat()
    rows = [
        {"row": "closed", "matched": False, "why": "active"},
        {"row": "warning due", "matched": True, "why": "8:00"},
    ]
    decision = {"decision": "warn", "reason": "customer_silent", "message": "Warned", "rows": rows}
    path = f"chats/{chat['conversation']}/decisions"
    posted = world.control("POST", path, decision)

    assert posted == {"decisions": [{**decision, "at": "2026-01-05T00:00:00Z"}]}
    assert world.control("GET", path) == posted


def test_a_decision_that_is_posted_late_has_its_own_time(world: World) -> None:
    """Time may have passed since."""
    path = f"chats/{world.chat()['conversation']}/decisions"
    world.advance("PT1H")
    posted = world.control("POST", path, {"decision": "warn", "at": "2026-01-05T00:08:00Z"})

    assert posted["decisions"][0]["at"] == "2026-01-05T00:08:00Z"


def test_the_newest_decisions_of_a_chat_are_kept(world: World) -> None:
    """The oldest make room."""
    path = f"chats/{world.chat()['conversation']}/decisions"
    for number in range(KEPT + 2):
        world.control("POST", path, {"decision": f"keep {number}"})

    kept = [each["decision"] for each in world.control("GET", path)["decisions"]]
    assert kept == [f"keep {number}" for number in range(2, KEPT + 2)]


@pytest.mark.parametrize(
    ("body", "said"),
    [
        ({}, "decision: a text is missing"),
        ({"decision": "warn", "rule": "vip"}, "no key rule; there are decision, reason, message, rows, at"),
        ({"decision": "warn", "rows": {}}, "decision: rows is a list of up to 100 rows"),
        ({"decision": "warn", "rows": [{"matched": True}]}, "decision: a row is"),
    ],
)
def test_a_decision_of_another_shape_is_refused(body: dict[str, object], said: str, world: World) -> None:
    """The message shows the right one."""
    path = f"chats/{world.chat()['conversation']}/decisions"
    with pytest.raises(SimulatorError, match=re.escape(said)):
        world.control("POST", path, body)


def test_the_request_log_has_what_was_sent(world: World) -> None:
    """So that the page shows requests as they were."""
    world.default_timers(inactive="PT10M")

    assert world.control("GET", "requests")["requests"][-1]["body"] == "DefaultInactiveTimer=PT10M"
