"""Who may take part: address pairs belong to one conversation, and the number of participants is limited.

Source: https://www.twilio.com/docs/conversations-classic/conversations-limits, and 50407 to 50433 of the error
catalogue (https://www.twilio.com/docs/api/errors, November 2026).
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import TYPE_CHECKING, Final

from simulator.conversations import errors
from simulator.conversations.contents import NAME_LIMIT, Binding, Participant, channel_of
from simulator.shared.errors import invalid_parameter

if TYPE_CHECKING:
    from simulator.conversations.conversation import Conversation

LIMIT: Final = 1_000
BOUND_LIMIT: Final = 50
"""Participants outside chat."""
_PHONES: Final = frozenset({"sms", "whatsapp"})
_PHONE: Final = re.compile(r"\+[1-9]\d{1,14}")


class AddressPairs:
    """The conversation of each pair of addresses, across all services of the account."""

    def __init__(self) -> None:
        self._holders: dict[tuple[str, str], Conversation] = {}

    def holder(self, binding: Binding) -> Conversation | None:
        """The conversation that has this pair."""
        pair = _pair(binding)
        return None if pair is None else self._holders.get(pair)

    def take(self, binding: Binding | None, conversation: Conversation) -> None:
        """Give a pair to a conversation."""
        pair = _pair(binding)
        if pair is not None:
            self._holders[pair] = conversation

    def release(self, participants: Iterable[Participant], conversation: Conversation) -> None:
        """Release the pairs of these participants that belong to this conversation."""
        for participant in participants:
            pair = _pair(participant.binding)
            if pair is not None and self._holders.get(pair) is conversation:
                del self._holders[pair]


def read_binding(address: str | None, proxy_address: str | None, projected_address: str | None) -> Binding | None:
    """Make a messaging binding from what a client sent; None if it sent no address.

    Raises:
        TwilioError: 50407 to 50414 for addresses that are invalid or do not match.
    """
    if address is None and proxy_address is None and projected_address is None:
        return None
    if address == "" or (address is None and projected_address is None):
        raise errors.address_missing()
    if proxy_address == "":
        raise errors.proxy_address_missing()
    if address is not None and not _is_address(address):
        raise errors.invalid_address(address)
    if proxy_address is not None and not _is_address(proxy_address):
        raise errors.invalid_proxy_address(proxy_address)
    if address is not None and proxy_address is not None:
        if address == proxy_address:
            raise errors.address_is_proxy_address(address)
        if channel_of(address) != channel_of(proxy_address):
            raise errors.address_types_differ(address, proxy_address)
    kind = channel_of(address or projected_address or "")
    return Binding(kind, address, proxy_address, projected_address or None)


def admit(conversation: Conversation, pairs: AddressPairs, identity: str | None, binding: Binding | None) -> None:
    """Refuse a participant who may not join.

    Raises:
        TwilioError: 20001 without identity and address, 50433 when it already takes part, 50416 when its address pair
            belongs to another conversation, 50417 and 50418 when the conversation is full.
    """
    name = identity or (binding.address if binding else None)
    if not name:
        raise invalid_parameter("A participant needs Identity or MessagingBinding.Address")
    if len(name) > NAME_LIMIT:
        raise invalid_parameter(f"Identity is longer than {NAME_LIMIT} characters")
    if conversation.participant_named(name):
        raise errors.participant_exists(name)
    holder = None if binding is None else pairs.holder(binding)
    if holder is not None:
        raise errors.pair_in_use(holder.sid)
    if len(conversation.participants) >= LIMIT:
        raise errors.too_many_participants(LIMIT)
    bound = sum(participant.identity is None for participant in conversation.participants.values())
    if identity is None and bound >= BOUND_LIMIT:
        raise errors.too_many_bound_participants(BOUND_LIMIT)


def _pair(binding: Binding | None) -> tuple[str, str] | None:
    if binding is None or binding.address is None or binding.proxy_address is None:
        return None
    return binding.address, binding.proxy_address


def _is_address(address: str) -> bool:
    if len(address) > NAME_LIMIT:
        return False
    kind = channel_of(address)
    return kind not in _PHONES or _PHONE.fullmatch(address.rpartition(":")[2]) is not None
