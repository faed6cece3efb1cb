"""Clients of other people, unmodified, and what they do with a simulator."""
