"""Twilio's host names, and how to bring a client that uses them here: hosts-file lines, or a few environment variables.

The only thing that is written is the authority's certificate, where clients then find it; the hosts file is the user's.
`tls.py` makes that certificate, `tls_port.py` answers for the names.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import Final

from simulator.shared.account import Account

DOMAIN: Final = "twilio.com"
PRODUCTS: Final = ("conversations", "taskrouter", "flex-api", "chat")
REGIONS: Final = ("us1", "ie1", "au1")
"""Processing regions (Twilio docs, global-infrastructure/regions)."""
EDGES: Final = ("ashburn", "dublin", "frankfurt", "sao-paulo", "singapore", "sydney", "tokyo", "umatilla")
"""Public edge locations (Twilio docs, global-infrastructure/edge-locations)."""
DEFAULT_TLS_PORT: Final = 8743


def host(product: str, edge: str | None = None, region: str | None = None) -> str:
    """A product's host name, e.g. conversations.dublin.ie1.twilio.com: libraries put us1 behind an edge alone."""
    return ".".join(filter(None, (product, edge, region or (edge and "us1"), DOMAIN)))


def wildcards() -> list[str]:
    """Every name that a client may ask for, as patterns; a certificate's star stands for one label."""
    return [
        f"*.{DOMAIN}",
        *(f"*.{region}.{DOMAIN}" for region in REGIONS),
        *(f"*.{edge}.{region}.{DOMAIN}" for region in REGIONS for edge in EDGES),
    ]


def hosts_lines(edge: str | None = None, region: str | None = None) -> list[str]:
    """Lines for a hosts file that map each product's name to this machine."""
    return [f"127.0.0.1 {host(product, edge, region)}" for product in PRODUCTS]


def client_environment(tls_port: int, authority: Path) -> dict[str, str]:
    """The variables under which an unmodified client in any language comes here and trusts what it finds.

    The TLS port is also the proxy: it takes Twilio's names, and refuses every other, so nothing under these variables
    reaches a network. Node's library reads HTTP_PROXY for its https requests; twilio-python and curl read HTTPS_PROXY.
    The credentials are the simulated account's: no real ones are needed, or at risk.
    """
    account, proxy, pem = Account(), f"http://127.0.0.1:{tls_port}", str(authority)
    return {
        "TWILIO_ACCOUNT_SID": account.sid,
        "TWILIO_AUTH_TOKEN": account.auth_token,
        "HTTPS_PROXY": proxy,
        "HTTP_PROXY": proxy,
        "NO_PROXY": "127.0.0.1,localhost",
        "REQUESTS_CA_BUNDLE": pem,
        "CURL_CA_BUNDLE": pem,
        "SSL_CERT_FILE": pem,
        "NODE_EXTRA_CA_CERTS": pem,
    }


def authority_path(tls_port: int) -> Path:
    """Where the authority of the simulator on this port is found: in the user's cache, one file a port."""
    base = os.environ.get("XDG_CACHE_HOME", "")
    cache = Path(base) if Path(base).is_absolute() else Path.home() / ".cache"
    return cache / "flex-chat-inactivity-timeout" / "simulator" / f"authority-{tls_port}.pem"


def publish(authority: str, path: Path) -> None:
    """Write an authority where clients look for it, in one move, so that nobody reads half of it."""
    path.parent.mkdir(parents=True, exist_ok=True)
    fresh = path.with_suffix(f".{os.getpid()}")
    fresh.write_text(authority)
    fresh.replace(path)


def withdraw(authority: str, path: Path) -> None:
    """Take our authority away again, unless another simulator has put its own there since."""
    try:
        if path.read_text() == authority:
            path.unlink()
    except FileNotFoundError:
        pass
