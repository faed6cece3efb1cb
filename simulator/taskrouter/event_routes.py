"""TaskRouter's event log over HTTP."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from simulator.shared.errors import invalid_parameter
from simulator.shared.rest import Answer, Call, after, number, page
from simulator.taskrouter.event_log import DEFAULT_PERIOD, EventFilter
from simulator.taskrouter.models import TaskRouter
from simulator.taskrouter.representations import event_json
from simulator.taskrouter.table import ROUTES, WORKSPACE, found


@ROUTES.on("GET", f"{WORKSPACE}/Events")
def list_events(call: Call[TaskRouter], workspace_sid: str) -> Answer:
    """List, newest first; those of the last fifteen minutes unless the request names a time."""
    workspace = found(call, workspace_sid)
    events = workspace.event_log.newest_first(
        EventFilter(
            since=_since(call),
            until=_instant(call, "EndDate"),
            before=None if call.asked("PageToken") is None else after(call),
            sid=call.asked("Sid"),
            type=call.asked("EventType"),
            task=call.asked("TaskSid"),
            task_channel=call.asked("TaskChannel"),
            task_queue=call.asked("TaskQueueSid"),
            reservation=call.asked("ReservationSid"),
            worker=call.asked("WorkerSid"),
            workflow=call.asked("WorkflowSid"),
        )
    )
    return page(
        call,
        "events",
        events,
        lambda event: event_json(workspace, event, call.base),
        lambda event: event.sequence,
        maximum=1000,
    )


@ROUTES.on("GET", f"{WORKSPACE}/Events/{{sid}}")
def fetch_event(call: Call[TaskRouter], workspace_sid: str, sid: str) -> Answer:
    """Fetch."""
    workspace = found(call, workspace_sid)
    return Answer(200, event_json(workspace, workspace.event_log.get(sid), call.base))


def _since(call: Call[TaskRouter]) -> datetime:
    """The start of the requested period: StartDate or Minutes, the later if both are given."""
    start, now = _instant(call, "StartDate"), call.product.account.clock.now
    if call.asked("Minutes") is None:
        return now - DEFAULT_PERIOD if start is None else start
    ago = now - timedelta(minutes=number(call, "Minutes", 0))
    return ago if start is None else max(ago, start)


def _instant(call: Call[TaskRouter], name: str) -> datetime | None:
    """An ISO 8601 instant among the query parameters; UTC if it names no zone.

    Raises:
        TwilioError: 20001 when it is not one.
    """
    text = call.asked(name)
    if text is None:
        return None
    try:
        at = datetime.fromisoformat(text)
        return at.replace(tzinfo=UTC) if at.tzinfo is None else at.astimezone(UTC)
    except (ValueError, OverflowError):
        raise invalid_parameter(f"Invalid {name} value given: {text}") from None
