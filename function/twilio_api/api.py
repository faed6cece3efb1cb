"""The operations of Twilio's API that we use: reads return facts, and writes are named by what they do.

Only this file uses the twilio SDK, except for the official signature check in `signature.py`. `handling` decides what
is read together. `X-Twilio-Webhook-Enabled` is never set, because our own changes must not fire webhooks.
"""

import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import Executor, Future
from contextlib import contextmanager
from datetime import timedelta
from typing import Any, Protocol, TypeVar

from twilio.http import HttpClient
from twilio.rest import Client

from ..chat import (
    ACCEPTED,
    CREATED,
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
    read_object,
)
from ..contract import format_duration
from ..policy import TaskEnding
from ..settings import REGION, SDK_ENVIRONMENT, Settings
from .answers import (
    Acceptance,
    Listed,
    ListedPage,
    ListedTask,
    Page,
    TasksPage,
    acceptance_of,
    channel_of,
    conversation_of,
    event_of,
    found_task_of,
    invite_of,
    listed_of,
    listed_task_of,
    page_of,
    participant_of,
    task_of,
    text_of,
    updated_task_of,
)
from .attempt import Attempt
from .errors import InternalError, NotFoundError, RefusedError, ServerError, UnreadableError
from .rate_limiter import RateLimit
from .rows import Reading, read_all, read_rows, read_whole
from .transport import Operation, Transport, run_operation

T = TypeVar("T")

PAGE_SIZE = 20
"""Messages in a page: usually more than there are warnings and bots' messages after the newest counted one."""

AGENT_ROLES = frozenset({"agent", "supervisor"})
"""Friendly names of the roles that Flex gives its agents."""

ROLES_PAUSE, ROLES_REFUSED = 60.0, 3600.0
"""Seconds until roles are read again that could not be read, and that were refused: somebody may grant the right."""

LIST_PAGE_SIZE = 100
"""Conversations in a page, Twilio's maximum (twilio-oai, spec/json/twilio_conversations_v1.json, 14 April 2026)."""

TASK_PAGE_SIZE = 1000
"""Tasks in a page, or reservations of one, Twilio's maximum (twilio-oai, spec/json/twilio_taskrouter_v1.json, 14 April
2026)."""

SEARCH_PAGE_SIZE = 50
"""Tasks in a page of a search: more than name one conversation."""

NEWEST_TASKS = 50
"""Tasks in a page of the newest: as many as a large contact centre creates within the age of a list."""

_LISTED = ",".join(status.value for status in TaskStatus if status.live or status is TaskStatus.WRAPPING)

EVENT_RETENTION = timedelta(days=30) - timedelta(minutes=1)
"""How far back events are read: Twilio keeps them for 30 days, and a minute is left for clocks that differ."""

MAX_EVENTS = 200
"""Events in a page of one task's: those that end it are among the newest."""

INVITE_PAGE_SIZE = 100
REASON = "The customer went silent"
"""TaskRouter wants a reason with `completed` and `canceled` (twilio-oai, spec/json/twilio_taskrouter_v1.json, 14 April
2026)."""


_ENDINGS = {
    TaskStatus.COMPLETED: "complete_task",
    TaskStatus.WRAPPING: "wrap_task",
    TaskStatus.CANCELED: "cancel_task",
}
"""New status of a task -> the operation's name in the log."""


class Start(Protocol):
    """Starts a call that runs concurrently with others, and finishes before `together` does."""

    def __call__(self, call: Callable[[], T]) -> "Future[T]":
        """Start the call."""
        ...


def sdk_client(settings: Settings, http_client: HttpClient) -> Client:
    """Make the SDK's client for these settings: credentials, edge or base URL, and nothing from the environment."""
    edge = None if settings.twilio_base_url else settings.twilio_edge
    client = Client(
        settings.api_key_sid or settings.account_sid,
        settings.api_key_secret if settings.api_key_sid else settings.auth_token,
        settings.account_sid,
        region=REGION if edge else None,
        edge=edge,
        environment=SDK_ENVIRONMENT,
        http_client=http_client,
    )
    if settings.twilio_base_url:
        base = settings.twilio_base_url.rstrip("/")
        client.conversations.base_url = f"{base}/conversations"
        client.taskrouter.base_url = f"{base}/taskrouter"
        client.flex_api.base_url = f"{base}/flex-api"
    return client


