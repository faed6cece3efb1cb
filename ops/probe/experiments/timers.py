"""From when a conversation's timer counts, what restarts it, and how late it fires: by watching conversations.

A timer is a minute at least (https://www.twilio.com/docs/api/errors/50375, November 2026), and is shown as
`timers.date_inactive` (https://www.twilio.com/docs/conversations-classic/states-timers, November 2026).
"""

from collections.abc import Generator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from ops.probe.api import Answer
from ops.probe.budget import Cost
from ops.probe.errors import UnexpectedError
from ops.probe.experiments.experiment import Experiment, Lab, Steps
from ops.probe.questions import Finding, Question, not_settled, settled
from ops.probe.scratch import NAME

HALF_WAY: Final = timedelta(minutes=1)
"""When something happens to a timer of two minutes."""

MARGIN: Final = timedelta(seconds=30)
"""More than a timer is late in any answer, and less than it moves if it counts from what happened."""

LOOKS: Final = (2, 5, 10, 22, 45)
"""Seconds after its announced instant at which a conversation is looked at."""

WATCHED: Final = 4
"""Conversations whose lateness is measured, because each may have a delay of its own."""

_MOVED: Final = timedelta(seconds=30)


@dataclass(frozen=True)
class Restart:
    """What happened to a timer of two minutes when something happened to its conversation after one.

    Attributes:
        announced: whether Twilio then announced a later instant; None if it announces none.
        fired: whether the conversation was inactive when the timer was due without a restart.
    """

    announced: bool | None
    fired: bool

    @property
    def restarted(self) -> bool | None:
        """Whether the timer was restarted; None if what Twilio announces and what it does differ."""
        return None if self.announced is None or self.announced == self.fired else self.announced

    def __str__(self) -> str:
        announced = {None: "no time is announced", True: "the announced time moves", False: "the announced time stays"}
        return f"{announced[self.announced]} and the timer {'fires' if self.fired else 'does not fire'} at the old time"


def judge_origin(update: Restart, reactivation: Restart) -> Finding:
    """From when timers count, by what an update of the timer and a re-activation without a message did."""
    answers = {
        (True, True): "latest_activity",
        (False, True): "message_or_reactivation",
        (False, False): "message",
    }
    seen = f"after an update of the timer, {update}; after a re-activation, {reactivation}"
    if update.restarted is None or reactivation.restarted is None:
        return not_settled(Question.TIMER_ORIGIN, seen)
    answer = answers.get((update.restarted, reactivation.restarted))
    if answer is None:
        return not_settled(Question.TIMER_ORIGIN, f"no answer fits: {seen}")
    return settled(Question.TIMER_ORIGIN, answer, seen)


def judge_attributes(update: Restart) -> Finding:
    """Whether an update of attributes restarts timers."""
    if update.restarted is None:
        return not_settled(Question.ATTRIBUTE_UPDATE, str(update))
    return settled(Question.ATTRIBUTE_UPDATE, "restarts_timers" if update.restarted else "quiet", str(update))


def judge_lateness(first_seen: Sequence[int | None]) -> Finding:
    """How late timers fire, by when each conversation was first seen inactive; None for never.

    Args:
        first_seen: seconds after the announced instant, each one of `LOOKS`.
    """
    exact, late = LOOKS[0], LOOKS[-2]
    known = [seconds for seconds in first_seen if seconds is not None]
    seen = f"{len(first_seen)} conversations were inactive within {max(known, default=0)} s of the announced instant"
    if len(known) < len(first_seen):
        why = f"{len(first_seen) - len(known)} of {len(first_seen)} timers had not fired {LOOKS[-1]} s after their time"
        return not_settled(Question.TIMER_PRECISION, why)
    if max(known) > late:
        return not_settled(Question.TIMER_PRECISION, f"later than any answer: {seen}")
    return settled(Question.TIMER_PRECISION, "late" if max(known) > exact else "exact", seen)


# -- the calls ---------------------------------------------------------------------------------------------------------


