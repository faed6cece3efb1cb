"""Chats and tasks that somebody should look at, because nothing of ours moves them any more."""

from collections.abc import Iterator
from datetime import timedelta

from function.chat import ChatSids, Finish
from function.settings import Mode, Settings
from function.twilio_api import Attempt, NotFoundError, TwilioError
from ops.chats import (
    LEFT_ALONE_AFTER,
    LISTING_LASTS,
    OPEN,
    ChatReader,
    DecidedChat,
    UnreadChat,
    pages,
    patient,
    unread_rows,
)
from ops.doctor.finding import Finding, fine, note, problem
from ops.terminal import Tell
from ops.wording import ago, duration_words

SLACK = timedelta(minutes=2)
MAX_SHOWN = 20
"""Maximum of chats, and of tasks, that are named one by one; the rest is counted."""


class ChatChecks:
    """The checks of one deployment.

    Args:
        reader: reads its chats.
        tell: says how far it is.
    """

    def __init__(self, reader: ChatReader, tell: Tell) -> None:
        self._reader = reader
        self._settings: Settings = reader.settings
        self._tell = tell
        self._open: set[str] = set()

    def chats(self) -> Iterator[Finding]:
        """No open chat is overdue for longer than two sweeps, and no customer's message lies where nobody reads it."""
        listing = self._reader.listed(*OPEN)
        self._open = set(listing.sids)
        yield from (_of_row("chats", each) for each in listing.unread)
        found = list(self._reader.decided_all(sorted(self._open), self._tell))
        stuck = [finding for each in found if (finding := self._of_chat(each))]
        stuck.sort(key=lambda each: each.what)
        yield from stuck[:MAX_SHOWN]
        if more := stuck[MAX_SHOWN:]:
            yield problem("chats", f"{len(more)} more", "bin/inactivity list")
        if not stuck and not listing.unread:
            yield fine("chats", f"{len(found)} are open, and none is stuck")

    def tasks(self) -> Iterator[Finding]:
        """No live task belongs to a conversation that was closed long ago, or that does not exist."""
        attempt = patient(LISTING_LASTS)
        named = [(sid, sids) for sid, sids in self._live_tasks(attempt) if sid not in self._open]
        unread = unread_rows(attempt)
        yield from (_of_row("tasks", each) for each in unread)
        stuck = [finding for sid, sids in named[:MAX_SHOWN] if (finding := self._of_task(sid, sids))]
        yield from stuck
        if len(named) > MAX_SHOWN:
            what = f"{len(named) - MAX_SHOWN} more tasks name conversations that are not open"
            yield note("tasks", f"{what}; the sweep looks at them")
        elif not stuck and not unread:
            yield fine("tasks", "no task is left of a closed conversation for longer than its agent may keep it")

    def _of_chat(self, chat: DecidedChat | UnreadChat) -> Finding | None:
        if isinstance(chat, UnreadChat):
            sid = chat.conversation
            return problem("chats", f"{sid} cannot be read: {chat.why}", f"bin/inactivity explain {sid}")
        sid, unread = chat.case.snapshot.conversation.sid, chat.case.unread
        if chat.fate_unknown:
            what = f"{sid}: nothing shows what became of its task, so it is kept"
            return problem("chats", what, f"bin/inactivity end {sid}, if nobody works on it")
        if unread:
            what = f"{sid}: the customer wrote {ago(chat.now - unread.sent_at)}, and nobody has the chat"
            return problem("chats", what, "invite an agent in Flex, or answer")
        return self._of_step(chat, sid) if self._settings.mode is Mode.ENFORCE else None

    def _of_step(self, chat: DecidedChat, sid: str) -> Finding | None:
        """A step that is due for longer than two sweeps take to find it."""
        overdue = chat.overdue
        if overdue is None or overdue <= 2 * self._settings.sweep_every + SLACK:
            return None
        what = f"{sid}: {chat.decision.kind.value} is overdue for {duration_words(overdue)}"
        if overdue > LEFT_ALONE_AFTER:
            return problem("chats", f"{what}; the sweep leaves it alone", "bin/inactivity backfill --dry-run")
        return problem("chats", what, f"bin/inactivity explain {sid}, then bin/inactivity end {sid}")

    def _live_tasks(self, attempt: Attempt) -> Iterator[tuple[str, ChatSids]]:
        for page in pages(attempt, "list_live_tasks", lambda url: self._reader.api.live_tasks(attempt, url)):
            for task in page.tasks:
                if task.conversation and not task.wrapped_up:
                    yield task.conversation, task.sids

    def _of_task(self, conversation_sid: str, sids: ChatSids) -> Finding | None:
        tasks = ", ".join(sids.tasks)
        try:
            chat = self._reader.decided(conversation_sid)
        except NotFoundError:
            what = f"{tasks} names {conversation_sid}, which our service does not have"
            return note("tasks", f"{what}: complete it in Flex if the conversation is gone")
        except TwilioError as error:
            return problem("tasks", f"{tasks}: {error}", f"bin/inactivity explain {conversation_sid}")
        case = chat.case
        if not case.closed or not isinstance(chat.decision, Finish):
            return None
        since = chat.now - case.closed_at
        if since <= case.plan.timeout + 2 * self._settings.sweep_every:
            return None
        what = f"{tasks} is left of {conversation_sid}, closed {ago(since)}"
        return problem("tasks", what, f"bin/inactivity end {conversation_sid}")


def _of_row(check: str, row: UnreadChat) -> Finding:
    return problem(check, f"{row.conversation} could not be read: {row.why}", "try again; then ask Twilio's support")
