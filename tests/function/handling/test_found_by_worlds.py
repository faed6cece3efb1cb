"""Found by the campaigns `histories`, `worlds` and `poison`; 1 to 4, 7 and 9 fail until the function is mended.

1. A task without an interaction that its agent holds and that cannot be proven (nobody took part since it was made, or
   the participant's row is odd) is a hint only. Then a bot's word counts as in a chat that only a bot has, and a
   customer who waits for that agent is warned and ended. `no_live_task` and `customers_turn` look at `live_tasks`
   alone; a hint that is assigned or wrapping should keep the chat, as a waiting one does.
2. Where no row of the messages tells its index, the newest gets 0 in every read (`_in_place`), so that neither our
   warning's marker nor our claim ever answers it: the customer is warned at every sweep, and never ended.
3. A task whose worker cannot be told for a while (no interaction, odd rows of participants) is a hint: the chat looks
   finished, is kept as `no_live_task`, and the sweep that did so looks again only after most of a day.
4. As 2, where the attributes of messages cannot be read and no task is live that could hold our claim (a bot's chat, or
   one whose task was lost): warned at every sweep, and never ended. A message that carries our author and no
   participant after the newest word could count as `_warned` does with a claim.
5. Mended: a status that nobody knows, of a task that was never proven, was overlooked, because such a task is a hint.
   With a bot's "please hold" a customer who waits in the queue was warned and ended.
6. Mended: the reservation of a task in wrapping is `wrapping` and not `accepted`, so without an interaction nothing
   proved it; with a bot's word the chat that an agent wraps up was warned and ended.
7. A chat whose assigned task names another chat's channel has no task at all (`belongings` calls it foreign before it
   asks for its worker). With a bot's word a customer who waits for that agent is warned and ended, and the agent keeps
   an assigned task. Where the worker takes part since the task was made, the channel may be foreign, but not the task;
   at least it should be a hint that keeps the chat, as in 1.
8. Mended: one 404 of TaskRouter's events was taken for a refusal and noted, and the chat of a lost task kept for ever.
9. A waiting task that does not tell when it was made, or tells the year 1, counts as one that was asked long ago
   (`LONG_AGO`): `pendingInvite` is over at once, and a chat is ended while a colleague is asked in. The invite's own
   time, or the moment at which the task was first seen, could stand for it.
"""

import pytest

from simulator.faults import REMOVED
from tests.world.others import UNKNOWN
from tests.world.world import World


def test_a_bots_word_is_no_answer_while_an_agent_may_have_the_chat() -> None:
    """The customer waits for an agent whose task cannot be proven, because the rows of participants are odd."""
    with World() as world:
        chat = world.twilio.chat(channel="sms", interaction=False)
        chat.says("customer", "hello?")
        chat.says("bot", "an agent is with you in a moment")
        world.twilio.fault(r"GET .*/Participants", kind="odd", at="participants.*.identity", value=REMOVED, times=None)
        world.twilio.advance("PT2H")

        assert ([], ["assigned"]) == (chat.ours, chat.task_statuses)


def test_a_customer_is_warned_once_where_no_message_tells_its_index() -> None:
    """However often the sweep comes by."""
    with World() as world:
        chat = world.twilio.answered()
        world.twilio.fault(r"GET .*/Messages", kind="odd", at="messages.*.index", value="first", times=None)
        world.configure(webhook="")
        world.schedule_sweep()
        world.twilio.advance("PT40M")

        assert 1 >= chat.ours.count("warning")


def test_an_unknown_status_of_a_task_that_was_never_proven_is_looked_at_again_within_an_hour() -> None:
    """It is shown for half an hour, while every webhook is lost; then the silent customer is released."""
    with World() as world:
        chat = world.twilio.answered(interaction=False)
        world.configure(webhook="")
        world.twilio.show_status(chat.conversation, "task", UNKNOWN)
        world.schedule_sweep()
        world.twilio.advance("PT30M")
        world.twilio.show_status(chat.conversation, "task", None)
        world.twilio.advance("PT90M")

        assert "closed" == chat.state


