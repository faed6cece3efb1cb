"""Conversations over HTTP: reads requests, calls models, writes answers.

Each file has one resource and declares its operations on the shared table when it is imported.
"""

from simulator.conversations.routes import (
    account,
    conversations,
    messages,
    participants,
    scoped_webhooks,
    services,
    users,
)
from simulator.conversations.routes.shared import ROUTES

__all__ = ["ROUTES", "account", "conversations", "messages", "participants", "scoped_webhooks", "services", "users"]
