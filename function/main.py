"""HTTP in and out: the entry points of the two Cloud Functions.

    webhook   public; Twilio's webhooks, POST {public_url}/conversations and /tasks
    sweep     private; Cloud Scheduler's POST, let in by Google's IAM and by nothing else

Decides status codes, and writes the one line of log for each request; the modules beside it decide the rest.

    204 done, or none of our business      400 signed, but makes no sense     403 not signed by Twilio, or no route
    405 not a POST                         413 too large                      503 worth another try
    200 a sweep's summary

Never 500: a bug of ours is answered 503, with its frames in the log.
"""

import functools
import json
import os
import time
from collections.abc import Mapping
from datetime import timedelta

from flask import Request, Response

from . import loading
from .candidates import Candidate
from .carry_out import Outcome
from .decisions import End, Finish, Keep, Notify, Rearm, Reason, Warn
from .durations import format_duration
from .events import (
    ConversationStateUpdated,
    Event,
    Ignored,
    MalformedEventError,
    ReservationAccepted,
    parse_event,
    parse_form,
    parse_task_event,
)
from .handling import RESERVE, Handler, Report
from .logs import Severity, frames, trace_field, write
from .on_accept import Acceptance, Arm
from .settings import Settings
from .signature import HEADER, Verifier
from .snapshot import ConversationState, Snapshot
from .sweep import Ending, Summary, Sweep
from .transport import DeferredError, NotFoundError, TwilioError, Visit

ROUTES = {"conversations": parse_event, "tasks": parse_task_event}
"""Last segment of a URL -> who reads what is sent there: Conversations' webhook, TaskRouter's event callback."""

MOST_BYTES = 64 * 1024
"""Twilio's events about a conversation's state have less than one kilobyte, those about a task some more."""

DEADLINE = 4.5
"""Seconds until the answer is on its way: Twilio waits five (Twilio docs, conversations webhooks)."""


class Door:
    """Lets Twilio's events in, and nobody else's."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        tokens = [token for token in (settings.auth_token, settings.auth_token_secondary) if token]
        self._verifiers = {route: Verifier(f"{settings.public_url}/{route}", tokens) for route in ROUTES}
        self._handler = Handler(settings)

    def answer(self, request: Request) -> Response:
        """Answer one request."""
        visit = Visit.lasting(DEADLINE - RESERVE)
        line = _Line(
            visit, trace_field(request.headers.get("X-Cloud-Trace-Context"), self._settings.google_cloud_project)
        )
        try:
            return self._let_in(request, visit, line)
        except Exception as error:  # noqa: BLE001 -- the last line of defence: never 500
            line.write(Severity.ERROR, "A bug: this event was not handled", event="failed", error=frames(error))
            return Response(status=503)

    def _let_in(  # noqa: PLR0911 -- one return for each answer
        self, request: Request, visit: Visit, line: "_Line"
    ) -> Response:
        if request.method != "POST":
            return line.refuse(405, "not_a_post", {"Allow": "POST"})
        route = request.path.rstrip("/").rpartition("/")[2]
        if route not in ROUTES:
            return line.refuse(403, "unknown_route")
        body = _body(request)
        if body is None:
            return line.refuse(413, "too_large")
        signature = request.headers.get(HEADER)
        parameters = parse_form(body) if signature else None
        if parameters is None or not self._verifiers[route].genuine(parameters, signature):
            return line.refuse(403, "not_signed_by_twilio")
        try:
            event: Event = ROUTES[route](parameters, self._settings)
        except MalformedEventError as error:
            return line.refuse(400, str(error))
        if isinstance(event, Ignored):
            line.write(
                Severity.INFO,
                "None of our business",
                event="ignored",
                reason=event.reason.value,
                conversation=event.conversation_sid,
            )
            return _done()
        if isinstance(event, ReservationAccepted):
            return self._arm(event, visit, line)
        return self._handle(event, visit, line)

    def _arm(self, event: ReservationAccepted, visit: Visit, line: "_Line") -> Response:
        sid = event.conversation_sid
        try:
            line.write_acceptance(self._handler.accepted(visit, event))
        except NotFoundError:
            line.write(Severity.INFO, "There is no such conversation", event="ignored", reason="gone", conversation=sid)
        except TwilioError as error:
            line.write(
                Severity.ERROR,
                "Twilio did not let us give the chat its timer; its event comes again",
                event="failed",
                conversation=sid,
                outcome="failed",
                error=str(error),
            )
            return Response(status=503)
        return _done()

    def _handle(self, event: ConversationStateUpdated, visit: Visit, line: "_Line") -> Response:
        sid = event.conversation_sid
        closed_by_timer = event.state_to is ConversationState.CLOSED
        try:
            report = self._handler.handle(visit, sid, closed_by_timer=closed_by_timer)
        except NotFoundError:
            line.write(Severity.INFO, "There is no such conversation", event="ignored", reason="gone", conversation=sid)
            return _done()
        except DeferredError as error:
            line.write(
                Severity.WARNING,
                "No room under Twilio's limits: left to the sweep",
                event="failed",
                conversation=sid,
                outcome=Outcome.DEFERRED.value,
                error=str(error),
            )
            return _done()
        except TwilioError as error:
            came_back = self._handler.come_back(visit, sid)
            line.write(
                Severity.ERROR,
                "Twilio did not let us finish; its timer calls again" if came_back else "Twilio did not let us finish",
                event="failed",
                conversation=sid,
                outcome="called_back" if came_back else "failed",
                error=str(error),
            )
            return Response(status=503)
        line.write_report(report)
        return _done()


def _done() -> Response:
    # TaskRouter wants this type with its 204 (Twilio docs, TaskRouter events reference); Conversations does not mind.
    return Response(status=204, content_type="application/json")


class Sweeper:
    """Sweeps when Scheduler asks; that nobody else can ask is the private function's IAM."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._sweep = Sweep(Handler(settings), max_ends=settings.max_ends_per_sweep)

    def answer(self, request: Request) -> Response:
        """Sweep once."""
        if request.method != "POST":
            return Response(status=405, headers={"Allow": "POST"})
        began = time.monotonic()
        trace = trace_field(request.headers.get("X-Cloud-Trace-Context"), self._settings.google_cloud_project)
        fields: dict[str, object] = {"event": "sweep", **trace}
        try:
            summary = self._sweep.run(functools.partial(_tell, trace))
        except TwilioError as error:
            write(Severity.ERROR, "Twilio is down; the next sweep tries again", fields | {"error": str(error)})
            return Response(status=503)
        except Exception as error:  # noqa: BLE001 -- the last line of defence: never 500
            write(Severity.ERROR, "A bug: this sweep broke off", fields | {"error": frames(error)})
            return Response(status=503)
        shown = _shown(summary)
        duration = round((time.monotonic() - began) * 1000, 1)
        severity = Severity.INFO if summary.ending in {Ending.DONE, Ending.RUNNING_ALREADY} else Severity.WARNING
        write(severity, "Swept", fields | shown | {"callsByName": dict(summary.calls), "durationMs": duration})
        status = 503 if summary.ending is Ending.TWILIO_DOWN else 200
        return Response(json.dumps(shown), status, content_type="application/json")


