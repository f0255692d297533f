"""What addresses of one portal share."""

from __future__ import annotations

from urllib.parse import urlsplit


def site_of(address: str) -> str:
    """The host and port of an address, in lower case and without credentials."""
    return urlsplit(address).netloc.rpartition("@")[2].lower()
