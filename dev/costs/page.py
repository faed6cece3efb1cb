"""The page about costs, docs/costs.md: every figure in it is measured, a price or an assumption, and none is typed."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Final

from dev.costs import assumptions
from dev.costs.bill import SWEEPS, Deployed, bill, metered, open_chats
from dev.costs.deployed import deployed
from dev.costs.prices import PRICES, READ, Meter, Price
from dev.costs.usage import Usage, agent_is_silent, of_a_chat, of_a_sweep, warned_and_ended

PAGE: Final = Path(__file__).parents[2] / "docs" / "costs.md"
CHATS: Final = (0, 1_000, 100_000, 1_000_000)
"""A month."""


def page() -> str:
    """The whole page. It plays chats and sweeps in the simulator, which takes some seconds."""
    stack, chat = deployed(), of_a_chat(warned_and_ended)
    sweeps = {chats: of_a_sweep(open_chats(chats)) for chats in CHATS}
    used = {chats: metered(stack, chats, chat, sweeps[chats]) for chats in CHATS}
    return "\n".join([_top(), _month(used), _usage(chat, sweeps), _prices(), _assumed(stack)])


def _top() -> str:
    return """\
<!-- Made by `python -m dev.costs`; do not edit. -->
# What it costs

Google's list prices, in US dollars a month, times what the product uses in the simulator. Nobody has compared this
with a bill yet. Twilio's own charges are not part of it: beside warnings and notices, the function makes no
conversation, message or task.
"""


def _month(used: Mapping[int, Mapping[Meter, float]]) -> str:
    listed = {chats: bill(units, free_tier=False) for chats, units in used.items()}
    free = {chats: bill(units, free_tier=True) for chats, units in used.items()}
    rows = [[_label(meter), *(_dollars(listed[chats][meter]) for chats in used)] for meter in Meter]
    rows.append(["**without a free tier**", *(f"**{_dollars(sum(listed[chats].values()))}**" for chats in used)])
    rows.append(["**with the whole free tier**", *(f"**{_dollars(sum(free[chats].values()))}**" for chats in used)])
    heads = ["chats a month", *("idle" if not chats else f"{chats:,}" for chats in used)]
    return f"""\
## A month

Every chat is taken to be warned and ended. That is the maximum of what usually happens: a chat that ends before
its timer fires costs nothing here. The free tier belongs to a billing account, so other projects may have used it.

{_table(heads, rows)}
"""


def _usage(chat: Usage, sweeps: Mapping[int, Usage]) -> str:
    measured = {
        "a chat that is warned and ended": chat,
        "a timer that fires while the agent is silent": of_a_chat(agent_is_silent),
        "a sweep, nobody chats": sweeps[0],
        f"a sweep, {open_chats(CHATS[-1])} chats are open": sweeps[CHATS[-1]],
    }
    rows = [
        [
            name,
            f"{each.requests:.1f}",
            f"{each.calls:.1f}",
            f"{each.seconds:.2f} s",
            f"{each.sent / 1000:.1f} kB",
            f"{each.logged / 1000:.1f} kB",
        ]
        for name, each in measured.items()
    ]
    heads = ["what", "requests", "calls to Twilio", "instance time", "sent", "our log"]
    return f"""\
## What it uses

{SWEEPS:,} sweeps a month come in any case. Google bills the time in which an instance answers requests, whatever
CPU they use, so the time is mostly that of the calls to Twilio. Requests that an instance answers side by side are
billed once.

{_table(heads, rows)}
"""


def _prices() -> str:
    rows = [
        [price.product, meter.value, _price(price), _free(price), price.source, price.note] for meter, price in _all()
    ]
    return f"""\
## Prices

Read on {READ:%-d %B %Y} in stored copies of these pages, some of them months old, for a region of the cheapest tier,
such as europe-west1.

{_table(["product", "unit", "price", "free a month", "page", "note"], rows)}
"""


def _assumed(stack: Deployed) -> str:
    said = {
        "a call to Twilio takes": f"{assumptions.ROUND_TRIP.total_seconds() * 1000:.0f} ms, one after the other",
        "the function takes for a request besides": f"{assumptions.CPU_OF_A_REQUEST.total_seconds() * 1000:.0f} ms",
        "headers of a call to Twilio": f"{assumptions.HEADERS} bytes",
        "Cloud Logging adds to a line": f"{assumptions.BESIDE_A_LINE} bytes",
        "Cloud Run's own line for a request": f"{assumptions.REQUEST_LOG:,} bytes",
        "instances that start": f"{assumptions.STARTS_A_MONTH:,} a month",
        "a start takes": f"{assumptions.START.total_seconds():.0f} s",
        "a chat is open for": f"{assumptions.CHAT.total_seconds() / 60:.0f} minutes",
        "images of the functions": f"{assumptions.IMAGES_GIB:.1f} GiB",
        "zips that are kept": f"{assumptions.ZIPS}",
        "the stack": f"default settings: {stack.secret_versions} secret, {stack.schedules} schedule, "
        f"{stack.conditions} alert conditions, instances of {stack.webhook.memory:g} and {stack.sweep.memory:g} GiB",
    }
    return f"""\
## What is assumed

{_table(["what", "value"], [[what, value] for what, value in said.items()])}

Not counted: builds (some minutes for each deployment), an instance that `minInstances` keeps warm, metrics that are
made from the log, a key of Cloud KMS for the state, and taxes.
"""


def _all() -> Iterable[tuple[Meter, Price]]:
    return PRICES.items()


def _label(meter: Meter) -> str:
    return f"{PRICES[meter].product}: {meter.value}"


def _dollars(amount: float) -> str:
    return f"{amount:,.2f}"


def _price(price: Price) -> str:
    amount = f"{price.dollars:.7f}".rstrip("0")
    decimals = max(2, len(amount.partition(".")[2]))
    return f"${price.dollars:.{decimals}f}" + (f" for {price.per:,}" if price.per > 1 else "")


def _free(price: Price) -> str:
    return f"{price.free:,g}" if price.free < 1000 else f"{price.free:,.0f}"


def _table(heads: list[str], rows: list[list[str]]) -> str:
    lines = [heads, ["---"] * len(heads), *rows]
    return "\n".join(f"| {' | '.join(cells)} |" for cells in lines)
