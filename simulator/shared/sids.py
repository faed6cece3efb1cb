"""SIDs: unique, shaped like Twilio's, and the same in every run of one script."""

from __future__ import annotations

import hashlib
import itertools
import re
from collections import defaultdict


class Sids:
    """Hands out SIDs.

    They count up from a seed, so a run can be repeated; each reset has a seed of its own, so that nobody mistakes a
    conversation for its namesake from before the reset.
    """

    def __init__(self, seed: str) -> None:
        self._seed = seed
        self._counters: defaultdict[str, itertools.count[int]] = defaultdict(itertools.count)

    def new(self, prefix: str) -> str:
        """The next SID of this kind, e.g. `new("CH")`."""
        return derived_sid(prefix, f"{self._seed}/{next(self._counters[prefix])}")


def is_sid(prefix: str, text: str) -> bool:
    """Whether this has the shape of a SID of a kind."""
    return re.fullmatch(rf"{prefix}[0-9a-fA-F]{{32}}", text) is not None


def derived_sid(prefix: str, name: str) -> str:
    """A SID that follows from a name: how the default account's objects are the same after every start."""
    return prefix + hashlib.md5(f"{prefix}/{name}".encode(), usedforsecurity=False).hexdigest()
