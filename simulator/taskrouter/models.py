"""TaskRouter of one account: its workspaces, and the callbacks by which Flex follows tasks."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from simulator.shared.errors import invalid_parameter, missing_parameter, not_found
from simulator.taskrouter import errors, events
from simulator.taskrouter.reservation import Reservation
from simulator.taskrouter.task import Task
from simulator.taskrouter.workspace import Workspace

if TYPE_CHECKING:
    from simulator.shared.account import Account


class TaskRouter:
    """TaskRouter, as one account sees it.

    Attributes:
        on_accepted: Called when a worker has accepted a task; Flex adds them to the conversation.
        on_ended_by_request: Called when TaskRouter's API has ended a task.
    """

    def __init__(self, account: Account) -> None:
        self.account = account
        self.on_accepted: Callable[[Reservation], None] = lambda _reservation: None
        self.on_ended_by_request: Callable[[Task], None] = lambda _task: None
        sid = account.default_sid("WS", "Flex Task Assignment")
        self.default_workspace = Workspace(self, sid, "Flex Task Assignment")
        queue, workflow = self.default_workspace.prepare("Everyone", "Assign to Anyone")
        self.default_workspace.kept = frozenset({queue.sid, workflow.sid})
        self.default_workspace.workers.ensure("agent")
        self.workspaces = {sid: self.default_workspace}

    def workspace(self, sid: str) -> Workspace:
        """Find a workspace.

        Raises:
            TwilioError: 20404.
        """
        found = self.workspaces.get(sid)
        if found is None:
            raise not_found(f"/Workspaces/{sid}")
        return found

    def create_workspace(
        self,
        friendly_name: str | None,
        *,
        event_callback_url: str | None,
        events_filter: str | None,
        multi_task_enabled: str | None,
        prioritize_queue_order: str | None,
        template: str | None,
    ) -> Workspace:
        """Add a workspace; the template FIFO adds a queue and a workflow.

        Raises:
            TwilioError: 20001 without a name or with an invalid value.
        """
        if not friendly_name:
            raise missing_parameter("FriendlyName")
        if template not in {None, "", "NONE", "FIFO"}:
            raise invalid_parameter(f"Invalid Template value given: {template}")
        workspace = Workspace(self, self.account.sids.new("WS"), friendly_name)
        workspace.update(
            friendly_name=None,
            event_callback_url=event_callback_url,
            events_filter=events_filter,
            multi_task_enabled=multi_task_enabled,
            prioritize_queue_order=prioritize_queue_order,
        )
        if template == "FIFO":
            workspace.prepare("Sample Queue", "Default Fifo Workflow")
        self.workspaces[workspace.sid] = workspace
        events.workspace_event(workspace, "created")
        return workspace

    def delete_workspace(self, sid: str) -> None:
        """Remove a workspace with everything in it; Flex's own cannot be removed.

        Raises:
            TwilioError: 20404, or 20001 for Flex's own.
        """
        workspace = self.workspace(sid)
        if workspace is self.default_workspace:
            raise errors.in_use("workspace", sid, "Flex works in it")
        for task in list(workspace.tasks.values()):
            workspace.forget(task, "deleted")
        del self.workspaces[sid]
        events.workspace_event(workspace, "deleted")
