"""Which Pulumi CLI the laptop uses, and how it gets one where there is none: see README.md beside this file."""

from laptop.pulumi_cli.search import CACHE, PulumiUnavailableError, executable, obtain_pulumi

__all__ = ["CACHE", "PulumiUnavailableError", "executable", "obtain_pulumi"]
