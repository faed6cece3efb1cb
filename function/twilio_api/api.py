"""Twilio's API as far as we use it: reads make facts, writes are named after what they do.

The only file that knows the twilio SDK (but for the official signature check in `signature.py`). Which facts are read
together is decided in `handling`. X-Twilio-Webhook-Enabled is never set: our own changes must not call anybody back.
"""

import threading
from collections.abc import Callable, Iterator
from concurrent.futures import Executor, Future
from contextlib import contextmanager
from datetime import timedelta
from typing import Any, Protocol, TypeVar

from twilio.rest import Client

from ..chat import (
    NO_MESSAGE,
    Channel,
    ChannelStatus,
    ChatSids,
    Conversation,
    ConversationState,
    Invite,
    Marker,
    Participant,
    Task,
    TaskEvent,
    TaskStatus,
    Wrapped,
    read_object,
    sid_or_none,
)
from ..contract import format_duration
from ..policy import TaskEnding
from ..settings import REGION, SDK_ENVIRONMENT, Settings
from .answers import (
    Listed,
    ListedPage,
    Page,
    TasksPage,
    channel_of,
    conversation_of,
    event_of,
    interaction_of,
    invite_of,
    listed_of,
    page_of,
    participant_of,
    task_of,
    updated_task_of,
)
from .attempt import Attempt
from .errors import NotFoundError, RefusedError
from .rate_limiter import RateLimit
from .rows import read_all, read_rows
from .transport import Operation, Transport, reading

T = TypeVar("T")

PAGE_SIZE = 20
"""Messages in a first look: more than the tail of warnings and bot's words behind the newest counted one."""

AGENT_ROLES = frozenset({"agent", "supervisor"})
"""Friendly names of the roles that Flex gives to its agents."""

LIST_PAGE_SIZE = 100
"""Conversations a page, the most that Twilio gives (twilio-oai, conversations_v1)."""

TASK_PAGE_SIZE = 1000
"""Likewise for tasks (twilio-oai, taskrouter_v1)."""

MAX_PARTICIPANTS = 1000
"""Twilio lets so many into a conversation (Conversations limits)."""

EVENTS_KEPT = timedelta(days=30) - timedelta(minutes=1)
MAX_EVENTS = 200
"""Of one task: what ends it is among its last events."""

INVITE_PAGE_SIZE = 100
REASON = "The customer went silent"
"""TaskRouter wants a reason with `completed` and `canceled` (twilio-oai, taskrouter_v1)."""


_ENDINGS = {
    TaskStatus.COMPLETED: "complete_task",
    TaskStatus.WRAPPING: "wrap_task",
    TaskStatus.CANCELED: "cancel_task",
}
"""What an end of a task is called in the log."""


class Start(Protocol):
    """Starts a call beside others; its result is there before `together` ends."""

    def __call__(self, call: Callable[[], T]) -> "Future[T]":
        """Start it."""
        ...


class _Twilio:
    """The SDK for one operation: making it takes some microseconds, and so a call knows whose it is."""

    def __init__(self, settings: Settings, operation: Operation) -> None:
        edge = None if settings.twilio_base_url else settings.twilio_edge
        client: Any = Client(
            settings.api_key_sid or settings.account_sid,
            settings.api_key_secret if settings.api_key_sid else settings.auth_token,
            settings.account_sid,
            region=REGION if edge else None,
            edge=edge,
            environment=SDK_ENVIRONMENT,
            http_client=operation,
        )
        if settings.twilio_base_url:
            base = settings.twilio_base_url.rstrip("/")
            client.conversations.base_url = f"{base}/conversations"
            client.taskrouter.base_url = f"{base}/taskrouter"
            client.flex_api.base_url = f"{base}/flex-api"
        self._settings = settings
        self._client = client

    @property
    def service(self) -> Any:
        """The Conversations service whose conversations are ours."""
        return self._client.conversations.v1.services(self._settings.service_sid)

    @property
    def workspace(self) -> Any:
        """The TaskRouter workspace that Flex uses."""
        return self._client.taskrouter.v1.workspaces(self._settings.workspace_sid)

    @property
    def flex(self) -> Any:
        """Flex's interactions."""
        return self._client.flex_api.v1


