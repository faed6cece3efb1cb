"""Reads what a report counts from Twilio: our marks on messages, TaskRouter's events, and customers' other chats."""

from collections.abc import Collection, Iterator
from concurrent.futures import ThreadPoolExecutor, as_completed
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from function.chat import (
    Author,
    Authorship,
    ChatSids,
    Conversation,
    ConversationState,
    Evidence,
    Message,
    NotedRule,
    Snapshot,
    in_doubt,
    notes_of,
)
from function.policy import Policy, StepKind
from function.policy.policy import DEFAULT_RULE
from function.twilio_api import Attempt, TwilioError
from ops.chats import AT_ONCE, LEFT_ALONE_AFTER, LISTING_LASTS, ChatReader, DecidedChat, UnreadChat, patient
from ops.deployment import Deployment
from ops.history import MAX_PAGES
from ops.report.chats import AGAIN_WITHIN, LONG_WAIT, Ended, Lost, Observed, Reply, ToLookAt, Waited, Warned
from ops.terminal import Tell
from ops.twilio_reads import FoundConversation, TaskHappening, TwilioReads

LONGEST_CHAT = timedelta(days=1)
"""Conversations are listed by creation: those that were created this long before the first period count too."""


@dataclass(frozen=True)
class ReadChat:
    """A conversation with all its messages, oldest first."""

    found: FoundConversation
    messages: tuple[Message, ...]


class TwilioSource:
    """Reads the chats of one deployment.

    Args:
        deployment: whose service counts.
    """

    def __init__(self, deployment: Deployment) -> None:
        self._chats = ChatReader(deployment)
        self._reads = TwilioReads(deployment)

    def observe(self, length: timedelta, until: datetime | None, tell: Tell) -> Observed:
        """Read both periods.

        Raises:
            TwilioError: the conversations cannot be listed.
        """
        end = until or self._reads.time()[0]
        found = list(self._reads.conversations_between(end - 2 * length - LONGEST_CHAT, end + timedelta(seconds=1)))
        chats: list[ReadChat] = []
        unread = 0
        pool = ThreadPoolExecutor(AT_ONCE)
        try:
            reads = [pool.submit(self._read, each) for each in found]
            for done, read in enumerate(as_completed(reads), start=1):
                tell(done, len(reads))
                try:
                    chats.append(read.result())
                except TwilioError:
                    unread += 1
        finally:
            pool.shutdown(cancel_futures=True)
        observed = observed_chats(chats, self._chats.settings.policy, end)
        tasks = {chat.found.sid: _noted_task(chat.found) for chat in chats}
        ended = tuple(self.looked_up(each, tasks[each.conversation], end) for each in observed.ended)
        inactive = [each.sid for each in found if each.state == ConversationState.INACTIVE]
        given_up = [each for chat in self._chats.decided_all(inactive, tell) for each in _given_up(chat)]
        remarks = (f"{unread} conversations could not be read.",) if unread else ()
        return replace(
            observed,
            ended=ended,
            to_look_at=(*observed.to_look_at, *given_up),
            remarks=(*observed.remarks, *remarks),
        )

    def looked_up(self, ended: Ended, task: str, now: datetime) -> Ended:
        """Return an ended chat with its queue, and whether its customer wrote again; what cannot be read stays open."""
        try:
            happened = self._reads.task_happenings(task, now) if task else ()
            queue = next((each.queue for each in reversed(happened) if each.queue), "")
            again = self._wrote_again(ended, happened)
        except TwilioError:
            return ended
        return replace(ended, queue=queue or ended.queue, wrote_again=again)

    def _wrote_again(self, ended: Ended, happened: Collection[TaskHappening]) -> bool | None:
        authorship = self._authorship(patient(LISTING_LASTS), ended.conversation)
        names = _customers(_with_workers(authorship, happened))
        if not names:
            return None
        others = [each for name in names for each in self._reads.conversations_of(name)]
        return any(
            ended.at < each.created_at <= ended.at + AGAIN_WITHIN and each.sid != ended.conversation for each in others
        )

    def _read(self, found: FoundConversation) -> ReadChat:
        attempt, api = patient(LISTING_LASTS), self._chats.api
        authorship = self._authorship(attempt, found.sid)
        page = api.newest_messages(attempt, found.sid)
        raw = list(page.messages)
        for _ in range(MAX_PAGES):
            if not page.older_url:
                break
            page = api.older_messages(attempt, found.sid, page)
            raw += page.messages
        task = _noted_task(found)
        if task and in_doubt(authorship, raw, found.created_at):
            authorship = _with_workers(authorship, self._reads.task_happenings(task, attempt.now))
        snapshot = Snapshot(_conversation(found), (), authorship=authorship)
        return ReadChat(found, tuple(sorted(snapshot.classify_all(raw), key=lambda each: each.index)))

    def _authorship(self, attempt: Attempt, conversation_sid: str) -> Authorship:
        """Who takes part, as far as roles show who is an agent."""
        settings, api = self._chats.settings, self._chats.api
        evidence = Evidence.of_roles(api.agent_roles(attempt))
        return Authorship(
            api.participants(attempt, conversation_sid), evidence, settings.author, frozenset(settings.policy.bots)
        )


