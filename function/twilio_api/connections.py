"""Connections to Twilio whose answers are there as a whole in time, and that look up once whom they trust.

A read timeout of `requests` begins anew with every byte: a server that sends one a second could hold a call, a thread
and a webhook's answer for as long as it likes. Here it begins once, when the request was sent.
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
    """Pooled connections; the read timeout of a call is for its whole answer, head and body."""

    def __init__(self, *, hosts: int, each: int, authorities: str | None = None) -> None:
        """Open nothing yet.

        Args:
            hosts: how many are talked to.
            each: connections kept open to each of them.
            authorities: file or folder of certificates to trust; Mozilla's unless given.
        """
        self._authorities = authorities or requests.utils.DEFAULT_CA_BUNDLE_PATH
        self._trust: ssl.SSLContext | None = None
        self._trusting = threading.Lock()
        super().__init__(pool_connections=hosts, pool_maxsize=each)

    @property
    def trust(self) -> ssl.SSLContext:
        """Whom we trust, read from the disk once: it takes tens of milliseconds, too long for every connection."""
        with self._trusting:
            if self._trust is None:
                trust = create_urllib3_context()
                if Path(self._authorities).is_dir():
                    trust.load_verify_locations(capath=self._authorities)
                else:
                    trust.load_verify_locations(cafile=self._authorities)
                self._trust = trust
            return self._trust

    def init_poolmanager(self, *arguments: Any, **named: Any) -> None:
        """As the adapter does, with connections of ours."""
        super().init_poolmanager(*arguments, **named)
        _punctual(self.poolmanager)

    def proxy_manager_for(self, proxy: str, **named: Any) -> Any:
        """As the adapter does, with connections of ours."""
        return _punctual(super().proxy_manager_for(proxy, **named))

    def build_connection_pool_key_attributes(
        self, request: requests.PreparedRequest, verify: Any, cert: Any = None
    ) -> tuple[Any, Any]:
        """Which pool a request goes through; all share what we trust."""
        host, _ = super().build_connection_pool_key_attributes(request, verify, cert)
        return host, {"ssl_context": self.trust} if host["scheme"] == "https" else {}

    def cert_verify(self, conn: Any, url: Any, verify: Any, cert: Any) -> None:
        """Nothing: what we trust knows already, and would be read again for each connection."""


def _punctual(pools: PoolManager) -> PoolManager:
    pools.pool_classes_by_scheme = {"http": _Pool, "https": _SecurePool}
    return pools


class _Hurried(io.RawIOBase):
    """The bytes of one answer, which get less and less time."""

    def __init__(self, raw: io.RawIOBase, connected: Any) -> None:
        super().__init__()
        self._raw = raw
        self._connected = connected
        self._until = time.monotonic() + connected.gettimeout()

    def readable(self) -> bool:
        """Yes."""
        return True

    def readinto(self, buffer: Any) -> int | None:
        """Read what comes in the time that is left.

        Raises:
            TimeoutError: nothing did.
        """
        left = self._until - time.monotonic()
        if left <= 0:
            raise TimeoutError("the answer took too long")
        self._connected.settimeout(left)
        return self._raw.readinto(buffer)

    def close(self) -> None:
        """Close what is behind it: a connection ends with the last of its readers."""
        self._raw.close()
        super().close()


class _Answer(http.client.HTTPResponse):
    """An answer that hurries."""

    def __init__(self, connected: Any, *arguments: Any, **named: Any) -> None:
        super().__init__(connected, *arguments, **named)
        self.fp = io.BufferedReader(_Hurried(self.fp.detach(), connected))


class _Connection(HTTPConnection):
    response_class = _Answer  # http.client makes its answers of this


class _SecureConnection(HTTPSConnection):
    response_class = _Answer


class _Pool(HTTPConnectionPool):
    ConnectionCls = _Connection


class _SecurePool(HTTPSConnectionPool):
    ConnectionCls = _SecureConnection
