"""Which lines of the engine's own progress tell a person something.

With its output in a pipe the engine prints a line for each beginning, each end and each heartbeat. The ends are enough;
a step that takes long is heard of again after its first second.
"""

import re

_NOISE = (
    re.compile(r"\s*"),
    re.compile(r"\s*@ \w+.*"),  # a heartbeat
    re.compile(r".*\b(creating|deleting|refreshing|updating|reading) \(0s\).*"),  # begun; its end follows
    re.compile(r"\s*[\w-]+:[\w/.-]*:\S+ \S+"),  # a resource that is as it was
    re.compile(r".*\brefresh(ing)?( \([\d.]+s\))?"),  # one that was looked at, and is as it was
    re.compile(r"\s*pulumi:pulumi:Stack \S+ running"),
    re.compile(r"The resources in the stack have been deleted, but .*"),
    re.compile(r"If you want to remove the stack completely, .*"),
)


def engine_line_is_news(line: str) -> bool:
    """Whether a line says that something was done, will be done, failed, or how it all came out."""
    return not any(noise.fullmatch(line.rstrip()) for noise in _NOISE)
