"""URLs of somebody else, as far as people, states and logs may see them."""

import re
from urllib.parse import urlsplit

HIDDEN = "?[hidden]"
"""Stands for what was left out, so that a URL never looks like another one that lacks it."""

_URL = re.compile(r"[a-z][a-z0-9+.-]*://(?:\S*@)?[^\s\"'<>]+", re.IGNORECASE)
"""To the last @ whatever the letters are: before it may be a password."""


def shown_url(url: str) -> str:
    """A URL without what may be secret in it: user, password, query, fragment. No URL stays an empty text."""
    if not url:
        return ""
    try:
        parts = urlsplit(url)
        parts.port  # noqa: B018 -- raises for what is none
    except ValueError:
        return HIDDEN
    user, _, host = parts.netloc.rpartition("@")
    if not host or any("@" in part for part in parts[2:]):  # a password with / ? or # in it looks like a host and more
        return HIDDEN
    left_out = HIDDEN if user or parts.query or parts.fragment else ""
    return f"{parts.scheme}://{host}{parts.path}{left_out}"


def with_shown_urls(text: str) -> str:
    """A text in which every URL is as `shown_url` makes it."""
    return _URL.sub(lambda found: shown_url(found[0]), text)