def observed_chats(chats: Collection[ReadChat], policy: Policy, until: datetime) -> Observed:
    """Return what these chats show, without what must be looked up elsewhere."""
    return Observed(
        until=until,
        warned=tuple(each for chat in chats for each in _warned(chat, policy)),
        ended=tuple(each for chat in chats for each in _ended(chat, policy)),
        waited=tuple(each for chat in chats for each in _waited(chat, until)),
        to_look_at=tuple(each for chat in chats for each in _late(chat)),
        remarks=("Rules are those of today's policy, by our note on each conversation.",),
    )


def _warned(chat: ReadChat, policy: Policy) -> Iterator[Warned]:
    seen: set[int] = set()
    for message in chat.messages:
        marker = message.marker
        if marker and marker.kind is StepKind.WARNING and marker.answered_index not in seen:
            seen.add(marker.answered_index)
            yield Warned(chat.found.sid, message.sent_at, _rule(chat.found, policy), _reply(chat, message))


def _reply(chat: ReadChat, warning: Message) -> Reply:
    """Who wrote next after a warning, before our closing notice."""
    for message in chat.messages:
        if message.index <= warning.index:
            continue
        if message.marker and message.marker.kind is StepKind.CLOSING:
            return Reply.NOTHING
        if message.by is Author.CUSTOMER and not message.left:
            return Reply.CUSTOMER
        if message.by is Author.AGENT or message.left:
            return Reply.AGENT
    return Reply.NOTHING


def _notice(chat: ReadChat) -> Message | None:
    closing = [each for each in chat.messages if each.marker and each.marker.kind is StepKind.CLOSING]
    return closing[-1] if closing and chat.found.closed else None


def _ended(chat: ReadChat, policy: Policy) -> Iterator[Ended]:
    if notice := _notice(chat):
        yield Ended(chat.found.sid, notice.sent_at, _rule(chat.found, policy))


def _waited(chat: ReadChat, until: datetime) -> Iterator[Waited]:
    """Yield the longest wait of a chat, from a customer's first unanswered message to whatever ended it."""
    longest, since = timedelta(), None
    ended_at = chat.found.updated_at if chat.found.closed else until
    for message in chat.messages:
        if message.by is Author.CUSTOMER and not message.left:
            since = since or message.sent_at
        elif since and (message.by is Author.AGENT or message.left or _ends(message)):
            longest, since = max(longest, message.sent_at - since), None
    if since and not chat.found.closed:
        longest = max(longest, ended_at - since)
    if longest > LONG_WAIT:
        yield Waited(chat.found.sid, ended_at, longest)


def _ends(message: Message) -> bool:
    return message.marker is not None and message.marker.kind is StepKind.CLOSING


def _late(chat: ReadChat) -> Iterator[ToLookAt]:
    sid, notice = chat.found.sid, _notice(chat)
    late = [
        each
        for each in chat.messages
        if notice and each.index > notice.index and each.by is Author.CUSTOMER and not each.left
    ]
    if late:
        yield ToLookAt(Lost.LATE_REPLY, sid, late[0].sent_at, "the customer wrote after our closing notice")


def _given_up(chat: DecidedChat | UnreadChat) -> Iterator[ToLookAt]:
    """Yield an open chat that the sweep leaves alone, although something is due or nobody works on it."""
    if isinstance(chat, UnreadChat):
        return
    sid, newest = chat.case.snapshot.conversation.sid, chat.case.newest
    if chat.overdue and chat.overdue > LEFT_ALONE_AFTER:
        at = chat.now - chat.overdue + LEFT_ALONE_AFTER
        yield ToLookAt(Lost.CHAT, sid, at, "overdue for more than a day")
    if chat.fate_unknown:
        yield ToLookAt(Lost.CHAT, sid, newest.sent_at, "nothing shows what became of its task")


def _rule(found: FoundConversation, policy: Policy) -> str:
    """The rule that our note names, by the policy of now; the default has no note."""
    noted = NotedRule.read(notes_of(found.attributes, found.sid))
    applied = policy.apply_by_digest(noted.match, noted.language) if noted else None
    return applied.rule if applied else DEFAULT_RULE


def _noted_task(found: FoundConversation) -> str:
    """The task that our note names; empty without one."""
    noted = ChatSids.read(notes_of(found.attributes, found.sid))
    return noted.tasks[0] if noted else ""


def _with_workers(authorship: Authorship, happened: Collection[TaskHappening]) -> Authorship:
    """Whoever accepted the task is an agent, whatever their role."""
    identities = frozenset(each.identity for each in happened if each.identity)
    return replace(authorship, evidence=replace(authorship.evidence, worker_identities=identities))


def _customers(authorship: Authorship) -> tuple[str, ...]:
    people = (each for each in authorship.participants if authorship.who_is(each) is Author.CUSTOMER)
    return tuple(name for each in people if (name := each.address or each.identity))


def _conversation(found: FoundConversation) -> Conversation:
    state = ConversationState(found.state)
    return Conversation(found.sid, state, found.created_at, None, found.attributes, found.updated_at)
