"""Tests of `inactivity probe`."""
