"""The simulator inside this process: a server in a thread, for tests and tools."""

from __future__ import annotations

import socket
import ssl
import threading
import time
from functools import partial
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import uvicorn

from simulator.app import App
from simulator.client import HttpTransport
from simulator.names import authority_path, client_environment, publish, withdraw
from simulator.shared.account import Account
from simulator.shared.dialect import Dialect
from simulator.simulation import Simulation
from simulator.tls_port import TlsPort

_KEEP_ALIVE = 75
"""Seconds that an idle connection stays open."""


def _config(app: App) -> uvicorn.Config:
    """Uvicorn's settings: no access log, and no Date header, because ours is virtual."""
    return uvicorn.Config(
        app,
        http="httptools",
        loop="asyncio",
        lifespan="on",
        log_level="warning",
        access_log=False,
        date_header=False,
        server_header=False,
        timeout_graceful_shutdown=1,
        timeout_keep_alive=_KEEP_ALIVE,
    )


class Server(uvicorn.Server):
    """One simulator behind its ports: plain HTTP, and Twilio's names over TLS if a listener for them is given.

    Attributes:
        authority: The file with the authority to trust while the server runs; None without TLS.
    """

    def __init__(self, tls_listener: socket.socket | None = None, dialect: Dialect | None = None) -> None:
        self._app = App(Simulation(dialect=dialect))
        super().__init__(_config(self._app))
        self._tls: TlsPort | None = None
        self.authority: Path | None = None
        if tls_listener is not None:
            self._tls = TlsPort(tls_listener, self._identify(tls_listener))

    def _identify(self, tls_listener: socket.socket) -> ssl.SSLContext:
        from simulator.tls import new_identity  # noqa: PLC0415 -- doubles the start's time; most runs need none

        identity = new_identity()
        self._pem = identity.authority
        self.authority = authority_path(tls_listener.getsockname()[1])
        publish(self._pem, self.authority)
        return identity.context

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Open every port."""
        await super().startup(sockets)
        if self._tls is not None:
            protocol: Any = self.config.http_protocol_class
            self._tls.open(
                partial(protocol, config=self.config, server_state=self.server_state, app_state=self.lifespan.state)
            )

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """Close them, and delete the authority; pages that are open get no more events."""
        self._app.simulation.stopping = True
        if self._tls is not None and self.authority is not None:
            self._tls.close()
            withdraw(self._pem, self.authority)
        await super().shutdown(sockets)


def listen(host: str, port: int) -> socket.socket:
    """A listening socket; 0 chooses a free port.

    It names its protocol; otherwise asyncio leaves Nagle's algorithm on, which delays every answer by 40 ms.
    """
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((host, port))
    except OSError:
        listener.close()
        raise
    listener.listen(1024)
    return listener


class RunningSimulator(HttpTransport):
    """A simulator on a free port of this machine, and the transport to it, while the `with` block lasts.

    Attributes:
        url: Where it listens, e.g. http://127.0.0.1:54321.
        account_sid: The account's SID; the same for every simulator.
        auth_token: The account's token; the same for every simulator.
        tls_port: The port that answers as Twilio's hosts, with `tls=True`; else None.
    """

    def __init__(self, port: int = 0, host: str = "127.0.0.1", *, tls: bool = False) -> None:
        self._socket = listen(host, port)
        address, taken = self._socket.getsockname()[:2]
        tls_listener = listen(host, 0) if tls else None
        self.tls_port: int | None = None if tls_listener is None else tls_listener.getsockname()[1]
        self._server = Server(tls_listener)
        self._thread = threading.Thread(
            target=self._server.run, kwargs={"sockets": [self._socket]}, name="simulator", daemon=True
        )
        account = Account()
        super().__init__(f"http://{address}:{taken}", (account.sid, account.auth_token))
        self.account_sid = account.sid
        self.auth_token = account.auth_token

    def __enter__(self) -> Self:
        """Start, and wait until it listens."""
        self._thread.start()
        while not self._server.started:
            if not self._thread.is_alive():
                raise RuntimeError("the simulator did not start; see its messages above")
            time.sleep(0.005)
        return self

    def __exit__(
        self, exc_type: type[BaseException] | None, exc: BaseException | None, traceback: TracebackType | None
    ) -> None:
        """Stop, and wait until it has."""
        self.close()
        self._server.should_exit = True
        self._thread.join(timeout=10)
        self._socket.close()

    def client_environment(self) -> dict[str, str]:
        """The environment variables with which an unmodified client, in a process of its own, gets here over TLS.

        Raises:
            RuntimeError: it was started without `tls=True`.
        """
        if self.tls_port is None or self._server.authority is None:
            raise RuntimeError("this simulator has no TLS port; start it with RunningSimulator(tls=True)")
        return client_environment(self.tls_port, self._server.authority)
