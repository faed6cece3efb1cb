"""What the products share: the account, time, SIDs, the dialect, REST, errors, and what is to be told to webhooks."""
