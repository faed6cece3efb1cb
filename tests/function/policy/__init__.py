"""The policy as a document, and what it means."""
