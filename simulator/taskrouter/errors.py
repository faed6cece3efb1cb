"""TaskRouter's refusals. An illegal change of a task's status is 20001 with HTTP 400, as public clients report it."""

from __future__ import annotations

from simulator.errors import TwilioError


def cannot_cancel(sid: str, status: str) -> TwilioError:
    """Only what waits can be canceled."""
    return TwilioError(400, 20001, f"Cannot cancel task {sid} because it is not pending or reserved. Status: {status}")


def cannot_complete(sid: str, status: str) -> TwilioError:
    """Only what an agent works on can be completed."""
    return TwilioError(
        400, 20001, f"Cannot complete task {sid} because it is not assigned or wrapping. Status: {status}"
    )


def cannot_wrap_up(sid: str, status: str) -> TwilioError:
    """Only what is assigned can be wrapped up."""
    return TwilioError(400, 20001, f"Cannot wrap up task {sid} because it's not currently assigned. Status: {status}")


def cannot_set_status(sid: str, status: str) -> TwilioError:
    """The other statuses come from reservations, not from clients."""
    return TwilioError(400, 20001, f"Cannot set task {sid} to {status}: use canceled, wrapping or completed")


def two_requests(sid: str) -> TwilioError:
    """Status and attributes are changed one at a time (Twilio docs, api/task)."""
    return TwilioError(400, 20001, f"Cannot update AssignmentStatus and Attributes of task {sid} in one request")


def revision_mismatch(sid: str, wanted: str, revision: int) -> TwilioError:
    """Somebody changed the task since."""
    return TwilioError(412, 20412, f"Precondition failed: task {sid} has revision {revision}, If-Match says {wanted}")
