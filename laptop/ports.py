"""Taking a port of this machine, and saying who holds it when it is taken."""

import errno
import socket

import psutil


class PortTakenError(Exception):
    """Somebody else listens there. The message names the port, who may hold it, and the way out."""


def listen(port: int, *, purpose: str, option: str) -> socket.socket:
    """Listen on the loopback interface.

    Args:
        port: 0 for any free one.
        purpose: what it is for, in words.
        option: what a person changes to choose another.

    Raises:
        PortTakenError: somebody else listens there.
    """
    # The protocol is named because asyncio turns Nagle's delay off only where it is: 40 ms an answer otherwise.
    taken = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    taken.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        taken.bind(("127.0.0.1", port))
        taken.listen(1024)
    except OSError as error:
        taken.close()
        if error.errno != errno.EADDRINUSE:
            raise
        raise PortTakenError(
            f"port {port} ({purpose}) is taken by {_holder(port)}: end that, or choose another {option} (0 takes any)"
        ) from None
    return taken


def _holder(port: int) -> str:
    """Who listens there, as far as this user may know."""
    try:
        connections = psutil.net_connections("tcp")
    except psutil.AccessDenied:
        return "another process"
    for connection in connections:
        if connection.status == psutil.CONN_LISTEN and connection.laddr and connection.laddr.port == port:
            try:
                process = psutil.Process(connection.pid)
                return f"process {process.pid} ({' '.join(process.cmdline())[:120]})"
            except (psutil.Error, TypeError):
                break
    return "another process"
