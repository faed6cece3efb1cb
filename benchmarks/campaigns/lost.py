"""Webhooks never arrive, or Twilio does not answer: every silent customer is still released, within the bound.

Plan: chats that fall silent at different times, with a share of all webhooks lost, the sweep every five minutes; and
the same around ten minutes in which no call gets through. Time is virtual.
"""

from __future__ import annotations

import random
from collections import Counter
from datetime import datetime, timedelta

from benchmarks.campaigns.campaign import Campaign, Figure, Result, Watch, all_of
from sandbox.network import Call, Fault
from simulator.facts import ChatTruth
from tests.world.verdicts import describe, ended_well
from tests.world.world import Chat, World

CHATS = 1_000
SHARES = (0.1, 0.5, 1.0)
SWEEP_EVERY = timedelta(minutes=5)
STEPS, FIRST_STEP, TIMEOUT = 2, timedelta(minutes=8), timedelta(minutes=10)
OUTAGE = timedelta(minutes=10)

BOUND = FIRST_STEP + STEPS * SWEEP_EVERY + timedelta(seconds=5)
"""Maximum from the last message to the end if every webhook is lost: each step waits for the next sweep."""


def silences(world: World, count: int, dice: random.Random) -> list[Chat]:
    """Chats that fall silent over half an hour."""
    chats = []
    for _ in range(count):
        chat = world.twilio.chat(channel=dice.choice(("web", "sms")), interaction=dice.random() < 0.8)
        chat.says("customer")
        chat.says("agent")
        chats.append(chat)
        world.twilio.advance(f"PT{max(1, dice.randrange(3600 // count + 1))}S")
    return chats


def silence_lasted(truth: ChatTruth) -> timedelta:
    """From the last message of a person to the close."""
    last = next(message.at for message in reversed(truth.messages) if message.participant)
    return next(change.at for change in truth.history if change.state_to == "closed") - last


def lose(watch: Watch, share: float, count: int) -> tuple[int, timedelta]:
    """Lose a share of all webhooks; how many ended well, and the longest silence."""
    dice = random.Random(f"{watch.seed} {share}")
    with World(dice=dice) as world:
        world.schedule_sweep()
        world.twilio.disturb(drop=share, seed=watch.seed)
        chats = silences(world, count, dice)
        world.twilio.advance("PT30M")
        good, longest = 0, timedelta()
        for chat in chats:
            truth = chat.truth
            if not ended_well(truth):
                watch.breaks(f"{share:.0%} lost: {describe(truth)}")
                continue
            good += 1
            longest = max(longest, silence_lasted(truth))
        return good, longest


def outage(watch: Watch, count: int) -> tuple[int, timedelta, float, float]:
    """No call gets through for ten minutes.

    Returns:
        How many ended well, the longest silence, calls a second in the busiest minute before, and then.
    """
    dice = random.Random(watch.seed)
    with World(dice=dice) as world:
        world.schedule_sweep()
        calls: Counter[datetime] = Counter()

        def note(_call: Call) -> None:
            calls[world.now.replace(second=0, microsecond=0)] += 1

        world.hooks.before = note
        chats = silences(world, count, dice)
        began = world.now
        world.hooks.trouble = lambda _call: dice.choice((Fault.UNAVAILABLE, Fault.REFUSED, Fault.TIMEOUT_BEFORE))
        world.twilio.advance(OUTAGE)
        world.hooks.trouble = lambda _call: None
        ended = world.now
        world.twilio.advance("PT40M")
        good, longest = 0, timedelta()
        for chat in chats:
            truth = chat.truth
            if ended_well(truth):
                good += 1
                longest = max(longest, silence_lasted(truth))
            else:
                watch.breaks(f"outage: {describe(truth)}")
        before = max((n for minute, n in calls.items() if minute < began), default=0)
        after = max((n for minute, n in calls.items() if began <= minute <= ended + OUTAGE), default=0)
        return good, longest, before / 60, after / 60


def run(watch: Watch) -> Result:
    """Three shares and an outage."""
    count = watch.share(CHATS, 12)
    figures = []
    for share in watch.through(SHARES, "lost webhooks"):
        good, longest = lose(watch, share, count)
        figures += [
            all_of(f"{share:.0%} of all webhooks lost: found and ended well", good, count),
            Figure(
                "the longest silence of those",
                _minutes(longest),
                f"≤ {_minutes(BOUND)} (first step + sweepEvery for each step)",
                longest <= BOUND,
            ),
        ]
    good, longest, before, after = outage(watch, count)
    figures += [
        all_of("ten minutes without Twilio: ended well afterwards", good, count),
        Figure(
            "the longest silence of those",
            _minutes(longest),
            f"≤ {_minutes(BOUND + OUTAGE)} (the above and the outage)",
            longest <= BOUND + OUTAGE,
        ),
        Figure("calls a second in the busiest minute, during and after / before", f"{after:.1f} / {before:.1f}"),
    ]
    return watch.result("lost", count * (len(SHARES) + 1), CHATS * (len(SHARES) + 1), figures)


def _minutes(length: timedelta) -> str:
    return f"{length.total_seconds() / 60:.1f} min"


CAMPAIGN = Campaign("lost", "lost webhooks, and ten minutes without Twilio", run, short=0.012)
