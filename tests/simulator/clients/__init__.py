"""Unmodified client libraries, driven through the simulator."""
