"""The simulator, compared with what Twilio documents."""
