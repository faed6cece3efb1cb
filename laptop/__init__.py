"""The laptop: the Pulumi CLI, the stack on a file backend, a provider that runs functions here, demo and replay."""
