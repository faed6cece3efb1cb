"""Tests of `inactivity what-if`."""
