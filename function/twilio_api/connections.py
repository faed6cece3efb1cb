"""Pooled connections whose read timeout is for the whole response, and that load trusted certificates only once.

The read timeout of `requests` restarts with every byte, so a server that sends one byte a second could hold a call, a
thread and a webhook's response without a limit. Here it starts once, when the request is sent.
"""

import http.client
import io
import ssl
import threading
import time
from pathlib import Path
from typing import Any

import requests
import requests.utils
from requests.adapters import HTTPAdapter
from urllib3 import HTTPConnectionPool, HTTPSConnectionPool, PoolManager
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.util.ssl_ import create_urllib3_context


class Connections(HTTPAdapter):
    """Pooled connections. The read timeout of a call is for its whole response, headers and body."""

    def __init__(self, *, hosts: int, each: int, authorities: str | None = None) -> None:
        """Configure the pools; no connection is opened yet.

        Args:
            hosts: number of hosts.
            each: connections kept open to each host.
            authorities: file or folder of trusted certificates; Mozilla's by default.
        """
        self._authorities = authorities or requests.utils.DEFAULT_CA_BUNDLE_PATH
        self._trust: ssl.SSLContext | None = None
        self._trust_lock = threading.Lock()
        super().__init__(pool_connections=hosts, pool_maxsize=each)

    @property
    def trust(self) -> ssl.SSLContext:
        """The trusted certificates, loaded once: loading takes tens of milliseconds, too long for each connection."""
        with self._trust_lock:
            if self._trust is None:
                trust = create_urllib3_context()
                if Path(self._authorities).is_dir():
                    trust.load_verify_locations(capath=self._authorities)
                else:
                    trust.load_verify_locations(cafile=self._authorities)
                self._trust = trust
            return self._trust

    def init_poolmanager(self, *arguments: Any, **named: Any) -> None:
        """Make the pools, with our connections."""
        super().init_poolmanager(*arguments, **named)
        _with_our_connections(self.poolmanager)

    def proxy_manager_for(self, proxy: str, **named: Any) -> Any:
        """Make the pools for a proxy, with our connections."""
        return _with_our_connections(super().proxy_manager_for(proxy, **named))

    def build_connection_pool_key_attributes(
        self, request: requests.PreparedRequest, verify: Any, cert: Any = None
    ) -> tuple[Any, Any]:
        """Choose a request's pool; all pools share the trusted certificates."""
        host, _ = super().build_connection_pool_key_attributes(request, verify, cert)
        return host, {"ssl_context": self.trust} if host["scheme"] == "https" else {}

    def cert_verify(self, conn: Any, url: Any, verify: Any, cert: Any) -> None:
        """Do nothing: `trust` is loaded already, and would be loaded again for each connection."""


def _with_our_connections(pools: PoolManager) -> PoolManager:
    pools.pool_classes_by_scheme = {"http": _Pool, "https": _SecurePool}
    return pools


class _DeadlineReader(io.RawIOBase):
    """The bytes of one response, with one deadline for all reads."""

    def __init__(self, raw: io.RawIOBase, connected: Any) -> None:
        super().__init__()
        self._raw = raw
        self._connected = connected
        self._until = time.monotonic() + connected.gettimeout()

    def readable(self) -> bool:
        """Return True."""
        return True

    def readinto(self, buffer: Any) -> int | None:
        """Read the next bytes in the time that is left.

        Raises:
            TimeoutError: none arrived in time.
        """
        left = self._until - time.monotonic()
        if left <= 0:
            raise TimeoutError("the answer took too long")
        self._connected.settimeout(left)
        return self._raw.readinto(buffer)

    def close(self) -> None:
        """Close the socket's reader too: a connection closes with its last reader."""
        self._raw.close()
        super().close()


class _DeadlineResponse(http.client.HTTPResponse):
    """A response with a deadline."""

    def __init__(self, connected: Any, *arguments: Any, **named: Any) -> None:
        super().__init__(connected, *arguments, **named)
        self.fp = io.BufferedReader(_DeadlineReader(self.fp.detach(), connected))


class _Connection(HTTPConnection):
    response_class = _DeadlineResponse  # http.client makes its responses of this class


class _SecureConnection(HTTPSConnection):
    response_class = _DeadlineResponse


class _Pool(HTTPConnectionPool):
    ConnectionCls = _Connection


class _SecurePool(HTTPSConnectionPool):
    ConnectionCls = _SecureConnection
