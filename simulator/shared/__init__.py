"""What the products share: the account, the clock, SIDs, the dialect, the outbox of webhooks, REST and errors."""
