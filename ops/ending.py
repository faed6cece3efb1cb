"""Ends one chat because an operator says so, in the function's own safe order."""

import random
from dataclasses import dataclass, replace

from function.chat import Case, Decision, End, Finish, Keep, NoTextReason, Reason, Share, decide
from function.chat.dialogue import customers_turn
from function.handling import Outcome
from function.handling.decision_applier import DecisionApplier
from function.handling.outcomes import RetryError
from function.handling.reading import Reader
from function.policy import WaitAction, WaitPolicy
from function.twilio_api import AlreadyClosedError, Attempt, TwilioError, UnavailableError
from ops.chats import ATTEMPT_LASTS, ChatReader, patient
from ops.deployment import Deployment
from ops.messages import explained

ROUNDS = 4
"""Maximum of rounds: in each the chat is read again, because somebody wrote or acted meanwhile."""


REST = "run it again, or leave the rest to the function"


@dataclass(frozen=True)
class Ended:
    """The result of ending a chat.

    Attributes:
        conversation: CH...
        outcome: as in the log.
        message: the same for people.
        unsaid: why the customer got no notice; None if they got one, or nothing was to be said.
        assigned: tasks that their agents still have.
    """

    conversation: str
    outcome: Outcome
    message: str
    unsaid: NoTextReason | None = None
    assigned: tuple[str, ...] = ()

    @classmethod
    def interrupted(cls, conversation: str) -> "Ended":
        """Ctrl-C came while it was being ended."""
        return cls(conversation, Outcome.FAILED, f"may be half ended: interrupted; {REST}")

    @property
    def succeeded(self) -> bool:
        """Whether the chat is over, and no task of it is left with an agent."""
        return self.outcome in {Outcome.DONE, Outcome.KEPT, Outcome.UNVERIFIED} and not self.assigned


_MESSAGES = {
    Outcome.DONE: "ended",
    Outcome.KEPT: "was closed already, and nothing is left over",
    Outcome.UNVERIFIED: "ended; Twilio was too slow to look for a message that came too late",
    Outcome.LATE_REPLY: "the customer wrote meanwhile: look at the chat before you end it",
    Outcome.CLAIMED_ELSEWHERE: "the function is working on it: try again in a minute",
}


class Ending:
    """Ends chats of one deployment.

    Args:
        deployment: to work on.
        notice: whether to post the closing notice.
    """

    def __init__(self, deployment: Deployment, *, notice: bool = True) -> None:
        self._chats = ChatReader(deployment)
        self._reader = Reader(self._chats.api, self._chats.settings.author, self._chats.settings.policy.bots)
        self._notice = notice

    def case(self, conversation_sid: str) -> Case:
        """Read a chat.

        Raises:
            TwilioError: it cannot be read.
        """
        return self._case(patient(ATTEMPT_LASTS), conversation_sid)

    def end(self, conversation_sid: str) -> Ended:
        """End a chat whatever the decision table says of it; of a closed one, release what is left over.

        Raises:
            TwilioError: it cannot be read, and nothing was done.
        """
        attempt = patient(ATTEMPT_LASTS)
        case = self._case(attempt, conversation_sid)
        try:
            return self._ended(attempt, case)
        except Exception as error:  # noqa: BLE001 -- the notice may be posted, and that is to be said whatever failed
            message = f"may be half ended: {explained(error)}; {REST}"
            return Ended(conversation_sid, Outcome.FAILED, message)

    def _ended(self, attempt: Attempt, case: Case) -> Ended:
        sid = case.snapshot.conversation.sid
        applier = DecisionApplier(self._chats.api, attempt, sid, random.SystemRandom())
        failure: TwilioError = UnavailableError("end", "the conversation keeps changing; try again")
        for _ in range(ROUNDS):
            try:
                if not case.closed:
                    applier.apply(case, Keep(Reason.NOT_YET))  # notes the task, which `explain` looks up afterwards
                applied = applier.apply(case, self._decision(case))
            except AlreadyClosedError:
                pass
            except RetryError as retry:
                failure = retry.cause or failure
            else:
                message = _MESSAGES.get(applied.outcome, applied.outcome.value)
                return Ended(sid, applied.outcome, message, applied.unsaid, applied.assigned)
            case = self._case(attempt, sid)
        raise failure

    def _case(self, attempt: Attempt, conversation_sid: str) -> Case:
        with self._chats.in_our_account():
            snapshot = self._reader.read(attempt, conversation_sid)
        return Case.of(snapshot, self._chats.settings.policy, attempt.now)

    def _decision(self, case: Case) -> Decision:
        """End an open chat, with the text for those who wait if the customer does; finish a closed one."""
        if case.closed:
            decided = decide(case)
            over = isinstance(decided, Keep) and decided.until is None
            return decided if over else Finish(decided.reason, Share.ALL, case.plan.task_ending)
        waiting = WaitPolicy(WaitAction.END, case.now - case.newest.sent_at)
        end: End = (
            case.end(Reason.CUSTOMER_SILENT)
            if customers_turn(case.snapshot)
            else case.end_unanswered(Reason.AGENT_SILENT, waiting)
        )
        return end if self._notice else replace(end, notice=False, unsaid=None)
