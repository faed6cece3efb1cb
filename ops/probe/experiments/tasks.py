"""What TaskRouter does with tasks: refusals, the search, the event log, deletion. No agent is needed."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from ops.probe.api import Answer
from ops.probe.budget import Cost
from ops.probe.experiments.experiment import Experiment, Lab, Steps
from ops.probe.questions import Finding, Question, not_settled, settled

ILLEGAL_STATUS: Final = 20001

EVENT_LOOKS: Final = (0, 2, 10, 30, 65, 95)
"""Seconds after a task's creation at which its events are read."""

DELETED_AFTER: Final = timedelta(minutes=5)
"""When a task that has ended is deleted (https://www.twilio.com/docs/taskrouter/lifecycle-task-state, November 2026).
Flex's FAQ says ten minutes."""

DELETION_LOOKS: Final = 14
DELETION_PAUSE: Final = timedelta(seconds=30)
LOG_PAUSE: Final = timedelta(seconds=100)
"""How long the log gets to show a deletion: longer than it lags in any answer."""

SEARCH_PAUSE: Final = timedelta(seconds=5)


def judge_refusal(answer: Answer) -> Finding:
    """The status of a refusal, by the completion of a task that nobody has accepted."""
    if answer.ok:
        return not_settled(Question.TASK_REFUSAL, "Twilio completed a task that nobody had accepted")
    answers = {400: "bad_request", 409: "conflict"}
    if answer.code != ILLEGAL_STATUS or answer.status not in answers:
        return not_settled(Question.TASK_REFUSAL, f"Twilio answered {answer.refusal}")
    return settled(Question.TASK_REFUSAL, answers[answer.status], f"Twilio answered {answer.refusal}")


def judge_search(at_once: Sequence[bool], later: Sequence[bool]) -> Finding:
    """Whether a search finds a new task, and a changed one, at once, and after five seconds."""
    seen = f"{sum(at_once)} of {len(at_once)} changes were found at once, {sum(later)} five seconds later"
    if not all(later):
        return not_settled(Question.ATTRIBUTE_SEARCH, seen)
    return settled(Question.ATTRIBUTE_SEARCH, "immediate" if all(at_once) else "lags", seen)


def judge_lag(first_seen: int | None) -> Finding:
    """When an event could be read first, in seconds; None for never."""
    if first_seen is None:
        return not_settled(Question.EVENT_LAG, f"no event could be read within {EVENT_LOOKS[-1]} s")
    index = EVENT_LOOKS.index(first_seen)
    seen = f"first seen {first_seen} s later" + (f", not yet after {EVENT_LOOKS[index - 1]} s" if index else "")
    if first_seen == 0:
        return settled(Question.EVENT_LAG, "at_once", "task.created was read right after the creation")
    if first_seen < 65:
        return not_settled(Question.EVENT_LAG, f"between the answers: {seen}")
    return settled(Question.EVENT_LAG, "a_minute", seen)


@dataclass(frozen=True)
class Deletion:
    """What was seen of a task's deletion.

    Attributes:
        gone: whether it was deleted while we looked.
        events: the types of its events after that.
    """

    gone: bool
    events: frozenset[str]


def judge_deletion(seen: Deletion) -> Finding:
    """Whether the deletion of a canceled task is reported; the log must show that it was canceled."""
    if not seen.gone:
        return not_settled(Question.TASK_DELETION, "the canceled task was not deleted in the time that we looked")
    if "task.canceled" not in seen.events:
        return not_settled(Question.TASK_DELETION, "the log does not show that the task was canceled")
    if "task.system-deleted" in seen.events:
        return settled(Question.TASK_DELETION, "told_always", "the log has task.system-deleted of a canceled task")
    return settled(Question.TASK_DELETION, "told_when_overdue", "the log has no deletion of a canceled task")


# -- the calls ---------------------------------------------------------------------------------------------------------


def refusal(lab: Lab) -> Steps:
    """Complete a task that nobody has accepted."""
    yield timedelta()
    path = _task(lab, "refusal")
    return [judge_refusal(lab.api.ask("POST", path, {"AssignmentStatus": "completed", "Reason": "probe"}))]


def search(lab: Lab) -> Steps:
    """Search for a new task, then for a changed one; at once, and later."""
    at_once: list[bool] = []
    later: list[bool] = []
    path = _task(lab, "search-1")
    for number in (1, 2):
        if number > 1:
            form = {"Attributes": json.dumps({"inactivityProbe": f"search-{number}"})}
            lab.api.require("change a task", "POST", path, form)
        at_once.append(_finds(lab, f"search-{number}"))
        yield SEARCH_PAUSE
        later.append(_finds(lab, f"search-{number}"))
    return [judge_search(at_once, later)]


def event_lag(lab: Lab) -> Steps:
    """Read the events of a new task until there is one."""
    path = _task(lab, "lag")
    waited = 0
    for seconds in EVENT_LOOKS:
        if seconds > waited:
            yield timedelta(seconds=seconds - waited)
        waited = seconds
        if "task.created" in _events(lab, path):
            return [judge_lag(seconds)]
    return [judge_lag(None)]


def deletion(lab: Lab) -> Steps:
    """Cancel a task, wait until it is deleted, and read its events."""
    path = _task(lab, "deletion")
    lab.api.require("cancel a task", "POST", path, {"AssignmentStatus": "canceled", "Reason": "probe"})
    yield DELETED_AFTER + timedelta(seconds=5)
    for _ in range(DELETION_LOOKS):
        if lab.api.ask("GET", path).status == 404:
            yield LOG_PAUSE
            return [judge_deletion(Deletion(gone=True, events=_events(lab, path)))]
        yield DELETION_PAUSE
    return [judge_deletion(Deletion(gone=False, events=frozenset()))]


def _task(lab: Lab, name: str) -> str:
    """Create a task that nobody takes, and return its path."""
    form = {"WorkflowSid": lab.scratch.waiting, "Attributes": json.dumps({"inactivityProbe": name})}
    made = lab.api.require("create a task", "POST", f"{lab.scratch.in_workspace}/Tasks", form)
    return f"{lab.scratch.in_workspace}/Tasks/{made.text('sid')}"


def _finds(lab: Lab, name: str) -> bool:
    form = {"EvaluateTaskAttributes": f'inactivityProbe == "{name}"', "PageSize": 1}
    found = lab.api.require("search for a task", "GET", f"{lab.scratch.in_workspace}/Tasks", form)
    return bool(found.body.get("tasks"))


def _events(lab: Lab, task: str) -> frozenset[str]:
    form = {"TaskSid": task.rpartition("/")[2], "Minutes": 60}
    events = lab.api.rows(f"{lab.scratch.in_workspace}/Events", "events", form)
    return frozenset(str(event["event_type"]) for event in events)


EXPERIMENTS: Final = (
    Experiment("refused change of a task", (Question.TASK_REFUSAL,), Cost(2), refusal),
    Experiment("search by attributes", (Question.ATTRIBUTE_SEARCH,), Cost(6, time=timedelta(seconds=30)), search),
    Experiment("lag of events", (Question.EVENT_LAG,), Cost(7, time=timedelta(minutes=2)), event_lag),
    Experiment("deletion of tasks", (Question.TASK_DELETION,), Cost(18, time=timedelta(minutes=14)), deletion),
)
