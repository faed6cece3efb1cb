"""A flood of refusals writes one line a minute for each reason, and every refusal is counted."""

from function.entry.refusals import Refusal, Refusals
from sandbox.network import Wall
from tests.world.world import World


def test_the_first_refusal_is_logged_at_once_and_the_others_a_minute_later() -> None:
    """The line has their number; the next request reports a flood that has ended."""
    wall = Wall()
    refusals = Refusals(clock=wall)
    reports = []
    for second in range(130):
        for _ in range(10 if second < 100 else 0):
            refusals.count(Refusal.NOT_SIGNED)
        reports += [(second, *each) for each in refusals.due()]
        wall.sleep(1)

    assert reports == [(0, Refusal.NOT_SIGNED, 10), (60, Refusal.NOT_SIGNED, 600), (120, Refusal.NOT_SIGNED, 390)]


def test_each_reason_is_counted_by_itself() -> None:
    """A flood with one reason hides no other."""
    refusals = Refusals(clock=Wall())
    reports = []
    for refusal in (Refusal.NOT_SIGNED, Refusal.NOT_SIGNED, Refusal.TOO_SLOW):
        refusals.count(refusal)
        reports += refusals.due()

    assert reports == [(Refusal.NOT_SIGNED, 1), (Refusal.TOO_SLOW, 1)]


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
