"""`python -m tests.ops.probe`: probe the simulator in every dialect of a list, and write it into docs/probe.md."""

import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime

from ops.probe.probing import Report
from simulator.client import SimulatorClient
from simulator.running import RunningSimulator
from tests.ops.probe.dialects import Dialect, each_alone, findable, found, pairwise
from tests.ops.probe.laboratory import probed
from tests.ops.probe.page import PAGE, costs, experiments, transcript, write


@dataclass(frozen=True)
class Judged:
    """One probe, compared with the dialect that was set: switches by name.

    Attributes:
        right: their answers were found.
        hidden: nobody can see their answers in this dialect, and the probe says so.
        wrong: anything else.
    """

    right: frozenset[str]
    hidden: frozenset[str]
    wrong: frozenset[str]


def judged(dialect: Mapping[str, str], report: Report) -> Judged:
    """Compare."""
    wanted, there = findable(dialect), found(report)
    same = {name for name in wanted if there[name] == wanted[name]}
    hidden = frozenset(name for name in same if wanted[name] is None)
    return Judged(frozenset(same) - hidden, hidden, frozenset(wanted) - same)


def table(groups: Mapping[str, Sequence[Judged]], today: date) -> str:
    """One line for each group of dialects."""
    about = (
        f"Made on {today}, in virtual time, with webhooks and rate limits. In the pairwise set, "
        "each answer of a switch meets each answer of every other. What cannot be seen is in the table above; "
        "the probe must then say `not settled`, and does."
    )
    head = ["| dialects | found exactly | switches found | cannot be seen | wrong |", "|---|---:|---:|---:|---:|"]
    lines = [about, "", *head]
    for name, probes in groups.items():
        switches = sum(len(each.right) + len(each.hidden) + len(each.wrong) for each in probes)
        exact = sum(not each.wrong for each in probes)
        right, hidden = sum(len(each.right) for each in probes), sum(len(each.hidden) for each in probes)
        wrong = switches - right - hidden
        lines.append(f"| {name} | {exact} of {len(probes)} | {right} of {switches} | {hidden} | {wrong} |")
    return "\n".join(lines)


def main() -> None:
    """Write the page.

    Raises:
        SystemExit: a dialect was not found; the page then stays as it is.
    """
    groups: dict[str, list[Dialect]] = {
        "the default": [{}],
        "each other answer alone": each_alone(),
        "a pairwise set": pairwise(),
    }
    probes: dict[str, list[Judged]] = {}
    with RunningSimulator() as simulator:
        twilio = SimulatorClient(simulator)
        for name, dialects in groups.items():
            probes[name] = []
            for dialect in dialects:
                one = judged(dialect, probed(twilio, dialect))
                probes[name].append(one)
                print(f"{name}, {len(probes[name])} of {len(dialects)}: wrong {sorted(one.wrong)}", flush=True)
        shown = transcript(twilio)
    if any(each.wrong for group in probes.values() for each in group):
        sys.exit(f"a dialect was not found; {PAGE.name} stays as it is")
    probes["together"] = [each for group in list(probes.values()) for each in group]
    dialects_found = table(probes, datetime.now(UTC).date())
    write({"costs": costs(), "experiments": experiments(), "transcript": shown, "dialects": dialects_found})
    print(PAGE.name)


if __name__ == "__main__":
    main()
