"""Twilio's host names, and how a client that uses them gets here: by a hosts file, or by environment variables.

Only the authority's certificate is written, where clients find it; nobody changes the hosts file but its user. `tls.py`
makes the certificate, `tls_port.py` serves the names.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import Final

from platformdirs import user_cache_path

from simulator.shared.account import Account

DOMAIN: Final = "twilio.com"
PRODUCTS: Final = ("conversations", "taskrouter", "flex-api", "chat")
REGIONS: Final = ("us1", "ie1", "au1")
"""Processing regions (https://www.twilio.com/docs/global-infrastructure/regions, 2026)."""
EDGES: Final = ("ashburn", "dublin", "frankfurt", "sao-paulo", "singapore", "sydney", "tokyo", "umatilla")
"""Public edge locations (https://www.twilio.com/docs/global-infrastructure/edge-locations, 2026)."""
DEFAULT_TLS_PORT: Final = 8743


def host(product: str, edge: str | None = None, region: str | None = None) -> str:
    """A product's host name, e.g. conversations.dublin.ie1.twilio.com.

    Libraries add us1 to an edge without a region.
    """
    return ".".join(filter(None, (product, edge, region or (edge and "us1"), DOMAIN)))


def wildcards() -> list[str]:
    """Every name that a client may use, as patterns; the star in a certificate matches one label."""
    return [
        f"*.{DOMAIN}",
        *(f"*.{region}.{DOMAIN}" for region in REGIONS),
        *(f"*.{edge}.{region}.{DOMAIN}" for region in REGIONS for edge in EDGES),
    ]


def hosts_lines(edge: str | None = None, region: str | None = None) -> list[str]:
    """Lines for a hosts file that map each product's name to this machine."""
    return [f"127.0.0.1 {host(product, edge, region)}" for product in PRODUCTS]


def client_environment(tls_port: int, authority: Path) -> dict[str, str]:
    """The environment variables that make an unmodified client in any language use and trust this simulator.

    The TLS port is also the proxy. It accepts Twilio's names and refuses every other, so a client with these variables
    reaches no network. Node's library reads HTTP_PROXY for its https requests, twilio-python and curl read HTTPS_PROXY.
    The credentials are the simulated account's, so no real ones are needed.
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
    """The file with the authority of the simulator on this port, in the user's cache."""
    return user_cache_path("flex-chat-inactivity-timeout") / "simulator" / f"authority-{tls_port}.pem"


def publish(authority: str, path: Path) -> None:
    """Write an authority where clients look for it, atomically, so that nobody reads half of it."""
    path.parent.mkdir(parents=True, exist_ok=True)
    fresh = path.with_suffix(f".{os.getpid()}")
    fresh.write_text(authority)
    fresh.replace(path)


def withdraw(authority: str, path: Path) -> None:
    """Delete our authority, unless another simulator has replaced it since."""
    try:
        if path.read_text() == authority:
            path.unlink()
    except FileNotFoundError:
        pass