def test_a_task_whose_worker_could_not_be_told_is_looked_at_again_within_an_hour() -> None:
    """The rows of participants were odd for half an hour, while every webhook is lost."""
    with World() as world:
        chat = world.twilio.answered(interaction=False)
        world.configure(webhook="")
        world.twilio.fault(r"GET .*/Participants", kind="odd", at="participants.*.identity", value=REMOVED, times=None)
        world.schedule_sweep()
        world.twilio.advance("PT30M")
        world.simulation.faults.clear()
        world.twilio.advance("PT90M")

        assert "closed" == chat.state


def test_a_customer_is_warned_once_where_no_attributes_of_messages_can_be_read() -> None:
    """Of a chat that only a bot has, so that no task holds a claim."""
    with World() as world:
        chat = world.twilio.answered("bot")
        world.twilio.fault(r"GET .*/Messages", kind="odd", at="messages.*.attributes", value=3, times=None)
        world.configure(webhook="")
        world.schedule_sweep()
        world.twilio.advance("PT40M")

        assert 1 >= chat.ours.count("warning")


@pytest.mark.parametrize("interaction", [True, False])
def test_a_task_that_shows_an_unknown_status_from_the_beginning_keeps_the_chat(interaction: bool) -> None:
    """The customer waits in the queue, and a bot has told them so."""
    with World() as world:
        chat = world.twilio.chat("queued", interaction=interaction)
        chat.says("customer", "hello?")
        chat.says("bot", "please hold")
        world.twilio.show_status(chat.conversation, "task", UNKNOWN)
        world.twilio.advance("PT2H")

        assert ([], ["pending"]) == (chat.ours, chat.task_statuses)


def test_a_chat_that_an_agent_wraps_up_is_theirs_without_an_interaction_too() -> None:
    """A bot wrote last, and the task's reservation is in wrapping as the task is."""
    with World() as world:
        chat = world.twilio.chat("wrapping", interaction=False)
        chat.says("customer", "thank you")
        chat.says("bot", "how was it?")
        world.twilio.advance("PT2H")

        assert ([], "no_live_task") == (chat.ours, world.lines(conversation=chat.conversation)[-1]["reason"])


@pytest.mark.parametrize("interaction", [True, False])
def test_a_bots_word_is_no_answer_where_the_agents_task_names_another_chats_channel(interaction: bool) -> None:
    """The customer waits for the agent who takes part since the task was made."""
    with World() as world:
        other = world.twilio.chat()
        other.says("customer", "hello?")
        chat = world.twilio.chat(channel="sms", interaction=interaction)
        world.twilio.borrow_interaction(chat.conversation, other.conversation)
        chat.says("customer", "hello?")
        chat.says("bot", "an agent is with you in a moment")
        world.twilio.advance("PT2H")

        assert ([], ["assigned"]) == (chat.ours, chat.task_statuses)


def test_one_404_of_taskrouters_events_does_not_keep_a_chat_for_ever() -> None:
    """The task was lost, and is asked about again."""
    with World() as world:
        chat = world.twilio.answered()
        world.twilio.advance("PT2M")
        world.instance.receive(world.twilio.event(chat))
        chat.does("expire")
        world.twilio.fault(r"GET .*/Events", kind="status", status=404)
        world.schedule_sweep()
        world.twilio.advance("PT1H")

        assert "closed" == chat.state


@pytest.mark.parametrize("made", [REMOVED, "0001-01-01T00:00:00Z"], ids=["never", "in the year 1"])
def test_a_colleague_is_waited_for_who_was_asked_nobody_knows_when(made: object) -> None:
    """Half an hour after the agent passed the chat on, nobody is warned or ended."""
    with World() as world:
        chat = world.twilio.answered()
        chat.does("transfer")
        world.twilio.fault(r"(GET|POST) .*/Tasks/WT\w+$", kind="odd", at="date_created", value=made, times=None)
        world.schedule_sweep()
        world.twilio.advance("PT30M")

        assert ([], ["assigned", "pending"]) == (chat.ours, chat.task_statuses)
