"""Campaigns against the two promises: a customer who waits is never cut off, one who went silent is always released.

`python -m benchmarks.campaigns` runs them, each with a plan from a seed, and a verdict from the simulator's truth and
request log, never from what the function says of itself.
"""

from benchmarks.campaigns import (
    agreement,
    comeback,
    crashes,
    crowds,
    deployments,
    drain,
    faults,
    histories,
    latency,
    lost,
    notes,
    orders,
    poison,
    races,
    replays,
    speed,
    strangers,
    worlds,
)

CAMPAIGNS = {
    each.name: each
    for each in (
        faults.CAMPAIGN,
        crashes.CAMPAIGN,
        races.CAMPAIGN,
        orders.CAMPAIGN,
        comeback.CAMPAIGN,
        notes.CAMPAIGN,
        lost.CAMPAIGN,
        crowds.CAMPAIGN,
        drain.CAMPAIGN,
        strangers.CAMPAIGN,
        histories.CAMPAIGN,
        worlds.CAMPAIGN,
        poison.CAMPAIGN,
        replays.CAMPAIGN,
        agreement.CAMPAIGN,
        speed.CAMPAIGN,
        latency.CAMPAIGN,
        deployments.CAMPAIGN,
    )
}
"""By name, in the order in which they are run."""
