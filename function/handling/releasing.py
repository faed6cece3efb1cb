"""Releases the agents of a conversation: closes the interaction channel, which ends its tasks, and ends the others."""

from collections.abc import Callable
from contextlib import suppress

from ..chat import Channel, ChannelStatus, ConversationState, Snapshot, Task
from ..policy import TaskEnding
from ..twilio_api import (
    AlreadyClosedError,
    Attempt,
    ChangedError,
    NotFoundError,
    RefusedError,
    TwilioApi,
    TwilioError,
    UnavailableError,
)


class Releaser:
    """Releases the agents of one conversation."""

    def __init__(self, api: TwilioApi, attempt: Attempt, conversation_sid: str) -> None:
        self._api = api
        self._attempt = attempt
        self._sid = conversation_sid

    def release(
        self, tasks: tuple[Task, ...], snapshot: Snapshot, ending: TaskEnding = TaskEnding.COMPLETE
    ) -> tuple[str, ...]:
        """Close the interaction channel, which ends its tasks, and end those that it does not.

        Returns:
            The SIDs of tasks that Twilio refuses to end; that keeps neither the others nor the conversation.

        Raises:
            TwilioError: a channel could not be closed, or a task not be ended now; the others are ended.
        """
        channel = snapshot.channel
        closed = channel is not None and closable(channel) and self._close_channel(channel, ending)
        if channel and closable(channel) and not closed and snapshot.conversation.state is ConversationState.CLOSED:
            # A channel whose conversation is closed may no longer close
            # (https://www.twilio.com/docs/api/errors/45360, November 2026).
            self._finish_participants(channel, ending)

        def end(task: Task) -> None:
            by_channel = closed and channel is not None and task.channel == channel.sid
            if not by_channel:
                self.end_task(task, ending)
            elif task.waits and (left := self.reread(task)) and left.waits:
                self.end_task(left, ending)  # Twilio does not document what closing does to such a task

        return _each(tasks, end)

    def cancel_waiting(self, tasks: tuple[Task, ...]) -> tuple[str, ...]:
        """Cancel the tasks that nobody has accepted yet; one that is accepted meanwhile is its agent's.

        Returns:
            The SIDs of tasks that Twilio refuses to cancel.

        Raises:
            TwilioError: a task could not be cancelled now; the others are.
        """
        return _each(tasks, lambda task: self._end(task, TaskEnding.COMPLETE, lambda now: now.waits))

    def _close_channel(self, channel: Channel, ending: TaskEnding) -> bool:
        """Close the channel, in two tries because Twilio may respond `failed` with HTTP 200; return whether it worked.

        Raises:
            UnavailableError: it is not found, although it was read a moment ago; the next round reads it again.
        """
        found = True
        for _ in range(2):
            try:
                if self._api.close_channel(self._attempt, channel, ending) is ChannelStatus.CLOSED:
                    return True
                found = True
            except NotFoundError:
                found = False
            except (RefusedError, AlreadyClosedError):
                return False
        if not found and channel.status is not ChannelStatus.UNKNOWN:
            raise UnavailableError("close_channel", "not found, although it was read a moment ago")
        return False

    def _finish_participants(self, channel: Channel, ending: TaskEnding) -> None:
        """Remove the channel's agents one by one, as far as that works; their tasks are ended afterwards."""
        try:
            participants = self._api.agents_of_channel(self._attempt, channel)
        except TwilioError:
            return
        for participant in participants:
            with suppress(TwilioError):
                self._api.dismiss(self._attempt, channel, participant, ending)

    def end_task(self, task: Task, ending: TaskEnding) -> None:
        """Complete, wrap or cancel a task; a task that is gone, ended or wrapping meanwhile is fine.

        Raises:
            RefusedError: Twilio refuses to end it, although its status allows it.
            TwilioError: the task is still live.
        """
        self._end(task, ending, lambda now: now.live or (ending is TaskEnding.COMPLETE and now.wrapped is not None))

    def _end(self, task: Task, ending: TaskEnding, is_due: Callable[[Task], bool]) -> None:
        now: Task | None = task
        failure: TwilioError | None = None
        for _ in range(2):
            if now is None or not is_due(now):
                return
            try:
                self._api.end_task(self._attempt, now, ending)
            except (ChangedError, RefusedError, NotFoundError) as error:
                failure, now = error, self._api.task(self._attempt, task.sid, self._sid)
            else:
                return
        if now is not None and now.live and is_due(now):
            kind = RefusedError if isinstance(failure, RefusedError) else UnavailableError
            raise kind("end_task", f"the task stays {now.status.value}")

    def reread(self, task: Task) -> Task | None:
        """Read a task again; None if it is gone or cannot be read."""
        try:
            return self._api.task(self._attempt, task.sid, self._sid)
        except TwilioError:
            return None


def _each(tasks: tuple[Task, ...], end: Callable[[Task], None]) -> tuple[str, ...]:
    """End each task, whatever becomes of the others; return the SIDs of those that Twilio refuses to end."""
    refused: list[str] = []
    failures: list[TwilioError] = []
    for task in tasks:
        try:
            end(task)
        except RefusedError:
            refused.append(task.sid)
        except TwilioError as failure:
            failures.append(failure)
    if failures:
        raise failures[0]
    return tuple(refused)


def closable(channel: Channel | None) -> bool:
    """Whether a channel is proven to be this conversation's, and not closed yet."""
    return channel is not None and channel.proven and channel.status is not ChannelStatus.CLOSED
