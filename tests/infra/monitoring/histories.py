"""What the function logs in hours of virtual time: healthy ones, and one for each trouble that an alert is about."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import urlencode

from twilio.request_validator import RequestValidator

from sandbox.network import Call, Fault
from tests.world.driving import Chat
from tests.world.world import PUBLIC_URL, World

ROUND = "PT10M"
"""One round of a history: longer than a warning's eight minutes, and as long as the silence that ends a chat."""
ROUND_SECONDS = 600.0


@dataclass(frozen=True)
class History:
    """A history of log lines.

    Attributes:
    start: when the alerts were created, which is when the stack was deployed.
    end: when the evaluation stops.
    lines: the function's log, with the time of each line.
    """

    start: datetime
    end: datetime
    lines: tuple[tuple[datetime, dict[str, Any]], ...]


@contextmanager
def deployed(world: World) -> Iterator[list[History]]:
    """The block is the history of a stack that was deployed just before."""
    made: list[History] = []
    world.clear_log()
    start = world.now
    world.configure()
    world.schedule_sweep()
    yield made
    made.append(History(start, world.now, tuple(world.timed_lines())))


def rounds(world: World, number: int) -> Iterator[int]:
    """Let this many rounds pass, each after the loop's body."""
    for each in range(number):
        yield each
        world.wall.sleep(ROUND_SECONDS)
        world.twilio.advance(ROUND)


def quiet_night() -> History:
    """Eight hours without a chat, starting with the deployment."""
    with World() as world, deployed(world) as made:
        world.twilio.advance("PT8H")
    return made[0]


def busy_day() -> History:
    """Three hours in which customers fall silent, return after a warning, and sometimes wait for an agent."""
    with World() as world, deployed(world) as made:
        waiting: list[Chat] = []
        for number in rounds(world, 18):
            for chat in waiting:
                chat.says("agent", "I am sorry, here I am")
            waiting = [world.twilio.answered()] if number % 3 == 0 else []
            for chat in waiting:
                chat.says("customer", "and then?")
            back = [world.twilio.answered(), world.twilio.answered()]
            for _ in range(4):
                world.twilio.answered()
            world.twilio.advance("PT8M30S")
            for chat in back:
                chat.says("customer", "yes, thank you")
                chat.does("complete")
    return made[0]


def first_sweeps() -> History:
    """The stack meets an account where forty chats have been silent for two hours and twenty customers wait."""
    with World() as world:
        world.configure(webhook=f"{PUBLIC_URL}/elsewhere")
        for number in range(60):
            chat = world.twilio.answered()
            if number % 3 == 0:
                chat.says("customer", "hello?")
        world.twilio.advance("PT2H")
        with deployed(world) as made:
            world.twilio.advance("PT4H")
    return made[0]


def lost_webhooks() -> History:
    """Twilio calls another address for two hours."""
    with World() as world, deployed(world) as made:
        world.configure(webhook=f"{PUBLIC_URL}/elsewhere")
        for _ in rounds(world, 12):
            for _chat in range(3):
                world.twilio.answered()
    return made[0]


def failures() -> History:
    """Twilio answers 503 for forty minutes, while chats fall silent."""
    with World() as world, deployed(world) as made:
        for number in rounds(world, 6):
            for _ in range(8):
                world.twilio.answered()
            world.hooks.trouble = lambda _call, down=1 <= number < 5: Fault.UNAVAILABLE if down else None
    return made[0]


def refused_signatures() -> History:
    """For two hours Twilio signs with a token that the function does not have; customers fall silent meanwhile."""
    with World() as world, deployed(world) as made:
        world.configure(webhook=f"{PUBLIC_URL}/elsewhere")
        for _ in range(24):
            event = world.twilio.event(world.twilio.answered())
            signature = RequestValidator("another token").compute_signature(f"{PUBLIC_URL}/conversations", event)
            form = {"X-Twilio-Signature": signature, "Content-Type": "application/x-www-form-urlencoded"}
            world.instance.answer("POST", "/conversations", urlencode(event).encode(), form)
            world.wall.sleep(ROUND_SECONDS / 2)
            world.twilio.advance("PT5M")
    return made[0]


def waiting_customers() -> History:
    """Agents fall silent, for an hour and a half."""
    with World() as world, deployed(world) as made:
        for _ in rounds(world, 9):
            for _chat in range(6):
                world.twilio.answered().says("customer", "hello?")
    return made[0]


def missing_sweep() -> History:
    """After an hour every sweep dies."""
    with World() as world, deployed(world) as made:
        world.twilio.advance("PT1H")
        world.sweeper.kill()
        world.twilio.advance("PT2H")
    return made[0]


def no_sweep_at_all() -> History:
    """No sweep is ever called."""
    with World() as world, deployed(world) as made:
        world.sweeper.kill()
        world.twilio.advance("PT2H")
    return made[0]


def late_reply() -> History:
    """A customer writes while the chat is being ended."""
    with World({"policy": {"warnings": []}}) as world, deployed(world) as made:
        chats = [world.twilio.answered()]

        def write(call: Call) -> None:
            if call.name.startswith("POST") and call.name.endswith("Channels/UO") and chats:
                chats.pop().says("customer", "wait!")

        world.hooks.before = write
        world.twilio.advance("PT30M")
    return made[0]


def unread() -> History:
    """A customer writes in a chat that nobody has."""
    with World() as world, deployed(world) as made:
        chat = world.twilio.answered()
        task = f"taskrouter/v1/Workspaces/{world.twilio.account.workspace_sid}/Tasks/{chat.task}"
        world.twilio.rest("POST", task, AssignmentStatus="completed", Reason="done")
        chat.says("customer", "one more thing")
        world.twilio.advance("PT1H")
    return made[0]


def deferred() -> History:
    """A sweep may end no more than one chat, and finds five."""
    with World({"policy": {"warnings": []}}, max_ends_per_sweep=1) as world, deployed(world) as made:
        world.configure(webhook=f"{PUBLIC_URL}/elsewhere")
        for _ in range(5):
            world.twilio.answered()
        world.twilio.advance("PT1H")
    return made[0]


HEALTHY: tuple[Callable[[], History], ...] = (quiet_night, busy_day, first_sweeps)
