"""Twilio's Conversations, TaskRouter and Flex on one machine, with a clock that only the caller moves."""
