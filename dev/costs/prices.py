"""Google's list prices of what a deployment uses, in US dollars, for a region of the cheapest tier.

Read on the day of `READ` in stored copies of these pages, some of them months old. Prices differ by region and change:
whoever budgets asks Google's calculator (https://cloud.google.com/products/calculator).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from enum import Enum
from typing import Final

READ: Final = date(2026, 11, 27)


class Meter(Enum):
    """What Google counts; the value is the unit."""

    REQUESTS = "requests"
    VCPU_SECONDS = "vCPU-seconds"
    GIB_SECONDS = "GiB-seconds"
    LOG = "GiB of log"
    EGRESS = "GiB sent"
    SCHEDULES = "schedules"
    SECRET_VERSIONS = "secret versions"  # noqa: S105 - a unit
    SECRET_READS = "secret reads"  # noqa: S105 - a unit
    CONDITIONS = "alert conditions"
    SERIES = "time series read by alerts"
    IMAGES = "GiB of images"
    ZIPS = "GiB of zips"


@dataclass(frozen=True)
class Price:
    """One price.

    Attributes:
        product: Google's.
        dollars: for `per` units.
        per: how many units cost that.
        free: units a month that cost nothing, shared by all projects of a billing account.
        source: the page.
        note: what to know about it.
    """

    product: str
    dollars: float
    per: int
    free: float
    source: str
    note: str = ""

    def cost(self, units: float, *, free_tier: bool) -> float:
        """Dollars for so many units, with or without the part that is free."""
        return max(0.0, units - (self.free if free_tier else 0.0)) * self.dollars / self.per


_RUN: Final = "https://cloud.google.com/run/pricing"
_SECRETS: Final = "https://cloud.google.com/secret-manager/pricing"
_OBSERVABILITY: Final = "https://cloud.google.com/stackdriver/pricing"
_ALERTS: Final = "https://cloud.google.com/monitoring/alerts/cost-control"
_ANNOUNCED: Final = "announced with a date that was moved; what Google charges today was not found"

PRICES: Final[Mapping[Meter, Price]] = {
    Meter.REQUESTS: Price("Cloud Run functions", 0.40, 1_000_000, 2_000_000, _RUN),
    Meter.VCPU_SECONDS: Price("Cloud Run functions", 0.000024, 1, 180_000, _RUN, "only while requests are answered"),
    Meter.GIB_SECONDS: Price("Cloud Run functions", 0.0000025, 1, 360_000, _RUN, "only while requests are answered"),
    Meter.LOG: Price("Cloud Logging", 0.50, 1, 50, _OBSERVABILITY, "kept for 30 days; free for each project"),
    Meter.EGRESS: Price(
        "Premium Tier network", 0.12, 1, 1, "https://cloud.google.com/storage/pricing-examples", "free to North America"
    ),
    Meter.SCHEDULES: Price("Cloud Scheduler", 0.10, 1, 3, "https://cloud.google.com/scheduler/pricing"),
    Meter.SECRET_VERSIONS: Price("Secret Manager", 0.06, 1, 6, _SECRETS, "for each location"),
    Meter.SECRET_READS: Price("Secret Manager", 0.03, 10_000, 10_000, _SECRETS),
    Meter.CONDITIONS: Price("Cloud Monitoring", 1.50, 1, 0, _ALERTS, _ANNOUNCED),
    Meter.SERIES: Price("Cloud Monitoring", 0.35, 1_000_000, 0, _ALERTS, _ANNOUNCED),
    Meter.IMAGES: Price("Artifact Registry", 0.10, 1, 0.5, "https://cloud.google.com/artifact-registry/pricing"),
    Meter.ZIPS: Price("Cloud Storage", 0.020, 1, 0, "https://cloud.google.com/storage/pricing"),
}
"""The price of each unit."""
