"""Listens on a port of this machine, and names the process that already does."""

import errno
import socket

import psutil


class PortTakenError(Exception):
    """A port is taken. The message names the port, the process that listens there, and the way out."""


def listen(port: int, *, purpose: str, option: str) -> socket.socket:
    """Listen on the loopback interface.

    Args:
        port: 0 for any free one.
        purpose: what it is for, in words.
        option: what to change to choose another port.

    Raises:
        PortTakenError: another process listens there.
    """
    # With the protocol named, asyncio turns off Nagle's delay, which costs 40 ms for each answer.
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
            f"port {port} ({purpose}) is taken by {_holder(port)}: stop that process (a kept demo ends with Ctrl-C), "
            f"or choose another {option} (0 for any free port): make demo DEMO='{option} 0'"
        ) from None
    return taken


def _holder(port: int) -> str:
    """The process that listens there, as far as this user may know."""
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
