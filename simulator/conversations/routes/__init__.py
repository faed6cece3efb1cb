"""Conversations over HTTP: paths and parameters to models and back.

A file a resource; each declares its operations on the one table when it is imported.
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
