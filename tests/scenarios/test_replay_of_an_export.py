"""A replay of a file with more columns than the required ones."""

from pathlib import Path

from laptop.replay import Replay
from ops.what_if.history import History
from tests.world.world import World

POLICY = {
    "timeout": "PT5M",
    "policy": {
        "warnings": [],
        "rules": [
            {"match": {"channel": "sms"}, "exempt": True},
            {"match": {"queue": "Kundendienst"}, "exempt": True},
            {"match": {"language": "de"}, "timeout": "PT1H"},
        ],
    },
}
EXPORT = """conversation_id,sent_at,sender,channel,queue,language
plain,2026-01-05T00:00:00Z,customer,,,
plain,2026-01-05T00:01:00Z,agent,,,
plain,2026-01-05T00:20:00Z,agent,,,
by sms,2026-01-05T00:00:00Z,customer,sms,,
by sms,2026-01-05T00:01:00Z,agent,sms,,
in a queue,2026-01-05T00:00:00Z,customer,web,Kundendienst,
in a queue,2026-01-05T00:01:00Z,agent,web,Kundendienst,
in German,2026-01-05T00:00:00Z,customer,,,de-AT
in German,2026-01-05T00:01:00Z,agent,,,de-AT
in German,2026-01-05T00:20:00Z,agent,,,de-AT
"""


def test_channel_queue_and_language_of_the_file_are_played(tmp_path: Path) -> None:
    """A rule of the policy finds each, as in production; a chat without them is a web chat of the default queue."""
    path = tmp_path / "export.csv"
    path.write_text(EXPORT)
    with World(POLICY) as world:
        chats = list(History(path).chats())
        world.reset(chats[0].messages[0].at)
        world.configure()
        played, _ = Replay(world.twilio, chats, lambda _done, _total: None).run()

    assert {each.past.id: (each.ended, each.played) for each in played} == {
        "plain": (True, 2),
        "by sms": (False, 2),
        "in a queue": (False, 2),
        "in German": (True, 3),
    }
