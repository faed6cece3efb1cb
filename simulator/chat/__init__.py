"""Programmable Chat v2, as far as it is the other face of a Conversations service."""
