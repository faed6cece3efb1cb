"""Before an end, another task is searched for: whoever is being transferred waits, and the channel may not show it."""

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
    """A process under Twilio's limits, which receives no webhooks by itself; channels do not show a transfer."""
    twilio.reset(dialect={"transferStatus": "active"})
    twilio.configure("http://127.0.0.1:9/conversations", "PT8M")
    twilio.disturb(drop=1.0)
    return bootstrap(replace(settings_for(twilio, 9, policy), rate_limits=True))


@pytest.fixture
def handler(process: Function) -> Handler:
    """What its events are handled by."""
    return process.handler


@pytest.fixture
def warned(twilio: Twilio, handler: Handler) -> Chat:
    """A chat whose silent customer this process has warned, and whose end is due."""
    chat = twilio.chat()
    chat.says("customer")
    chat.says("agent")
    twilio.advance("PT8M")
    assert Outcome.DONE is handler.handle(Attempt.lasting(4.0), chat.conversation).outcome
    twilio.advance("PT2M")
    return chat


def no_room(process: Function) -> None:
    """Whoever draws on the account's limit as well has used it up."""
    process.rate_limiter.hold(RateLimit.TASK_SEARCH, 3600)


def fail(twilio: Twilio) -> None:
    """No search succeeds."""
    twilio.fault(SEARCH, kind="status", status=503, times=None)


def test_without_room_for_it_nothing_is_claimed_or_said(
    twilio: Twilio, process: Function, handler: Handler, warned: Chat
) -> None:
    """The event is deferred: a sweep, or the next event, ends the chat."""
    no_room(process)
    twilio.clear_log()

    with pytest.raises(DeferredError):
        handler.handle(Attempt.lasting(4.0), warned.conversation)

    assert [call.path for call in twilio.requests() if call.method == "POST"] == []
    assert (warned.state, warned.ours) == ("inactive", ["warning"])


def test_where_it_fails_the_claim_is_taken_back(twilio: Twilio, handler: Handler, warned: Chat) -> None:
    """Nobody is told of an end, and the next event ends the chat."""
    fail(twilio)

    with pytest.raises(TwilioError):
        handler.handle(Attempt.lasting(4.0), warned.conversation)

    assert (warned.state, warned.ours) == ("active", ["warning"])
    twilio.clear_faults()
    assert Outcome.DONE is handler.handle(Attempt.lasting(4.0), warned.conversation).outcome
    assert warned.state == "closed"


@pytest.mark.parametrize("trouble", [no_room, None], ids=["no room", "room"])
def test_a_sweep_has_listed_every_task_and_needs_none(
    twilio: Twilio, process: Function, warned: Chat, trouble: Callable[[Function], None] | None
) -> None:
    """It ends the chat also where the limit of searches is used up."""
    twilio.advance("PT1M")
    if trouble:
        trouble(process)

    process.sweeping.run(lambda *_: None)

    assert warned.state == "closed"


def test_a_sweep_tells_a_process_of_the_task_that_it_does_not_know(
    twilio: Twilio, process: Function, warned: Chat
) -> None:
    """A transfer since the process last looked: the chat is kept, without any search."""
    warned.does("transfer")
    twilio.advance("PT1M")
    no_room(process)

    process.sweeping.run(lambda *_: None)

    assert warned.state != "closed"