class TwilioApi:
    """Twilio's API for one account, service and workspace; one for the whole process, safe for many threads."""

    def __init__(self, settings: Settings, transport: Transport, calls: Executor) -> None:
        """Take what the calls go through.

        Args:
            settings: account, service, workspace and credentials.
            transport: sends the calls.
            calls: makes those at the same time that are made `together`.
        """
        self._settings = settings
        self._transport = transport
        self._calls = calls
        self._roles = threading.Lock()
        self._agent_roles: frozenset[str] | None = None

    @contextmanager
    def together(self) -> Iterator[Start]:
        """Make calls at the same time; none outlives the block, because nothing may work on after the response."""
        started: list[Future[Any]] = []

        def start(call: Callable[[], T]) -> "Future[T]":
            future = self._calls.submit(call)
            started.append(future)
            return future

        try:
            yield start
        finally:
            for future in started:
                future.exception()  # waits for it; its error is told to whoever asks for its result

    # -- reads ---------------------------------------------------------------------------------------------------

    def conversation(self, attempt: Attempt, sid: str) -> Conversation:
        """Fetch a conversation of our service; of any other service it is not found."""
        return self._call(
            attempt,
            "fetch_conversation",
            lambda twilio: conversation_of(twilio.service.conversations(sid).fetch(), attempt.now, sid),
        )

    def participants(self, attempt: Attempt, sid: str) -> tuple[Participant, ...]:
        """Everybody who takes part now."""

        def read(twilio: _Twilio) -> tuple[Participant, ...]:
            listed = twilio.service.conversations(sid).participants
            first = listed.page(page_size=100)
            return read_all(
                first, listed.get_page, lambda row: participant_of(row, attempt.now), attempt, "list_participants"
            )

        return self._call(attempt, "list_participants", read)

    def newest_messages(self, attempt: Attempt, sid: str) -> Page:
        """The newest messages, newest first."""

        def read(twilio: _Twilio) -> Page:
            return page_of(twilio.service.conversations(sid).messages.page(order="desc", page_size=PAGE_SIZE), attempt)

        return self._call(attempt, "list_messages", read)

    def older_messages(self, attempt: Attempt, sid: str, page: Page) -> Page:
        """The messages before those of a page that has a way to them."""

        def read(twilio: _Twilio) -> Page:
            older = twilio.service.conversations(sid).messages.get_page(page.older_url)
            return page_of(older, attempt, page.passed | {page.older_url or ""})

        return self._call(attempt, "list_messages", read)

    def agent_roles(self, attempt: Attempt) -> frozenset[str]:
        """SIDs of the service's roles for agents; asked once, for roles are set-up and not a fact about a chat."""

        def read(twilio: _Twilio) -> tuple[tuple[str, str], ...]:
            listed = twilio.service.roles
            first = listed.page(page_size=100)
            return read_all(first, listed.get_page, _sid_and_name, attempt, "list_roles")

        with self._roles:
            if self._agent_roles is None:
                try:
                    roles = self._call(attempt, "list_roles", read)
                except (NotFoundError, RefusedError):
                    roles = ()
                self._agent_roles = frozenset(sid for sid, name in roles if name in AGENT_ROLES)
            return self._agent_roles

    @property
    def agent_roles_known(self) -> bool:
        """Asking again costs no call."""
        return self._agent_roles is not None

    def task(self, attempt: Attempt, sid: str, conversation_sid: str) -> Task | None:
        """Fetch a task with its ETag; None when it is gone or belongs to another conversation."""
        try:
            return self._call(
                attempt,
                "fetch_task",
                lambda twilio: task_of(
                    twilio.workspace.tasks(sid).fetch_with_http_info(), conversation_sid, attempt.now, sid
                ),
            )
        except NotFoundError:
            return None

    def find_tasks(
        self, attempt: Attempt, conversation_sid: str, *, patience: float | None = None
    ) -> tuple[ChatSids, ...]:
        """The tasks that name this conversation, ended ones left out. Limited to 3 a second for the account.

        Raises:
            DeferredError: there is no room under that limit within `patience` seconds (the attempt's unless given).
        """

        def read(twilio: _Twilio) -> tuple[ChatSids, ...]:
            names = f'conversationSid=="{conversation_sid}"'
            page = twilio.workspace.tasks.page(evaluate_task_attributes=names, page_size=50)
            ended = {TaskStatus.COMPLETED, TaskStatus.CANCELED}
            found = read_rows(page, _task_sids, attempt, "find_tasks")
            return tuple(sids for status, sids in found if status not in ended)

        return self._call(attempt, "find_tasks", read, patience)

    def events_of(self, attempt: Attempt, task_sid: str) -> tuple[TaskEvent, ...] | None:
        """What TaskRouter tells about a task, the newest first; None where nobody may ask.

        Its events are kept for 30 days, and without a start they go back 15 minutes only (Twilio docs, TaskRouter
        events reference, read 2026-11-27).
        """

        def read(twilio: _Twilio) -> tuple[TaskEvent, ...]:
            since = attempt.now - EVENTS_KEPT
            page = twilio.workspace.events.page(task_sid=task_sid, start_date=since, page_size=MAX_EVENTS)
            rows = read_rows(page, lambda row: event_of(row, attempt.now), attempt, "list_events")
            return tuple(event for event in rows if event)

        try:
            return self._call(attempt, "list_events", read)
        except NotFoundError:
            return ()  # one 404 proves nothing: it is asked again
        except RefusedError:
            return None

    def workers_of(self, attempt: Attempt, task_sid: str) -> tuple[str, ...]:
        """SIDs of the workers who accepted a task; none when it is gone, or nobody may ask."""

        def read(twilio: _Twilio) -> tuple[str, ...]:
            page = twilio.workspace.tasks(task_sid).reservations.page(page_size=50)
            reserved = read_rows(page, _worker_and_status, attempt, "list_reservations")
            return tuple(worker for worker, status in reserved if status in {"accepted", "wrapping"})

        try:
            return self._call(attempt, "list_reservations", read)
        except (NotFoundError, RefusedError):
            return ()

    def identity_of_worker(self, attempt: Attempt, worker_sid: str) -> str | None:
        """The chat identity of a worker: Flex keeps it in their attribute `contact_uri` as `client:IDENTITY`."""

        def read(twilio: _Twilio) -> str | None:
            worker = twilio.workspace.workers(worker_sid).fetch()
            kind, _, identity = str((read_object(worker.attributes) or {}).get("contact_uri", "")).partition(":")
            return identity if kind == "client" and identity else None

        return self._call(attempt, "fetch_worker", read)

    def channel(self, attempt: Attempt, interaction: str, sid: str) -> Channel:
        """Fetch an interaction channel, or list the interaction's: each way is limited by itself, and shows the same.

        Raises:
            NotFoundError, RefusedError: it cannot be fetched; Flex's limits say that some accounts cannot at all.
        """
        way = self._transport.roomier(attempt, RateLimit.CHANNEL_READ, RateLimit.CHANNEL_LIST)
        if way is RateLimit.CHANNEL_LIST:

            def read(twilio: _Twilio) -> tuple[Channel, ...]:
                page = twilio.flex.interaction(interaction).channels.page(page_size=50)
                return read_rows(page, lambda row: channel_of(row, interaction, str(row.sid)), attempt, "list_channels")

            for channel in self._call(attempt, "list_channels", read):
                if channel.sid == sid:
                    return channel
        return self._call(
            attempt,
            "fetch_channel",
            lambda twilio: channel_of(twilio.flex.interaction(interaction).channels(sid).fetch(), interaction, sid),
        )

    def invites(self, attempt: Attempt, interaction: str, channel: str) -> tuple[Invite, ...] | None:
        """Who was ever asked into an interaction channel; None where the list cannot be read, or not in whole.

        There is only a list (twilio-oai, flex_v1), and one page of Twilio's docs says that reads of interactions may be
        denied (Flex limits, read 2026-11-27).
        """

        def read(twilio: _Twilio) -> tuple[Invite, ...] | None:
            context = twilio.flex.interaction(interaction).channels(channel)
            first = context.invites.page(page_size=INVITE_PAGE_SIZE)
            before = len(attempt.left_out)

            def one(row: Any) -> Invite | None:
                return invite_of(row, attempt.now)

            listed = read_all(first, context.invites.get_page, one, attempt, "list_invites")
            whole = None not in listed and len(attempt.left_out) == before
            return tuple(each for each in listed if each) if whole else None

        try:
            return self._call(attempt, "list_invites", read)
        except (NotFoundError, RefusedError):
            return None

    # -- reads of the sweep: many conversations at once --------------------------------------------------------------

    def list_conversations(self, attempt: Attempt, state: ConversationState, url: str | None = None) -> ListedPage:
        """A page of our service's conversations in one state; `url` is the way to it that the page before told."""

        def read(twilio: _Twilio) -> ListedPage:
            listed = twilio.service.conversations
            page = listed.get_page(url) if url else listed.page(state=state.value, page_size=LIST_PAGE_SIZE)
            rows = read_rows(page, lambda row: listed_of(row, attempt.now), attempt, f"list_{state.value}")
            return ListedPage(rows, page.next_page_url)

        return self._call(attempt, f"list_{state.value}", read)

    def live_tasks(self, attempt: Attempt, url: str | None = None) -> TasksPage:
        """A page of the workspace's live tasks, and of those that we put into wrapping.

        A hint, because they change all the time. A list by status is not limited as a search by attributes is. Twilio's
        documents disagree whether it shows attributes; where it does not, nothing is found here, and each
        conversation's tasks are searched for.
        """
        statuses = ",".join(status.value for status in TaskStatus if status.live or status is TaskStatus.WRAPPING)

        def read(twilio: _Twilio) -> TasksPage:
            listed = twilio.workspace.tasks
            page = listed.get_page(url) if url else listed.page(assignment_status=[statuses], page_size=TASK_PAGE_SIZE)
            rows = read_rows(page, _named_task, attempt, "list_live_tasks")
            return TasksPage(tuple((sid, sids) for sid, sids in rows if sid), page.next_page_url)

        return self._call(attempt, "list_live_tasks", read)

    # -- writes --------------------------------------------------------------------------------------------------

    def arm(self, attempt: Attempt, sid: str, timer: timedelta, attributes: str | None = None) -> Conversation:
        """Set a conversation active with this inactive timer (whole seconds, at least a minute).

        Harmless whenever it happens: at worst the timer fires early, and an early firing is decided anew.
        """
        fields: dict[str, str] = {"state": "active", "timers_inactive": format_duration(timer)}
        if attributes is not None:
            fields["attributes"] = attributes
        return self._call(
            attempt,
            "arm_timer",
            lambda twilio: conversation_of(twilio.service.conversations(sid).update(**fields), attempt.now, sid),
        )

    def give_timer(self, attempt: Attempt, sid: str, timer: timedelta) -> None:
        """Give a conversation an inactive timer; unlike `arm` it wakes nobody."""
        self._call(
            attempt,
            "give_timer",
            lambda twilio: twilio.service.conversations(sid).update(timers_inactive=format_duration(timer)),
        )

    def note(self, attempt: Attempt, sid: str, attributes: str) -> Listed:
        """Give a conversation other attributes; returns how a list shows it from now on.

        Twilio cannot compare and swap here (its Conversations API knows no If-Match: twilio-oai, conversations_v1), so
        read them right before.
        """

        def update(twilio: _Twilio) -> Listed:
            return listed_of(twilio.service.conversations(sid).update(attributes=attributes), attempt.now)

        return self._call(attempt, "write_note", update)

    def post(self, attempt: Attempt, sid: str, text: str, marker: Marker) -> int:
        """Post a message of ours; returns its index, `NO_MESSAGE` where Twilio does not tell it."""

        def create(twilio: _Twilio) -> int:
            messages, author = twilio.service.conversations(sid).messages, self._settings.author
            index = messages.create(author=author, body=text, attributes=marker.attributes()).index
            return index if type(index) is int else NO_MESSAGE

        return self._call(attempt, f"post_{marker.kind.value}", create)

    def write_attributes(self, attempt: Attempt, name: str, task: Task, attributes: str) -> Task:
        """Give a task other attributes, if it is still the version that was read.

        Raises:
            ChangedError: it is not.
        """

        def update(twilio: _Twilio) -> Task:
            context = twilio.workspace.tasks(task.sid)
            return updated_task_of(
                context.update_with_http_info(if_match=task.etag, attributes=attributes), attempt.now, task.sid
            )

        return self._call(attempt, name, update)

    def end_task(self, attempt: Attempt, task: Task, ending: TaskEnding = TaskEnding.COMPLETE) -> None:
        """Complete (or wrap) a task that somebody has, cancel one that waits, if it is the version that was read.

        Raises:
            ChangedError: it is not.
            RefusedError: its status does not allow it.
        """
        ended = TaskStatus.WRAPPING if ending is TaskEnding.WRAP else TaskStatus.COMPLETED
        status = TaskStatus.CANCELED if task.waits else ended

        def update(twilio: _Twilio) -> None:
            context = twilio.workspace.tasks(task.sid)
            context.update(if_match=task.etag, assignment_status=status.value, reason=REASON)

        self._call(attempt, _ENDINGS[status], update)

    def reserve_search(self, attempt: Attempt) -> None:
        """Make room for `find_tasks` before anything is claimed or said.

        Raises:
            DeferredError: there is none in time.
        """
        self._transport.reserve(attempt, "find_tasks", RateLimit.TASK_SEARCH)

    def reserve_close(self, attempt: Attempt) -> None:
        """Make room for `close_channel` before anything is claimed or said.

        Raises:
            DeferredError: there is none in time.
        """
        self._transport.reserve(attempt, "close_channel", RateLimit.CHANNEL_WRITE)

    def close_channel(
        self, attempt: Attempt, channel: Channel, ending: TaskEnding = TaskEnding.COMPLETE
    ) -> ChannelStatus:
        """Close an interaction channel, its tasks and its conversation; `failed` is possible with HTTP 200.

        Without a routing status Flex leaves the tasks wrapping (twilio-oai, flex_v1).
        """
        routing = {} if ending is TaskEnding.WRAP else {"routing": {"status": "closed"}}

        def update(twilio: _Twilio) -> ChannelStatus:
            context = twilio.flex.interaction(channel.interaction).channels(channel.sid)
            return ChannelStatus(context.update(status="closed", **routing).status)

        return self._call(attempt, "close_channel", update)

    def agents_of_channel(self, attempt: Attempt, channel: Channel) -> tuple[str, ...]:
        """SIDs of the channel's participants who take part by a task; agents who left can stay listed."""

        def read(twilio: _Twilio) -> tuple[str, ...]:
            context = twilio.flex.interaction(channel.interaction).channels(channel.sid)
            listed = context.participants.list(limit=MAX_PARTICIPANTS, page_size=100)
            return tuple(str(each.sid) for each in listed if each.routing_properties)

        return self._call(attempt, "list_channel_participants", read)

    def dismiss(self, attempt: Attempt, channel: Channel, participant: str, ending: TaskEnding) -> None:
        """Let one of the channel's agents go; their task is completed, or left wrapping."""
        status = "wrapup" if ending is TaskEnding.WRAP else "closed"

        def update(twilio: _Twilio) -> None:
            context = twilio.flex.interaction(channel.interaction).channels(channel.sid)
            context.participants(participant).update(status=status)

        self._call(attempt, "dismiss_participant", update)

    def close_conversation(self, attempt: Attempt, sid: str) -> None:
        """Close a conversation for good."""
        self._call(
            attempt, "close_conversation", lambda twilio: twilio.service.conversations(sid).update(state="closed")
        )

    def _call(self, attempt: Attempt, name: str, operation: Callable[[_Twilio], T], patience: float | None = None) -> T:
        named = self._transport.operation(attempt, name, patience)
        twilio = _Twilio(self._settings, named)
        return reading(named, lambda: operation(twilio))


def _sid_and_name(role: Any) -> tuple[str, str]:
    return str(role.sid), str(role.friendly_name).lower()


def _task_sids(task: Any) -> tuple[str, ChatSids]:
    return str(task.assignment_status), ChatSids((str(task.sid),), *interaction_of(task.attributes))


def _named_task(task: Any) -> tuple[str | None, ChatSids]:
    """The conversation that a task names, None for one that its agent wraps up; and what belongs to it."""
    named = (read_object(task.attributes) or {}).get("conversationSid")
    wrapping = task.assignment_status == TaskStatus.WRAPPING
    agents_own = wrapping and not Wrapped.read(task.attributes, str(task.sid))
    sids = ChatSids((str(task.sid),), *interaction_of(task.attributes))
    return None if agents_own else sid_or_none(named, "CH"), sids


def _worker_and_status(reservation: Any) -> tuple[str, str]:
    return str(reservation.worker_sid), str(reservation.reservation_status)
