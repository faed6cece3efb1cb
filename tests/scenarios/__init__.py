"""Whole chats: the language of scripts, every script played, and real chats of the past replayed."""
