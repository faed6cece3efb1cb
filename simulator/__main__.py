"""`python -m simulator`: Twilio on this machine until it is told to stop."""

from __future__ import annotations

import argparse
import sys
import threading

import uvicorn

from simulator.account import Account
from simulator.app import App
from simulator.running import listen, server_config


def main() -> int:
    """Serve; print where and as whom."""
    parser = argparse.ArgumentParser(prog="python -m simulator", description=main.__doc__)
    parser.add_argument("--port", type=int, default=8700, help="0 takes a free one (default 8700)")
    parser.add_argument("--host", default="127.0.0.1", help="default 127.0.0.1")
    parser.add_argument("--parent-pipe", action="store_true", help="end when standard input closes")
    arguments = parser.parse_args()
    try:
        listener = listen(arguments.host, arguments.port)
    except OSError as error:
        print(
            f"cannot listen on {arguments.host}:{arguments.port}: {error.strerror}; "
            "stop what uses it, or choose another with --port (0 takes a free one)",
            file=sys.stderr,
        )
        return 1
    account = Account()
    server = uvicorn.Server(server_config(App()))
    if arguments.parent_pipe:
        threading.Thread(target=_end_with_parent, args=[server], daemon=True).start()
    print(f"account SID: {account.sid}")
    print(f"auth token: {account.auth_token}")
    print(f"URL: http://{arguments.host}:{listener.getsockname()[1]}", flush=True)
    server.run(sockets=[listener])
    return 0


def _end_with_parent(server: uvicorn.Server) -> None:
    sys.stdin.buffer.read()
    server.should_exit = True


if __name__ == "__main__":
    sys.exit(main())
