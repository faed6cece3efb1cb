"""What a refusal by a rate limit looks like, and whether TaskRouter's events have a limit: by bursts of calls.

A conversation takes 30 writes a second (https://www.twilio.com/docs/conversations-classic/conversations-limits,
November 2026). All calls of a burst go to what the probe has created.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from ops.probe.api import Burst
from ops.probe.budget import Cost
from ops.probe.experiments.experiment import Experiment, Lab, Steps
from ops.probe.questions import Finding, Question, not_settled, settled
from ops.probe.scratch import NAME

WRITES: Final = 80
READS: Final = 15

GENERAL_CODE: Final = 20429
CONVERSATIONS_CODE: Final = 50074

SEARCHES_A_SECOND: Final = 3
"""The limit of the search by attributes, with which the one of events is compared."""


@dataclass(frozen=True)
class Refusals:
    """The refusals in a burst of calls.

    Attributes:
        codes: of each refusal.
        with_pause: how many of them say how long to wait.
        calls: how many calls there were.
        per_second: how many of them were answered in a second.
    """

    codes: Sequence[int | None]
    with_pause: int
    calls: int
    per_second: float

    def __str__(self) -> str:
        return f"{len(self.codes)} of {self.calls} calls at {self.per_second:.0f} a second were refused"


def refusals(burst: Burst) -> Refusals:
    """Count the refusals in a burst."""
    with_pause = sum("retry-after" in each.headers for each in burst.refused)
    return Refusals([each.code for each in burst.refused], with_pause, len(burst.answers), burst.per_second)


def judge_refusals(seen: Refusals) -> list[Finding]:
    """The code of refusals, and whether they say how long to wait."""
    if not seen.codes:
        return [not_settled(question, str(seen)) for question in (Question.LIMIT_CODE, Question.RETRY_AFTER)]
    return [_code(seen), _pause(seen)]


def _code(seen: Refusals) -> Finding:
    answers = {GENERAL_CODE: "general", CONVERSATIONS_CODE: "product"}
    codes = set(seen.codes)
    text = f"{seen}, with the code {', '.join(map(str, sorted(codes, key=str)))}"
    if len(codes) == 1 and (answer := answers.get(next(iter(codes)) or 0)):
        return settled(Question.LIMIT_CODE, answer, text)
    return not_settled(Question.LIMIT_CODE, text)


def _pause(seen: Refusals) -> Finding:
    text = f"{seen.with_pause} of {len(seen.codes)} refusals have Retry-After"
    if 0 < seen.with_pause < len(seen.codes):
        return not_settled(Question.RETRY_AFTER, text)
    return settled(Question.RETRY_AFTER, "sent" if seen.with_pause else "missing", text)


def judge_events(seen: Refusals) -> Finding:
    """Whether reads of events have the limit of the search."""
    if seen.codes:
        return settled(Question.EVENT_LIMIT, "as_search", str(seen))
    if seen.per_second <= 2 * SEARCHES_A_SECOND:
        return not_settled(Question.EVENT_LIMIT, f"too slow to tell: {seen}")
    return settled(Question.EVENT_LIMIT, "none", str(seen))


# -- the calls ---------------------------------------------------------------------------------------------------------


def writes(lab: Lab) -> Steps:
    """Write to one conversation as fast as possible."""
    yield timedelta()
    path = lab.scratch.conversations
    sid = lab.api.require("create a conversation", "POST", path, {"FriendlyName": NAME}).text("sid")
    return judge_refusals(refusals(lab.api.burst("POST", f"{path}/{sid}", {"FriendlyName": NAME}, WRITES)))


def events(lab: Lab) -> Steps:
    """Read TaskRouter's events as fast as possible."""
    yield timedelta()
    form = {"Minutes": 1, "PageSize": 1}
    return [judge_events(refusals(lab.api.burst("GET", f"{lab.scratch.in_workspace}/Events", form, READS)))]


EXPERIMENTS: Final = (
    Experiment("refusals by a limit", (Question.LIMIT_CODE, Question.RETRY_AFTER), Cost(WRITES + 1), writes),
    Experiment("limit of events", (Question.EVENT_LIMIT,), Cost(READS), events),
)
