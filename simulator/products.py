"""Builds the products of an account, and gives each what it works with."""

from __future__ import annotations

from typing import Final

from simulator.chat.models import Chat
from simulator.conversations.models import Conversations
from simulator.flex.models import Flex
from simulator.shared.account import Account
from simulator.taskrouter.models import TaskRouter


class Products:
    """The products as one account sees them.

    Attributes:
        by_name: each product by its name in Twilio's addresses, such as `flex-api`.
    """

    def __init__(self, account: Account) -> None:
        self.account = account
        self.conversations = Conversations(account)
        self.chat = Chat(self.conversations)
        self.taskrouter = TaskRouter(account)
        self.flex = Flex(self.conversations, self.taskrouter)
        self.by_name: Final = {
            "conversations": self.conversations,
            "chat": self.chat,
            "taskrouter": self.taskrouter,
            "flex-api": self.flex,
        }
