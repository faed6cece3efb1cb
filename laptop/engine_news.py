"""Which lines of the engine's progress are worth showing.

With its output in a pipe, the engine prints a line for the beginning and the end of each step, and heartbeats. The end
is enough; a step that takes more than a second prints another line.
"""

import re

_NOISE = (
    re.compile(r"\s*"),
    re.compile(r"\s*@ \w+.*"),  # a heartbeat
    re.compile(
        r".*\b(creating|deleting|refreshing|updating|reading) \(0s\).*"
    ),  # the beginning of a step; its end follows
    re.compile(r"\s*[\w-]+:[\w/.-]*:\S+ \S+"),  # a resource that did not change
    re.compile(r".*\brefresh(ing)?( \([\d.]+s\))?"),  # one that was refreshed, and did not change
    re.compile(r"\s*pulumi:pulumi:Stack \S+ running"),
    re.compile(r"The resources in the stack have been deleted, but .*"),
    re.compile(r"If you want to remove the stack completely, .*"),
)


def engine_line_is_news(line: str) -> bool:
    """Whether a line says that something was done, will be done or failed, or sums up the run."""
    return not any(noise.fullmatch(line.rstrip()) for noise in _NOISE)
