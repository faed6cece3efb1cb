"""The contract: what Twilio's OpenAPI documents say about the operations that the simulator has."""
