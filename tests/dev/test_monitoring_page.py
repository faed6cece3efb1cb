"""The tables of the monitoring page are made from the declarations."""

from dev.monitoring_page import PAGE, page
from infra.monitoring.log_metrics import METRICS


def test_the_page_is_current() -> None:
    """`python -m dev.monitoring_page` makes it: a changed threshold or filter is a changed row."""
    assert PAGE.read_text("utf-8") == page()


def test_every_metric_has_a_row_of_four_cells() -> None:
    """A bar within an expression must not end a cell."""
    rows = [line for line in page().splitlines() if line.startswith("| `")]

    assert [row.replace("\\|", "").count("|") for row in rows] == [5] * len(METRICS)
