"""Holds chats until a time, by the conversation's attribute `doNotTimeOutUntil`, which the decision table respects."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from function.chat import Conversation, read_object
from function.chat.attributes import HOLD, do_not_time_out_until
from function.chat.json_text import member, members, text_of_members
from function.contract import LONGEST
from ops.chats import ATTEMPT_LASTS, ChatReader, UnreadChat, patient
from ops.deployment import Deployment
from ops.messages import reason
from ops.wording import clock_time

ATTRIBUTES_LIMIT = 16 * 1024
"""Maximum bytes of a conversation's attributes
(https://www.twilio.com/docs/conversations-classic/conversations-limits, November 2026)."""


class UnwritableError(Exception):
    """A conversation's attributes cannot take the hold; the message says what they are or lack."""


@dataclass(frozen=True)
class Held:
    """The result of holding a chat.

    Attributes:
        conversation: CH...
        until: until when it is held now; None if it is not.
        changed: whether anything was written.
        succeeded: whether it is held as asked.
        message: the result for people.
    """

    conversation: str
    until: datetime | None
    changed: bool
    succeeded: bool
    message: str

    @classmethod
    def unread(cls, chat: UnreadChat) -> "Held":
        """What a list shows and does not name is not held."""
        return cls(chat.conversation, None, changed=False, succeeded=False, message=f"could not be read: {chat.why}")

    @classmethod
    def interrupted(cls, conversation: str) -> "Held":
        """Ctrl-C came while it was being held: nobody waited for Twilio's answer."""
        message = "was interrupted: it may be held, or not; run it again"
        return cls(conversation, None, changed=False, succeeded=False, message=message)


class Hold:
    """Holds chats of one deployment.

    Args:
        deployment: to work on.
    """

    def __init__(self, deployment: Deployment) -> None:
        self._chats = ChatReader(deployment)

    @property
    def chats(self) -> ChatReader:
        """Reads the same chats."""
        return self._chats

    def hold(self, conversation_sid: str, *, by: timedelta | None = None, until: datetime | None = None) -> Held:
        """Hold a chat for a while from now, or until a time; a longer hold that is there stays.

        Raises:
            TwilioError: it cannot be read or written.
        """
        attempt = patient(ATTEMPT_LASTS)
        with self._chats.in_our_account():
            conversation = self._chats.api.conversation(attempt, conversation_sid)
        wanted = until or attempt.now + min(by or timedelta(), LONGEST)
        wanted = wanted.replace(microsecond=0)
        present = do_not_time_out_until(read_object(conversation.attributes) or {})
        if conversation.state.value == "closed":
            return Held(conversation_sid, None, changed=False, succeeded=False, message="is closed already")
        if present and present >= wanted:
            message = f"was held until {clock_time(present)} already"
            return Held(conversation_sid, present, changed=False, succeeded=True, message=message)
        try:
            attributes = _with_hold(conversation, wanted)
        except UnwritableError as error:
            message = f"its attributes {error}: end it, or change its policy"
            return Held(conversation_sid, present, changed=False, succeeded=False, message=message)
        self._chats.api.note(attempt, conversation_sid, attributes)
        message = f"is held until {clock_time(wanted)}"
        return Held(conversation_sid, wanted, changed=True, succeeded=True, message=message)

    def held_or_why_not(self, conversation_sid: str, *, by: timedelta | None, until: datetime | None) -> Held:
        """Hold a chat; an error is a result, so that it does not keep the others from being held."""
        try:
            return self.hold(conversation_sid, by=by, until=until)
        except Exception as error:  # noqa: BLE001 -- whatever is wrong with this chat, the others are held
            return Held(conversation_sid, None, changed=False, succeeded=False, message=reason(error))


def _with_hold(conversation: Conversation, until: datetime) -> str:
    """The conversation's attributes with the hold, and all else as it is.

    Raises:
        UnwritableError: there can be no such attributes.
    """
    whole = members(conversation.attributes or "{}")
    if whole is None:
        raise UnwritableError("are no JSON object")
    text = text_of_members(whole | {HOLD: member(HOLD, until.isoformat().replace("+00:00", "Z"))})
    try:
        size = len(text.encode())
    except UnicodeEncodeError:  # half a letter of somebody else's, which no request can contain
        raise UnwritableError("cannot be written") from None
    if size > ATTRIBUTES_LIMIT:
        raise UnwritableError("have no room")
    return text
