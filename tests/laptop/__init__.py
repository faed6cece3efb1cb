"""The laptop: how the CLI is found, the provider named gcp, the stack and its recovery."""
