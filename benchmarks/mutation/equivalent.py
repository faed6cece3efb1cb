"""Mutants that no test can kill, each with the argument why.

An entry is found by the statement before and after the change and by what it is in, not by its line. One that fits no
survivor, or more than one, is an error: the code or the tests have changed, and the argument must be made anew.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Equivalent:
    """One of them; all but `why` as in the mutant, in the module of that name."""

    module: str
    scope: str
    original: str
    mutated: str
    why: str


NOT_TRUE = "the callers only ask whether it is true"
ALWAYS_A_TASK = "it is asked only where a live task exists, and the claimable task is one of those"
A_HOST = "a URL that Twilio can call has a host; asked for the type checker"

EQUIVALENT = (
    Equivalent(
        "decisions",
        "decide",
        "if snapshot.newest_live_task and all((task.waits for task in snapshot.live_tasks)):",
        "if snapshot.newest_live_task and any((task.waits for task in snapshot.live_tasks)):",
        "a live task waits or is assigned, and one that waits beside one that is assigned is a transfer, which an "
        "earlier row has answered: here all wait or none",
    ),
    Equivalent(
        "decisions",
        "_next_step",
        "sent = warned.marker.step if warned and warned.marker else 0",
        "sent = warned.marker.step if warned else 0",
        "`sent` finds a message by its marker: there is one; asked for the type checker",
    ),
    Equivalent(
        "decisions",
        "_next_step",
        "sent = warned.marker.step if warned and warned.marker else 0",
        "sent = warned.marker.step if warned and warned.marker else -1",
        "steps are numbered from 1, all are above either",
    ),
    Equivalent(
        "decisions",
        "_told",
        "mark = task.agent_silent if task else None",
        "mark = task.agent_silent if True else None",
        ALWAYS_A_TASK,
    ),
    Equivalent(
        "decisions",
        "_told",
        "mark = task.agent_silent if task else None",
        "mark = task.agent_silent if task else ''",
        ALWAYS_A_TASK,
    ),
    Equivalent(
        "decisions",
        "_told",
        "return bool(task and mark and (mark.since >= task.created_at) and "
        "(not snapshot.agent_spoke_after(mark.answers)))",
        "return bool(mark and mark.since >= task.created_at and (not snapshot.agent_spoke_after(mark.answers)))",
        "a mark is read from a task: where there is one there is the other; asked for the type checker",
    ),
    Equivalent("decisions", "_channel_left_over", "return False", "return None", NOT_TRUE),
    Equivalent("decisions", "_untouchable", "return None", "return ''", NOT_TRUE),
    Equivalent(
        "decisions",
        "_customers_turn",
        "if newest.by is not Who.AGENT or task is None:",
        "if newest.by is not Who.AGENT:",
        "an agent's word without a live task was answered by an earlier row (no_live_task); asked for the type checker",
    ),
    Equivalent("decisions", "_customers_turn", "return False", "return None", NOT_TRUE),
    Equivalent(
        "signature",
        "Verifier.genuine",
        "given = signature.encode('utf-8', 'replace')",
        "given = signature.encode('utf-8~', 'replace')",
        "Python takes no notice of punctuation in a codec's name",
    ),
    Equivalent("signature", "_spellings", "host = parts.hostname or ''", "host = parts.hostname", A_HOST),
    Equivalent("signature", "_spellings", "host = parts.hostname or ''", "host = parts.hostname or '~'", A_HOST),
    Equivalent(
        "durations",
        "parse_duration",
        "duration = None",
        "duration = ''",
        "it is only asked whether it is a timedelta, and neither is one",
    ),
)
