"""What the simulator cannot measure, said in one place; each is meant to be too much rather than too little."""

from __future__ import annotations

from datetime import timedelta
from typing import Final

ROUND_TRIP: Final = timedelta(milliseconds=100)
"""Of a call to Twilio, its own work included. Calls are counted one after the other, though many run side by side."""

CPU_OF_A_REQUEST: Final = timedelta(milliseconds=50)
"""What the function itself takes for a request beside its calls."""

HEADERS: Final = 600
"""Bytes of a call to Twilio beside its path and its parameters."""

BESIDE_A_LINE: Final = 700
"""Bytes that Cloud Logging counts beside those of our line: resource, labels, times."""

REQUEST_LOG: Final = 1_500
"""Bytes of the line that Cloud Run writes itself for each request."""

STARTS_A_MONTH: Final = 2 * 24 * 30
"""Of instances: one an hour of each function. Each reads every secret."""

START: Final = timedelta(seconds=3)
"""That are paid for when an instance starts."""

CHAT: Final = timedelta(minutes=15)
"""From a chat's beginning to its end: so many are open, and listed by sweeps, at the same time."""

IMAGES_GIB: Final = 1.0
"""Of the functions' images, with those of a deployment or two before."""

ZIPS: Final = 20
"""How many zips are kept, ours and Google's copies."""
