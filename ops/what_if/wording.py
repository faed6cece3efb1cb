"""Figures and findings as text: the sentences that every form of the report has in common. No I/O."""

from datetime import timedelta

from ops.what_if.intervals import Share
from ops.what_if.recommendation import Recommendation
from ops.what_if.study import Row, Study

UNITS = (
    ("d", timedelta(days=1)),
    ("h", timedelta(hours=1)),
    ("min", timedelta(minutes=1)),
    ("s", timedelta(seconds=1)),
)


def duration(length: timedelta) -> str:
    """Write a duration for people: `10 min`, `1 h 30 min`."""
    parts = []
    for unit, size in UNITS:
        count, length = divmod(length, size)
        if count:
            parts.append(f"{count} {unit}")
    return " ".join(parts) or "0 s"


def percent(rate: float) -> str:
    """Write a share as percent with one digit."""
    return f"{rate * 100:.1f} %"


def bounds(share: Share) -> str:
    """Write an interval: `2.9 to 4.6`."""
    return f"{share.low * 100:.1f} to {share.high * 100:.1f}"


def rate(share: Share) -> str:
    """Write a share with its interval: `3.7 %, 2.9 to 4.6`."""
    return f"{percent(share.rate)}, {bounds(share)}"


def headline(study: Study) -> str:
    """Return the one sentence that a lead needs."""
    own = study.own
    bound = "at least " if study.closed_by_timer else ""
    if own.cut_off is None:
        return f"With a timeout of {duration(own.timeout)}, none of {study.chats:,} chats would have ended."
    return (
        f"With a timeout of {duration(own.timeout)}, {own.sums.ended:,} of {study.chats:,} chats would have ended, and "
        f"{bound}{own.sums.cut_off:,} of these customers wrote again later ({bound}{rate(own.cut_off)})."
    )


def recommended(study: Study, recommendation: Recommendation) -> str:
    """Return what is recommended, on which evidence, or why nothing is."""
    if recommendation.timeout is None or recommendation.chosen_on is None:
        return f"No timeout is recommended: {recommendation.why_not}."
    chosen, seen, accepted = recommendation.chosen_on, recommendation.seen_on, percent(study.accept)
    sentence = (
        f"Recommended: {duration(recommendation.timeout)}, the shortest timeout whose upper bound is below {accepted} "
        f"on the first two thirds of the days ({chosen.hit:,} of {chosen.of:,}: {rate(chosen)})."
    )
    if seen is None:
        return f"{sentence} No chat ended on the last third."
    sentence += f" On the last third: {seen.hit:,} of {seen.of:,} ({rate(seen)})"
    if seen.low >= study.accept:
        return f"{sentence}, which is more than accepted: the days differ, so do not rely on it."
    return f"{sentence}, which does not rule out more than {accepted}." if seen.high >= study.accept else f"{sentence}."


def price(study: Study) -> str:
    """Return what the recommended timeout costs and frees; empty without one."""
    timeouts = [row.timeout for row in study.rows]
    if study.recommendation.timeout is None:
        return ""
    place = timeouts.index(study.recommendation.timeout)
    following = study.rows[place + 1] if place + 1 < len(study.rows) else None
    sentence = f"{duration(timeouts[place])} {frees(study, study.rows[place])}."
    if following is None or following.minutes_per_customer is None:
        return sentence
    cost = following.minutes_per_customer
    if cost <= 0:
        return f"{sentence} {duration(following.timeout)} would free no less, and cut off fewer customers."
    return f"{sentence} Each further customer that {duration(following.timeout)} keeps costs {cost:,.0f} {unit(study)}."


def frees(study: Study, row: Row) -> str:
    """Return what a timeout frees: `frees 3,300 slot-hours until the recorded close`."""
    until = "until the recorded close" if study.until_close else f"compared with {duration(study.rows[-1].timeout)}"
    needed = "" if row.agent_minutes is None else f", of which {row.sums.needed / 60:,.0f} were needed"
    agents = "" if row.agent_minutes is None else f" ({row.agent_minutes:,.0f} agent minutes)"
    return f"frees {row.slot_minutes:,.0f} slot-minutes {until}{needed}{agents}"


def unit(study: Study) -> str:
    """Return the unit of what a further customer costs."""
    return "slot-minutes" if study.missing else "agent minutes"


def missing(study: Study) -> str:
    """Return what the price lacks, and why; empty if it is complete."""
    if not study.missing:
        return ""
    columns = "column" if len(study.missing) == 1 else "columns"
    return (
        f"Needed slot-minutes and agent minutes are left out: the file lacks the {columns} {', '.join(study.missing)}."
    )


def unfit(study: Study) -> str:
    """Return which timeouts the policy does not allow; empty if it allows all."""
    if not study.unfit:
        return ""
    return f"Left out, because the policy's warnings or rules do not fit: {', '.join(map(duration, study.unfit))}."


def unknowns(study: Study) -> tuple[str, ...]:
    """Return what a history cannot show."""
    resampled = "days" if study.by_day else "chats"
    always = (
        "What a warning changes: the customers of the past saw none. Who wrote in those minutes wrote anyway.",
        "Why a customer wrote again: after an answer that solved the problem, or because it was not solved.",
        "Which chats an agent left, paused, parked or handed on, and who put one on hold: the file has no such column.",
        "What customers do who were told that the chat ended: they may come back at once, in another chat.",
        f"Next month. The intervals resample the {resampled} of this file.",
    )
    closed: tuple[str, ...] = ()
    if study.closed_by_timer:
        closed += (
            f"What would have followed in {study.closed_by_timer:,} chats that a timer closed: rates are lower bounds.",
        )
    if study.closed_by_unknown:
        closed += (f"Who closed {study.closed_by_unknown:,} chats: if a timer did, rates are lower bounds.",)
    return (*closed, *always)
