"""The Twilio side: transport, rate limits, signatures, events and operations."""
