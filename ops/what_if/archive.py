"""Past chats as Twilio still has them: the conversations of a day, and who wrote when. Never a text or an address."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any, Protocol

from requests.adapters import HTTPAdapter
from requests.exceptions import RequestException
from twilio.base.exceptions import TwilioException, TwilioRestException
from twilio.http.http_client import TwilioHttpClient
from twilio.rest import Client
from urllib3.util.retry import Retry

from function.bootstrap import bootstrap
from function.chat import Author, Authorship, Evidence, Message, RawMessage
from function.policy import StepKind
from function.settings import Settings
from function.twilio_api import Attempt, NotFoundError, sdk_client
from ops.what_if.history import Closer, PastChat, Sender, Sent

PAGE_SIZE = 100
"""Conversations in a page, Twilio's maximum (twilio-oai, spec/json/twilio_conversations_v1.json, 14 April 2026)."""

TIMEOUT = 10
RETRIES = 5
CHAT_LASTS = 120.0
"""Seconds for all messages of one chat."""


class ArchiveError(Exception):
    """Twilio's past conversations cannot be read; one line."""


@dataclass(frozen=True)
class Found:
    """A conversation in the list of a day.

    Attributes:
        sid: CH...
        closed_at: when it was closed; None while it is open.
        created_at: when it was created.
    """

    sid: str
    closed_at: datetime | None
    created_at: datetime


class Archive(Protocol):
    """Where past chats are."""

    def today(self) -> date:
        """The day (UTC) that it is there."""
        ...

    def conversations(self, day: date) -> list[Found]:
        """Those that were created on a day (UTC)."""
        ...

    def chat(self, found: Found) -> PastChat | None:
        """One of them; None if neither customer nor agent wrote, or it is gone."""
        ...


class TwilioArchive:
    """One account's Conversations service, read with the function's own code but for the list of a day.

    Agents are known as the function knows them. In a closed chat the agent is gone; whoever wrote and has left counts
    as an agent, because customers do not leave.
    """

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._api = bootstrap(settings).api
        self._service = _client(settings).conversations.v1.services(settings.service_sid)

    def today(self) -> date:
        """The day by Twilio's own clock."""
        attempt = _attempt()
        self._api.agent_roles(attempt)
        return attempt.now.date()

    def conversations(self, day: date) -> list[Found]:
        """List a day's conversations, a hundred in a call.

        Raises:
            ArchiveError: Twilio refuses, or does not answer.
        """
        with _explaining(f"list the conversations of {day}"):
            listed = self._service.conversations.stream(
                start_date=day.isoformat(), end_date=day.isoformat(), page_size=PAGE_SIZE
            )
            return [_found(row) for row in listed]

    def chat(self, found: Found) -> PastChat | None:
        """Read who wrote when.

        Raises:
            TwilioError: a call failed.
        """
        attempt = _attempt()
        try:
            participants = self._api.participants(attempt, found.sid)
            raw = self._messages(attempt, found.sid)
        except NotFoundError:
            return None
        settings = self._settings
        evidence = Evidence.of_roles(self._api.agent_roles(attempt))
        authorship = Authorship(participants, evidence, settings.author, frozenset(settings.policy.bots))
        messages = [authorship.classify(each, found.created_at) for each in reversed(raw)]
        binding = next((each.binding for each in participants if each.binding), "web")
        return _past_chat(found, messages, binding.lower())

    def _messages(self, attempt: Attempt, sid: str) -> list[RawMessage]:
        page = self._api.newest_messages(attempt, sid)
        raw = list(page.messages)
        while page.older_url:
            page = self._api.older_messages(attempt, sid, page)
            raw += page.messages
        return raw


def _past_chat(found: Found, messages: list[Message], channel: str) -> PastChat | None:
    sent = tuple(Sent(each.sent_at, sender) for each in messages if (sender := _sender(each)))
    if not sent:
        return None
    by_us = any(each.marker and each.marker.kind is StepKind.CLOSING for each in messages)
    closed_at = max(found.closed_at, sent[-1].at) if found.closed_at else None
    closer = Closer.TIMER if by_us and closed_at else Closer.UNKNOWN
    ordered = tuple(sorted(sent, key=lambda each: each.at))
    return PastChat(found.sid, ordered, channel, closed_at=closed_at, closed_by=closer)


def _sender(message: Message) -> Sender | None:
    """Who wrote a message; None for ours, a bot's, and one of an agent's that was not delivered."""
    if message.by in {Author.OURS, Author.AUTOMATED} or not message.arrived:
        return None
    return Sender.AGENT if message.by is Author.AGENT or message.left else Sender.CUSTOMER


def _found(row: Any) -> Found:
    created_at = _utc(row.date_created)
    closed_at = _utc(row.date_updated or row.date_created) if row.state == "closed" else None
    return Found(str(row.sid), closed_at, created_at)


def _utc(at: datetime) -> datetime:
    return at.astimezone(UTC)


def _attempt() -> Attempt:
    return Attempt.lasting(CHAT_LASTS, patience=CHAT_LASTS)


def _client(settings: Settings) -> Client:
    http_client = TwilioHttpClient(timeout=TIMEOUT)
    retry = Retry(total=RETRIES, backoff_factor=0.5, status_forcelist=(429, 503), raise_on_status=False)
    for scheme in ("https://", "http://"):
        http_client.session.mount(scheme, HTTPAdapter(max_retries=retry))
    return sdk_client(settings, http_client)


@contextmanager
def _explaining(doing: str) -> Iterator[None]:
    try:
        yield
    except (TwilioException, RequestException) as error:
        raise ArchiveError(f"could not {doing}: {_reason(error)}; try again, it continues where it was") from None


def _reason(error: Exception) -> str:
    """The status that Twilio answered with, which the SDK shows in two ways, or what kept it from answering."""
    if isinstance(error, TwilioRestException):
        return f"HTTP {error.status}"
    answer = error.args[1] if len(error.args) > 1 else None
    status = getattr(answer, "status_code", None)
    return f"HTTP {status}" if status else type(error).__name__
