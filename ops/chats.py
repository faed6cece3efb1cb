"""Reads chats as the function does, with the function's own code, and writes nothing."""

from collections.abc import Collection, Iterator
from concurrent.futures import ThreadPoolExecutor, as_completed
from dataclasses import dataclass
from datetime import datetime, timedelta

from function.bootstrap import bootstrap
from function.chat import Case, ConversationState, Decision, End, Reason, TaskFate, Warn
from function.handling import Handler, Outcome
from function.twilio_api import Attempt, Listed, TwilioApi
from ops.deployment import Deployment
from ops.messages import reason
from ops.terminal import Tell

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
    """A chat that could not be read, and why."""

    conversation: str
    why: str


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

    def decided(self, conversation_sid: str) -> DecidedChat:
        """Read a chat, and decide about it.

        Raises:
            TwilioError: it cannot be read.
        """
        attempt = patient(ATTEMPT_LASTS)
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

    def listed(self, *states: ConversationState) -> Iterator[tuple[Listed, ConversationState]]:
        """Yield the conversations of our service in these states, as its lists show them.

        Raises:
            TwilioError: a list cannot be read.
        """
        attempt = patient(LISTING_LASTS)
        for state in states:
            url: str | None = None
            while True:
                page = self.api.list_conversations(attempt, state, url)
                yield from ((each, state) for each in page.listed)
                url = page.next_url
                if url is None:
                    break


def patient(seconds: float) -> Attempt:
    """An attempt with a longer deadline, because no webhook waits for the answer."""
    return Attempt.lasting(seconds, patience=seconds)
