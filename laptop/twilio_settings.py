"""Reads Twilio's settings over REST, to show what a deployment changed and that `destroy` undoes it.

It shares no code with the Pulumi program, so that it can check it.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from simulator.client import SimulatorClient, SimulatorError


class SettingsError(RuntimeError):
    """Twilio refused to show or to change a setting."""


@dataclass(frozen=True)
class TwilioSettings:
    """The settings at one moment: each document by its path.

    Timers and webhooks live in these three (twilio-oai, conversations_v1: Configuration, its Webhooks, a Service's
    Configuration/Webhooks).
    """

    documents: Mapping[str, Mapping[str, Any]]

    def differences(self, other: "TwilioSettings") -> list[str]:
        """One line for each field that differs: `path field: ours -> theirs`."""
        return [
            f"{path} {field}: {ours.get(field)!r} -> {theirs.get(field)!r}"
            for path, ours, theirs in (
                (path, _said(document), _said(other.documents[path])) for path, document in self.documents.items()
            )
            for field in sorted({*ours, *theirs})
            if _plain(ours.get(field)) != _plain(theirs.get(field))
        ]

    def fields(self) -> list[tuple[str, str, str]]:
        """Document, field and value of everything that is set, without SIDs and links."""
        return [
            (path, field, str(value))
            for path, document in self.documents.items()
            for field, value in _said(document).items()
            if _plain(value) is not None and not field.endswith("_sid") and field not in {"url", "links"}
        ]


class SettingsReader:
    """Reads settings, and changes them for the demo of drift, with the account's credentials."""

    def __init__(self, twilio: SimulatorClient) -> None:
        self._twilio = twilio
        self.service_webhook = f"Services/{twilio.account.service_sid}/Configuration/Webhooks"
        self.paths = ("Configuration", "Configuration/Webhooks", self.service_webhook)

    def read(self) -> TwilioSettings:
        """All settings as they are now."""
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
    """The document, without method and target of a webhook that has no URL."""
    webhook = "post_webhook_url" in document
    if not webhook or document["post_webhook_url"] or document.get("pre_webhook_url"):
        return document
    return {field: value for field, value in document.items() if field not in {"method", "target"}}


def _plain(value: object) -> object:
    """Null, empty and `PT0S` all mean that nothing is set: a timer cannot be set back to null at Twilio."""
    return None if value in (None, "", "PT0S", [], {}) else value
