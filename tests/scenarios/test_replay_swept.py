"""A replay in which a sweep ends a chat: no delivery tells, because our own changes fire no webhook."""

from datetime import timedelta

from laptop.replay import Replay
from ops.what_if.history import PastChat, Sender, Sent
from tests.world.world import World

POLICY = {"timeout": "PT5M", "policy": {"warnings": [], "whenQueued": {"do": "end", "after": "PT20M"}}}


def test_messages_after_an_end_by_the_sweep_are_counted_and_not_sent() -> None:
    """As after an end by a timer. Another chat's message lets the replay look at this one before the sweep ends it."""
    with World(POLICY) as world:
        start = world.now + timedelta(minutes=1)
        queued, other = (
            PastChat(name, tuple(Sent(start + timedelta(minutes=at), Sender.CUSTOMER) for at in minutes))
            for name, minutes in {"queued": (0, 60, 61), "other": (10,)}.items()
        )
        world.schedule_sweep("PT5M")
        (played, _), _ = Replay(world.twilio, [queued, other], lambda _done, _total: None).run()

    assert (played.ended, played.played, played.cut) == (True, 1, 2)
