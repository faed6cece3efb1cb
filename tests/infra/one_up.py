"""One `up` as a process of its own, for the test that kills it: HOME SIMULATOR_URL ACCOUNT_SID TOKEN."""

import sys
from pathlib import Path

from laptop.stack import LocalStack


def main() -> None:
    """Run it and print every line."""
    home, simulator_url, account_sid, token = sys.argv[1:]
    with LocalStack(
        home=Path(home),
        simulator_url=simulator_url,
        account_sid=account_sid,
        auth_token=token,
        front_port=0,
        on_output=lambda line: print(line, flush=True),
    ) as stack:
        stack.up(preview=False)


if __name__ == "__main__":
    main()
