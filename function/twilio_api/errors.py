"""The errors of a call to Twilio, by what they mean for the caller."""

from .rate_limiter import RateLimit


class TwilioError(Exception):
    """A call that failed.

    TwilioError
      UnavailableError    try again; a write may have been applied
        TwilioDownError   Twilio seems to be down: 429, no connection, no response in time
          ServerError     5xx
        UnreadableError   the response, or a part of a list, cannot be read
        DeferredError     not called, because a rate limit leaves no room in time
        OutOfTimeError    Twilio responds, but too slowly for the time that is left
      NotFoundError       404
      ChangedError        412: somebody else changed the resource since it was read
      AlreadyClosedError  the conversation is closed for good
      RefusedError        any other 4xx: the same call always fails
      InternalError       a bug: the request could not be built, or a complete response could not be read

    Attributes:
        code: Twilio's error code; None without one.
    """

    def __init__(self, call: str, what: str, code: int | None = None) -> None:
        self.code = code
        super().__init__(f"{call}: {what}" + (f" (code {code})" if code else ""))


class UnavailableError(TwilioError):
    """The call may work if it is tried again; a write may have been applied."""


class TwilioDownError(UnavailableError):
    """Twilio seems to be down, so other calls may fail too."""


class ServerError(TwilioDownError):
    """Twilio answered that it failed."""


class UnreadableError(UnavailableError):
    """A response, or a part of a list, cannot be read."""


class DeferredError(UnavailableError):
    """The call was not made, to keep under a rate limit; the sweep tries again."""

    def __init__(self, call: str, limit: RateLimit) -> None:
        super().__init__(call, f"no room under the limit of {limit.value}")


class OutOfTimeError(UnavailableError):
    """Twilio responds too slowly for the time that is left of the attempt."""


class NotFoundError(TwilioError):
    """The resource does not exist (any more)."""


class ChangedError(TwilioError):
    """The resource was changed since it was read: `If-Match` did not match."""


class AlreadyClosedError(TwilioError):
    """The conversation is closed, which is final."""


class RefusedError(TwilioError):
    """Twilio refused the call; the same call always fails."""


class InternalError(TwilioError):
    """A bug of ours, kept as the cause: a request that could not be built, or a response that could not be read."""

    def __init__(self, call: str, cause: Exception) -> None:
        super().__init__(call, f"a bug of ours ({type(cause).__name__})")
