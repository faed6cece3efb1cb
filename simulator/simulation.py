"""The whole simulation: accounts, the moving clock, deliveries, faults and logs; `reset` starts over."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TypeVar

from simulator.conversations.approvals import ApprovalNeeded, Verdict, verdict
from simulator.decisions import Decisions
from simulator.facts import Delivery
from simulator.faults import Faults
from simulator.flex.chats import Chats
from simulator.limits import Limits
from simulator.products import Products
from simulator.request_log import RequestLog
from simulator.shared.account import Account
from simulator.shared.clock import START, Timer
from simulator.shared.dialect import Dialect
from simulator.shared.outbox import OutgoingCall, Params
from simulator.webhooks import Deliverer, WebhookClient

T = TypeVar("T")


@dataclass(slots=True)
class Schedule:
    """An HTTP call that the clock makes at a fixed interval."""

    name: str
    every: timedelta
    url: str
    method: str
    headers: Params
    timer: Timer


class Simulation:
    """What Twilio's REST API and the control plane work on.

    Args:
        webhook_client: makes the calls to webhooks; over HTTP unless given.
        dialect: of the start, and of each reset that names none.

    Attributes:
        acts: how many times the control plane has acted for somebody.
        stopping: whether the server is about to end, so that open streams must.
    """

    def __init__(self, webhook_client: WebhookClient | None = None, dialect: Dialect | None = None) -> None:
        self._webhook_client = webhook_client or WebhookClient()
        self._dialect = dialect or Dialect()
        self._epoch = 0
        self.acts = 0
        self.stopping = False
        self._moving = asyncio.Lock()
        self._begin(START, self._dialect)

    async def stop(self) -> None:
        """Close the client of webhooks."""
        await self._webhook_client.close()

    async def reset(self, *, now: datetime, dialect: Dialect | None = None) -> None:
        """Start over: a new account with the same credentials and the same default objects."""
        async with self._moving:
            await self.deliverer.settled()
            self._epoch += 1
            self._begin(now, dialect or self._dialect)

    def _begin(self, now: datetime, dialect: Dialect) -> None:
        self.account = Account(now=now, dialect=dialect, epoch=self._epoch)
        self.products = Products(self.account)
        self._by_account = {self.account.sid: self.products}
        self.chats = Chats(self.products.flex)
        self.faults = Faults()
        self.limits = Limits(dialect)
        self.requests = RequestLog()
        self.decisions = Decisions()
        self.schedules: dict[str, Schedule] = {}
        self.deliverer = Deliverer(self._webhook_client, self.account.clock, self._auth_token)

    def another_account(self, name: str) -> Products:
        """The products of another account with the same clock, created if it does not exist.

        Raises:
            ValueError: the name is empty.
        """
        if not name:
            raise ValueError("account: name is empty; any other text will do")
        account = Account(name, clock=self.account.clock, dialect=self.account.dialect, epoch=self._epoch)
        return self._by_account.setdefault(account.sid, Products(account))

    def products_of(self, user: str, password: str) -> Products | None:
        """The products of the account that has this token or this API key."""
        return next((each for each in self._by_account.values() if each.account.accepts(user, password)), None)

    def _auth_token(self, account_sid: str | None) -> str:
        return self._by_account.get(account_sid or "", self.products).account.auth_token

    def dispatch(self) -> None:
        """Start sending the calls that models have put into the outboxes."""
        for products in self._by_account.values():
            calls = products.account.outbox.take()
            if calls:
                self.deliverer.send(calls)

    async def approved(self, change: Callable[[], T], products: Products | None = None) -> T:
        """Make a change after asking the pre-webhooks about it; they are those of the first account unless given.

        Raises:
            TwilioError: as `change`, and 50057 when a pre-webhook rejects it.
        """
        approvals, deliverer = (products or self.products).conversations.approvals, self.deliverer
        verdicts: dict[str, Verdict] = {}
        while True:
            try:
                with approvals.known(verdicts):
                    return change()
            except ApprovalNeeded as needed:
                reply = await deliverer.ask(needed.call)
                verdicts[needed.call.event or ""] = verdict(reply.status, reply.body)

    @asynccontextmanager
    async def acting(self) -> AsyncIterator[list[Delivery]]:
        """Deliver the webhooks of what is done in the block, wait for them, and collect them."""
        collected = self.deliverer.collect()
        try:
            yield collected
            self.dispatch()
            await self.deliverer.settled()
        finally:
            self.acts += 1
            self.deliverer.stop_collecting(collected)

    async def advance(self, to: datetime, *, before: bool) -> list[Delivery]:
        """Move the clock, fire timers in order, and wait for the deliveries of each.

        Args:
            to: The virtual instant to arrive at.
            before: Leave out what is due at that very instant.

        Raises:
            ValueError: the instant has passed already.
        """
        async with self._moving:
            clock, deliverer = self.account.clock, self.deliverer
            if to < clock.now:
                raise ValueError(f"clock: {to.isoformat()} is before now ({clock.now.isoformat()}); time goes forward")
            await deliverer.settled()
            collected = deliverer.collect()
            try:
                fired = 0
                while (timer := clock.next_timer(to, inclusive=not before)) is not None:
                    timer.fire()
                    self.dispatch()
                    await deliverer.settled()
                    fired += 1
                    if fired % 256 == 0:
                        await asyncio.sleep(0)  # let requests in between, also when nothing is delivered
                clock.now = to
            finally:
                deliverer.stop_collecting(collected)
            return collected

    def schedule(self, name: str, *, every: timedelta, url: str, method: str, headers: Params) -> None:
        """Make an HTTP call at each interval, the first one interval from now."""
        self.unschedule(name)
        clock = self.account.clock

        def fire() -> None:
            self.account.outbox.put(OutgoingCall(url, method, (), schedule=name, headers=headers))
            timer.arm(clock.now + every)

        timer = clock.timer(fire)
        timer.arm(clock.now + every)
        self.schedules[name] = Schedule(name, every, url, method, headers, timer)

    def unschedule(self, name: str) -> None:
        """Remove a schedule."""
        schedule = self.schedules.pop(name, None)
        if schedule is not None:
            schedule.timer.disarm()
