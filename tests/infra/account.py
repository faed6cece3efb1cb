"""A Twilio account as somebody else sees and changes it, over REST, without our own code."""

from typing import Any

from pulumi.dynamic import Config, ConfigureRequest, ResourceProvider

from simulator.client import SimulatorClient
from simulator.running import RunningSimulator

Document = dict[str, Any]


class TwilioAccount:
    """The account of a running simulator.

    Attributes:
        twilio: the simulator.
        url: where it is.
        sid: of the account.
        token: its auth token.
        service_sid: its default Conversations service.
        workspace_sid: the workspace in its Flex configuration.
    """

    def __init__(self, simulator: RunningSimulator) -> None:
        self.twilio = SimulatorClient(simulator)
        account = self.twilio.account
        self.url, self.sid, self.token = simulator.url, account.account_sid, account.auth_token
        self.service_sid, self.workspace_sid = account.service_sid, account.workspace_sid
        self.service_webhook = f"Services/{self.service_sid}/Configuration/Webhooks"
        self.workspace = f"Workspaces/{self.workspace_sid}"

    def provider(self, kind: type[ResourceProvider]) -> ResourceProvider:
        """Return a provider of this kind that works on this account, configured as the engine does."""
        config = {"p:twilioAuthToken": self.token, "p:twilioBaseUrl": self.url}
        provider = kind()
        provider.configure(ConfigureRequest(Config(config, "p")))
        return provider

    def reset(self) -> None:
        """Reset the account."""
        self.twilio.reset()

    def write(self, path: str, **parameters: object) -> Document:
        """Change a document under /v1."""
        return self._call("POST", path, parameters)

    def write_new_service(self, name: str) -> str:
        """Create a Conversations service, and return its SID."""
        return str(self._call("POST", "Services", {"FriendlyName": name})["sid"])

    def write_new_workspace(self, name: str) -> str:
        """Create a TaskRouter workspace, and return its SID."""
        return str(self._call("POST", "Workspaces", {"FriendlyName": name})["sid"])

    def delete(self, path: str) -> None:
        """Delete what is under /v1."""
        self._call("DELETE", path)

    def read(self, path: str) -> Document:
        """Read a document under /v1."""
        return self._call("GET", path)

    def settings(self) -> Document:
        """Return everything that the stack may change, in one plain form.

        Null, empty and PT0S are one value, filters are a set, and a method without a URL is left out: Twilio has no way
        to write those back.
        """
        documents = {
            path: self.read(path) for path in ("Configuration", "Configuration/Webhooks", self.service_webhook)
        }
        workspace = {key: value for key, value in self.read(self.workspace).items() if key.startswith("event")}
        return {path: _plain(document) for path, document in [*documents.items(), (self.workspace, workspace)]}

    def event_callback(self, workspace_sid: str = "") -> tuple[str, str]:
        """Return where the workspace sends which events."""
        found = self.read(f"Workspaces/{workspace_sid or self.workspace_sid}")
        return found["event_callback_url"] or "", found["events_filter"] or ""

    def writes(self) -> list[str]:
        """Return the paths of all requests that changed something since the log was cleared."""
        return [request.path for request in self.twilio.requests() if request.method == "POST"]

    def calls(self) -> list[str]:
        """Return the paths of all requests since the log was cleared."""
        return [request.path for request in self.twilio.requests()]

    def fail(self) -> None:
        """Let Twilio answer 500 to everything."""
        self.twilio.fault(".*", "status", status=500, times=None)

    def recover(self) -> None:
        """Let Twilio answer again."""
        self.twilio.clear_faults()

    def clear_log(self) -> None:
        """Clear the log of requests."""
        self.twilio.clear_log()

    def _call(self, method: str, path: str, form: Document | None = None) -> Document:
        product = "taskrouter" if path.startswith("Workspaces") else "conversations"
        document: Document = self.twilio.rest(method, f"{product}/v1/{path}", **(form or {}))
        return document


def _plain(document: Document) -> Document:
    plain = {key: sorted(value) if isinstance(value, list) else value for key, value in document.items()}
    if not (plain.get("pre_webhook_url") or plain.get("post_webhook_url")):
        plain.pop("method", None)
    return {key: value for key, value in plain.items() if value not in (None, "", "PT0S", [])}
