"""The bill of a month: what is deployed and what it does, in Google's units, times their prices. Pure arithmetic."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from dev.costs import assumptions
from dev.costs.prices import PRICES, Meter
from dev.costs.usage import SWEEPS_AN_HOUR, Usage

HOURS: Final = 24 * 30
SWEEPS: Final = SWEEPS_AN_HOUR * HOURS
EVALUATIONS: Final = 86_400
"""Of an alert's condition in a month, one each 30 seconds (https://cloud.google.com/monitoring/alerts/cost-control)."""

GIB: Final = 2**30


@dataclass(frozen=True)
class Size:
    """What an instance of a function has.

    Attributes:
        vcpus: of the instance.
        memory: in GiB.
    """

    vcpus: float
    memory: float


@dataclass(frozen=True)
class Deployed:
    """What a stack has, whether anybody chats or not.

    Attributes:
        webhook: an instance of the public function.
        sweep: an instance of the private one.
        secret_versions: that the functions read.
        schedules: of Cloud Scheduler.
        conditions: of all alerts.
        zip_bytes: of one source archive.
    """

    webhook: Size
    sweep: Size
    secret_versions: int
    schedules: int
    conditions: int
    zip_bytes: int


def open_chats(chats_a_month: int) -> int:
    """How many chats are open at the same time, spread evenly over the month."""
    return round(chats_a_month * assumptions.CHAT.total_seconds() / (HOURS * 3600))


def metered(deployed: Deployed, chats: int, chat: Usage, sweep: Usage) -> Mapping[Meter, float]:
    """A month in Google's units.

    Args:
        deployed: the stack.
        chats: a month.
        chat: what one of them uses.
        sweep: what one sweep uses, beside as many open chats as there are then.
    """
    webhooks, sweeps = chat.times(chats), sweep.times(SWEEPS)
    both = webhooks.plus(sweeps)
    starts = assumptions.STARTS_A_MONTH * assumptions.START.total_seconds() / 2
    webhook_seconds, sweep_seconds = webhooks.seconds + starts, sweeps.seconds + starts
    logged = both.logged + both.lines * assumptions.BESIDE_A_LINE + both.requests * assumptions.REQUEST_LOG
    return {
        Meter.REQUESTS: both.requests,
        Meter.VCPU_SECONDS: webhook_seconds * deployed.webhook.vcpus + sweep_seconds * deployed.sweep.vcpus,
        Meter.GIB_SECONDS: webhook_seconds * deployed.webhook.memory + sweep_seconds * deployed.sweep.memory,
        Meter.LOG: logged / GIB,
        Meter.EGRESS: (both.sent + both.calls * assumptions.HEADERS) / GIB,
        Meter.SCHEDULES: deployed.schedules,
        Meter.SECRET_VERSIONS: deployed.secret_versions,
        Meter.SECRET_READS: deployed.secret_versions * assumptions.STARTS_A_MONTH,
        Meter.CONDITIONS: deployed.conditions,
        Meter.SERIES: deployed.conditions * EVALUATIONS,
        Meter.IMAGES: assumptions.IMAGES_GIB,
        Meter.ZIPS: deployed.zip_bytes * assumptions.ZIPS / GIB,
    }


def bill(used: Mapping[Meter, float], *, free_tier: bool) -> Mapping[Meter, float]:
    """Dollars by meter."""
    return {meter: PRICES[meter].cost(units, free_tier=free_tier) for meter, units in used.items()}
