"""Reads a snapshot of a conversation in as few round trips as possible.

Decides which facts are read concurrently, and how the conversation's tasks are found. A process remembers which SIDs
belong together, but only as a hint: all facts are read again for every event.
"""

import threading
from collections.abc import Callable, Collection
from concurrent.futures import Future
from dataclasses import dataclass, replace
from datetime import datetime
from functools import partial

from ..chat import (
    WINDOW,
    Author,
    Authorship,
    Belongings,
    Channel,
    ChannelName,
    ChannelStatus,
    ChatSids,
    Conversation,
    ConversationState,
    Invite,
    Participant,
    Proof,
    RawMessage,
    Snapshot,
    Task,
    TaskFate,
    agent_wrote,
    belongings,
    newest_counted_among,
    reachable,
    unproven,
)
from ..twilio_api import (
    Attempt,
    NotFoundError,
    Page,
    RefusedError,
    Start,
    TwilioApi,
    UnavailableError,
    interaction_of,
)
from .fates import Fates
from .locks import NewLock
from .memory import Memory
from .workers import Workers

MAX_HINTS = 10_000

MAX_CHANNELS = 5
"""Maximum of channels that are read in addition to the hint's: tasks that only mention the chat may name any."""

MAX_PAGES = 10
"""Maximum pages in which an agent's message is looked for in a chat that nobody has: bots may write very many."""

MAX_OTHER_TASKS = 5
"""Maximum of a chat's tasks, the last ones in the order of its invites, that are read because these name them."""

KEPT_FOR_DECIDING = 2.0
"""Seconds of the attempt that are left when no more pages are read: what was not found counts as not written."""


