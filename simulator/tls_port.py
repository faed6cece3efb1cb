"""The port that serves Twilio's names: TLS at once, or after an HTTP proxy's CONNECT.

A client whose names cannot be mapped uses this port as its proxy. Connections to Twilio's names are answered here, and
every other name is refused, so nothing leaves the machine.
"""

from __future__ import annotations

import asyncio
import logging
import re
import socket
import ssl
from collections.abc import Callable, Coroutine
from typing import Any, Final

from simulator.names import DOMAIN

_PATIENCE: Final = 30.0
"""Seconds that a connection may take to send its first request."""
_PARTING: Final = 0.2
"""Seconds that a client gets for its part of the TLS shutdown; an idle client does none and must not delay ours."""
_LONGEST_HEAD: Final = 16_384
_HANDSHAKE: Final = b"\x16"
"""The first byte of every TLS connection."""
_CONNECT: Final = re.compile(rb"CONNECT (\S+?):(\d+) HTTP/1\.[01]\r\n")

_log = logging.getLogger(__name__)


class TlsPort:
    """Accepts connections and hands each, decrypted, to an HTTP protocol."""

    def __init__(self, listener: socket.socket, context: ssl.SSLContext) -> None:
        self._listener = listener
        self._context = context
        self._tasks: set[asyncio.Task[None]] = set()

    def open(self, protocol: Callable[[], asyncio.Protocol]) -> None:
        """Start accepting."""
        self._listener.setblocking(False)  # noqa: FBT003 -- the socket's own signature
        self._begin(self._accept(protocol))

    def close(self) -> None:
        """Stop accepting; open connections belong to their protocols."""
        for task in list(self._tasks):
            task.cancel()
        self._listener.close()

    def _begin(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.get_running_loop().create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _accept(self, protocol: Callable[[], asyncio.Protocol]) -> None:
        loop = asyncio.get_running_loop()
        while True:
            connection, _ = await loop.sock_accept(self._listener)
            connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            self._begin(self._serve(connection, protocol))

    async def _serve(self, connection: socket.socket, protocol: Callable[[], asyncio.Protocol]) -> None:
        connection.setblocking(False)  # noqa: FBT003 -- the socket's own signature
        handed_over = False
        try:
            async with asyncio.timeout(_PATIENCE):
                wanted = await _through_proxy(connection)
            if wanted:
                handed_over = True
                await asyncio.get_running_loop().connect_accepted_socket(
                    protocol,
                    connection,
                    ssl=self._context,
                    ssl_handshake_timeout=_PATIENCE,
                    ssl_shutdown_timeout=_PARTING,
                )
        except ssl.SSLError as error:
            _log.warning(
                "a client broke off the TLS handshake (%s); does it trust the authority? `python -m simulator names` "
                "says where it is",
                error.reason,
            )
        except (OSError, TimeoutError):
            pass  # it disconnected, or sent nothing
        finally:
            if not handed_over:
                connection.close()


async def _through_proxy(connection: socket.socket) -> bool:
    """Answer a CONNECT if there is one; return whether TLS comes next."""
    loop = asyncio.get_running_loop()
    first = await _peek(connection)
    if first == _HANDSHAKE:
        return True
    head = b""
    while b"\r\n\r\n" not in head and len(head) < _LONGEST_HEAD:
        received = await loop.sock_recv(connection, 4096)
        if not received:
            return False
        head += received
    asked = _CONNECT.match(head)
    if asked is None:
        await _refuse(connection, "400 Bad Request", "this port speaks TLS, or CONNECT as a proxy")
        return False
    name, port = asked[1].decode("latin-1").lower(), int(asked[2])
    if port != 443 or not name.endswith(f".{DOMAIN}"):
        await _refuse(connection, "403 Forbidden", f"{name}:{port} is not Twilio's; this proxy reaches nothing else")
        return False
    await loop.sock_sendall(connection, b"HTTP/1.1 200 Connection established\r\n\r\n")
    return True


async def _refuse(connection: socket.socket, status: str, why: str) -> None:
    body = f"simulator: {why}\n".encode()
    head = f"HTTP/1.1 {status}\r\nContent-Type: text/plain\r\nContent-Length: {len(body)}\r\nConnection: close\r\n\r\n"
    await asyncio.get_running_loop().sock_sendall(connection, head.encode() + body)


async def _peek(connection: socket.socket) -> bytes:
    """The first byte that a client sends, without consuming it; empty if it has disconnected."""
    loop = asyncio.get_running_loop()
    readable = asyncio.Event()
    loop.add_reader(connection, readable.set)
    try:
        await readable.wait()
    finally:
        loop.remove_reader(connection)
    return connection.recv(1, socket.MSG_PEEK)
