"""What may come of a call to Twilio instead of an answer, by what it means for whoever called."""

from .rate_limiter import RateLimit


class TwilioError(Exception):
    """A call that did not do what it was for.

    TwilioError
      UnavailableError   worth another try, perhaps applied; the answer to one chat's call was garbled, say
        AwayError        what says that Twilio is away: 429, 5xx, no connection, no answer in time
        DeferredError    not even called: Twilio's limits leave no room for it in time
        OutOfTimeError   Twilio answers, and too slowly for the time that is left
      NotFoundError      404
      ChangedError       412: somebody else changed it since it was read
      AlreadyClosedError the conversation is closed for good
      RefusedError       any other 4xx: will never work like this
      OurFaultError      we could not build the request, or not read a whole answer: a bug of ours

    Attributes:
        code: Twilio's, None without one.
    """

    def __init__(self, call: str, what: str, code: int | None = None) -> None:
        self.code = code
        super().__init__(f"{call}: {what}" + (f" (code {code})" if code else ""))


class UnavailableError(TwilioError):
    """Worth another try; a write may have been applied all the same."""


class AwayError(UnavailableError):
    """Twilio does not answer, or cannot: it may be the same for every other call."""


class DeferredError(UnavailableError):
    """Not called, to keep under Twilio's limits; the sweep comes when there is room."""

    def __init__(self, call: str, limit: RateLimit) -> None:
        super().__init__(call, f"no room under the limit of {limit.value}")


class OutOfTimeError(UnavailableError):
    """Twilio answers as slowly as it has all along, and too slowly for what is left of the attempt."""


class NotFoundError(TwilioError):
    """There is no such thing (any more)."""


class ChangedError(TwilioError):
    """If-Match did not match."""


class AlreadyClosedError(TwilioError):
    """The conversation is closed, and closed is final."""


class RefusedError(TwilioError):
    """Twilio will not do this."""


class OurFaultError(TwilioError):
    """A bug of ours, which is its cause: a request that could not be built, or an answer that could not be read."""

    def __init__(self, call: str, cause: Exception) -> None:
        super().__init__(call, f"a bug of ours ({type(cause).__name__})")
