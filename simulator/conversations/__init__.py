"""Conversations v1: services, conversations, participants, messages, states and timers."""
