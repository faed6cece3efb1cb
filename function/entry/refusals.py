"""Why a request is refused."""

import enum


class Refusal(enum.Enum):
    """Why a request is refused: the reason in the log, and the status of the response."""

    NOT_A_POST = ("not_a_post", 405)
    UNKNOWN_ROUTE = ("unknown_route", 403)
    TOO_LARGE = ("too_large", 413)
    TOO_SLOW = ("too_slow", 408)
    NOT_SIGNED = ("not_signed_by_twilio", 403)

    def __init__(self, reason: str, status: int) -> None:
        self.reason = reason
        self.status = status
