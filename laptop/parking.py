"""Parks chats as a public template for Flex does (flex-project-template, its feature park-interaction), over REST.

The agent's participant is closed and the channel stays active; the conversation's attributes are replaced by what
brings the chat back; a conversation-scoped webhook waits for the next message and invites an agent again.
"""

import json
from typing import Final

from simulator.client import SimulatorClient

NOBODY: Final = "http://127.0.0.1:9/unpark"
"""URL of the conversation-scoped webhook. Nothing listens there: deliveries are read from the simulator's log."""


class Parking:
    """The simulator's actions, and parking, which Flex itself does not have."""

    def __init__(self, simulator: SimulatorClient) -> None:
        self._simulator = simulator
        self._parked: set[str] = set()
        self._read = 0

    def do(self, conversation: str, action: str) -> None:
        """Do an action: `park`, or one of the simulator's own.

        Raises:
            SimulatorError: it cannot happen now.
        """
        if action == "park":
            self.park(conversation)
        else:
            self._simulator.do(conversation, action)

    def park(self, conversation: str) -> None:
        """Remove the agent, and leave a webhook that waits for the next message.

        Raises:
            SimulatorError: no agent has a task of the chat.
        """
        rest, account = self._simulator.rest, self._simulator.account
        truth = self._simulator.truth(conversation)
        channel = f"flex-api/v1/Interactions/{truth.sids.interaction}/Channels/{truth.sids.channel}"
        task = rest("GET", f"taskrouter/v1/Workspaces/{account.workspace_sid}/Tasks/{truth.sids.task}")
        webhook = rest(
            "POST",
            f"conversations/v1/Conversations/{conversation}/Webhooks",
            **{
                "Target": "webhook",
                "Configuration.Url": NOBODY,
                "Configuration.Method": "POST",
                "Configuration.Filters": "onMessageAdded",
            },
        )
        for participant, kind in truth.interaction_channel.participants.items() if truth.interaction_channel else ():
            if kind == "agent":
                rest("POST", f"{channel}/Participants/{participant}", Status="closed")
        attributes = {
            "interactionSid": truth.sids.interaction,
            "channelSid": truth.sids.channel,
            "taskSid": truth.sids.task,
            "workflowSid": task["workflow_sid"],
            "taskChannelUniqueName": task["task_channel_unique_name"],
            "taskAttributes": task["attributes"],
            "webhookSid": webhook["sid"],
        }
        rest("POST", f"conversations/v1/Conversations/{conversation}", Attributes=json.dumps(attributes))
        self._parked.add(conversation)

    def unpark(self) -> None:
        """Bring back the chats whose webhook got a message: remove the webhook, and invite an agent."""
        if not self._parked:
            return
        for delivery, form in self._simulator.deliveries(self._read):
            self._read = delivery.sequence
            if delivery.url == NOBODY and form["ConversationSid"] in self._parked:
                self._bring_back(form["ConversationSid"], form["WebhookSid"])

    def _bring_back(self, conversation: str, webhook: str) -> None:
        rest, path = self._simulator.rest, f"conversations/v1/Conversations/{conversation}"
        self._parked.remove(conversation)
        rest("DELETE", f"{path}/Webhooks/{webhook}")
        parked = json.loads(rest("GET", path)["attributes"])
        properties = {
            "workspace_sid": self._simulator.account.workspace_sid,
            "workflow_sid": parked["workflowSid"],
            "task_channel_unique_name": parked["taskChannelUniqueName"],
            "attributes": json.loads(parked["taskAttributes"]),
        }
        channel = f"flex-api/v1/Interactions/{parked['interactionSid']}/Channels/{parked['channelSid']}"
        rest("POST", f"{channel}/Invites", Routing=json.dumps({"properties": properties}))
