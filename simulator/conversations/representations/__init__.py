"""Conversations resources as JSON: what is in a conversation, a service and its people, the account."""
