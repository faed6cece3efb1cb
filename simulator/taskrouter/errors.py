"""TaskRouter's refusals.

An illegal change of a task's status is 20001, as public clients report; its HTTP status, `http`, depends on the
dialect.
"""

from __future__ import annotations

from simulator.shared.errors import TwilioError


def cannot_cancel(sid: str, status: str, http: int) -> TwilioError:
    """Only a pending or reserved task can be canceled."""
    return TwilioError(http, 20001, f"Cannot cancel task {sid} because it is not pending or reserved. Status: {status}")


def cannot_complete(sid: str, status: str, http: int) -> TwilioError:
    """Only an assigned or wrapping task can be completed."""
    return TwilioError(
        http, 20001, f"Cannot complete task {sid} because it is not assigned or wrapping. Status: {status}"
    )


def cannot_wrap_up(sid: str, status: str, http: int) -> TwilioError:
    """Only an assigned task can be wrapped up."""
    return TwilioError(http, 20001, f"Cannot wrap up task {sid} because it's not currently assigned. Status: {status}")


def cannot_set_status(sid: str, status: str) -> TwilioError:
    """Reservations set the other statuses, not clients."""
    return TwilioError(400, 20001, f"Cannot set task {sid} to {status}: use canceled, wrapping or completed")


def two_requests(sid: str) -> TwilioError:
    """Status and attributes are changed one at a time.

    Source: https://www.twilio.com/docs/taskrouter/api/task, November 2026.
    """
    return TwilioError(400, 20001, f"Cannot update AssignmentStatus and Attributes of task {sid} in one request")


def cannot_set_reservation(sid: str, status: str) -> TwilioError:
    """Tasks and the clock set the other statuses."""
    return TwilioError(
        400, 20001, f"Cannot set reservation {sid} to {status}: use accepted, rejected, wrapping or completed"
    )


def illegal_reservation(sid: str, wanted: str, status: str) -> TwilioError:
    """A change of a reservation's status that is not allowed."""
    return TwilioError(400, 20001, f"Cannot set reservation {sid} to {wanted}. Status: {status}")


def require_revision(sid: str, if_match: str | None, revision: int) -> None:
    """Refuse a change of another revision.

    Raises:
        TwilioError: HTTP 412.
    """
    wanted = None if if_match is None else if_match.strip()
    if wanted is not None and wanted != "*" and wanted.strip('"') != str(revision):
        raise TwilioError(412, 20412, f"Precondition failed: {sid} has revision {revision}, If-Match says {if_match}")


def name_taken(kind: str, name: str) -> TwilioError:
    """Names are unique within a workspace."""
    return TwilioError(409, 20409, f"A {kind} named {name} exists already in this workspace")


def in_use(kind: str, sid: str, by: str) -> TwilioError:
    """A resource that is in use."""
    return TwilioError(400, 20001, f"Cannot delete {kind} {sid}: {by}")
