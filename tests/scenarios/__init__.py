"""Whole chats: the language of scripts, every script played, and real past chats replayed."""
