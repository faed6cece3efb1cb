"""The public entry point: Twilio's webhooks, POST {public_url}/conversations and /tasks.

Decides the status code and the log line of each request; `handling` decides what happens to a chat.

    204 done, left to the sweep, or not ours    400 signed, but malformed    403 not signed by Twilio, or no route
    405 not a POST                              408 too slow                 413 too large
    503 try again

A request that cannot be genuine is refused without reading its body. Never 500: a bug is answered with 503, and its
traceback is logged.
"""

from collections.abc import Callable, Mapping

from flask import Request, Response

from ..chat import ConversationState
from ..contract import Route
from ..handling import RESERVE, Handler, Outcome
from ..settings import Settings
from ..twilio_api import (
    HEADER,
    Attempt,
    Clock,
    ConversationStateUpdated,
    DeferredError,
    Event,
    Ignored,
    IgnoreReason,
    InternalError,
    MalformedEventError,
    NotFoundError,
    OutOfTimeError,
    Parameters,
    ReservationAccepted,
    TwilioError,
    Verifier,
    looks_signed,
    parse_event,
    parse_form,
    parse_task_event,
)
from .log_lines import Failed, Refused, accepted, decided
from .log_lines import Ignored as IgnoredLine
from .logs import Log, Severity, describe, frames, trace_of
from .refusals import Refusal
from .request_body import MAX_BYTES, BodyReader, TooLargeError, TooSlowError, discard_body
from .request_log import RequestLog
from .tallies import Counted, Tallies

ROUTES: Mapping[str, Callable[[Parameters, Settings], Event]] = {
    Route.CONVERSATIONS: parse_event,
    Route.TASKS: parse_task_event,
}
"""Last segment of the URL -> parser of its events: Conversations' webhook, TaskRouter's event callback."""

DEADLINE = 4.5
"""Maximum seconds until the response is sent. Twilio waits five
(https://www.twilio.com/docs/conversations-classic/conversations-webhooks, November 2026)."""


class WebhookEndpoint:
    """Answers Twilio's webhooks, and refuses every other request."""

    def __init__(self, settings: Settings, handler: Handler, *, clock: Clock, log: Log) -> None:
        """Connect the endpoint.

        Args:
            settings: the URL and the tokens that signatures are checked with.
            handler: handles the conversation of a genuine event.
            clock: measures durations.
            log: writes a line.
        """
        self._settings = settings
        tokens = [token for token in (settings.auth_token, settings.auth_token_secondary) if token]
        self._verifiers = {route: Verifier(f"{settings.public_url}/{route}", tokens) for route in ROUTES}
        self._handler = handler
        self._clock = clock
        self._log = log
        self._body_reader = BodyReader()
        self._tallies = Tallies(clock=clock)

    def answer(self, request: Request) -> Response:
        """Answer one request."""
        attempt = Attempt.lasting(DEADLINE, reserve=RESERVE, clock=self._clock)
        trace = trace_of(request.headers.get("X-Cloud-Trace-Context"), self._settings.google_cloud_project)
        log = RequestLog(self._log, attempt, trace=trace)
        try:
            return self._admit(request, attempt, log)
        except Exception as error:  # noqa: BLE001 -- never 500
            bug = "A bug: this event was not handled"
            log.write(Failed(severity=Severity.ERROR, message=bug, error=frames(error)))
            return Response(status=503)
        finally:
            for what, count in self._tallies.due():
                log.write(_counted_line(what, count))

    def _admit(self, request: Request, attempt: Attempt, log: RequestLog) -> Response:
        route = request.path.rstrip("/").rpartition("/")[2]
        parameters = self._parameters(request, route)
        if isinstance(parameters, Refusal):
            self._tallies.count(parameters)
            return _refuse(request, parameters)
        try:
            event = ROUTES[route](parameters, self._settings)
        except MalformedEventError as error:
            log.write(_refused_line(400, str(error)))
            return Response(status=400)
        if isinstance(event, Ignored):
            if event.conversation_sid:
                log.write(_ignored_line(event.reason, event.conversation_sid))
            else:
                self._tallies.count(event.reason)
            return _no_content()
        try:
            if isinstance(event, ReservationAccepted):
                return self._arm(event, attempt, log)
            return self._handle(event, attempt, log)
        except Exception as error:  # noqa: BLE001 -- caught here, where the conversation is known
            return _bug_response(log, event.conversation_sid, error)

    def _parameters(self, request: Request, route: str) -> Parameters | Refusal:  # noqa: PLR0911 -- one for each
        """Return a genuine request's parameters, or why it is refused; headers are checked before the body is read."""
        if request.method != "POST":
            return Refusal.NOT_A_POST
        if route not in ROUTES:
            return Refusal.UNKNOWN_ROUTE
        if (request.content_length or 0) > MAX_BYTES:
            return Refusal.TOO_LARGE
        signature = request.headers.get(HEADER)
        if not looks_signed(signature):
            return Refusal.NOT_SIGNED
        try:
            parameters = parse_form(self._body_reader.read(request))
        except TooLargeError:
            return Refusal.TOO_LARGE
        except TooSlowError:
            return Refusal.TOO_SLOW
        if parameters is None or not self._verifiers[route].is_genuine(parameters, signature):
            return Refusal.NOT_SIGNED
        return parameters

    def _arm(self, event: ReservationAccepted, attempt: Attempt, log: RequestLog) -> Response:
        sid = event.conversation_sid
        try:
            log.write(accepted(self._handler.accepted(attempt, event)))
        except NotFoundError:
            log.write(_gone_line(sid))
        except InternalError as error:
            return _bug_response(log, sid, error)
        except TwilioError as error:
            failed = "Twilio did not let us give the chat its timer; its event comes again"
            log.write(_failed_line(sid, failed, Outcome.FAILED, error))
            return Response(status=503)
        return _no_content()

    def _handle(self, event: ConversationStateUpdated, attempt: Attempt, log: RequestLog) -> Response:
        sid = event.conversation_sid
        closed_by_timer = event.state_to is ConversationState.CLOSED
        try:
            log.write(decided(self._handler.handle(attempt, sid, closed_by_timer=closed_by_timer), attempt))
        except NotFoundError:
            log.write(_gone_line(sid))
        except DeferredError as error:
            no_room = "No room under Twilio's limits: left to the sweep"
            log.write(_failed_line(sid, no_room, Outcome.DEFERRED, error, Severity.WARNING))
        except InternalError as error:
            return _bug_response(log, sid, error)
        except TwilioError as error:
            slow = isinstance(error, OutOfTimeError)
            if not self._handler.request_callback(attempt, sid):
                log.write(_failed_line(sid, "Twilio did not let us finish", Outcome.FAILED, error))
                return Response(status=503)
            why = "Twilio is too slow for all of it at once" if slow else "Twilio did not let us finish"
            severity = Severity.WARNING if slow else Severity.ERROR
            log.write(_failed_line(sid, f"{why}; its timer calls again", Outcome.CALLED_BACK, error, severity))
            if not slow:
                return Response(status=503)
        return _no_content()


