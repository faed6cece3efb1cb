"""Conversations of one account: its services, its account-wide configuration, and what is unique across services."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from simulator.conversations.addresses import Addresses
from simulator.conversations.approvals import Approvals
from simulator.conversations.contents import valid_friendly_name
from simulator.conversations.participants import AddressPairs
from simulator.conversations.service import Service
from simulator.conversations.timers import closed_timer, inactive_timer
from simulator.conversations.webhooks import WebhookSettings
from simulator.shared.dialect.conversations import UnsetTimers
from simulator.shared.errors import invalid_parameter, missing_parameter, not_found

if TYPE_CHECKING:
    from simulator.shared.account import Account


_UNSET: Final = {UnsetTimers.NULL: None, UnsetTimers.EMPTY: "", UnsetTimers.ZERO: "PT0S"}


@dataclass(slots=True)
class Configuration:
    """The account's `/v1/Configuration`; timers keep the text that was sent."""

    default_chat_service_sid: str
    default_messaging_service_sid: str
    default_inactive_timer: str | None = None
    default_closed_timer: str | None = None


class Conversations:
    """Conversations, as one account sees it."""

    def __init__(self, account: Account) -> None:
        self.account = account
        self.services: dict[str, Service] = {}
        self.addresses = Addresses(self)
        self.address_pairs = AddressPairs()
        self.approvals = Approvals()
        default = self._add(account.default_sid("IS", "Flex Chat Service"), "Flex Chat Service")
        self.configuration = Configuration(
            default_chat_service_sid=default.sid,
            default_messaging_service_sid=account.default_sid("MG", "default"),
        )
        self.webhook = WebhookSettings(method="POST")

    @property
    def default_service(self) -> Service:
        """The service of paths without `/Services/`."""
        return self.services[self.configuration.default_chat_service_sid]

    def service(self, sid: str) -> Service:
        """Find a service.

        Raises:
            TwilioError: 20404.
        """
        found = self.services.get(sid)
        if found is None:
            raise not_found(f"/Services/{sid}")
        return found

    def create_service(self, friendly_name: str | None) -> Service:
        """Add a service.

        Raises:
            TwilioError: 20001 without a name, 50003 for one that is too long.
        """
        if not friendly_name:
            raise missing_parameter("FriendlyName")
        return self._add(self.account.sids.new("IS"), valid_friendly_name(friendly_name))

    def delete_service(self, sid: str) -> None:
        """Remove a service and its conversations; the account's default stays.

        Raises:
            TwilioError: 20404, or 20001 for the default.
        """
        service = self.service(sid)
        if service is self.default_service:
            raise invalid_parameter("The default service cannot be deleted")
        for conversation in service.conversations.values():
            conversation.retire()
        del self.services[sid]

    def shown_timer(self, written: str | None) -> str | None:
        """A default timer as the configuration shows it: the text that was sent, or the dialect's value for none."""
        return _UNSET[self.account.dialect.unset_timers] if written is None else written

    def update_configuration(
        self,
        *,
        default_chat_service_sid: str | None = None,
        default_messaging_service_sid: str | None = None,
        default_inactive_timer: str | None = None,
        default_closed_timer: str | None = None,
    ) -> None:
        """Change what is given. Timers apply to conversations created from now on.

        Raises:
            TwilioError: 20404 for an unknown service, 50375 to 50380 for timers (an empty text is not a duration).
        """
        if default_chat_service_sid is not None:
            self.service(default_chat_service_sid)
        if default_inactive_timer is not None:
            inactive_timer(default_inactive_timer)
        if default_closed_timer is not None:
            closed_timer(default_closed_timer)
        configuration = self.configuration
        configuration.default_chat_service_sid = default_chat_service_sid or configuration.default_chat_service_sid
        if default_messaging_service_sid is not None:
            configuration.default_messaging_service_sid = default_messaging_service_sid
        if default_inactive_timer is not None:
            configuration.default_inactive_timer = default_inactive_timer
        if default_closed_timer is not None:
            configuration.default_closed_timer = default_closed_timer

    def _add(self, sid: str, friendly_name: str) -> Service:
        service = self.services[sid] = Service(self, sid, friendly_name)
        return service
