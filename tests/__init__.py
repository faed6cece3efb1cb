"""The tests, a folder a part; CONTRIBUTING.md says which holds what."""