def _counted_line(what: Counted, count: int) -> Refused | IgnoredLine:
    if isinstance(what, Refusal):
        return _refused_line(what.status, what.reason, count)
    return _ignored_line(what, count=count)


def _refused_line(status: int, reason: str, count: int = 1) -> Refused:
    message = f"Refused with {status}"
    return Refused(severity=Severity.WARNING, message=message, reason=reason, count=count)


def _ignored_line(reason: IgnoreReason, sid: str = "", *, count: int | None = None) -> IgnoredLine:
    message = "None of our business"
    return IgnoredLine(severity=Severity.INFO, message=message, reason=reason, conversation=sid, count=count)


def _refuse(request: Request, refusal: Refusal) -> Response:
    """Refuse a request and discard its unread body."""
    discard_body(request)
    allow = {"Allow": "POST"} if refusal is Refusal.NOT_A_POST else {}
    return Response(status=refusal.status, headers=allow)


def _gone_line(sid: str) -> IgnoredLine:
    gone = "There is no such conversation"
    return IgnoredLine(severity=Severity.INFO, message=gone, reason=IgnoreReason.GONE, conversation=sid)


def _failed_line(
    sid: str, message: str, outcome: Outcome, error: TwilioError, severity: Severity = Severity.ERROR
) -> Failed:
    return Failed(severity=severity, message=message, conversation=sid, outcome=outcome, error=str(error))


def _bug_response(log: RequestLog, sid: str, error: Exception) -> Response:
    """Log a bug. No callback is requested, because it would fail again; the sweep tries with growing pauses."""
    message = "A bug: this event was not handled"
    failed = Outcome.FAILED
    log.write(Failed(severity=Severity.ERROR, message=message, conversation=sid, outcome=failed, error=describe(error)))
    return Response(status=503)


def _no_content() -> Response:
    # TaskRouter wants this content type with a 204 (https://www.twilio.com/docs/taskrouter/api/event/reference,
    # November 2026); Conversations accepts any.
    return Response(status=204, content_type="application/json")
