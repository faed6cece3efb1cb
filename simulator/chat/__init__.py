"""Programmable Chat v2, as a second view of Conversations services."""
