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


def max_age_s() -> int:
    """Seconds that a cache may keep a document without asking; never over the next release."""
    return tk.config.get("ckanext.edomex.feed.max_age_s")


def whole_up_to() -> int:
    """Datasets that `/catalog.ttl` gives in one document; of more it gives pages."""
    return tk.config.get("ckanext.edomex.feed.whole_up_to")


def per_page() -> int:
    """Datasets on a page."""
    return tk.config.get("ckanext.edomex.feed.per_page")


def guard_share() -> float:
    """Share of the catalogue that may go at a time without being withdrawn, from 0 to 1."""
    return tk.config.get("ckanext.edomex.feed.guard_percent") / 100


def stale_for_s() -> int:
    """Seconds since a kept copy was last the catalogue itself for which it may stand in for one that cannot be read; 0 is never."""
    return tk.config.get("ckanext.edomex.feed.stale_for_s")
