"""Our own messages are not posted again and again, even if others remove what marks them."""

from collections.abc import Callable

import pytest

from sandbox.network import Call, KilledError
from tests.world.world import World


def die_before_closing(call: Call) -> None:
    """Let the process die once the notice is posted."""
    if call.method == "POST" and "/Channels/" in call.path:
        raise KilledError


def tell_no_index(world: World) -> None:
    """From now on answers give messages words instead of indexes."""
    world.twilio.fault(r"GET .*/Messages", kind="odd", at="messages.*.index", value="first", times=None)


def tell_every_index(world: World) -> None:
    """From now on answers have indexes again."""
    world.simulation.faults.clear()


def test_a_warning_that_somebody_deletes_is_not_posted_again_and_again() -> None:
    """A retention tool deletes our messages: the claim on the task shows what was posted, and the chat ends."""
    with World() as world:
        chat = world.twilio.answered()
        for _ in range(30):
            world.twilio.advance("PT1M")
            shown = world.twilio.rest("GET", f"{chat.path}/Messages")["messages"]
            for each in shown if chat.state != "closed" else ():
                if each["author"] == "system":
                    world.twilio.rest("DELETE", f"{chat.path}/Messages/{each['sid']}")

        assert (chat.state, len(world.lines(decision="warn")) <= 2) == ("closed", True)


def test_messages_without_authors_do_not_make_us_warn_for_ever() -> None:
    """Answers lack the authors, so our warning cannot be recognized: there are at most two warnings."""
    with World() as world:
        chat = world.twilio.answered()
        world.twilio.fault(r"GET .*/Messages", kind="odd", at="messages.*.author", value=None, times=None)
        world.twilio.advance("PT1H")

        assert chat.ours.count("warning") <= 2


def test_a_silence_of_an_agent_that_cannot_be_noted_is_reported_once() -> None:
    """The task has no room for the mark; this process logs the silence once and sets no timer for it.

    Before, it was a WARNING and five calls every minute.
    """
    policy = {"whenAgentSilent": {"do": "notify", "after": "PT5M"}}
    with World({"timeout": "PT2M", "warnBefore": "PT1M", "policy": policy}) as world:
        world.schedule_sweep()
        chat = world.twilio.chat()
        chat.says("customer", "hello?")
        world.twilio.fault(r"POST .*/Tasks/WT\w+$", kind="status", status=400, code=20001, times=None)
        world.twilio.advance("PT2H")

        assert len(world.lines(conversation=chat.conversation, decision="notify")) <= 2, "once by each of two processes"


def test_a_customer_is_warned_once_if_messages_have_no_index() -> None:
    """This holds however often the sweep runs."""
    with World() as world:
        chat = world.twilio.answered()
        tell_no_index(world)
        world.configure(webhook="")
        world.schedule_sweep()
        world.twilio.advance("PT40M")

        assert chat.ours.count("warning") <= 1


def test_a_customer_is_warned_once_if_no_attributes_of_messages_can_be_read() -> None:
    """Only a bot has the chat, so no task holds a claim."""
    with World() as world:
        chat = world.twilio.answered("bot")
        world.twilio.fault(r"GET .*/Messages", kind="odd", at="messages.*.attributes", value=3, times=None)
        world.configure(webhook="")
        world.schedule_sweep()
        world.twilio.advance("PT40M")

        assert chat.ours.count("warning") <= 1


@pytest.mark.parametrize(
    ("before", "after"), [(tell_no_index, tell_every_index), (tell_every_index, tell_no_index)], ids=["then", "not now"]
)
@pytest.mark.parametrize("stage", ["assigned", "bot"])
def test_a_customer_is_warned_once_if_messages_have_an_index_only_at_times(
    before: Callable[[World], None], after: Callable[[World], None], stage: str
) -> None:
    """The index in the warning means nothing any more, but its place among the messages is enough."""
    with World() as world:
        before(world)
        chat = world.twilio.answered(stage)
        world.twilio.advance("PT8M")
        warned = list(chat.ours)
        after(world)
        world.twilio.advance("PT20M")

        assert (warned, chat.ours, chat.state) == (["warning"], ["warning", "closing"], "closed")


@pytest.mark.parametrize("lost", [False, True], ids=["a bot's chat", "a lost task"])
@pytest.mark.parametrize("warn_before", ["PT2M", "PT5M,PT2M"])
def test_a_warning_with_overwritten_attributes_is_ours_also_without_a_task(lost: bool, warn_before: str) -> None:
    """No task holds a claim, but a note on the conversation shows it; the silent customer is released."""
    steps = warn_before.split(",")
    with World({"policy": {"warnings": [{"before": step} for step in steps]}} if len(steps) > 1 else {}) as world:
        chat = world.twilio.answered("assigned" if lost else "bot")
        world.twilio.advance("PT1M")
        if lost:
            world.instance.receive(world.twilio.event(chat))
            chat.does("delete")
        for _ in range(20):
            world.twilio.advance("PT1M")
            shown = world.twilio.rest("GET", f"{chat.path}/Messages")["messages"]
            for each in shown if chat.state != "closed" else ():
                world.twilio.rest("POST", f"{chat.path}/Messages/{each['sid']}", Attributes="{}")

        assert (chat.state, len(world.lines(decision="warn"))) == ("closed", len(steps))


def test_the_notice_of_a_process_that_died_is_not_posted_again_if_its_attributes_cannot_be_read() -> None:
    """The task shows that we were ending, and there are two messages of ours: a warning and a notice."""
    with World() as world:
        world.schedule_sweep()
        chat = world.twilio.answered()
        world.twilio.fault(r"GET .*/Messages", kind="odd", at="messages.*.attributes", value=3, times=None)
        world.twilio.advance("PT9M")
        world.hooks.trouble = die_before_closing
        world.twilio.advance("PT1M")
        world.hooks.trouble = lambda _call: None
        world.restart()
        world.twilio.advance("PT20M")

        assert (chat.state, chat.ours) == ("closed", ["warning", "closing"])


def test_other_systems_messages_are_not_taken_for_a_notice_if_no_attributes_can_be_read() -> None:
    """Their author is `system` as ours is; without a claim of an end the customer has their full time."""
    with World() as world:
        chat = world.twilio.answered()
        world.twilio.fault(r"GET .*/Messages", kind="odd", at="messages.*.attributes", value=3, times=None)
        for text in ("Your agent may record this chat.", "Rate us!"):
            world.twilio.rest("POST", f"{chat.path}/Messages", Body=text)
        world.twilio.advance("PT9M")

        assert chat.task_statuses == ["assigned"]
