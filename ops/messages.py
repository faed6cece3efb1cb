"""Messages from elsewhere as one line for people, with a hint."""

from requests.exceptions import RequestException
from urllib3.exceptions import HTTPError

from function.twilio_api import TwilioError as CallError
from infra.twilio_resources.client import TwilioError


class OneLineError(Exception):
    """An error whose message is one line for whoever typed the command, with the way out."""


NETWORK_ERRORS = (RequestException, HTTPError)
"""What requests raises without an answer; of a proxy whose host cannot be one it lets urllib3's own error out."""

_NETWORK_HINTS = {
    "SSLError": "the certificate is not trusted: if a proxy inspects TLS, export REQUESTS_CA_BUNDLE=FILE with its "
    "certificate authority",
    "ProxyError": "the proxy does not connect: check HTTPS_PROXY and NO_PROXY",
    "InvalidProxyURL": "the proxy's address is none: check HTTPS_PROXY and NO_PROXY",
    "LocationParseError": "the proxy's host is none: check HTTPS_PROXY and NO_PROXY",
    "InvalidURL": "the proxy's address is none: check HTTPS_PROXY and NO_PROXY",
    "InvalidSchema": "a socks proxy does not do here: export HTTPS_PROXY=http://HOST:PORT of an HTTP proxy",
}
"""For what is between here and any API."""

_HINTS = {
    **_NETWORK_HINTS,
    "HTTP 401": "Twilio refuses the credentials: check TWILIO_AUTH_TOKEN, or TWILIO_API_KEY_SID and its secret",
    "HTTP 403": "these credentials may not do that: use the account's token, or an API key with more rights",
    "HTTP 404": "this stack's account and service do not have it: check the SID, or choose another stack with --stack",
    "HTTP 429": "Twilio's rate limit is reached: try again in a minute",
    "HTTP 5": "Twilio has a problem: try again, and look at https://status.twilio.com",
    "ConnectionError": "Twilio cannot be reached: check the network, the proxy and twilioEdge",
    "Timeout": "Twilio does not answer in time: try again, and look at https://status.twilio.com",
}


def one_line(text: str) -> str:
    """The text without line breaks and other control characters."""
    return "".join(letter if letter.isprintable() else " " for letter in text).rstrip()


def reason(error: Exception) -> str:
    """What an error says; one that was not written for people begins with its type."""
    written = isinstance(error, OneLineError | CallError | TwilioError)
    return one_line(str(error) if written else f"{type(error).__name__}: {error}")


def network_hint(error: Exception) -> str:
    """The way out when there is no answer from an API that is not Twilio's."""
    return _NETWORK_HINTS.get(type(error).__name__, "check the network and the proxy, and try again")


def explained(error: Exception) -> str:
    """What an error says, with the way out; a OneLineError, and any kind of infra's TwilioError, says its own."""
    of_a_kind = isinstance(error, TwilioError) and type(error) is not TwilioError
    return reason(error) if of_a_kind or isinstance(error, OneLineError) else with_hint(reason(error))


def with_hint(text: str) -> str:
    """The error of a call to Twilio, with the way out for some statuses and failures."""
    if "HTTPS_PROXY" in text:
        return text  # infra/ has said it
    said = text.replace("Twilio answered ", "HTTP ")  # as infra/ says a status
    return next((f"{text}; {hint}" for sign, hint in _HINTS.items() if sign in said), text)
