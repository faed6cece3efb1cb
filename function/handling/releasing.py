"""Freeing the agent: the interaction channel is closed, which ends its tasks; what it leaves is ended task by task."""

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
    """Frees the agents of one conversation."""

    def __init__(self, api: TwilioApi, attempt: Attempt, conversation_sid: str) -> None:
        self._api = api
        self._attempt = attempt
        self._sid = conversation_sid

    def release(self, tasks: tuple[Task, ...], snapshot: Snapshot, ending: TaskEnding = TaskEnding.COMPLETE) -> None:
        """Free the agent: by the interaction channel, which ends its tasks itself; what it leaves, task by task.

        Raises:
            TwilioError: a channel or a task stays as it is.
        """
        channel = snapshot.channel
        closed = channel is not None and closable(channel) and self._close_channel(channel, ending)
        if channel and closable(channel) and not closed and snapshot.conversation.state is ConversationState.CLOSED:
            self._finish_participants(channel, ending)  # error 45360: it closes with its conversation, or not at all
        for task in tasks:
            by_channel = closed and channel is not None and task.channel == channel.sid
            if not by_channel:
                self.end_task(task, ending)
            elif task.waits and (left := self.reread(task)) and left.waits:
                self.end_task(left, ending)  # what closing does to a task that nobody accepted is not documented

    def _close_channel(self, channel: Channel, ending: TaskEnding) -> bool:
        """Close it, in two tries: Twilio may answer `failed` with HTTP 200. False where it does not work.

        Raises:
            UnavailableError: it is not found, although it was read a moment ago; the next attempt reads it again.
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
        """Let its agents go one by one, as far as that works; their tasks are looked at by themselves."""
        try:
            for participant in self._api.agents_of_channel(self._attempt, channel):
                self._api.dismiss(self._attempt, channel, participant, ending)
        except (RefusedError, NotFoundError, AlreadyClosedError):
            return

    def end_task(self, task: Task, ending: TaskEnding) -> None:
        """Complete (or wrap), or cancel it; gone, ended or wrapping meanwhile is as good.

        Raises:
            TwilioError: it stays as it is.
        """
        now: Task | None = task
        for _ in range(2):
            if now is None or not (now.live or (now.wrapped and ending is TaskEnding.COMPLETE)):
                return
            try:
                self._api.end_task(self._attempt, now, ending)
            except (ChangedError, RefusedError, NotFoundError):
                now = self._api.task(self._attempt, task.sid, self._sid)
            else:
                return
        if now is not None and now.live:
            raise UnavailableError("end_task", f"the task stays {now.status.value}")

    def reread(self, task: Task) -> Task | None:
        """The task as it is now; None where nobody can say."""
        try:
            return self._api.task(self._attempt, task.sid, self._sid)
        except TwilioError:
            return None


def closable(channel: Channel | None) -> bool:
    """Proven to be this conversation's, and not closed yet."""
    return channel is not None and channel.proven and channel.status is not ChannelStatus.CLOSED