def origin(lab: Lab) -> Steps:
    """Watch an update of the timer, and a re-activation without a message, one beside the other."""
    update = _Watched(lab)
    reactivation = _Watched(lab)
    yield HALF_WAY / 2
    reactivation.change({"State": "inactive"})
    yield HALF_WAY / 2
    update.change({"Timers.Inactive": "PT2M1S"})
    reactivation.change({"State": "active"})
    yield from reactivation.until_past_its_time()
    seen = update.restart(), reactivation.restart()
    return [judge_origin(*seen)]


def attributes(lab: Lab) -> Steps:
    """Watch an update of the attributes."""
    watched = _Watched(lab)
    yield HALF_WAY
    watched.change({"Attributes": '{"inactivityProbe": true}'})
    yield from watched.until_past_its_time()
    return [judge_attributes(watched.restart())]


class _Watched:
    """A conversation with a message and a timer of two minutes."""

    def __init__(self, lab: Lab) -> None:
        self._lab = lab
        form = {"FriendlyName": NAME, "State": "active", "Timers.Inactive": "PT2M"}
        sid = lab.api.require("create a conversation", "POST", lab.scratch.conversations, form).text("sid")
        self._path = f"{lab.scratch.conversations}/{sid}"
        lab.api.require("write a message", "POST", f"{self._path}/Messages", {"Body": "A message of a probe."})
        self._due = _announced(self._read())
        self._announced: bool | None = None
        if self._due is None:
            raise UnexpectedError("Twilio shows no timers.date_inactive of a conversation with a timer")

    def change(self, form: dict[str, object]) -> None:
        """Change it, and note what Twilio announces now; an inactive conversation has no timer to announce."""
        self._lab.api.require("change a conversation", "POST", self._path, form)
        due = _announced(self._read())
        self._announced = None if due is None or self._due is None else due - self._due >= _MOVED

    def until_past_its_time(self) -> Generator[timedelta, None, None]:
        """Wait until the timer would have fired if nothing had restarted it."""
        now = self._read().at
        yield (self._due or now) + MARGIN - now

    def restart(self) -> Restart:
        """What became of the timer."""
        return Restart(self._announced, fired=self._read().text("state") == "inactive")

    def _read(self) -> Answer:
        return self._lab.api.require("read a conversation", "GET", self._path)


def precision(lab: Lab) -> Steps:
    """Let four timers of a minute fire, and look often right after their time."""
    api = lab.api
    due: dict[str, datetime] = {}
    for _ in range(WATCHED):
        form = {"FriendlyName": NAME, "State": "active", "Timers.Inactive": "PT1M"}
        made = api.require("create a conversation", "POST", lab.scratch.conversations, form)
        at = _announced(made)
        if at is None:
            return [not_settled(Question.TIMER_PRECISION, "Twilio announces no instant for a timer")]
        due[f"{lab.scratch.conversations}/{made.text('sid')}"] = at
        now = made.at
    first_seen: dict[str, int] = {}
    for seconds in LOOKS:
        wanted = max(due.values()) + timedelta(seconds=seconds)
        yield max(wanted - now, timedelta())
        for path in [each for each in due if each not in first_seen]:
            answer = api.require("read a conversation", "GET", path)
            now = answer.at
            if answer.text("state") == "inactive":
                first_seen[path] = seconds
        if len(first_seen) == len(due):
            break
    return [judge_lateness([first_seen.get(path) for path in due])]


def _announced(answer: Answer) -> datetime | None:
    """When a conversation's inactive timer is due, as Twilio shows it."""
    text = (answer.body.get("timers") or {}).get("date_inactive")
    return datetime.fromisoformat(text) if text else None


EXPERIMENTS: Final = (
    Experiment("timer origin", (Question.TIMER_ORIGIN,), Cost(18, 2, timedelta(minutes=3)), origin),
    Experiment("attribute update", (Question.ATTRIBUTE_UPDATE,), Cost(8, 1, timedelta(minutes=3)), attributes),
    Experiment("timer precision", (Question.TIMER_PRECISION,), Cost(26, 0, timedelta(minutes=2)), precision),
)
