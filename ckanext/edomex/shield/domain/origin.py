"""Whether a request that changes something comes from the portal's own pages.

The session cookie is sent along by any page of a sister site (`SameSite=Lax` looks at `edomex.gob.mx` as a whole), so
the cookie alone proves nothing. Browsers say where a request comes from, and pages cannot make them say otherwise.
"""

from __future__ import annotations

from urllib.parse import urlsplit

SAFE = frozenset({"GET", "HEAD", "OPTIONS", "TRACE"})
#: What `Sec-Fetch-Site` says of our own pages, and of an address that somebody typed.
OWN = frozenset({"same-origin", "none"})
DEFAULT_PORTS = {"http": 80, "https": 443}


def comes_from_here(*, fetch_site: str | None, origin: str | None, referer: str | None, site: str) -> bool:
    """What the browser says decides; one that says nothing at all is no browser, and has no business with a cookie.

    `site` is the portal's public address. Sources: Fetch Metadata (W3C), the Origin header (RFC 6454 §7).
    """
    if fetch_site is not None:
        return fetch_site in OWN
    said = origin if origin is not None else referer
    return said is not None and place(said) is not None and place(said) == place(site)


def place(address: str) -> tuple[str, str, int] | None:
    """Scheme, host and port of an address; nothing for what is none (`null`, of sandboxed pages)."""
    try:
        parts = urlsplit(address)
        port = parts.port
    except ValueError:
        return None
    if parts.scheme not in DEFAULT_PORTS or not parts.hostname:
        return None
    return parts.scheme, parts.hostname, port or DEFAULT_PORTS[parts.scheme]
