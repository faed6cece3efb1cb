"""The one place that builds the function, from its settings and from whatever of the world it touches."""

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
"""Calls to Twilio that one process makes at a time, each over a connection of its own. Either function is the same
process; threads and connections come as they are needed."""


@dataclass(frozen=True)
class Function:
    """One process of the function.

    Attributes:
        webhook: answers Twilio.
        sweep: answers Cloud Scheduler.
        sweeping: what that does.
        handler: what both have a conversation handled by.
        api: Twilio's, as the handler uses it.
        rate_limiter: keeps the calls under Twilio's limits.
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
    """Build the function; nothing else builds a part of it.

    Args:
        settings: of this deployment.
        clock: measures and lets pass what time there is; Twilio's own time comes with its answers.
        chance: draws orders and names attempts; the operating system's unless given.
        adapter: sends HTTP requests; pooled connections unless given.
        calls: makes calls at the same time; threads unless given.
        sweep_workers: makes what looks at so many conversations at a time.
        lock: makes the locks that threads take turns by.
        log: takes one line of the log.
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
