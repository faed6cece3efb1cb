"""Reads chats as the function does, with the function's own code, and writes nothing."""

from collections.abc import Callable, Collection, Iterator
from concurrent.futures import ThreadPoolExecutor, as_completed
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from typing import Protocol, TypeVar

from function.bootstrap import bootstrap
from function.chat import Case, ConversationState, Decision, End, Reason, TaskFate, Warn
from function.handling import Handler, Outcome
from function.twilio_api import Attempt, NotFoundError, TwilioApi
from ops.deployment import Deployment
from ops.messages import reason
from ops.terminal import Tell
from ops.twilio_reads import TwilioReads

ATTEMPT_LASTS = 15.0
"""Seconds for one conversation: no webhook waits for the answer."""

LISTING_LASTS = 600.0
"""Seconds for a whole list."""

AT_ONCE = 8
"""Conversations that are read at the same time, which leaves room under the limits that agents' own work shares."""

LEFT_ALONE_AFTER = timedelta(days=1)
"""The sweep leaves a silence alone that has been overdue for longer."""

OPEN = (ConversationState.ACTIVE, ConversationState.INACTIVE)


@dataclass(frozen=True)
class DecidedChat:
    """A chat as it was read, and what is decided about it now.

    Attributes:
        case: the snapshot and the applied policy.
        decision: what the function would decide.
        now: Twilio's time of the decision.
    """

    case: Case
    decision: Decision
    now: datetime

    @property
    def overdue(self) -> timedelta | None:
        """How long a warning or an end has been due; None if none is."""
        return self.case.overdue(self.decision.step) if isinstance(self.decision, Warn | End) else None

    @property
    def fate_unknown(self) -> bool:
        """Whether it is kept because nothing shows what became of its task."""
        last = self.case.snapshot.last_task
        unknown = last is not None and last.fate is TaskFate.UNKNOWN and last.asked_at is None
        return unknown and self.decision.reason is Reason.NO_LIVE_TASK


@dataclass(frozen=True)
class UnreadChat:
    """A chat that could not be read, or a row of a list that may be one, and why."""

    conversation: str
    why: str


@dataclass(frozen=True)
class Listing:
    """Conversations as Twilio's lists show them.

    Attributes:
        sids: CH..., each once.
        unread: the parts of the lists that could not be read.
    """

    sids: tuple[str, ...]
    unread: tuple[UnreadChat, ...]


class ChatReader:
    """Reads the chats of one deployment.

    Args:
        deployment: whose settings and credentials count.

    Raises:
        DeploymentError: there are no settings or no credentials.
    """

    def __init__(self, deployment: Deployment) -> None:
        self.settings = deployment.settings
        function = bootstrap(self.settings)
        self.handler: Handler = function.handler
        self.api: TwilioApi = function.api
        self._reads = TwilioReads(deployment)

    def now(self) -> datetime:
        """Twilio's time, by which it is decided.

        Raises:
            TwilioError: it does not answer.
        """
        return self._reads.time()[0]

    @contextmanager
    def in_our_account(self) -> Iterator[None]:
        """Let a 404 count only if our account gives it.

        Raises:
            OtherAccountError: another account does.
        """
        try:
            yield
        except NotFoundError:
            self._reads.check_account()
            raise

    def decided(self, conversation_sid: str) -> DecidedChat:
        """Read a chat, and decide about it.

        Raises:
            TwilioError: it cannot be read.
        """
        attempt = patient(ATTEMPT_LASTS)
        with self.in_our_account():
            report = self.handler.handle(attempt, conversation_sid, veto=lambda *_: Outcome.WITHHELD)
        return DecidedChat(report.case, report.decision, attempt.now)

    def decided_all(self, sids: Collection[str], tell: Tell) -> Iterator[DecidedChat | UnreadChat]:
        """Yield each of these chats in the order in which they were read; one that cannot be read does not stop it."""
        pool = ThreadPoolExecutor(AT_ONCE)
        try:
            reads = {pool.submit(self.decided, sid): sid for sid in sids}
            for done, read in enumerate(as_completed(reads), start=1):
                tell(done, len(reads))
                try:
                    yield read.result()
                except Exception as error:  # noqa: BLE001 -- one hostile chat does not hide the others
                    yield UnreadChat(reads[read], reason(error))
        finally:
            pool.shutdown(cancel_futures=True)  # after Ctrl-C nobody waits for the rest

    def listed(self, *states: ConversationState) -> Listing:
        """List the conversations of our service in these states.

        Raises:
            TwilioError: a list cannot be read.
        """
        attempt = patient(LISTING_LASTS)
        sids: list[str] = []
        with self.in_our_account():
            for state in states:
                page_at = partial(self.api.list_conversations, attempt, state)
                for page in pages(attempt, f"list_{state.value}", page_at):
                    sids += (each.sid for each in page.listed)
        return Listing(tuple(dict.fromkeys(sids)), unread_rows(attempt))


class Paged(Protocol):
    """A page of one of Twilio's lists."""

    @property
    def next_url(self) -> str | None:
        """Address of the next page; None on the last one."""


P = TypeVar("P", bound=Paged)


def pages(attempt: Attempt, name: str, page_at: Callable[[str | None], P]) -> Iterator[P]:
    """Yield the pages of a list; one that was read before ends it, and is recorded as not read.

    Args:
        attempt: records what cannot be read.
        name: the list's name in the log.
        page_at: reads the page at an address; None for the first.
    """
    url, seen = None, set[str]()
    while True:
        page = page_at(url)
        yield page
        url = page.next_url
        if url is None:
            return
        if url in seen:
            attempt.record_unreadable(name, "pages that repeat")
            return
        seen.add(url)


def unread_rows(attempt: Attempt) -> tuple[UnreadChat, ...]:
    """What an attempt could not read of Twilio's lists."""
    return tuple(UnreadChat(str(each), "a chat may be missing") for each in attempt.left_out)


def patient(seconds: float) -> Attempt:
    """An attempt with a longer deadline, because no webhook waits for the answer."""
    return Attempt.lasting(seconds, patience=seconds)
