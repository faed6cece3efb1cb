"""The report as JSON: durations in ISO 8601, shares from 0 to 1. No I/O."""

from typing import Any

from function.contract import format_duration
from ops.what_if.intervals import Share
from ops.what_if.recommendation import Recommendation
from ops.what_if.study import Row, Study
from ops.what_if.wording import headline


def document(study: Study) -> dict[str, Any]:
    """Return the whole study as a document."""
    return {
        "headline": headline(study),
        "file": study.file,
        "chats": study.chats,
        "messages": study.messages,
        "days": len(study.days),
        "resampled": "day" if study.by_day else "chat",
        "brokenRows": study.broken,
        "closedByTimer": study.closed_by_timer,
        "closedByUnknown": study.closed_by_unknown,
        "lowerBounds": bool(study.closed_by_timer),
        "accept": study.accept,
        "capacity": study.capacity,
        "timeout": format_duration(study.own.timeout),
        "timeouts": [_row(row) for row in study.rows],
        "unfit": [format_duration(timeout) for timeout in study.unfit],
        "curve": [
            {"silence": format_duration(point.silence), "again": _share(point.again), "next": point.next}
            for point in study.curve
        ],
        "horizon": format_duration(study.horizon) if study.horizon is not None else None,
        "recommendation": _recommendation(study.recommendation),
        "segments": [
            {
                "kind": each.kind,
                "value": each.value,
                "cutOff": _share(each.cut_off),
                "recommendation": _recommendation(each.recommendation),
            }
            for each in study.segments
        ],
        "examples": [
            {
                "conversation": each.chat,
                "silent": format_duration(each.silent),
                "returnedAfter": format_duration(each.returned_after),
            }
            for each in study.examples
        ],
        "missing": list(study.missing),
        "fingerprints": {"policy": study.policy_fingerprint, "data": study.data_fingerprint},
    }


def _row(row: Row) -> dict[str, Any]:
    sums = row.sums
    needed = None if row.agent_minutes is None else round(sums.needed / 60, 1)
    return {
        "timeout": format_duration(row.timeout),
        "ended": sums.ended,
        "cutOff": _share(row.cut_off),
        "onlyAgentWrote": sums.only_agent,
        "kept": sums.kept,
        "closedFirst": sums.closed_first,
        "leftOpen": sums.left_open,
        "warned": sums.warned,
        "wroteAfterWarning": sums.wrote_after_warning,
        "notified": sums.notified,
        "messages": sums.texts,
        "slotMinutes": round(row.slot_minutes, 1),
        "neededSlotMinutes": needed,
        "agentMinutes": None if row.agent_minutes is None else round(row.agent_minutes, 1),
        "minutesPerCustomerKept": None if row.minutes_per_customer is None else round(row.minutes_per_customer, 1),
    }


def _share(share: Share | None) -> dict[str, Any] | None:
    if share is None:
        return None
    return {
        "of": share.of,
        "count": share.hit,
        "rate": round(share.rate, 5),
        "low": round(share.low, 5),
        "high": round(share.high, 5),
    }


def _recommendation(found: Recommendation) -> dict[str, Any]:
    return {
        "timeout": format_duration(found.timeout) if found.timeout else None,
        "whyNot": found.why_not,
        "chosenOn": _share(found.chosen_on),
        "seenOn": _share(found.seen_on),
    }
