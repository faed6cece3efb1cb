"""schemathesis over every operation of the simulator, for long: `python -m benchmarks.contract_campaign`.

Prints one line an operation and ends with 1 when anything crashed or answered against Twilio's documents.
"""

from __future__ import annotations

import argparse
import sys
from collections import Counter

from simulator.running import RunningSimulator
from tests.simulator.conftest import connect
from tests.simulator.contract.documents import operations
from tests.simulator.contract.fuzzing import fuzz


def campaign(*, examples: int, seed: int) -> list[str]:
    """Call every documented operation `examples` times.

    Args:
        examples: How many calls an operation.
        seed: The same number makes the same calls.

    Returns:
        What was found, one text an operation that failed; empty when nothing was.
    """
    found: list[str] = []
    total: Counter[int] = Counter()
    with RunningSimulator() as simulator:
        for operation in operations():
            if operation.documented is None:
                continue
            try:
                statuses = fuzz(operation, connect(simulator), examples=examples, seed_number=seed)
            except AssertionError as error:
                found.append(f"{operation.name}: {error}")
                print(f"FOUND    {operation.name}: {error}", flush=True)
            else:
                total += statuses
                told = ", ".join(f"{count} x {status}" for status, count in sorted(statuses.items()))
                print(f"nothing  {operation.name}: {told}", flush=True)
    answers = ", ".join(f"{count} x {status}" for status, count in sorted(total.items()))
    print(f"{total.total()} calls ({answers}); operations with findings: {len(found)}")
    return found


def main() -> int:
    """Run the campaign."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.contract_campaign", description=__doc__)
    parser.add_argument("--examples", type=int, default=500, help="calls an operation (default 500)")
    parser.add_argument("--seed", type=int, default=1, help="the same seed makes the same calls (default 1)")
    arguments = parser.parse_args()
    return 1 if campaign(examples=arguments.examples, seed=arguments.seed) else 0


if __name__ == "__main__":
    sys.exit(main())
