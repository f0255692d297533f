"""Settings of the feed, typed."""

from __future__ import annotations

from ckan.plugins import toolkit as tk


def base() -> str:
    """Address of the catalogue and beginning of every IRI below it, no slash at the end."""
    return tk.config["ckan.site_url"].rstrip("/")


def title() -> str:
    """The catalogue's title."""
    return tk.config.get("ckan.site_title") or "Datos abiertos"


def description() -> str:
    """The catalogue's description; DCAT-AP asks for one, so a portal without gets a plain sentence."""
    return tk.config.get("ckan.site_description") or f"Catálogo de datos abiertos de {publisher_name()}."


def publisher_name() -> str:
    """Who answers for the catalogue."""
    return tk.config.get("ckanext.edomex.feed.publisher_name") or title()


def license_url() -> str:
    """Licence of the catalogue itself."""
    return tk.config.get("ckanext.edomex.feed.license_url")


def retry_after_s() -> int:
    """Seconds after which a reader may come back when the catalogue cannot be read."""
    return tk.config.get("ckanext.edomex.feed.retry_after_s")
