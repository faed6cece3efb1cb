"""SIDs: unique, in Twilio's format, and the same in every run of a script."""

from __future__ import annotations

import hashlib
import itertools
import re
from collections import defaultdict


class Sids:
    """Makes SIDs.

    They are derived from a seed and a counter, so a run can be repeated. Each reset has a seed of its own, so that a
    conversation never has the SID of one from before the reset.
    """

    def __init__(self, seed: str) -> None:
        self._seed = seed
        self._counters: defaultdict[str, itertools.count[int]] = defaultdict(itertools.count)

    def new(self, prefix: str) -> str:
        """The next SID of this kind, e.g. `new("CH")`."""
        return derived_sid(prefix, f"{self._seed}/{next(self._counters[prefix])}")


def is_sid(prefix: str, text: str) -> bool:
    """Whether a text has the format of a SID with this prefix."""
    return re.fullmatch(rf"{prefix}[0-9a-fA-F]{{32}}", text) is not None


def derived_sid(prefix: str, name: str) -> str:
    """A SID derived from a name; the default objects have theirs this way after every start."""
    return prefix + hashlib.md5(f"{prefix}/{name}".encode(), usedforsecurity=False).hexdigest()
