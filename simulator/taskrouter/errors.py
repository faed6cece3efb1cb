"""TaskRouter's refusals.

An illegal change of a task's status is 20001, as public clients report it; `http`, its status, is the dialect's.
"""

from __future__ import annotations

from simulator.shared.errors import TwilioError


def cannot_cancel(sid: str, status: str, http: int) -> TwilioError:
    """Only what waits can be canceled."""
    return TwilioError(http, 20001, f"Cannot cancel task {sid} because it is not pending or reserved. Status: {status}")


def cannot_complete(sid: str, status: str, http: int) -> TwilioError:
    """Only what an agent works on can be completed."""
    return TwilioError(
        http, 20001, f"Cannot complete task {sid} because it is not assigned or wrapping. Status: {status}"
    )


def cannot_wrap_up(sid: str, status: str, http: int) -> TwilioError:
    """Only what is assigned can be wrapped up."""
    return TwilioError(http, 20001, f"Cannot wrap up task {sid} because it's not currently assigned. Status: {status}")


def cannot_set_status(sid: str, status: str) -> TwilioError:
    """The other statuses come from reservations, not from clients."""
    return TwilioError(400, 20001, f"Cannot set task {sid} to {status}: use canceled, wrapping or completed")


def two_requests(sid: str) -> TwilioError:
    """Status and attributes are changed one at a time (Twilio docs, api/task)."""
    return TwilioError(400, 20001, f"Cannot update AssignmentStatus and Attributes of task {sid} in one request")


def cannot_set_reservation(sid: str, status: str) -> TwilioError:
    """The other statuses come from tasks and from the clock."""
    return TwilioError(
        400, 20001, f"Cannot set reservation {sid} to {status}: use accepted, rejected, wrapping or completed"
    )


def illegal_reservation(sid: str, wanted: str, status: str) -> TwilioError:
    """A reservation has an order too."""
    return TwilioError(400, 20001, f"Cannot set reservation {sid} to {wanted}. Status: {status}")


def require_revision(sid: str, if_match: str | None, revision: int) -> None:
    """Refuse a change that was made for another revision.

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
    """What others refer to stays."""
    return TwilioError(400, 20001, f"Cannot delete {kind} {sid}: {by}")
