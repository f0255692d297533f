"""Where a harvester may be sent: ckanext-dcat opens whatever does not begin with «http» as a file of this machine."""

from __future__ import annotations

from urllib.parse import urlsplit

SCHEMES = frozenset({"http", "https"})
EXAMPLE = "https://datos.municipio.example.org/catalog.ttl"
NOT_WEB = f"La dirección de la fuente tiene que empezar con http:// o https://; por ejemplo {EXAMPLE}"
NO_HOST = f"A la dirección de la fuente le falta el nombre del servidor; por ejemplo {EXAMPLE}"


def problem(url: object) -> str | None:
    """What is wrong with a source's address, for the person who wrote it; None if nothing is."""
    try:
        parts = urlsplit(str(url))
        host = parts.hostname
    except ValueError:
        return NO_HOST
    # urlsplit passes over blanks in front, and requests would not.
    if parts.scheme.lower() not in SCHEMES or str(url) != str(url).strip():
        return NOT_WEB
    return None if host else NO_HOST
