"""Twilio's refusals: an HTTP status, an error code, a message."""

from __future__ import annotations

MORE_INFO = "https://www.twilio.com/docs/errors/{code}"


class TwilioError(Exception):
    """A refusal in Twilio's format; each product's `errors.py` has its own."""

    def __init__(self, status: int, code: int, message: str, headers: dict[str, str] | None = None) -> None:
        super().__init__(message)
        self.status = status
        self.code = code
        self.message = message
        self.headers = headers or {}

    def body(self) -> dict[str, object]:
        """The JSON body of the answer."""
        return {
            "code": self.code,
            "message": self.message,
            "more_info": MORE_INFO.format(code=self.code),
            "status": self.status,
        }


def unauthenticated() -> TwilioError:
    """Credentials that are missing or wrong."""
    return TwilioError(401, 20003, "Authenticate")


def not_found(path: str) -> TwilioError:
    """A resource that does not exist or was deleted."""
    return TwilioError(404, 20404, f"The requested resource {path} was not found")


def method_not_allowed(method: str, allow: str) -> TwilioError:
    """A resource that does not support this method."""
    return TwilioError(405, 20004, f"Method {method} is not allowed here; allowed are {allow}", {"Allow": allow})


def invalid_parameter(message: str) -> TwilioError:
    """A parameter with an invalid value, where no more specific code is known."""
    return TwilioError(400, 20001, message)


def missing_parameter(name: str) -> TwilioError:
    """A required parameter that was not sent."""
    return TwilioError(400, 20001, f"Missing required parameter {name} in the post body")
