"""Checks a deployment end to end; every finding names the command that mends it."""
