"""A flood of requests that are about no chat writes one line a minute for each reason, and every one is counted."""

from function.entry.refusals import Refusal
from function.entry.tallies import Tallies
from function.twilio_api import IgnoreReason
from sandbox.network import Wall
from tests.world.world import World


def test_the_first_is_logged_at_once_and_the_others_a_minute_later() -> None:
    """The line has their number; the next request reports a flood that has ended."""
    wall = Wall()
    tallies = Tallies(clock=wall)
    reports = []
    for second in range(130):
        for _ in range(10 if second < 100 else 0):
            tallies.count(Refusal.NOT_SIGNED)
        reports += [(second, *each) for each in tallies.due()]
        wall.sleep(1)

    assert reports == [(0, Refusal.NOT_SIGNED, 10), (60, Refusal.NOT_SIGNED, 600), (120, Refusal.NOT_SIGNED, 390)]


def test_each_reason_is_counted_by_itself() -> None:
    """A flood with one reason hides no other."""
    tallies = Tallies(clock=Wall())
    reports = []
    for reason in (Refusal.NOT_SIGNED, Refusal.NOT_SIGNED, IgnoreReason.OTHER_EVENT, Refusal.TOO_SLOW):
        tallies.count(reason)
        reports += tallies.due()

    assert reports == [(Refusal.NOT_SIGNED, 1), (IgnoreReason.OTHER_EVENT, 1), (Refusal.TOO_SLOW, 1)]


def test_a_flood_of_strangers_writes_a_line_a_minute() -> None:
    """A thousand in two minutes: three lines, and a genuine event reports the last of them."""
    with World() as world:
        for _ in range(1_000):
            assert world.instance.answer("POST", "/conversations", b"a=b", {}) == 403
            world.wall.sleep(0.12)
        chat = world.twilio.answered()
        world.wall.sleep(60)
        world.instance.receive(world.twilio.event(chat))
        lines = world.lines(event="refused", reason="not_signed_by_twilio")

        assert 3 <= len(lines) <= 4
        assert sum(line["count"] for line in lines) == 1_000


def test_events_that_name_no_conversation_of_ours_write_a_line_a_minute() -> None:
    """A webhook that is set to more events than ours, and a busy site: 100 messages in two minutes, three lines."""
    with World() as world:
        chat = world.twilio.answered()
        for _ in range(100):
            world.instance.receive(world.twilio.event(chat, EventType="onMessageAdded"))
            world.wall.sleep(1.2)
        world.instance.receive(world.twilio.event(chat, EventType="onMessageAdded"))
        lines = world.lines(event="ignored")

        assert [(line["reason"], line["count"]) for line in lines] == [
            ("other_event", 1),
            ("other_event", 50),
            ("other_event", 50),
        ]


def test_each_event_of_a_conversation_of_ours_has_its_line() -> None:
    """Whoever asks why a chat was left alone finds the event that changed nothing."""
    with World() as world:
        chat = world.twilio.answered()
        for _ in range(3):
            world.instance.receive(world.twilio.event(chat, Reason="API"))
        lines = world.lines(event="ignored", conversation=chat.conversation)

        assert [line["reason"] for line in lines] == ["not_by_timer"] * 3
