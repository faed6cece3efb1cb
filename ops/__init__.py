"""The operator's command, `inactivity`: look at what is deployed, take it away at once, put it back."""
