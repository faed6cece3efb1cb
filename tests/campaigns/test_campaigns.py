"""Every campaign in short: a sample of its plan with the same promises. `make campaign` runs them in full."""

import time
from collections.abc import Iterator
from datetime import timedelta
from functools import partial

import pytest

from benchmarks.campaigns import CAMPAIGNS, orders, races
from benchmarks.campaigns.campaign import Campaign, Figure, Watch
from benchmarks.campaigns.orders import Event
from sandbox.network import Shared, Wall
from tests.world.fence import Fence
from tests.world.verdicts import cut_off, describe
from tests.world.world import World


@pytest.mark.parametrize(
    "campaign",
    [pytest.param(each, marks=pytest.mark.story if name == "deployments" else ()) for name, each in CAMPAIGNS.items()],
    ids=CAMPAIGNS,
)
def test_a_sample_of_the_campaign_breaks_no_promise(campaign: Campaign) -> None:
    """A promise about all cells holds for some; times are for an idle machine."""
    result = campaign.run(Watch(scale=campaign.short, seed=1, quiet=True))

    assert result.broken[:3] == ()
    assert [figure for figure in result.figures if not (figure.kept or figure.timed)] == []
    assert result.n > 0


def test_a_campaign_that_makes_its_figures_while_they_are_read_says_how_long_that_took() -> None:
    """The measured time includes the last figure."""

    def figures() -> Iterator[Figure]:
        time.sleep(0.05)
        yield Figure("calls", "1")

    assert Watch(quiet=True).result("slow", 1, 1, figures()).seconds >= 0.05


def test_waiting_for_a_moment_on_a_shared_clock_ends() -> None:
    """Each wait is a share of the rest, and the shares do not become so small that the clock stops."""
    clock = Shared(Wall(), 80)
    due = clock.monotonic() + 65
    rounds = 0
    while clock.monotonic() < due and rounds < 20_000:
        clock.sleep(min(due - clock.monotonic(), 1.0))
        rounds += 1

    assert 0 <= clock.monotonic() - due < 0.001


def test_processes_that_share_a_campaign_draw_what_one_draws() -> None:
    """A cell draws the same in any process, so a seed repeats it anywhere."""
    cells = races.plan(1, task=True)[:6]
    player = partial(races.player, 7)

    alone, shared = (list(Watch(quiet=True, jobs=jobs).spread(cells, "races", player)) for jobs in (1, 3))

    assert [describe(truth) for _, (truth, _) in shared] == [describe(truth) for _, (truth, _) in alone]
    assert [race for race, _ in shared] == cells


def test_an_end_after_a_pending_invite_is_right_when_the_agent_who_answered_still_had_the_chat() -> None:
    """The invite kept the chat for an hour; nobody accepted it, and our end completed the agent's own task."""
    order = (Event.ACCEPTED, Event.CLOSED, Event.AGENT, Event.TRANSFERRED, Event.TIME, Event.TIME)
    with orders.player(whole=True) as play:
        seen = play(order)

    assert seen == orders.Seen("", possible=True)


@pytest.mark.parametrize("interaction", [True, False])
def test_the_judge_sees_that_an_invite_nobody_accepted_holds_a_chat_for_an_hour_only(*, interaction: bool) -> None:
    """The agent has the chat until we end it, though without an interaction their task is ended in a call before."""
    with World() as world:
        fence = Fence(world, timedelta(minutes=10))
        world.hooks.before, world.hooks.after = fence.before, fence.after
        world.schedule_sweep()
        chat = world.twilio.chat(interaction=interaction)
        chat.says("agent", "one moment")
        world.twilio.advance("PT1S")
        chat.does("transfer")
        world.twilio.advance("PT2H")

        assert (chat.state, fence.broken) == ("closed", [])


@pytest.mark.parametrize("asked", [True, False], ids=["the customer asked", "outbound"])
def test_the_judge_calls_an_end_wrong_if_the_customer_waits_for_who_took_the_chat_over(*, asked: bool) -> None:
    """The second agent has said nothing yet; a customer who never wrote waits for nobody."""
    with World() as world:
        chat = world.twilio.chat()
        if asked:
            chat.says("customer", "hello?")
        chat.says("agent", "my colleague takes over")
        world.twilio.advance("PT1S")
        chat.does("transfer")
        chat.does("accept")
        world.twilio.advance("PT20M")

        why = "ended, and the agent who has the chat had not spoken"
        assert cut_off(chat.truth, world.now) == (why if asked else "")


def test_an_outbound_chat_that_was_handed_over_ends_and_the_judge_agrees() -> None:
    """The second agent says nothing, and the customer never wrote."""
    with World() as world:
        fence = Fence(world, timedelta(minutes=10))
        world.hooks.before, world.hooks.after = fence.before, fence.after
        world.schedule_sweep()
        chat = world.twilio.chat()
        chat.says("agent", "my colleague takes over")
        world.twilio.advance("PT1S")
        chat.does("transfer")
        chat.does("accept")
        world.twilio.advance("PT20M")

        assert (chat.state, chat.ours, fence.broken) == ("closed", [], [])
