"""Before an end another task is searched for, because a transfer may not show in the channel."""

from collections.abc import Callable
from dataclasses import replace

import pytest

from function.bootstrap import Function, bootstrap
from function.handling import Handler, Outcome
from function.policy import Policy
from function.twilio_api.attempt import Attempt
from function.twilio_api.errors import DeferredError, TwilioError
from function.twilio_api.rate_limiter import RateLimit
from tests.world.driving import Chat, Twilio
from tests.world.running import settings_for

SEARCH = "GET .*/Tasks$"


@pytest.fixture
def process(twilio: Twilio, policy: Policy) -> Function:
    """Return a process under Twilio's rate limits that receives no webhooks; channels do not show a transfer."""
    twilio.reset(dialect={"transferStatus": "active"})
    twilio.configure("http://127.0.0.1:9/conversations", "PT8M")
    twilio.disturb(drop=1.0)
    return bootstrap(replace(settings_for(twilio, 9, policy), rate_limits=True))


@pytest.fixture
def handler(process: Function) -> Handler:
    """Return the process's handler."""
    return process.handler


@pytest.fixture
def warned(twilio: Twilio, handler: Handler) -> Chat:
    """Return a chat whose silent customer this process has warned, and whose end is due."""
    chat = twilio.chat()
    chat.says("customer")
    chat.says("agent")
    twilio.advance("PT8M")
    assert Outcome.DONE is handler.handle(Attempt.lasting(4.0), chat.conversation).outcome
    twilio.advance("PT2M")
    return chat


def no_room(process: Function) -> None:
    """Use up the rate limit, as another user of the account would."""
    process.rate_limiter.hold(RateLimit.TASK_SEARCH, 3600)


def fail(twilio: Twilio) -> None:
    """Let every search fail."""
    twilio.fault(SEARCH, kind="status", status=503, times=None)


def test_without_room_for_the_search_nothing_is_claimed_or_posted(
    twilio: Twilio, process: Function, handler: Handler, warned: Chat
) -> None:
    """The event is deferred; a sweep or the next event ends the chat."""
    no_room(process)
    twilio.clear_log()

    with pytest.raises(DeferredError):
        handler.handle(Attempt.lasting(4.0), warned.conversation)

    assert [call.path for call in twilio.requests() if call.method == "POST"] == []
    assert (warned.state, warned.ours) == ("inactive", ["warning"])


def test_if_the_search_fails_the_claim_is_withdrawn(twilio: Twilio, handler: Handler, warned: Chat) -> None:
    """No notice is posted, and the next event ends the chat."""
    fail(twilio)

    with pytest.raises(TwilioError):
        handler.handle(Attempt.lasting(4.0), warned.conversation)

    assert (warned.state, warned.ours) == ("active", ["warning"])
    twilio.clear_faults()
    assert Outcome.DONE is handler.handle(Attempt.lasting(4.0), warned.conversation).outcome
    assert warned.state == "closed"


def test_a_process_that_knows_only_the_noted_task_ends_no_chat_without_a_search(
    twilio: Twilio, policy: Policy, warned: Chat
) -> None:
    """The note is enough to read the chat; it does not show a transfer."""
    warned.does("transfer")
    another = bootstrap(replace(settings_for(twilio, 9, policy), rate_limits=True))
    no_room(another)

    with pytest.raises(DeferredError):
        another.handler.handle(Attempt.lasting(4.0), warned.conversation)

    assert (warned.state, warned.ours) == ("inactive", ["warning"])


@pytest.mark.parametrize("trouble", [no_room, None], ids=["no room", "room"])
def test_a_sweep_lists_the_tasks_and_needs_no_search(
    twilio: Twilio, process: Function, warned: Chat, trouble: Callable[[Function], None] | None
) -> None:
    """It ends the chat even if the limit of searches is used up."""
    twilio.advance("PT1M")
    if trouble:
        trouble(process)

    process.sweeping.run(lambda *_: None)

    assert warned.state == "closed"


def test_a_sweep_finds_the_task_that_its_process_does_not_know(twilio: Twilio, process: Function, warned: Chat) -> None:
    """A transfer began since the process last read the chat; it is kept without a search."""
    warned.does("transfer")
    twilio.advance("PT1M")
    no_room(process)

    process.sweeping.run(lambda *_: None)

    assert warned.state != "closed"
