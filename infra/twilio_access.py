"""What opens Twilio: account, credentials, address and edge, from config and environment together."""

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass

from function.policy import Problem
from function.settings import EDGES, REGION
from infra.config_reader import ConfigReader
from infra.stack_settings import (
    ACCOUNT_SID,
    API_KEY_SECRET,
    API_KEY_SID,
    AUTH_TOKEN,
    AUTH_TOKEN_SECONDARY,
    SECRET_KEYS,
    TWILIO_BASE_URL,
    TWILIO_EDGE,
    VERSION_OF,
)
from infra.twilio_resources.client import ENVIRONMENT_OF, Credentials, find_credentials


@dataclass(frozen=True)
class TwilioAccess:
    """What opens Twilio, as far as it is known.

    Attributes:
        account_sid: None when nobody gave one.
        credentials: for the API.
        base_url: another address of the API; None for the real one.
        edge: where calls enter Twilio's network; None for Twilio's choice, and at another address.
        missing: what a deployment cannot do without.
    """

    account_sid: str | None
    credentials: Credentials
    base_url: str | None
    edge: str | None
    missing: tuple[Problem, ...]


def read_twilio_access(
    read: ConfigReader, environment: Mapping[str, str], kept_elsewhere: Collection[str] = ()
) -> TwilioAccess:
    """Read it; what is bad or contradicts itself is noted as a problem.

    Args:
        read: the config.
        environment: of the process.
        kept_elsewhere: keys whose values the functions get from secrets of somebody else's.
    """
    account_sid = _account_sid(read, environment)
    credentials = find_credentials(environment, read.values.get)
    _check_api_key(read, credentials, kept_elsewhere)
    _check_tokens(read, environment, credentials)
    base_url = read.read(TWILIO_BASE_URL)
    edge = _edge(read, environment, base_url)
    return TwilioAccess(
        account_sid, credentials, base_url, edge, tuple(_missing(account_sid, credentials, kept_elsewhere))
    )


def _account_sid(read: ConfigReader, environment: Mapping[str, str]) -> str | None:
    variable = ENVIRONMENT_OF[ACCOUNT_SID.key]
    configured, exported = read.values.get(ACCOUNT_SID.key), environment.get(variable)
    given = {ACCOUNT_SID.key: configured, variable: exported}
    wrong = [(key, complaint) for key, sid in given.items() if sid and (complaint := ACCOUNT_SID.type.complaint(sid))]
    for key, complaint in wrong:
        read.complain(key, complaint)
    if configured and exported and configured != exported and not wrong:  # what is wrong may be a token
        read.complain(
            ACCOUNT_SID.key,
            f"is {configured!r}, but {variable} in the environment is {exported!r}; unset the variable, "
            "or select the stack of that account",
        )
    return exported or configured or None


def _check_api_key(read: ConfigReader, credentials: Credentials, kept_elsewhere: Collection[str]) -> None:
    sid, version = credentials.api_key_sid, VERSION_OF[API_KEY_SECRET.key].key
    if sid and (wrong := API_KEY_SID.type.complaint(sid)):
        read.complain(API_KEY_SID.key, wrong)
    elif API_KEY_SECRET.key in kept_elsewhere:
        if not sid:
            read.complain(version, f"is set without {API_KEY_SID.key}; set both, or none to call with the auth token")
    elif bool(sid) != bool(credentials.api_key_secret):
        shown = f" to {sid!r}" if sid else ""
        given, lacking = (API_KEY_SID.key, API_KEY_SECRET.key)[:: 1 if sid else -1]
        read.complain(given, f"is set{shown} without {lacking}; set both, or none to call Twilio with the auth token")


def _check_tokens(read: ConfigReader, environment: Mapping[str, str], credentials: Credentials) -> None:
    """A token that was cut or has a blank in it signs nothing, so every webhook would be refused."""
    tokens = {
        AUTH_TOKEN.key: credentials.auth_token,
        AUTH_TOKEN_SECONDARY.key: credentials.auth_token_secondary,
    }
    for key, token in tokens.items():
        if token and not re.fullmatch("[0-9a-fA-F]{32}", token, re.ASCII):
            variable = ENVIRONMENT_OF[key]
            read.complain(
                variable if environment.get(variable) else key,
                f"is a text of {len(token)} characters, not 32 hexadecimal digits; copy it from the Twilio Console",
            )


def _edge(read: ConfigReader, environment: Mapping[str, str], base_url: str | None) -> str | None:
    """The edge, which deployer, function and operator share; the SDK's own variables must not name another one."""
    edge = read.read(TWILIO_EDGE)
    if base_url:
        if edge:
            read.complain(TWILIO_EDGE.key, "would do nothing with twilioBaseUrl; remove one of the two")
        return None
    region, exported = environment.get("TWILIO_REGION"), environment.get("TWILIO_EDGE")
    if region and region != REGION:
        read.complain("TWILIO_REGION", f"is {region!r} in the environment, and Flex exists in {REGION} only; unset it")
    if exported and exported != edge:
        configured = f"twilioEdge is {edge!r}" if edge else "twilioEdge is not set"
        use_it = f", or run pulumi config set twilioEdge {exported}" if exported in EDGES else ""
        read.complain(
            "TWILIO_EDGE",
            f"is {exported!r} in the environment, but {configured}, which the deployed function uses; "
            f"unset the variable{use_it}",
        )
    return edge


def _missing(account_sid: str | None, credentials: Credentials, kept_elsewhere: Collection[str]) -> list[Problem]:
    given = {ACCOUNT_SID.key: account_sid, AUTH_TOKEN.key: credentials.auth_token}
    return [
        Problem(
            key,
            f"is not set; export {ENVIRONMENT_OF[key]}"
            + (
                ": it signs the test event, and is kept nowhere"
                if key in kept_elsewhere
                else f", or run pulumi config set {'--secret ' if key in SECRET_KEYS else ''}{key}"
            ),
        )
        for key, value in given.items()
        if not value
    ]
