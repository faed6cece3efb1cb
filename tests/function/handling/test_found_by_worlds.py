"""Found by the campaigns `histories` and `worlds`; each fails until the function is mended.

1. A task without an interaction that its agent holds and that cannot be proven (nobody took part since it was made, or
   the participant's row is odd) is a hint only. Then a bot's word counts as in a chat that only a bot has, and a
   customer who waits for that agent is warned and ended. `no_live_task` and `customers_turn` look at `live_tasks` alone;
   a hint that is assigned or wrapping should keep the chat, as a waiting one does.
"""

from simulator.client import REMOVED
from tests.world.world import World


def test_a_bots_word_is_no_answer_while_an_agent_may_have_the_chat() -> None:
    """The customer waits for an agent whose task cannot be proven, because the rows of participants are odd."""
    with World() as world:
        chat = world.twilio.chat(channel="sms", interaction=False)
        chat.says("customer", "hello?")
        chat.says("bot", "an agent is with you in a moment")
        world.twilio.fault(
            r"GET .*/Participants", kind="odd", at="participants.*.identity", value=REMOVED, times=None
        )
        world.twilio.advance("PT2H")

        assert ([], ["assigned"]) == (chat.ours, chat.task_statuses)
