"""Flex v1: configuration and interactions, and the Flex chats that customers and agents live in."""
