"""The shares of customers cut off as lines of characters, for a terminal. No I/O."""

from collections.abc import Iterator

from ops.what_if.intervals import Share
from ops.what_if.study import Study
from ops.what_if.wording import bounds, duration, percent

WIDTH = 48
TALL = 4
"""The scale ends at this many times what is accepted, so that small shares can be told apart."""


def plot(study: Study) -> Iterator[str]:
    """Yield the lines: for each timeout the share and its interval, and where the accepted share is."""
    top = min(1.0, study.accept * TALL)
    accepted = round(study.accept / top * (WIDTH - 1))
    yield f"{'timeout':>12}  0 %{' ' * (accepted - 4)}│ {percent(study.accept)} is accepted"
    for row in study.rows:
        if row.cut_off is not None:
            mark = "▸" if row.own else " "
            line = _line(row.cut_off, top, accepted)
            yield f"{mark}{duration(row.timeout):>11}  {line}  {percent(row.cut_off.rate):>6}  {bounds(row.cut_off)}"


def _line(share: Share, top: float, accepted: int) -> str:
    def place(rate: float) -> int:
        return round(rate / top * (WIDTH - 1))

    cells = [" "] * WIDTH
    cells[accepted] = "│"
    for column in range(place(share.low), min(place(share.high) + 1, WIDTH)):
        cells[column] = "─"
    if place(share.rate) < WIDTH:
        cells[place(share.rate)] = "●"
    else:
        cells[-1] = "▶"
    return "".join(cells)
