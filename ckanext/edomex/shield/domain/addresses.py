"""Whether an address leads into the operator's own network. Only what is written is judged; names are not looked up."""

from __future__ import annotations

import ipaddress
from urllib.parse import urlsplit

#: Names that no public server has.
INSIDE = (".local", ".localhost", ".internal", ".lan", ".home.arpa")


def is_inside(host: str) -> bool:
    """Whether a host is this machine or in a private network; a name without a dot is one of a container or a neighbour."""
    name = host.strip("[]").rstrip(".").lower()
    try:
        return not ipaddress.ip_address(name).is_global
    except ValueError:
        return "." not in name or name.endswith(INSIDE)


def host_of(url: str) -> str:
    """The host that an address names; empty for what is no address."""
    try:
        return urlsplit(url).hostname or ""
    except ValueError:
        return ""
