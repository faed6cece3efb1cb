"""URLs of somebody else, as far as people, states and logs may see them."""

import re
from urllib.parse import urlsplit

HIDDEN = "?[hidden]"
"""Stands for what was left out, so that a URL never looks like another one that lacks it."""

_URL = re.compile(r"[a-z][a-z0-9+.-]*://[^\s\"'<>]+", re.IGNORECASE)


def shown_url(url: str) -> str:
    """A URL without what may be secret in it: user, password, query, fragment. No URL stays an empty text."""
    if not url:
        return ""
    try:
        parts = urlsplit(url)
    except ValueError:
        return HIDDEN
    user, _, host = parts.netloc.rpartition("@")
    if not host or "@" in parts.path:  # a password with a slash in it looks like host and path
        return HIDDEN
    left_out = HIDDEN if user or parts.query or parts.fragment else ""
    return f"{parts.scheme}://{host}{parts.path}{left_out}"


def with_shown_urls(text: str) -> str:
    """A text in which every URL is as `shown_url` makes it."""
    return _URL.sub(lambda found: shown_url(found[0]), text)