class Reader:
    """Reads snapshots. One for the whole process, because it remembers hints and proofs."""

    def __init__(
        self, api: TwilioApi, our_author: str, bots: Collection[str] = (), lock: NewLock = threading.Lock
    ) -> None:
        self._api = api
        self._our_author = our_author
        self._bots = frozenset(bots)
        self._workers = Workers(api, lock)
        self._fates = Fates(api, lock)
        self._undated: Memory[tuple[int, datetime]] = Memory(MAX_HINTS, lock)
        self.hints: Memory[ChatSids] = Memory(MAX_HINTS, lock)
        self._proofs: Memory[Proof] = Memory(MAX_HINTS, lock)

    def add_hint(self, sid: str, sids: ChatSids) -> None:
        """Remember SIDs that may belong to a conversation; they are proven before they are used."""
        known = self.hints.get(sid)
        self.hints.put(sid, known.with_tasks(sids.tasks) if known else sids)

    def read(self, attempt: Attempt, sid: str) -> Snapshot:
        """Read everything that a decision depends on: one round trip if the SIDs are known, otherwise two.

        Raises:
            NotFoundError: our service has no such conversation.
            UnavailableError: a call failed, and may work if tried again.
        """
        api = self._api
        hint = self.hints.get(sid)
        with api.together() as start:
            conversation_read = start(lambda: api.conversation(attempt, sid))
            page_read = start(lambda: api.newest_messages(attempt, sid))
            participants_read = start(lambda: api.participants(attempt, sid))
            roles_read = None if api.agent_roles_known(attempt) else start(lambda: api.agent_roles(attempt))
            search = None if hint and hint.tasks else start(lambda: api.find_tasks(attempt, sid))
            hinted = self._start_reading(start, attempt, sid, (hint,)) if hint else None
            conversation = conversation_read.result()
            try:
                page, participants = page_read.result(), participants_read.result()
            except NotFoundError as error:  # the conversation is there, so this proves nothing
                raise UnavailableError("handle", "a part is not found, although the conversation is") from error
            if roles_read:
                roles_read.result()
            named = hinted() if hinted else _Named()

        belongs = self._belongings(attempt, conversation, participants, named)
        searched = not self._enough(attempt, belongs)
        if searched:
            found, failure = self._found(attempt, conversation, search)
            before = None if belongs.channel and belongs.channel.left_or_paused else named
            if before and hint:
                found += (replace(hint, tasks=()),)  # its channel, which may not be noted
            with api.together() as start:
                named += self._start_reading(start, attempt, sid, found, before)()
            belongs = self._belongings(attempt, conversation, participants, named)
            if failure and not self._enough(attempt, belongs):
                raise failure
            searched = failure is None
        if others := self._others(conversation, belongs):
            with api.together() as start:
                named += self._start_reading(start, attempt, sid, (ChatSids(others),))()
            belongs = self._belongings(attempt, conversation, participants, named)
        self._remember(conversation, belongs)
        authorship = Authorship(participants, our_author=self._our_author, bots=self._bots)
        snapshot = Snapshot(
            conversation,
            (),
            belongs.tasks,
            belongs.channel,
            self._workers.with_evidence(attempt, authorship, belongs.tasks, page.messages),
            searched=searched,
            hints=belongs.hints,
            foreign=belongs.foreign,
            undated_at=self._undated_at(conversation, page),
        )
        snapshot = replace(snapshot, messages=snapshot.classify_all(page.messages))
        snapshot, messages = self._with_older_messages(attempt, page, snapshot)
        proven = (self._proofs.get(sid) or Proof()).tasks
        snapshot = self._workers.with_former_agents(attempt, snapshot, messages, proven)
        snapshot = self._workers.with_owners(attempt, snapshot)
        snapshot = self._fates.with_last_task(attempt, snapshot, proven)
        return self._workers.with_lost_agents(attempt, snapshot, messages)

    def read_without_messages(self, attempt: Attempt, sid: str, hint: ChatSids) -> Snapshot:
        """Read a conversation and its known tasks in one round trip, without a search.

        Raises:
            NotFoundError: our service has no such conversation.
            UnavailableError: a call failed, and may work if tried again.
        """
        if known := self.hints.get(sid):
            hint = known + hint
        with self._api.together() as start:
            conversation_read = start(lambda: self._api.conversation(attempt, sid))
            participants_read = start(lambda: self._api.participants(attempt, sid))
            named = self._start_reading(start, attempt, sid, (hint,))()
            conversation, participants = conversation_read.result(), participants_read.result()
        belongs = self._belongings(attempt, conversation, participants, named)
        self._remember(conversation, belongs)
        return Snapshot(
            conversation,
            (),
            belongs.tasks,
            belongs.channel,
            Authorship(participants),
            searched=False,
            hints=belongs.hints,
            foreign=belongs.foreign,
        )

    def _enough(self, attempt: Attempt, belongs: Belongings) -> bool:
        """Whether a live task is proven, so that no search is needed.

        A task that only its worker proves may have a rival that nothing has named, unless all tasks were listed.
        """
        by_worker = belongs.by_worker if attempt.listed is None else ()
        return any(task.live and task.sid not in by_worker for task in belongs.tasks)

    def _others(self, conversation: Conversation, belongs: Belongings) -> tuple[str, ...]:
        """Return the chat's tasks to read besides, if none of those that were read has an agent.

        An agent may be wrapping one up, which no hint shows, or hold one that neither a list nor a search finds by the
        conversation, because somebody replaced its attributes.
        """
        sid, live = conversation.sid, [task for task in belongs.tasks if task.live]
        if any(not task.waits for task in live):
            return ()
        channel = belongs.channel
        invites = channel.invites or () if channel and channel.proven else ()
        invites = tuple(invite for invite in invites if invite.conversation in {sid, None})
        if not live and conversation.state is not ConversationState.CLOSED and _over(conversation, belongs, invites):
            return ()
        proven = (self._proofs.get(sid) or Proof()).tasks
        known = {*(task.sid for task in (*belongs.tasks, *belongs.hints)), *belongs.foreign}
        found = (*(invite.task for invite in invites), *sorted(proven))
        return tuple(task for task in dict.fromkeys(found) if task not in known)[-MAX_OTHER_TASKS:]

    def _start_reading(
        self, start: Start, attempt: Attempt, sid: str, hints: tuple[ChatSids, ...], before: "_Named | None" = None
    ) -> Callable[[], "_Named"]:
        """Start reading tasks, channels and the invites that may prove them; call the returned function to get them.

        Args:
            start: starts a call.
            attempt: the attempt that makes the calls.
            sid: CH...
            hints: what to read.
            before: what was read before, if that was not enough: then a task may be one that only invites name.
        """
        proof = self._proofs.get(sid) or Proof()
        sids = dict.fromkeys(task for hint in hints for task in hint.tasks)
        proven = bool(sids) and before is None and proof.tasks.issuperset(sids)
        tasks = [start(partial(self._api.task, attempt, task, sid)) for task in sids]
        asked = before.channels if before else ()
        # An invite that is newer than these would make its task look foreign, so they must name all of the tasks.
        enough = {each.sid for each in asked if each.invites and {ask.task for ask in each.invites}.issuperset(sids)}
        channels = [
            self._start_channel(start, attempt, name, proven=proven and name[1] == proof.channel)
            for name in dict.fromkeys(hint.channel_name for hint in hints if hint.channel_name)
            if name[1] not in enough
        ]
        return lambda: _Named(
            tuple(task for task in (read.result() for read in tasks) if task), tuple(read() for read in channels)
        )

    def _start_channel(
        self, start: Start, attempt: Attempt, name: ChannelName, *, proven: bool = False
    ) -> Callable[[], Channel]:
        """Start reading a channel, and its invites unless all is proven; call the returned function to get it."""
        channel = start(partial(self._channel, attempt, name))
        invites = None if proven else start(partial(self._api.invites, attempt, *name))
        return lambda: replace(channel.result(), invites=invites.result()) if invites else channel.result()

    def _found(
        self, attempt: Attempt, conversation: Conversation, search: "Future[tuple[ChatSids, ...]] | None"
    ) -> tuple[tuple[ChatSids, ...], UnavailableError | None]:
        """Return what a search finds and what is noted on the conversation, and the error of a search that failed.

        The search has a tight rate limit. If it fails, the noted task is enough if it is live.
        """
        found: tuple[ChatSids, ...] = ()
        failure: UnavailableError | None = None
        try:
            found = search.result() if search else self._api.find_tasks(attempt, conversation.sid)
        except UnavailableError as error:
            failure = error
        return (*found, conversation.noted) if conversation.noted else found, failure

    def _belongings(
        self, attempt: Attempt, conversation: Conversation, participants: tuple[Participant, ...], named: "_Named"
    ) -> Belongings:
        """Separate what belongs to the chat from what only mentions it, and read what is needed only for that."""
        proof = self._proofs.get(conversation.sid) or Proof()
        read = {channel.sid for channel in named.channels}
        more = [name for name in _channel_names(conversation, named.tasks) if name[1] not in read][:MAX_CHANNELS]
        if more:
            with self._api.together() as start:
                reads = [self._start_channel(start, attempt, name) for name in more]
                named = replace(named, channels=(*named.channels, *(each() for each in reads)))
        belongs = belongings(conversation, named.tasks, named.channels, participants, proof)
        to_ask = unproven(belongs)
        if not to_ask:
            return belongs
        asked = {task.sid: self._workers.of(attempt, task) for task in to_ask}
        tasks = tuple(asked.get(task.sid, task) for task in named.tasks)
        return belongings(conversation, tasks, named.channels, participants, proof)

    def _channel(self, attempt: Attempt, name: ChannelName) -> Channel:
        try:
            return self._api.channel(attempt, *name)
        except (NotFoundError, RefusedError):
            return Channel(*name, ChannelStatus.UNKNOWN)

    def _remember(self, conversation: Conversation, belongs: Belongings) -> None:
        """Remember hint and proof; without a live task only the channel, which shows later that an agent left."""
        live = tuple(task.sid for task in belongs.tasks if task.live)
        channel = belongs.channel if belongs.channel and belongs.channel.proven else None
        if not live and channel is None:
            self.hints.forget(conversation.sid)
            return
        named = (channel.interaction, channel.sid) if channel else (None, None)
        self.hints.put(conversation.sid, ChatSids(live, *named))
        if live:
            self._proofs.put(conversation.sid, belongs.proof)

    def _undated_at(self, conversation: Conversation, page: Page) -> datetime | None:
        """Return when this process first saw the newest message without a time; None if all have one.

        The conversation's last change would move with every timer that we set.
        """
        index = next((message.index for message in page.messages if message.sent_at is None), None)
        if index is None:
            return None
        seen = self._undated.get(conversation.sid)
        if seen is None or seen[0] != index:
            seen = (index, conversation.updated_at or conversation.created_at)
            self._undated.put(conversation.sid, seen)
        return seen[1]

    def _with_older_messages(
        self, attempt: Attempt, page: Page, snapshot: Snapshot
    ) -> tuple[Snapshot, tuple[RawMessage, ...]]:
        """Read older pages while an older message may matter; return the snapshot and all messages as read."""
        pages, messages = 1, page.messages
        while page.older_url and _wants_more(snapshot, attempt.now, pages) and attempt.remaining > KEPT_FOR_DECIDING:
            page = self._api.older_messages(attempt, snapshot.conversation.sid, page)
            snapshot = replace(snapshot, messages=snapshot.messages + snapshot.classify_all(page.messages))
            messages += page.messages
            pages += 1
        return replace(snapshot, begins=not page.older_url), messages


