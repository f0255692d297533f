"""What addresses of one portal share."""

from __future__ import annotations

import re
from urllib.parse import urlsplit

#: What an address may say of its server without naming another one.
_IDLE = {"http": re.compile(r"\.?(:(80)?)?$"), "https": re.compile(r"\.?(:(443)?)?$")}


def site_of(address: str) -> str:
    """The host and port of an address, so that every way to write one portal's gives the same; empty for none."""
    parts = urlsplit(address)
    site = parts.netloc.rpartition("@")[2].lower().removeprefix("www.")
    return _IDLE.get(parts.scheme, _IDLE["https"]).sub("", site, count=1).replace(".:", ":")
