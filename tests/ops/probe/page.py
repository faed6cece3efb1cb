"""The sections of docs/probe.md that are made by running: costs, experiments, transcript, dialects."""

import inspect
import re
import tempfile
from collections.abc import Mapping
from pathlib import Path

from typer.testing import CliRunner

from ops.command import app
from ops.probe.budget import Cost
from ops.probe.command import Surroundings
from ops.probe.experiments import EXPERIMENTS, Experiment
from ops.probe.probing import CHECK, REMOVAL, plan
from simulator.client import SimulatorClient
from tests.ops.probe.laboratory import VirtualClock, begin

PAGE = Path(__file__).parents[3] / "docs" / "probe.md"

SPOKEN = {"timerPrecision": "late", "taskRefusal": "conflict", "defaultTimers": "not_flex"}
"""The dialect of the transcript."""

WIDTH = 150


def section(name: str) -> str:
    """What the page has in a section now."""
    begin, end = _markers(name)
    return PAGE.read_text(encoding="utf-8").partition(begin)[2].partition(end)[0].strip()


def write(sections: Mapping[str, str]) -> None:
    """Put sections between their markers."""
    text = PAGE.read_text(encoding="utf-8")
    for name, content in sections.items():
        begin, end = _markers(name)
        head, _, rest = text.partition(begin)
        text = f"{head}{begin}\n{content}\n{end}{rest.partition(end)[2]}"
    PAGE.write_text(text, encoding="utf-8")


def _markers(name: str) -> tuple[str, str]:
    return f"<!-- {name}: made by `python -m tests.ops.probe`; do not edit -->", f"<!-- {name}: end -->"


def costs() -> str:
    """The maxima of a probe with and without webhooks."""
    rows = {
        "to look at the account first": CHECK,
        "without webhooks": plan(listening=False).cost,
        "with `--listen`": plan(listening=True).cost,
        "to remove everything": REMOVAL,
    }
    lines = [f"| {name} | {cost.calls} | {cost.messages} | {_minutes(cost)} |" for name, cost in rows.items()]
    return "\n".join(["| at most | calls | chat messages | minutes |", "|---|---:|---:|---:|", *lines])


def experiments() -> str:
    """One line for each experiment, in the order in which they begin."""
    head = ["| question | experiment | needs | calls | minutes |", "|---|---|---|---:|---:|"]
    return "\n".join([*head, *(_row(experiment) for experiment in EXPERIMENTS)])


def _row(experiment: Experiment) -> str:
    questions = ", ".join(f"`{question}`" for question in experiment.settles)
    described = (inspect.getdoc(experiment.steps) or "").partition("\n")[0]
    needs = ", ".join([*["Flex"] * experiment.needs_flex, *["`--listen`"] * experiment.needs_webhooks])
    return f"| {questions} | {described} | {needs} | {experiment.cost.calls} | {_minutes(experiment.cost)} |"


def _minutes(cost: Cost) -> str:
    minutes = cost.time.total_seconds() / 60
    return f"{minutes:g}" if minutes else ""


def transcript(twilio: SimulatorClient) -> str:
    """What the command shows, on standard error and standard output, as a terminal has them."""
    begin(twilio, SPOKEN)
    account = twilio.account
    environment = {"TWILIO_ACCOUNT_SID": account.account_sid, "TWILIO_AUTH_TOKEN": account.auth_token}
    with tempfile.TemporaryDirectory() as folder:
        out = Path(folder) / "twilio-dialect.json"
        typed = ["probe", "--any-account", "--base-url", twilio.url, "--out", str(out)]
        surroundings = Surroundings(VirtualClock(twilio), environment)
        done = CliRunner().invoke(app, typed, obj=surroundings, input="y\n", env={"COLUMNS": str(WIDTH)})
    shown = re.sub(re.escape(str(out)), out.name, done.output)
    lines = "\n".join(line.rstrip() for line in shown.splitlines())
    spoken = ", ".join(f"`{name}: {answer}`" for name, answer in SPOKEN.items())
    return (
        f"A simulator that speaks {spoken}, in virtual time, without a tunnel; `*` marks what is not its default:\n\n"
        "```console\n"
        "$ bin/inactivity probe --any-account --base-url http://127.0.0.1:8700 --out twilio-dialect.json\n"
        f"{lines}\n```"
    )
