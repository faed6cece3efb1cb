"""The report as one HTML file that loads nothing from anywhere. No I/O."""

from collections.abc import Iterator, Sequence
from html import escape

from ops.what_if import wording
from ops.what_if.history import skipped
from ops.what_if.plot_svg import svg
from ops.what_if.report_text import HEADS, SEGMENT_HEADS, cells, origin, segments
from ops.what_if.study import Study

STYLE = """
:root { color-scheme: light dark; --ink: #1c2733; --quiet: #5b6875; --line: #dde3e9; --paper: #fff; --own: #eaf2fb }
@media (prefers-color-scheme: dark) {
  :root { --ink: #e6ebf0; --quiet: #9aa7b4; --line: #2a333d; --paper: #12181f; --own: #1b2a3a }
}
body { margin: 2.5rem auto; max-width: 66rem; padding: 0 1rem; font: 16px/1.5 system-ui, sans-serif;
  color: var(--ink); background: var(--paper) }
h1 { font-size: 1.5rem; line-height: 1.3; text-wrap: balance }
h2 { font-size: 1.1rem; margin-top: 2.2rem }
svg { width: 100%; height: auto }
.scroll { overflow-x: auto }
table { border-collapse: collapse; font-variant-numeric: tabular-nums; font-size: .875rem }
th, td { text-align: right; padding: .25rem .55rem; border-bottom: 1px solid var(--line); white-space: nowrap }
th:first-child, td:first-child { text-align: left }
th { color: var(--quiet); font-weight: 500 }
tr.own { background: var(--own); font-weight: 600 }
footer, .quiet { color: var(--quiet); font-size: .875rem }
"""


def html(study: Study) -> str:
    """Return the whole page."""
    return "\n".join(_lines(study)) + "\n"


def _lines(study: Study) -> Iterator[str]:
    yield "<!doctype html>"
    yield '<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width">'
    yield f"<title>What if: {escape(study.file)}</title><style>{STYLE}</style></head><body>"
    yield f"<h1>{escape(wording.headline(study))}</h1>"
    yield f"<p>{escape(wording.recommended(study, study.recommendation))}</p>"
    for note in filter(None, (skipped(study.broken, study.broken_rows), wording.unfit(study))):
        yield f'<p class="quiet">{escape(note)}</p>'
    yield svg(study)
    yield (
        '<p class="quiet">The band is the 95 % interval. A chat counts at a silence if its customer was silent for '
        "longer after an agent's word, and as a return if the customer wrote later in that chat.</p>"
    )
    yield "<h2>At each timeout</h2>"
    yield from _table(HEADS, [cells(study, row) for row in study.rows], own=[row.own for row in study.rows])
    yield "<h2>Price</h2>"
    yield f"<p>{escape(wording.duration(study.own.timeout) + ' ' + wording.frees(study, study.own))}.</p>"
    for note in filter(None, (wording.price(study), wording.missing(study))):
        yield f"<p>{escape(note)}</p>"
    yield "<h2>Segments</h2>"
    yield from _table(SEGMENT_HEADS, segments(study))
    yield "<h2>Chats that would have been cut off</h2>"
    yield from _table(
        ("conversation", "silent for", "wrote again, after our end"),
        [(each.chat, wording.duration(each.silent), wording.duration(each.returned_after)) for each in study.examples],
    )
    yield "<h2>What this cannot know</h2><ul>"
    yield from (f"<li>{escape(each)}</li>" for each in wording.unknowns(study))
    yield f"</ul><footer>{escape(origin(study))}</footer></body></html>"


def _table(heads: Sequence[str], rows: Sequence[Sequence[str]], own: Sequence[bool] = ()) -> Iterator[str]:
    shown = [place for place in range(len(heads)) if any(row[place] for row in rows)]
    if not shown:
        yield "<p>None.</p>"
        return
    yield '<div class="scroll"><table><thead><tr>'
    yield "".join(f"<th>{escape(heads[place])}</th>" for place in shown) + "</tr></thead><tbody>"
    for number, row in enumerate(rows):
        mark = ' class="own"' if own and own[number] else ""
        yield f"<tr{mark}>" + "".join(f"<td>{escape(row[place])}</td>" for place in shown) + "</tr>"
    yield "</tbody></table></div>"
