"""Flex v1: configuration and interactions, and the chats of customers and agents."""
