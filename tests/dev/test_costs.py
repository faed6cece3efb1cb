"""What a month costs: measured usage, dated prices, and a page in which no figure is typed."""

from datetime import timedelta
from typing import Any

import pytest

from dev.costs.assumptions import CPU_OF_A_REQUEST, START, STARTS_A_MONTH
from dev.costs.bill import EVALUATIONS, SWEEPS, Deployed, Size, bill, metered, open_chats
from dev.costs.deployed import deployed
from dev.costs.page import PAGE, page
from dev.costs.prices import PRICES, Meter, Price
from dev.costs.usage import Usage, agent_is_silent, cpu_of_a_request, of_a_chat, of_a_sweep, warned_and_ended
from tests.baselines.resources import GOOD, SECRETS
from tests.infra.program_graph import Declared, declare

STACK = Deployed(Size(1, 0.25), Size(2, 0.5), secret_versions=1, schedules=1, conditions=2, zip_bytes=1000)
CHAT = Usage(requests=2, seconds=3, calls=10, sent=1000, lines=2, logged=2000)
SWEEP = Usage(requests=1, seconds=0.5, calls=2, sent=100, lines=1, logged=300)


def test_the_page_is_current() -> None:
    """`python -m dev.costs` makes it: new prices, settings or calls of the function are new figures."""
    assert PAGE.read_text("utf-8") == page()


def test_the_stack_is_the_one_that_the_program_declares() -> None:
    """With default settings. A new secret, schedule or alert needs its cost here."""
    graph = declare(GOOD, secrets=set(SECRETS), preview=False)
    sizes = {each.name: size(each) for each in graph.of("function:Function")}

    stack = deployed()

    assert sizes == {"webhook-function": stack.webhook, "sweep-function": stack.sweep}
    assert [stack.secret_versions, stack.schedules, stack.conditions] == [
        len(graph.of("secretVersion:SecretVersion")),
        len(graph.of("job:Job")),
        sum(len(each.inputs["conditions"]) for each in graph.of("alertPolicy:AlertPolicy")),
    ]


def size(function: Declared) -> Size:
    """What an instance of it has."""
    service: dict[str, Any] = function.inputs["serviceConfig"]
    return Size(float(service["availableCpu"]), int(service["availableMemory"].removesuffix("Mi")) / 1024)


def test_a_silent_customer_is_two_requests_and_a_waiting_one_is_one() -> None:
    """The timer fires for the warning and for the end; the second finds that it is the agent's turn."""
    silent, waiting = of_a_chat(warned_and_ended), of_a_chat(agent_is_silent)

    assert (silent.requests, waiting.requests) == (2, 1)
    assert silent.calls > waiting.calls > 0
    assert silent.logged > waiting.logged > 0


def test_a_measurement_repeats() -> None:
    """Virtual time: the page is the same on every machine."""
    assert of_a_chat(warned_and_ended) == of_a_chat(warned_and_ended)


def test_time_is_billed_in_steps_of_a_tenth_of_a_second() -> None:
    """Each request is rounded up separately."""
    seconds = of_a_chat(agent_is_silent).seconds

    assert round(seconds * 10, 6) == round(seconds * 10)


def test_the_function_takes_no_more_cpu_than_is_assumed() -> None:
    """The one assumption that can be measured: the rest of it is for HTTP, TLS and a slower processor."""
    assert timedelta() < cpu_of_a_request() < CPU_OF_A_REQUEST


def test_a_sweep_is_one_request_and_lists_more_where_more_is_open() -> None:
    """A page of a list has a hundred conversations."""
    idle, busy = of_a_sweep(0), of_a_sweep(150)

    assert (idle.requests, busy.requests) == (1, 1)
    assert busy.calls > idle.calls


def test_a_month_in_units() -> None:
    """Chats, sweeps and starts; fixed costs are counted once."""
    starts = STARTS_A_MONTH * START.total_seconds() / 2

    used = metered(STACK, 1000, CHAT, SWEEP)

    webhook, sweep = 3000 + starts, 0.5 * SWEEPS + starts
    assert used[Meter.REQUESTS] == 2000 + SWEEPS
    assert used[Meter.VCPU_SECONDS] == webhook + 2 * sweep
    assert used[Meter.GIB_SECONDS] == 0.25 * webhook + 0.5 * sweep
    assert used[Meter.SCHEDULES] == 1
    assert used[Meter.CONDITIONS] == 2
    assert used[Meter.SERIES] == 2 * EVALUATIONS
    assert used[Meter.SECRET_READS] == STARTS_A_MONTH
    assert used.keys() == PRICES.keys() == set(Meter)


def test_more_chats_never_cost_less() -> None:
    """Neither with the free tier nor without."""
    months = [metered(STACK, chats, CHAT, SWEEP) for chats in (0, 1_000, 1_000_000)]

    for free_tier in (True, False):
        totals = [sum(bill(month, free_tier=free_tier).values()) for month in months]
        assert totals == sorted(totals)


@pytest.mark.parametrize(
    ("units", "free_tier", "expected"), [(0, False, 0), (3, False, 1.5), (3, True, 0.5), (1, True, 0)]
)
def test_the_free_part_is_taken_off_and_nothing_is_paid_back(units: float, free_tier: bool, expected: float) -> None:
    """A price for each unit, of which two are free."""
    assert Price("a product", 5.0, 10, 2, "a page").cost(units, free_tier=free_tier) == expected


def test_open_chats_are_the_months_chats_times_how_long_each_is_open() -> None:
    """A quarter of an hour each: of 2,880 a month, spread evenly, one is always open."""
    assert [open_chats(chats) for chats in (0, 2_880, 288_000)] == [0, 1, 100]
