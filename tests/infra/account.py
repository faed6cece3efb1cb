"""A Twilio account as somebody else sees and changes it, over REST, with no code of ours in between."""

from typing import Any

import requests
from pulumi.dynamic import Config, ConfigureRequest, ResourceProvider

from simulator.running import RunningSimulator

Document = dict[str, Any]


class TwilioAccount:
    """The account of a running simulator.

    Attributes:
        url: of the simulator.
        sid: of the account.
        token: its auth token.
        service_sid: its default Conversations service.
        workspace_sid: the workspace in its Flex configuration.
    """

    def __init__(self, simulator: RunningSimulator) -> None:
        self._simulator = simulator
        self.url, self.sid, self.token = simulator.url, simulator.account_sid, simulator.auth_token
        state = simulator.control("GET", "state")["account"]
        self.service_sid, self.workspace_sid = state["serviceSid"], state["workspaceSid"]
        self.service_webhook = f"Services/{self.service_sid}/Configuration/Webhooks"
        self.workspace = f"Workspaces/{self.workspace_sid}"

    def connect(self, provider: ResourceProvider) -> None:
        """Let a provider work on this account, configured as the engine would."""
        config = {"p:twilioAuthToken": self.token, "p:twilioBaseUrl": self.url}
        provider.configure(ConfigureRequest(Config(config, "p")))

    def reset(self) -> None:
        """Everything as on the first day."""
        self._simulator.control("POST", "reset", {})

    def write(self, path: str, **parameters: object) -> Document:
        """Change a document under /v1."""
        return self._call("POST", path, parameters)

    def write_new_service(self, name: str) -> str:
        """Create a Conversations service; its SID."""
        return str(self._call("POST", "Services", {"FriendlyName": name})["sid"])

    def write_new_workspace(self, name: str) -> str:
        """Create a TaskRouter workspace; its SID."""
        return str(self._call("POST", "Workspaces", {"FriendlyName": name})["sid"])

    def read(self, path: str) -> Document:
        """Read a document under /v1."""
        return self._call("GET", path)

    def settings(self) -> Document:
        """Everything that the stack may touch, in one plain form.

        Null, empty and PT0S are one value, filters are a set, and a method means nothing where no URL is set: Twilio
        has no way to write those back.
        """
        documents = {
            path: self.read(path) for path in ("Configuration", "Configuration/Webhooks", self.service_webhook)
        }
        workspace = {key: value for key, value in self.read(self.workspace).items() if key.startswith("event")}
        return {path: _plain(document) for path, document in [*documents.items(), (self.workspace, workspace)]}

    def event_callback(self, workspace_sid: str = "") -> tuple[str, str]:
        """Where the workspace sends which events."""
        found = self.read(f"Workspaces/{workspace_sid or self.workspace_sid}")
        return found["event_callback_url"] or "", found["events_filter"] or ""

    def writes(self) -> list[str]:
        """The paths of all requests that changed something since the log was cleared."""
        log = self._simulator.control("GET", "requests")
        return [entry["path"] for entry in log["requests"] if entry["method"] == "POST"]

    def calls(self) -> list[str]:
        """The paths of all requests since the log was cleared."""
        return [entry["path"] for entry in self._simulator.control("GET", "requests")["requests"]]

    def fail(self) -> None:
        """Let Twilio answer 500 to everything."""
        self._simulator.control("POST", "faults", {"match": ".*", "kind": "status", "status": 500, "times": None})

    def recover(self) -> None:
        """Let Twilio answer again."""
        self._simulator.control("DELETE", "faults")

    def clear_log(self) -> None:
        """Forget what was called so far."""
        self._simulator.control("DELETE", "log")

    def _call(self, method: str, path: str, form: Document | None = None) -> Document:
        product = "taskrouter" if path.startswith("Workspaces") else "conversations"
        answer = requests.request(
            method, f"{self.url}/{product}/v1/{path}", data=form, auth=(self.sid, self.token), timeout=10
        )
        assert answer.ok, answer.text
        document: Document = answer.json()
        return document


def _plain(document: Document) -> Document:
    plain = {key: sorted(value) if isinstance(value, list) else value for key, value in document.items()}
    if not (plain.get("pre_webhook_url") or plain.get("post_webhook_url")):
        plain.pop("method", None)
    return {key: value for key, value in plain.items() if value not in (None, "", "PT0S", [])}
