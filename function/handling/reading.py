"""One snapshot of a conversation in as few round trips as Twilio allows.

Decides which facts are read together and how the conversation's tasks are found; judging them is left to others.
A process remembers which SIDs belong together, as a hint: the facts are read anew for every event.
"""

import threading
from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import replace
from datetime import datetime
from functools import partial

from ..chat import (
    WINDOW,
    Channel,
    ChannelStatus,
    ChatSids,
    Conversation,
    Evidence,
    Message,
    Participant,
    Snapshot,
    Task,
    TaskStatus,
    WhoIsWho,
    Written,
    agent_wrote,
    newest_counted_among,
    reachable,
)
from ..twilio_api import (
    NotFoundError,
    Page,
    RefusedError,
    Start,
    TwilioApi,
    UnavailableError,
    Visit,
    interaction_of,
)
from .locks import NewLock
from .memory import Memory

MOST_HINTS = 10_000

MOST_PAGES = 10
"""How far back an agent's word is looked for in a chat that nobody has: a bot can talk for ever."""


class Reader:
    """Reads snapshots; one for the whole process."""

    def __init__(self, api: TwilioApi, our_author: str, lock: NewLock = threading.Lock) -> None:
        self._api = api
        self._our_author = our_author
        self._identities: dict[str, str | None] = {}
        self.hints: Memory[ChatSids] = Memory(MOST_HINTS, lock)

    def read(self, visit: Visit, sid: str) -> Snapshot:
        """Read everything a decision looks at: one round trip when the SIDs are known, two when not.

        Raises:
            NotFoundError: our service has no such conversation.
            UnavailableError: Twilio does not answer, or not in time.
        """
        api = self._api
        hint = self.hints.get(sid)
        with api.together() as start:
            conversation_read = start(lambda: api.conversation(visit, sid))
            page_read = start(lambda: api.newest_messages(visit, sid))
            participants_read = start(lambda: api.participants(visit, sid))
            roles_read = None if api.agent_roles_known else start(lambda: api.agent_roles(visit))
            search = None if hint else start(lambda: api.find_tasks(visit, sid))
            hinted = self._start_reading(start, visit, sid, hint) if hint else None
            conversation = conversation_read.result()
            page = page_read.result()
            participants = participants_read.result()
            if roles_read:
                roles_read.result()
            tasks, channel = hinted() if hinted else ((), None)

        searched = not any(task.live for task in tasks)
        if searched:
            found, failure = self._found(visit, conversation, search)
            with api.together() as start:
                tasks, channel = self._start_reading(start, visit, sid, found)()
            if failure and not any(task.live for task in tasks):
                raise failure
        channel = self._channel_of(visit, conversation, tasks, channel)
        self._remember(conversation, tasks, channel)
        who = WhoIsWho(participants, self._evidence(visit, participants, tasks), self._our_author)
        snapshot = Snapshot(conversation, _judged(who, page.written), tasks, channel, who, searched=searched)
        return self._with_older_messages(visit, page, snapshot)

    def read_without_messages(self, visit: Visit, sid: str, hint: ChatSids) -> Snapshot:
        """Read a conversation and the tasks that are known, in one round trip and without a search.

        Raises:
            NotFoundError: our service has no such conversation.
            UnavailableError: Twilio does not answer, or not in time.
        """
        if known := self.hints.get(sid):
            hint = replace(hint, tasks=known.with_tasks(hint.tasks).tasks)
        with self._api.together() as start:
            conversation_read = start(lambda: self._api.conversation(visit, sid))
            participants_read = start(lambda: self._api.participants(visit, sid))
            tasks, channel = self._start_reading(start, visit, sid, hint)()
            conversation, participants = conversation_read.result(), participants_read.result()
        channel = self._channel_of(visit, conversation, tasks, channel)
        self._remember(conversation, tasks, channel)
        return Snapshot(conversation, (), tasks, channel, WhoIsWho(participants), searched=False)

    def _start_reading(
        self, start: Start, visit: Visit, sid: str, hint: ChatSids
    ) -> Callable[[], tuple[tuple[Task, ...], Channel | None]]:
        """Start reading tasks and channel; call the result for them."""
        tasks = [start(partial(self._api.task, visit, task, sid)) for task in hint.tasks]
        channel = start(partial(self._channel, visit, hint))
        return lambda: (tuple(task for task in (read.result() for read in tasks) if task), channel.result())

    def _found(
        self, visit: Visit, conversation: Conversation, search: "Future[tuple[ChatSids, ...]] | None"
    ) -> tuple[ChatSids, UnavailableError | None]:
        """What a search finds, and what was noted on the conversation.

        The search is limited. Where it fails, the noted task will do if it is live; that it is not proves nothing.
        """
        sids = ChatSids(())
        failure: UnavailableError | None = None
        try:
            for found in search.result() if search else self._api.find_tasks(visit, conversation.sid):
                sids += found
        except UnavailableError as error:
            failure = error
        return sids + conversation.noted if conversation.noted else sids, failure

    def _channel_of(
        self, visit: Visit, conversation: Conversation, tasks: tuple[Task, ...], read: Channel | None
    ) -> Channel | None:
        """The channel that the newest task names; else what was noted or Flex says, which proves nothing."""
        naming = [task for task in tasks if task.channel]
        newest = max(naming, key=lambda task: (task.live, task.created_at), default=None)
        source = newest or conversation.noted
        named = (source.interaction, source.channel) if source else interaction_of(conversation.attributes)
        if not all(named):
            return None
        if read is None or (read.interaction, read.sid) != named:
            read = self._channel(visit, ChatSids((), *named))
        return replace(read, proven=newest is not None) if read else None

    def _channel(self, visit: Visit, hint: ChatSids) -> Channel | None:
        if not hint.interaction or not hint.channel:
            return None
        try:
            return self._api.channel(visit, hint.interaction, hint.channel)
        except (NotFoundError, RefusedError):
            return Channel(hint.interaction, hint.channel, ChannelStatus.UNKNOWN)

    def _remember(self, conversation: Conversation, tasks: tuple[Task, ...], channel: Channel | None) -> None:
        live = tuple(task.sid for task in tasks if task.live)
        if not live:
            self.hints.forget(conversation.sid)
        elif channel is None or channel.proven:
            named = (channel.interaction, channel.sid) if channel else (None, None)
            self.hints.put(conversation.sid, ChatSids(live, *named))

    def _evidence(self, visit: Visit, participants: tuple[Participant, ...], tasks: tuple[Task, ...]) -> Evidence:
        """Roles tell agents apart in every Flex that we know of; only where none does, the task's worker is asked."""
        roles = self._api.agent_roles(visit)
        held = [task for task in tasks if task.status is TaskStatus.ASSIGNED]
        if not held or any(participant.role_sid in roles for participant in participants):
            return Evidence(roles)
        workers = {worker for task in held for worker in self._api.workers_of(visit, task.sid)}
        return Evidence(roles, frozenset(filter(None, (self._identity(visit, worker) for worker in workers))))

    def _identity(self, visit: Visit, worker_sid: str) -> str | None:
        if worker_sid not in self._identities:
            try:
                self._identities[worker_sid] = self._api.identity_of_worker(visit, worker_sid)
            except NotFoundError:
                return None
        return self._identities[worker_sid]

    def _with_older_messages(self, visit: Visit, page: Page, snapshot: Snapshot) -> Snapshot:
        """More pages of messages, newest first, for as long as an older one may matter."""
        pages = 1
        while page.older_url and _wants_more(snapshot, visit.now, pages):
            page = self._api.older_messages(visit, snapshot.conversation.sid, page)
            snapshot = replace(snapshot, messages=snapshot.messages + _judged(snapshot.who_is_who, page.written))
            pages += 1
        return snapshot


def _judged(who: WhoIsWho, written: tuple[Written, ...]) -> tuple[Message, ...]:
    return tuple(who.judge(each) for each in written)


def _wants_more(snapshot: Snapshot, now: datetime, pages: int) -> bool:
    """Down to a counted message; without a live task, down to an agent's word or the start.

    Where a customer can be reached only for a time after their last word, down to that word, or beyond that time.
    """
    messages = snapshot.messages
    if snapshot.live_tasks and newest_counted_among(messages, automated_counts=False) is None:
        return True
    if pages >= MOST_PAGES:
        return False
    if not snapshot.live_tasks and not agent_wrote(messages):
        return True
    return not reachable(snapshot, now) and bool(messages) and now - messages[-1].sent_at < WINDOW
