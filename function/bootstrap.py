"""Builds the function from its settings and its connections to the outside world. Nothing else builds a part of it."""

import random
import threading
import time
from collections.abc import Callable
from concurrent.futures import Executor, ThreadPoolExecutor
from dataclasses import dataclass

from requests.adapters import BaseAdapter

from .contract import CHATS_AT_ONCE, EVENTS_AT_ONCE, calls_at_once, sweep_lasts
from .entry import Log, SweepEndpoint, WebhookEndpoint, to_stdout
from .handling import Handler, NewLock, Sweep
from .settings import Settings
from .twilio_api import Account, Clock, RateLimiter, Transport, TwilioApi

CALLS_AT_ONCE = calls_at_once(max(EVENTS_AT_ONCE, CHATS_AT_ONCE))
"""Calls to Twilio that one process makes at a time, each over its own connection. Both entry points share this code, so
the larger need counts; threads and connections are created when they are needed."""


@dataclass(frozen=True)
class Function:
    """One process of the function.

    Attributes:
        webhook: answers Twilio.
        sweep: answers Cloud Scheduler.
        sweeping: runs the sweeps that Cloud Scheduler asks for.
        handler: handles one conversation, for both entry points.
        api: Twilio's API, as the handler uses it.
        rate_limiter: keeps calls under Twilio's rate limits.
    """

    webhook: WebhookEndpoint
    sweep: SweepEndpoint
    sweeping: Sweep
    handler: Handler
    api: TwilioApi
    rate_limiter: RateLimiter


def bootstrap(
    settings: Settings,
    *,
    clock: Clock = time,
    chance: random.Random | None = None,
    adapter: BaseAdapter | None = None,
    calls: Executor | None = None,
    sweep_workers: Callable[[int], Executor] = ThreadPoolExecutor,
    lock: NewLock = threading.Lock,
    log: Log = to_stdout,
) -> Function:
    """Build the function.

    Args:
        settings: the settings of this deployment.
        clock: measures durations and sleeps; the time of decisions is Twilio's own, from its answers.
        chance: shuffles candidates and names attempts; the operating system's randomness by default.
        adapter: sends HTTP requests; pooled connections by default.
        calls: runs concurrent calls; a thread pool by default.
        sweep_workers: makes the executor that handles a given number of conversations at a time.
        lock: makes locks.
        log: writes one line of the log.
    """
    chance = chance or random.SystemRandom()
    rate_limiter = RateLimiter(limits=settings.rate_limits, clock=clock.monotonic)
    address = settings.twilio_base_url or "https://conversations.twilio.com"
    account = Account(settings.account_sid)
    transport = Transport(
        address, rate_limiter=rate_limiter, account=account, connections=CALLS_AT_ONCE, adapter=adapter
    )
    calls = calls or ThreadPoolExecutor(CALLS_AT_ONCE, thread_name_prefix="twilio")
    api = TwilioApi(settings, transport, calls)
    handler = Handler(settings, api, chance=chance, lock=lock)
    sweep = Sweep(
        handler,
        max_ends=settings.max_ends_per_sweep,
        lasts=sweep_lasts(settings.sweep_every),
        clock=clock,
        chance=chance,
        workers=sweep_workers,
        lock=lock,
    )
    return Function(
        webhook=WebhookEndpoint(settings, handler, clock=clock, log=log),
        sweep=SweepEndpoint(settings, sweep, clock=clock, log=log),
        sweeping=sweep,
        handler=handler,
        api=api,
        rate_limiter=rate_limiter,
    )
