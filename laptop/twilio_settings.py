"""Twilio's settings as a stranger reads them: over REST, to show what a deployment changed and that it is undone.

Decides which documents count as the account's settings and when two are the same. It shares nothing with the Pulumi
program, so that it can testify about it.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from simulator.client import SimulatorClient, SimulatorError


class SettingsError(RuntimeError):
    """Twilio refused to show or to change a setting."""


@dataclass(frozen=True)
class TwilioSettings:
    """The settings at one moment: the path of each document, and what it said.

    Timers and webhooks live in these three (twilio-oai, conversations_v1: Configuration, its Webhooks, a Service's
    Configuration/Webhooks).
    """

    documents: Mapping[str, Mapping[str, Any]]

    def differences(self, other: "TwilioSettings") -> list[str]:
        """One line a field that differs: `path field: ours -> theirs`."""
        return [
            f"{path} {field}: {ours.get(field)!r} -> {theirs.get(field)!r}"
            for path, ours, theirs in (
                (path, _said(document), _said(other.documents[path])) for path, document in self.documents.items()
            )
            for field in sorted({*ours, *theirs})
            if _plain(ours.get(field)) != _plain(theirs.get(field))
        ]

    def fields(self) -> list[tuple[str, str, str]]:
        """Document, field and value of everything that is set, SIDs and links left out."""
        return [
            (path, field, str(value))
            for path, document in self.documents.items()
            for field, value in _said(document).items()
            if _plain(value) is not None and not field.endswith("_sid") and field not in {"url", "links"}
        ]


class SettingsReader:
    """Reads and, for the demo's mischief, changes settings with the account's own credentials."""

    def __init__(self, twilio: SimulatorClient) -> None:
        self._twilio = twilio
        self.service_webhook = f"Services/{twilio.account.service_sid}/Configuration/Webhooks"
        self.paths = ("Configuration", "Configuration/Webhooks", self.service_webhook)

    def read(self) -> TwilioSettings:
        """All settings as they stand."""
        return TwilioSettings({path: self._call("GET", path) for path in self.paths})

    def change(self, path: str, **parameters: str) -> None:
        """Change a document behind Pulumi's back."""
        self._call("POST", path, **parameters)

    def _call(self, method: str, path: str, **form: str) -> dict[str, Any]:
        try:
            document: dict[str, Any] = self._twilio.rest(method, f"conversations/v1/{path}", **form)
        except SimulatorError as error:
            raise SettingsError(f"{method} {path}: {error.status} {error.body}") from error
        return document


def _said(document: Mapping[str, Any]) -> Mapping[str, Any]:
    """The document, less the manner of a webhook that nobody set: without an address, method and target say nothing."""
    webhook = "post_webhook_url" in document
    if not webhook or document["post_webhook_url"] or document.get("pre_webhook_url"):
        return document
    return {field: value for field, value in document.items() if field not in {"method", "target"}}


def _plain(value: object) -> object:
    """Null, empty and `PT0S` are one value: nothing is set. Twilio has no way to write a timer's null back."""
    return None if value in (None, "", "PT0S", [], {}) else value
