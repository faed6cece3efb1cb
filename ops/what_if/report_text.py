"""The report for a terminal. No I/O."""

from collections.abc import Iterator, Sequence

from ops.what_if import wording
from ops.what_if.history import skipped
from ops.what_if.plot_text import plot
from ops.what_if.study import Row, Study


def report(study: Study) -> Iterator[str]:
    """Yield the report's lines."""
    yield wording.headline(study)
    yield wording.recommended(study, study.recommendation)
    yield from filter(None, (wording.price(study), wording.missing(study)))
    yield from filter(None, (skipped(study.broken, study.broken_rows), wording.unfit(study)))
    yield ""
    yield from table(HEADS, [cells(study, row) for row in study.rows])
    yield ""
    yield "Customers cut off, of chats ended, with 95 % intervals:"
    yield from plot(study)
    yield ""
    yield from table(SEGMENT_HEADS, segments(study))
    yield ""
    yield from curve(study)
    yield ""
    yield "What this cannot know:"
    yield from (f"- {each}" for each in wording.unknowns(study))
    yield ""
    yield origin(study)


HEADS = (
    "timeout",
    "ended",
    "cut off",
    "share",
    "95 %",
    "only agent",
    "kept",
    "warned",
    "wrote anyway",
    "notified",
    "messages",
    "slot-min",
    "needed",
    "agent-min",
    "per customer",
)


def cells(study: Study, row: Row) -> tuple[str, ...]:
    """Return the cells of one timeout."""
    sums, share = row.sums, row.cut_off
    return (
        ("▸ " if row.own else "") + wording.duration(row.timeout),
        f"{sums.ended:,}",
        f"{sums.cut_off:,}",
        wording.percent(share.rate) if share else "",
        wording.bounds(share) if share else "",
        f"{sums.only_agent:,}",
        f"{sums.kept:,}",
        f"{sums.warned:,}",
        f"{sums.wrote_after_warning:,}",
        f"{sums.notified:,}" if any(each.sums.notified for each in study.rows) else "",
        f"{sums.texts:,}",
        f"{row.slot_minutes:,.0f}",
        "" if row.agent_minutes is None else f"{sums.needed / 60:,.0f}",
        "" if row.agent_minutes is None else f"{row.agent_minutes:,.0f}",
        _cost(row.minutes_per_customer),
    )


def _cost(minutes: float | None) -> str:
    """What a further customer kept costs; nothing if the longer timeout frees no less."""
    if minutes is None:
        return ""
    return f"{minutes:,.0f}" if minutes > 0 else "nothing"


SEGMENT_HEADS = ("segment", "ended", "cut off", "share", "95 %", "recommended")


def segments(study: Study) -> list[tuple[str, ...]]:
    """Return the cells of all segments."""
    return [
        (
            f"{each.kind}: {each.value}",
            f"{each.cut_off.of:,}",
            f"{each.cut_off.hit:,}",
            wording.percent(each.cut_off.rate),
            wording.bounds(each.cut_off),
            wording.duration(each.recommendation.timeout) if each.recommendation.timeout else "none",
        )
        for each in study.segments
        if each.cut_off
    ]


def curve(study: Study) -> Iterator[str]:
    """Yield the return curve at some silences."""
    yield "Of customers who were silent for so long after an agent's word, so many wrote again in that chat:"
    points = [point for point in study.curve if point.again]
    chosen = points[:: max(1, len(points) // 8)]
    yield from table(
        ("silent for", "chats", "wrote again", "share", "95 %", "next"),
        [
            (
                wording.duration(point.silence),
                f"{point.again.of:,}",
                f"{point.again.hit:,}",
                wording.percent(point.again.rate),
                wording.bounds(point.again),
                f"{point.next:,}",
            )
            for point in chosen
            if point.again
        ],
    )
    if study.horizon is not None:
        yield f"Horizon: a timer closed chats after {wording.duration(study.horizon)} of silence or more."


def origin(study: Study) -> str:
    """Return what was counted, with the fingerprints of policy and data."""
    first, last = study.days[0], study.days[-1]
    return (
        f"{study.file}: {study.chats:,} chats, {study.messages:,} messages, {first} to {last}; "
        f"policy {study.policy_fingerprint}, data {study.data_fingerprint}."
    )


def table(heads: Sequence[str], rows: Sequence[Sequence[str]]) -> Iterator[str]:
    """Yield the lines of a table, without the columns that are empty."""
    shown = [place for place in range(len(heads)) if any(row[place] for row in rows)]
    widths = [max(len(row[place]) for row in (heads, *rows)) for place in shown]
    for row in (heads, *rows):
        yield "  ".join(f"{row[place]:>{width}}" for place, width in zip(shown, widths, strict=True)).rstrip()
