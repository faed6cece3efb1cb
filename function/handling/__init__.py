"""Handling: read, decide and carry out; acceptances, and the sweep.

`Handler` brings one conversation to where the policy wants it; `Sweep` does so with all that were overlooked.
"""

from .acceptance import AcceptedReport
from .already_logged import Alarm
from .candidates import Candidate
from .handler import RESERVE, Handler, Report
from .lists import Part
from .locks import NewLock
from .orphans import Orphans
from .outcomes import Outcome
from .sweep import Count, Ending, Summary, Sweep

__all__ = [
    "RESERVE",
    "AcceptedReport",
    "Alarm",
    "Candidate",
    "Count",
    "Ending",
    "Handler",
    "NewLock",
    "Orphans",
    "Outcome",
    "Part",
    "Report",
    "Summary",
    "Sweep",
]
