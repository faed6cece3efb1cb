"""The Twilio side: transport, limits, signatures, events and operations."""
