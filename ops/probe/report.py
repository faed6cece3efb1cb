"""What a probe found, as a table for people and as the file that the simulator reads."""

import json
from collections.abc import Iterator
from datetime import datetime

from rich.table import Table
from rich.text import Text

from ops.messages import one_line
from ops.probe.probing import Plan, Report
from ops.probe.questions import ANSWERS


def document(account_sid: str, report: Report) -> str:
    """The report as JSON. The simulator reads `dialect`; the rest says where it comes from."""
    settled = [finding for finding in report.findings if finding.answer is not None]
    open_ = [finding for finding in report.findings if finding.answer is None]
    content = {
        "date": _time(report.at),
        "account": account_sid,
        "dialect": {finding.question.value: finding.answer for finding in settled},
        "notSettled": {finding.question.value: finding.why for finding in open_},
        "seen": {finding.question.value: finding.why for finding in settled},
        "spent": {
            "calls": report.spent.calls,
            "messages": report.spent.messages,
            "seconds": round(report.spent.time.total_seconds()),
        },
        "left": list(report.left),
        "stopped": report.stopped,
    }
    return json.dumps(content, indent=2, ensure_ascii=False) + "\n"


def table(report: Report) -> Table:
    """One row for each question; `*` marks an answer that is not the simulator's default."""
    shown = Table("question", "answer", "seen", box=None, pad_edge=False)
    for finding in report.findings:
        other = finding.answer not in {None, ANSWERS[finding.question][0]}
        answer = Text("not settled", "yellow") if finding.answer is None else Text(finding.answer + " *" * other)
        shown.add_row(finding.question.value, answer, Text(one_line(finding.why)))
    return shown


def verdict(report: Report) -> Iterator[str]:
    """What the table amounts to, and what is left to do."""
    settled = sum(finding.answer is not None for finding in report.findings)
    minutes = report.spent.time.total_seconds() / 60
    yield (
        f"{settled} of {len(report.findings)} questions settled on {report.at:%Y-%m-%d}, with {report.spent.calls} "
        f"calls and {report.spent.messages} messages in {minutes:.1f} minutes."
    )
    if report.stopped:
        yield f"Stopped early: {report.stopped}."
    for line in report.left:
        yield f"Still there: {line}."
    if report.left:
        yield "Run bin/inactivity probe --clean to remove it."


def announced(account_sid: str, plan: Plan) -> Iterator[str]:
    """What a probe is going to do, before it asks."""
    cost = plan.cost
    yield (
        f"{len(plan.experiments)} experiments in account {account_sid}, for {plan.questions} questions: at most "
        f"{cost.calls} calls, {cost.messages} chat messages (no SMS, no WhatsApp) and "
        f"{cost.time.total_seconds() / 60:.0f} minutes; then it stops."
    )
    yield (
        "It creates conversations, tasks, a worker and interactions, all of them named inactivity-probe, may set the "
        "account's default timer for some seconds, and removes everything at the end."
    )
    if plan.left_out:
        questions = ", ".join(question for each in plan.left_out for question in each.settles)
        yield f"Without --listen these stay open: {questions}."


def _time(at: datetime) -> str:
    return at.replace(microsecond=0).isoformat().replace("+00:00", "Z")