@dataclass(frozen=True)
class _Named:
    """The tasks and channels that a hint, a search or a note named, as they are now."""

    tasks: tuple[Task, ...] = ()
    channels: tuple[Channel, ...] = ()

    def __add__(self, newer: "_Named") -> "_Named":
        """Combine both; what was read twice is taken from the newer one."""
        tasks = {task.sid: task for task in (*self.tasks, *newer.tasks)}
        channels = {channel.sid: channel for channel in (*self.channels, *newer.channels)}
        return _Named(tuple(tasks.values()), tuple(channels.values()))


def _over(conversation: Conversation, belongs: Belongings, invites: tuple[Invite, ...]) -> bool:
    """Whether none of the chat's invited tasks can be live, or it would not matter: an agent left or paused the chat.

    What is noted about the last task holds for those before it, and not for one that somebody was invited by later.
    """
    if belongs.channel and belongs.channel.left_or_paused:
        return True
    last = conversation.last_task
    if last is None or last.fate not in {TaskFate.FINISHED, TaskFate.LOST}:
        return False
    newest = max(reversed(invites), key=lambda invite: invite.created_at or conversation.created_at, default=None)
    return newest is None or newest.task == last.task


def _channel_names(conversation: Conversation, tasks: tuple[Task, ...]) -> tuple[ChannelName, ...]:
    """Return the channels that the tasks, our note and Flex's own attributes name, the newest task's first."""
    newest_first = sorted(tasks, key=lambda task: (task.live, task.created_at), reverse=True)
    names = [task.sids.channel_name for task in newest_first]
    names.append(conversation.noted.channel_name if conversation.noted else None)
    interaction, channel = interaction_of(conversation.attributes)
    names.append((interaction, channel) if interaction and channel else None)
    return tuple(dict.fromkeys(name for name in names if name))


def _wants_more(snapshot: Snapshot, now: datetime, pages: int) -> bool:
    """Whether older messages may matter.

    They do until a counted message and a customer's one are found; without a live task, until an agent's is found; and
    on channels with a window, until the customer's last message or the window's start is reached. Whoever has left may
    turn out to be a former agent, so their message is not enough.
    """
    messages = snapshot.messages
    if snapshot.live_tasks and newest_counted_among(messages, automated_counts=False) is None:
        return True
    if pages >= MAX_PAGES:
        return False
    if not snapshot.live_tasks and not agent_wrote(messages):
        return True
    if not any(message.by is Author.CUSTOMER and not message.left for message in messages):
        return True
    return not reachable(snapshot, now) and bool(messages) and now - messages[-1].sent_at < WINDOW
