"""The return curve as an SVG, with its band, the horizon and what is accepted. No I/O."""

import math
from collections.abc import Iterator
from datetime import timedelta

from ops.what_if.intervals import Share
from ops.what_if.study import Study
from ops.what_if.wording import duration, headline, rate

WIDTH, HEIGHT = 760, 400
LEFT, RIGHT, TOP, BOTTOM = 56, 20, 44, 52
GRID_STEPS = (0.01, 0.02, 0.05, 0.1, 0.2, 0.25)
MAXIMUM_LINES = 6
LABELS = tuple(
    timedelta(minutes=minutes) for minutes in (1, 2, 3, 5, 8, 10, 15, 20, 30, 45, 60, 90, 120, 240, 480, 1440)
)
LABEL_ROOM = 46

STYLE = """
text { font: 13px system-ui, sans-serif; fill: #1c2733 }
.title { font-size: 15px; font-weight: 600 }
.quiet { fill: #5b6875 }
.paper { fill: #ffffff }
.grid { stroke: #e1e6eb }
.band { fill: #2a6fbb; opacity: .18 }
.curve { fill: none; stroke: #2a6fbb; stroke-width: 2 }
.own { fill: #2a6fbb }
.accepted { stroke: #b3541e; stroke-dasharray: 5 4 }
.horizon { stroke: #5b6875; stroke-dasharray: 2 3 }
.accepted-text { fill: #b3541e }
@media (prefers-color-scheme: dark) {
text { fill: #e6ebf0 }
.quiet { fill: #9aa7b4 }
.paper { fill: #12181f }
.grid { stroke: #2a333d }
.band { fill: #7db5f0; opacity: .22 }
.curve { stroke: #7db5f0 }
.own { fill: #7db5f0 }
.accepted { stroke: #f0a26b }
.accepted-text { fill: #f0a26b }
.horizon { stroke: #9aa7b4 }
}
"""


def svg(study: Study) -> str:
    """Return the whole picture."""
    points = [(point.silence, point.again) for point in study.curve if point.again]
    if not points:
        points = [(study.own.timeout, Share(1, 0, 0.0, 0.0))]
    return "\n".join(_Picture(study, points).lines()) + "\n"


class _Picture:
    def __init__(self, study: Study, points: list[tuple[timedelta, Share]]) -> None:
        self._study = study
        self._points = points
        minutes = [silence / timedelta(minutes=1) for silence, _ in points]
        self._first, self._last = math.log(minutes[0]), math.log(max(minutes[-1], minutes[0] * 2))
        self._top = min(1.0, max(study.accept * 1.5, *(share.high for _, share in points)) * 1.05)

    def lines(self) -> Iterator[str]:
        title = "Customers who wrote again, after a silence since an agent's word"
        yield (
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" role="img" '
            f'aria-labelledby="what-if-title what-if-text">'
        )
        yield f'<title id="what-if-title">{title}</title>'
        yield f'<desc id="what-if-text">{headline(self._study)}</desc>'
        yield f"<style>{STYLE}</style>"
        yield f'<rect class="paper" width="{WIDTH}" height="{HEIGHT}"/>'
        yield f'<text class="title" x="{LEFT}" y="24">{title}</text>'
        yield from self._grid()
        yield from self._curve()
        yield from self._marks()
        yield f'<text class="quiet" x="{WIDTH - RIGHT}" y="{HEIGHT - 10}" text-anchor="end">silent for</text>'
        yield "</svg>"

    def _x(self, silence: timedelta) -> float:
        share = (math.log(silence / timedelta(minutes=1)) - self._first) / (self._last - self._first)
        return round(LEFT + share * (WIDTH - LEFT - RIGHT), 1)

    def _y(self, share: float) -> float:
        return round(HEIGHT - BOTTOM - share / self._top * (HEIGHT - TOP - BOTTOM), 1)

    def _grid(self) -> Iterator[str]:
        step = next((each for each in GRID_STEPS if self._top / each <= MAXIMUM_LINES), GRID_STEPS[-1])
        for number in range(int(self._top / step) + 1):
            y = self._y(number * step)
            yield f'<line class="grid" x1="{LEFT}" x2="{WIDTH - RIGHT}" y1="{y}" y2="{y}"/>'
            yield f'<text class="quiet" x="{LEFT - 8}" y="{y + 4}" text-anchor="end">{number * step * 100:.0f} %</text>'
        taken = -math.inf
        for silence in LABELS:
            if self._points[0][0] <= silence <= self._points[-1][0] and self._x(silence) - taken >= LABEL_ROOM:
                taken = self._x(silence)
                y = HEIGHT - BOTTOM + 20
                yield f'<text class="quiet" x="{taken}" y="{y}" text-anchor="middle">{duration(silence)}</text>'

    def _curve(self) -> Iterator[str]:
        upper = [f"{self._x(silence)},{self._y(share.high)}" for silence, share in self._points]
        lower = [f"{self._x(silence)},{self._y(share.low)}" for silence, share in self._points]
        middle = [f"{self._x(silence)},{self._y(share.rate)}" for silence, share in self._points]
        yield f'<polygon class="band" points="{" ".join((*upper, *reversed(lower)))}"/>'
        yield f'<polyline class="curve" points="{" ".join(middle)}"/>'

    def _marks(self) -> Iterator[str]:
        y = self._y(self._study.accept)
        yield f'<line class="accepted" x1="{LEFT}" x2="{WIDTH - RIGHT}" y1="{y}" y2="{y}"/>'
        accepted = f"{self._study.accept * 100:g} % accepted"
        yield f'<text class="accepted-text" x="{WIDTH - RIGHT}" y="{y - 6}" text-anchor="end">{accepted}</text>'
        horizon = self._study.horizon
        if horizon is not None and self._points[0][0] <= horizon <= self._points[-1][0]:
            x = self._x(horizon)
            yield f'<line class="horizon" x1="{x}" x2="{x}" y1="{TOP}" y2="{HEIGHT - BOTTOM}"/>'
            yield f'<text class="quiet" x="{x + 6}" y="{TOP + 12}">horizon: a timer closed chats</text>'
        own = next((each for each in self._points if each[0] == self._study.own.timeout), None)
        if own is not None:
            x, y = self._x(own[0]), self._y(own[1].rate)
            yield f'<circle class="own" cx="{x}" cy="{y}" r="4.5"/>'
            yield f'<text x="{x + 8}" y="{y - 26}">{duration(own[0])}: {rate(own[1])}</text>'
