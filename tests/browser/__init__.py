"""The simulator's page in Chromium, used as a person uses it: `make test-browser`."""