def _tell(trace: Mapping[str, str], visit: Visit, candidate: Candidate, came: Report | Exception) -> None:
    line = _Line(visit, {"by": "sweep", **trace})
    if isinstance(came, Report):
        line.write_report(came)
        return
    error = str(came) if isinstance(came, TwilioError) else frames(came)
    line.write(
        Severity.ERROR,
        "This conversation could not be finished; the next sweep tries again",
        event="failed",
        conversation=candidate.sid,
        outcome="failed",
        error=error,
    )


COUNTS = ("read", "warned", "ended", "kept", "deferred", "errors")
"""Stand in every sweep's line; the other counts where there is something to count."""


def _shown(summary: Summary) -> dict[str, object]:
    counts = {name: summary.counts[name] for name in COUNTS} | {k: n for k, n in summary.counts.items() if n}
    return {
        "ending": summary.ending.value,
        "listed": summary.listed,
        "candidates": summary.candidates,
        **counts,
        "oldest": format_duration(summary.oldest),
    }


class _Line:
    """The one line of log that a request gets."""

    def __init__(self, visit: Visit, fields: Mapping[str, str]) -> None:
        self._visit = visit
        self._fields = fields

    def refuse(self, status: int, reason: str, headers: Mapping[str, str] | None = None) -> Response:
        self.write(Severity.WARNING, f"Refused with {status}", event="refused", reason=reason)
        return Response(status=status, headers=headers)

    def write_report(self, report: Report) -> None:
        self.write(
            _severity(report),
            _sentence(report),
            event="decision",
            conversation=report.snapshot.conversation.sid,
            decision=type(report.decision).__name__.lower(),
            reason=report.decision.reason.value,
            rule=report.rule,
            facts=_facts(report, self._visit),
            outcome=report.outcome.value,
            repeated=report.repeated or None,
        )

    def write_acceptance(self, acceptance: Acceptance) -> None:
        snapshot, decision = acceptance.snapshot, acceptance.decision
        armed = isinstance(decision, Arm)
        task = snapshot.newest_live_task
        self.write(
            Severity.INFO,
            "An agent accepted, and the chat got its timer"
            if armed
            else "An agent accepted; the chat gets no new timer",
            event="accepted",
            conversation=snapshot.conversation.sid,
            decision=type(decision).__name__.lower(),
            reason=decision.reason.value,
            rule=acceptance.rule,
            facts={
                "timer": format_duration(decision.timer) if isinstance(decision, Arm) else None,
                "state": snapshot.conversation.state.value,
                "task": task.sid if task else None,
                "taskStatus": task.status.value if task else None,
                "channelStatus": snapshot.channel.status.value if snapshot.channel else None,
            },
            outcome=(Outcome.DONE if armed else Outcome.KEPT).value,
        )

    def write(self, severity: Severity, message: str, **fields: object) -> None:
        calls = [{"name": call.name, "status": call.status, "ms": call.ms} for call in self._visit.calls]
        at = self._visit.now.isoformat().replace("+00:00", "Z") if calls and self._visit.told_time else None
        duration = round((time.monotonic() - self._visit.started) * 1000, 1)
        write(severity, message, {**fields, "calls": calls, "durationMs": duration, "at": at, **self._fields})


