"""`python -m simulator` serves until Ctrl-C; `python -m simulator names` prints how clients find it over TLS."""

from __future__ import annotations

import argparse
import socket
import sys
import threading
from pathlib import Path

from simulator.names import DEFAULT_TLS_PORT, EDGES, REGIONS, authority_path, client_environment, hosts_lines
from simulator.running import Server, listen
from simulator.shared.account import Account
from simulator.shared.dialect import Dialect

_ABOUT = """\
Twilio's Conversations, TaskRouter and Flex on this machine: REST by path prefix
(/conversations/v1/..., /taskrouter/v1/..., /flex-api/v1/..., /chat/v2/...) or by host name,
with a clock that only you move (POST /_simulator/clock {"advance": "PT10M"}).
It prints its account SID, auth token and URL, and runs until Ctrl-C.
"""
_MORE = """\
examples:
  python -m simulator                                 REST and control plane at http://127.0.0.1:8700
  python -m simulator --tls                           also as https://conversations.twilio.com, ...
  env $(python -m simulator names --env) node app.js  one unmodified client of that

simulator/README.md shows a first chat, docs/simulator.md lists the control plane.
"""
_NAMES_ABOUT = """\
Print how a client that uses Twilio's real names reaches a simulator that runs with --tls.
Without an option it prints everything, with explanations. It changes nothing on this machine.
"""


def main() -> int:
    """Serve, or print the names."""
    arguments = _parser().parse_args()
    return _names(arguments) if arguments.command == "names" else _serve(arguments)


def _parser() -> argparse.ArgumentParser:
    layout = argparse.RawDescriptionHelpFormatter
    parser = argparse.ArgumentParser(
        prog="python -m simulator", description=_ABOUT, epilog=_MORE, formatter_class=layout
    )
    parser.add_argument("--port", type=int, default=8700, help="for plain HTTP; 0 chooses a free one (default 8700)")
    parser.add_argument("--host", default="127.0.0.1", help="address to listen on (default 127.0.0.1)")
    parser.add_argument("--tls", action="store_true", help="also answer as Twilio's hosts over TLS")
    parser.add_argument(
        "--tls-port",
        type=int,
        default=DEFAULT_TLS_PORT,
        help=f"for TLS and as a proxy to itself; 443 for clients that use a hosts file (default {DEFAULT_TLS_PORT})",
    )
    parser.add_argument(
        "--dialect",
        type=_dialect,
        metavar="FILE",
        help='JSON with the answers to what Twilio does not document: {"dialect": {"timerOrigin": "message"}}',
    )
    parser.add_argument("--parent-pipe", action="store_true", help="exit when standard input closes")
    commands = parser.add_subparsers(dest="command", metavar="names", title="instead of serving")
    names = commands.add_parser(
        "names", help="print how clients find this simulator", description=_NAMES_ABOUT, formatter_class=layout
    )
    names.add_argument(
        "--tls-port", type=int, default=DEFAULT_TLS_PORT, help=f"of that simulator (default {DEFAULT_TLS_PORT})"
    )
    names.add_argument("--edge", choices=EDGES, help="names with this edge")
    names.add_argument("--region", choices=REGIONS, help="names with this region")
    which = names.add_mutually_exclusive_group()
    which.add_argument("--env", action="store_true", help="only NAME=VALUE for a client's environment")
    which.add_argument("--hosts", action="store_true", help="only the lines for a hosts file")
    which.add_argument("--authority", action="store_true", help="only the authority's certificate, as PEM")
    return parser


def _dialect(path: str) -> Dialect:
    try:
        return Dialect.read(Path(path).read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise argparse.ArgumentTypeError(str(error)) from None


def _serve(arguments: argparse.Namespace) -> int:
    listener = _listen(arguments.host, arguments.port, "--port")
    tls_listener = _listen(arguments.host, arguments.tls_port, "--tls-port") if arguments.tls else None
    if listener is None or (arguments.tls and tls_listener is None):
        return 1
    account = Account()
    server = Server(tls_listener, arguments.dialect)
    if arguments.parent_pipe:
        threading.Thread(target=_end_with_parent, args=[server], daemon=True).start()
    print(f"account SID: {account.sid}")
    print(f"auth token: {account.auth_token}")
    print(f"URL: http://{arguments.host}:{listener.getsockname()[1]}", flush=True)
    if tls_listener is not None:
        port = tls_listener.getsockname()[1]
        print(f"TLS port: {port}, as Twilio's hosts; see python -m simulator names --tls-port {port}")
        print(f"authority: {server.authority}", flush=True)
    server.run(sockets=[listener])
    return 0


def _listen(host: str, port: int, option: str) -> socket.socket | None:
    try:
        return listen(host, port)
    except OSError as error:
        print(
            f"cannot listen on {host}:{port}: {error.strerror}; "
            f"stop the program that uses it, or choose another with {option} (0 chooses a free one)",
            file=sys.stderr,
        )
        return None


def _names(arguments: argparse.Namespace) -> int:
    path = authority_path(arguments.tls_port)
    hosts = hosts_lines(arguments.edge, arguments.region)
    variables = [f"{name}={value}" for name, value in client_environment(arguments.tls_port, path).items()]
    if arguments.hosts:
        print("\n".join(hosts))
        return 0
    if not path.exists():
        print(
            f"no simulator serves TLS on port {arguments.tls_port} ({path} does not exist); "
            "start one with --tls, or pass its port with --tls-port",
            file=sys.stderr,
        )
        return 1
    pem = path.read_text()
    if arguments.env:
        print("\n".join(variables))
    elif arguments.authority:
        print(pem, end="")
    else:
        print(_EVERYTHING.format(variables="\n".join(variables), hosts="\n".join(hosts), path=path, pem=pem), end="")
    return 0


_EVERYTHING = """\
# 1. One client, nothing changed on the machine: run it under these variables. The TLS port is the proxy;
#    it refuses every name that is not Twilio's.   env $(python -m simulator names --env) YOUR-CLIENT
{variables}

# 2. Or map the names, in a container's or test machine's hosts file, and start the simulator with --tls-port 443:
{hosts}

# The authority that the client must then trust. It is new at each start, and its private key is not kept.
# {path}
{pem}"""


def _end_with_parent(server: Server) -> None:
    sys.stdin.buffer.read()
    server.should_exit = True


if __name__ == "__main__":
    sys.exit(main())
