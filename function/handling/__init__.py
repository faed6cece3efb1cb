"""Reads conversations, decides about them and applies the decisions; sets timers on acceptances; sweeps.

`Handler` handles one conversation; `Sweep` handles all those whose webhooks were lost.
"""

from .acceptance import AcceptedReport
from .already_logged import Alarm
from .candidates import Candidate
from .handler import RESERVE, Handler, Report
from .lists import Part
from .locks import NewLock
from .orphans import Orphans
from .outcomes import Outcome
from .sweep import Sweep
from .sweep_summary import Count, Ending, Summary

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