_HELD_BACK = {
    Outcome.DEFERRED: "Left to the next sweep: this one has ended as many chats as it may",
    Outcome.TOO_OLD: "Left alone: this silence is older than a day",
}
_SENTENCES = {
    Keep: "Left the chat alone",
    Rearm: "Left the chat alone and saw to its timer",
    Warn: "Warned the silent customer",
    Notify: "An agent is silent: the customer has been waiting for an answer",
    End: "Ended the chat of a silent customer",
    Finish: "Released what a closed conversation had left over",
}


def _severity(report: Report) -> Severity:
    """What a person should see stands out: a reply that came too late, and an agent's silence, once."""
    told = isinstance(report.decision, Notify) and report.outcome is Outcome.DONE
    if told or report.outcome is Outcome.LATE_REPLY:
        return Severity.WARNING
    agent_silent = report.decision.reason is Reason.AGENT_SILENT and not report.repeated
    return Severity.NOTICE if agent_silent else Severity.INFO


def _sentence(report: Report) -> str:
    if report.outcome in _HELD_BACK:
        return _HELD_BACK[report.outcome]
    if report.outcome is Outcome.LATE_REPLY:
        return "The customer wrote while the chat was being ended"
    if report.outcome is Outcome.CLAIMED_ELSEWHERE:
        return "Another copy of this event is being handled"
    if report.outcome is Outcome.WITHHELD:
        return "Did nothing, because of the mode"
    if isinstance(report.decision, End) and report.decision.reason in {Reason.QUEUED, Reason.AGENT_SILENT}:
        return "Ended the chat of a customer who waited, as the policy says"
    return _SENTENCES[type(report.decision)]


def _facts(report: Report, visit: Visit) -> dict[str, object]:
    snapshot: Snapshot = report.snapshot
    newest = snapshot.newest_counted
    decision = report.decision
    task = snapshot.newest_live_task
    return {
        "lastWord": newest.by.value,
        "answers": newest.index,
        "silentFor": format_duration(max(visit.now - newest.sent_at, timedelta())),
        "step": decision.step.number if isinstance(decision, Warn | End) else None,
        "waitingFor": _waiting_for(report, visit),
        "notified": _notified(report),
        "unsaid": report.unsaid.value if report.unsaid else None,
        "state": snapshot.conversation.state.value,
        "liveTasks": len(snapshot.live_tasks),
        "task": task.sid if task else None,
        "taskStatus": task.status.value if task else None,
        "channelStatus": snapshot.channel.status.value if snapshot.channel else None,
    }


def _waiting_for(report: Report, visit: Visit) -> str | None:
    """How long the customer has waited for an agent who is silent."""
    if report.decision.reason is not Reason.AGENT_SILENT:
        return None
    return format_duration(max(visit.now - report.snapshot.waiting_since, timedelta()))


def _notified(report: Report) -> bool | None:
    """Whether the customer was told of the end; None where nothing was to be told."""
    if not isinstance(report.decision, End) or report.outcome not in {Outcome.DONE, Outcome.LATE_REPLY}:
        return None
    return report.unsaid is None


def _body(request: Request) -> bytes | None:
    """The body, None when it is too large; no more than that is ever read."""
    if (request.content_length or 0) > MOST_BYTES:
        return None
    body = request.stream.read(MOST_BYTES + 1)
    return None if len(body) > MOST_BYTES else body


_door = Door(Settings.from_environment(os.environ))
loading.done()


@functools.cache
def _sweeper() -> Sweeper:
    return Sweeper(Settings.from_environment(os.environ))


def webhook(request: Request) -> Response:
    """The public entry point: Twilio's webhooks."""
    return _door.answer(request)


def sweep(request: Request) -> Response:
    """The private entry point: Cloud Scheduler's call."""
    return _sweeper().answer(request)