class _Twilio:
    """The SDK's client for one operation. Making one takes microseconds, and ties its calls to their attempt."""

    def __init__(self, settings: Settings, operation: Operation) -> None:
        self._settings = settings
        self._client: Any = sdk_client(settings, operation)

    @property
    def service(self) -> Any:
        """The Conversations service whose conversations the function handles."""
        return self._client.conversations.v1.services(self._settings.service_sid)

    @property
    def workspace(self) -> Any:
        """The TaskRouter workspace that Flex uses."""
        return self._client.taskrouter.v1.workspaces(self._settings.workspace_sid)

    @property
    def flex(self) -> Any:
        """Flex's API, with the interactions."""
        return self._client.flex_api.v1


class TwilioApi:
    """Twilio's API for one account, service and workspace. One for the whole process, safe for many threads."""

    def __init__(self, settings: Settings, transport: Transport, calls: Executor) -> None:
        """Connect the API.

        Args:
            settings: account, service, workspace and credentials.
            transport: sends the calls.
            calls: runs the calls that are made `together`.
        """
        self._settings = settings
        self._transport = transport
        self._calls = calls
        self._roles = threading.Lock()
        self._agent_roles: frozenset[str] | None = None
        self._roles_again_at = 0.0

    @contextmanager
    def together(self) -> Iterator[Start]:
        """Run calls concurrently and wait for all of them, because nothing may run after the response is sent."""
        started: list[Future[Any]] = []

        def start(call: Callable[[], T]) -> "Future[T]":
            future = self._calls.submit(call)
            started.append(future)
            return future

        try:
            yield start
        finally:
            for future in started:
                future.exception()  # waits; `result` raises the error

    # -- reads ---------------------------------------------------------------------------------------------------

    def conversation(self, attempt: Attempt, sid: str) -> Conversation:
        """Fetch a conversation of our service.

        Raises:
            NotFoundError: our service has no such conversation.
        """
        return self._call(
            attempt,
            "fetch_conversation",
            lambda twilio: conversation_of(twilio.service.conversations(sid).fetch(), attempt.now, sid),
        )

    def participants(self, attempt: Attempt, sid: str) -> tuple[Participant, ...]:
        """List everybody who takes part now."""

        def read(twilio: _Twilio) -> tuple[Participant, ...]:
            listed = twilio.service.conversations(sid).participants
            first = listed.page(page_size=100)
            return read_all(
                first, listed.get_page, lambda row: participant_of(row, attempt.now), attempt, "list_participants"
            )

        return self._call(attempt, "list_participants", read)

    def newest_messages(self, attempt: Attempt, sid: str) -> Page:
        """List the newest messages, newest first."""

        def read(twilio: _Twilio) -> Page:
            return page_of(twilio.service.conversations(sid).messages.page(order="desc", page_size=PAGE_SIZE), attempt)

        return self._call(attempt, "list_messages", read)

    def older_messages(self, attempt: Attempt, sid: str, page: Page) -> Page:
        """List the messages before those of a page that has an `older_url`."""

        def read(twilio: _Twilio) -> Page:
            older = twilio.service.conversations(sid).messages.get_page(page.older_url)
            return page_of(older, attempt, page.passed | {page.older_url or ""})

        return self._call(attempt, "list_messages", read)

    def agent_roles(self, attempt: Attempt) -> frozenset[str] | None:
        """Return the SIDs of the service's roles for agents, read once for the process: they are configuration.

        None if they cannot be read, for a minute, or an hour if that is refused: then the tasks' workers are the
        evidence, and no chat waits for the roles. If Twilio does not answer at all, that is an error.
        """

        def read(twilio: _Twilio) -> tuple[tuple[str, str], ...]:
            listed = twilio.service.roles
            first = listed.page(page_size=100)
            return read_all(first, listed.get_page, _sid_and_name, attempt, "list_roles")

        with self._roles:
            if not self.agent_roles_known(attempt):
                try:
                    roles = self._call(attempt, "list_roles", read)
                except (NotFoundError, RefusedError):
                    self._roles_again_at = attempt.clock.monotonic() + ROLES_REFUSED
                    return None
                except (ServerError, UnreadableError, InternalError) as error:
                    attempt.record_unreadable("list_roles", f"all of it ({type(error).__name__})")
                    self._roles_again_at = attempt.clock.monotonic() + ROLES_PAUSE
                    return None
                self._agent_roles = frozenset(sid for sid, name in roles if name in AGENT_ROLES)
            return self._agent_roles

    def agent_roles_known(self, attempt: Attempt) -> bool:
        """Whether `agent_roles` makes no call."""
        return self._agent_roles is not None or attempt.clock.monotonic() < self._roles_again_at

    def task(self, attempt: Attempt, sid: str, conversation_sid: str) -> Task | None:
        """Fetch a task with its ETag; None if it is gone or names another conversation."""
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
        """Search the tasks that name this conversation; those that have ended only if there is no other.

        Twilio deletes a task five minutes after its end (https://www.twilio.com/docs/taskrouter/lifecycle-task-state,
        November 2026), and finds it until then. Limited to 3 searches a second for the account.

        Raises:
            DeferredError: the limit leaves no room within `patience` seconds (the attempt's by default).
            UnreadableError: a row cannot be read, which may be a task of the chat.
        """

        def read(twilio: _Twilio) -> tuple[ChatSids, ...]:
            listed, names = twilio.workspace.tasks, f'conversationSid=="{conversation_sid}"'
            first = listed.page(evaluate_task_attributes=names, page_size=SEARCH_PAGE_SIZE)
            found = read_whole(first, listed.get_page, found_task_of, attempt, "find_tasks")
            open_ones = tuple(sids for ended, sids in found if not ended)
            return open_ones or tuple(sids for _, sids in found)

        return self._call(attempt, "find_tasks", read, patience)

    def task_events(self, attempt: Attempt, task_sid: str) -> tuple[TaskEvent, ...] | None:
        """List a task's events, newest first; None if reading events is refused.

        If there are very many, or one cannot be read, those of its creation and its acceptances are listed by their
        type; if one of these cannot be read there are none, and they are read again later: a part of them would say
        that nobody accepted the task.

        TaskRouter keeps events for 30 days, and without a start date lists only those of the last 15 minutes
        (https://www.twilio.com/docs/taskrouter/api/event, November 2026).
        """

        def read(twilio: _Twilio) -> tuple[TaskEvent, ...]:
            events, since = twilio.workspace.events, attempt.now - EVENT_RETENTION
            reading, by_type = Reading(attempt, "list_events"), Reading(attempt, "list_events")

            def one(row: Any) -> TaskEvent:
                return event_of(row, attempt.now)

            newest = events.page(task_sid=task_sid, start_date=since, page_size=MAX_EVENTS)
            found = list(reading.rows(newest, one))
            for kind in (ACCEPTED, CREATED) if newest.next_page_url or not reading.whole else ():
                first = events.page(task_sid=task_sid, event_type=kind, start_date=since, page_size=MAX_EVENTS)
                found += by_type.pages(first, events.get_page, one)
            return tuple(dict.fromkeys(found)) if by_type.whole else ()

        try:
            return self._call(attempt, "list_events", read)
        except NotFoundError:
            return ()  # one 404 proves nothing: the events are read again later
        except RefusedError:
            return None

    def acceptances_of(self, attempt: Attempt, task_sid: str) -> tuple[Acceptance, ...]:
        """Return who accepted a task, in order; empty if it is gone, or reading it is refused.

        Raises:
            UnreadableError: a part of the task's reservations cannot be read.
        """

        def read(twilio: _Twilio) -> tuple[Acceptance, ...]:
            listed = twilio.workspace.tasks(task_sid).reservations
            first = listed.page(page_size=TASK_PAGE_SIZE)
            reserved = read_whole(
                first, listed.get_page, lambda row: acceptance_of(row, attempt.now), attempt, "list_reservations"
            )
            return tuple(filter(None, reserved))

        try:
            return self._call(attempt, "list_reservations", read)
        except (NotFoundError, RefusedError):
            return ()

    def identity_of_worker(self, attempt: Attempt, worker_sid: str) -> str | None:
        """Return a worker's chat identity, which Flex keeps in the attribute `contact_uri` as `client:IDENTITY`."""

        def read(twilio: _Twilio) -> str | None:
            attributes = read_object(text_of(twilio.workspace.workers(worker_sid).fetch().attributes)) or {}
            kind, _, identity = str(attributes.get("contact_uri", "")).partition(":")
            return identity if kind == "client" and identity else None

        return self._call(attempt, "fetch_worker", read)

    def channel(self, attempt: Attempt, interaction: str, sid: str) -> Channel:
        """Read an interaction channel, by fetching it or from the interaction's list: each has its own rate limit.

        Raises:
            NotFoundError, RefusedError: it cannot be read. Some accounts cannot read any
                (https://www.twilio.com/docs/flex/developer/conversations/limits, November 2026).
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
        """List all invites of an interaction channel; None if the list cannot be read completely.

        Invites can only be listed (twilio-oai, spec/json/twilio_flex_v1.json, 14 April 2026), and some accounts cannot
        read interactions (https://www.twilio.com/docs/flex/developer/conversations/limits, November 2026).
        """

        def read(twilio: _Twilio) -> tuple[Invite, ...] | None:
            context = twilio.flex.interaction(interaction).channels(channel)
            first = context.invites.page(page_size=INVITE_PAGE_SIZE)
            reading = Reading(attempt, "list_invites")
            listed = reading.pages(first, context.invites.get_page, lambda row: invite_of(row, attempt.now))
            return tuple(each for each in listed if each) if reading.whole and None not in listed else None

        try:
            return self._call(attempt, "list_invites", read)
        except (NotFoundError, RefusedError):
            return None

    # -- reads of the sweep: many conversations at once --------------------------------------------------------------

    def list_conversations(self, attempt: Attempt, state: ConversationState, url: str | None = None) -> ListedPage:
        """List a page of our service's conversations in one state; `url` is the `next_url` of the page before."""

        def read(twilio: _Twilio) -> ListedPage:
            listed = twilio.service.conversations
            page = listed.get_page(url) if url else listed.page(state=state.value, page_size=LIST_PAGE_SIZE)
            rows = read_rows(page, lambda row: listed_of(row, attempt.now), attempt, f"list_{state.value}")
            return ListedPage(rows, page.next_page_url)

        return self._call(attempt, f"list_{state.value}", read)

    def live_tasks(self, attempt: Attempt, url: str | None = None) -> TasksPage:
        """List a page of the workspace's live tasks, and of those that are being wrapped up.

        The list is only a hint, because tasks change all the time. Unlike a search by attributes it has no tight rate
        limit. Twilio's documents disagree whether it shows attributes; if it does not, nothing is found here, and each
        conversation's tasks are searched for.
        """

        def read(twilio: _Twilio) -> TasksPage:
            listed = twilio.workspace.tasks
            page = listed.get_page(url) if url else listed.page(assignment_status=[_LISTED], page_size=TASK_PAGE_SIZE)
            tasks = read_rows(page, listed_task_of, attempt, "list_live_tasks")
            return TasksPage(tuple(tasks), page.next_page_url)

        return self._call(attempt, "list_live_tasks", read)

    def newer_tasks(self, attempt: Attempt, conversation_sid: str, listed: Mapping[str, int]) -> tuple[str, ...] | None:
        """List the newest tasks; return those that name this conversation, None if some newer ones may be missing.

        Unlike a search by attributes this has no tight rate limit.

        Args:
            attempt: limits the time.
            conversation_sid: CH...
            listed: the SIDs of all tasks in an older list, in its order. The page must go on backwards from its end.
        """

        def read(twilio: _Twilio) -> tuple[str, ...] | None:
            page = twilio.workspace.tasks.page(
                assignment_status=[_LISTED], ordering="DateCreated:desc", page_size=NEWEST_TASKS
            )
            reading = Reading(attempt, "newest_tasks")
            rows = tuple(reading.rows(page, _surely_listed_task))
            goes_back = _goes_back_to(listed, [task for row in rows for task in row.sids.tasks])
            if not reading.whole or (page.next_page_url and not goes_back):
                return None
            ours = (row for row in rows if row.conversation == conversation_sid and not row.wrapped_up)
            return tuple(task for row in ours for task in row.sids.tasks)

        return self._call(attempt, "newest_tasks", read)

    # -- writes --------------------------------------------------------------------------------------------------

    def arm(self, attempt: Attempt, sid: str, timer: timedelta, attributes: str | None = None) -> Conversation:
        """Set a conversation active with this inactive timer (whole seconds, minimum one minute).

        This is harmless at any time: at worst the timer fires early, and the conversation is read and decided again.
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
        """Set a conversation's inactive timer; unlike `arm`, leave its state as it is."""
        self._call(
            attempt,
            "give_timer",
            lambda twilio: twilio.service.conversations(sid).update(timers_inactive=format_duration(timer)),
        )

    def note(self, attempt: Attempt, sid: str, attributes: str) -> Listed:
        """Replace a conversation's attributes; return the conversation as a list shows it from now on.

        Read the attributes right before, because the Conversations API has no `If-Match` (twilio-oai,
        spec/json/twilio_conversations_v1.json, 14 April 2026).
        """

        def update(twilio: _Twilio) -> Listed:
            return listed_of(twilio.service.conversations(sid).update(attributes=attributes), attempt.now)

        return self._call(attempt, "write_note", update)

    def post(self, attempt: Attempt, sid: str, text: str, marker: Marker) -> int:
        """Post a message of ours; return its index, or `NO_MESSAGE` if Twilio's response has none."""

        def create(twilio: _Twilio) -> int:
            messages, author = twilio.service.conversations(sid).messages, self._settings.author
            index = messages.create(author=author, body=text, attributes=marker.attributes()).index
            return index if type(index) is int else NO_MESSAGE

        return self._call(attempt, f"post_{marker.kind.value}", create)

    def write_attributes(self, attempt: Attempt, name: str, task: Task, attributes: str) -> Task:
        """Replace a task's attributes, if the task is unchanged since it was read.

        Raises:
            ChangedError: the task has changed.
        """

        def update(twilio: _Twilio) -> Task:
            context = twilio.workspace.tasks(task.sid)
            return updated_task_of(
                context.update_with_http_info(if_match=task.etag, attributes=attributes), attempt.now, task.sid
            )

        return self._call(attempt, name, update)

    def end_task(self, attempt: Attempt, task: Task, ending: TaskEnding = TaskEnding.COMPLETE) -> None:
        """Complete (or wrap) an assigned task, cancel a waiting one, if the task is unchanged since it was read.

        Raises:
            ChangedError: the task has changed.
            RefusedError: its status does not allow it.
        """
        ended = TaskStatus.WRAPPING if ending is TaskEnding.WRAP else TaskStatus.COMPLETED
        status = TaskStatus.CANCELED if task.waits else ended

        def update(twilio: _Twilio) -> None:
            context = twilio.workspace.tasks(task.sid)
            context.update(if_match=task.etag, assignment_status=status.value, reason=REASON)

        self._call(attempt, _ENDINGS[status], update)

    def reserve_search(self, attempt: Attempt) -> None:
        """Reserve room for `find_tasks` before anything is claimed or posted.

        Raises:
            DeferredError: the rate limit leaves no room in time.
        """
        self._transport.reserve(attempt, "find_tasks", RateLimit.TASK_SEARCH)

    def reserve_close(self, attempt: Attempt) -> None:
        """Reserve room for `close_channel` before anything is claimed or posted.

        Raises:
            DeferredError: the rate limit leaves no room in time.
        """
        self._transport.reserve(attempt, "close_channel", RateLimit.CHANNEL_WRITE)

    def close_channel(
        self, attempt: Attempt, channel: Channel, ending: TaskEnding = TaskEnding.COMPLETE
    ) -> ChannelStatus:
        """Close an interaction channel, its tasks and its conversation; the result may be `failed` with HTTP 200.

        Without a routing status Flex leaves the tasks wrapping (twilio-oai, spec/json/twilio_flex_v1.json, 14 April
        2026).
        """
        routing = {} if ending is TaskEnding.WRAP else {"routing": {"status": "closed"}}

        def update(twilio: _Twilio) -> ChannelStatus:
            context = twilio.flex.interaction(channel.interaction).channels(channel.sid)
            return ChannelStatus(context.update(status="closed", **routing).status)

        return self._call(attempt, "close_channel", update)

    def agents_of_channel(self, attempt: Attempt, channel: Channel) -> tuple[str, ...]:
        """Return the SIDs of the channel's participants who have a task; agents who left may still be listed."""

        def read(twilio: _Twilio) -> tuple[str, ...]:
            listed = twilio.flex.interaction(channel.interaction).channels(channel.sid).participants
            first = listed.page(page_size=100)
            agents = read_all(first, listed.get_page, _agent_of_channel, attempt, "list_channel_participants")
            return tuple(filter(None, agents))

        return self._call(attempt, "list_channel_participants", read)

    def dismiss(self, attempt: Attempt, channel: Channel, participant: str, ending: TaskEnding) -> None:
        """Remove one of the channel's agents; their task is completed, or left wrapping."""
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
        return run_operation(named, lambda: operation(twilio))


def _agent_of_channel(participant: Any) -> str | None:
    return str(participant.sid) if participant.routing_properties else None


def _sid_and_name(role: Any) -> tuple[str, str]:
    return str(role.sid), str(role.friendly_name).lower()


def _goes_back_to(listed: Mapping[str, int], tasks: Sequence[str]) -> bool:
    """Whether tasks are new ones and then those of an older list, from its end backwards.

    An API that does not know the order would ignore it and show the oldest ones.
    """
    places = [listed.get(task, len(listed)) for task in tasks]
    known = [place for place in places if place < len(listed)]
    return bool(known) and places == sorted(places, reverse=True) and len(set(known)) == len(known)


def _surely_listed_task(task: Any) -> ListedTask:
    """Make a row of a list of tasks; one that shows no attributes may name any conversation."""
    if not isinstance(task.attributes, str):
        raise ValueError("a task without attributes")  # noqa: TRY004 -- bad data, not a programming error
    return listed_task_of(task)
