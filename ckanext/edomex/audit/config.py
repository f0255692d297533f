"""Settings of the audit, typed."""

from __future__ import annotations

from ckan.plugins import toolkit as tk

_PREFIX = "ckanext.edomex.audit."


def folio_prefix() -> str:
    """What every folio begins with, in upper case."""
    return str(tk.config.get(f"{_PREFIX}folio_prefix")).upper()


def site_url() -> str:
    """Address of the portal, no slash at the end."""
    return str(tk.config["ckan.site_url"]).rstrip("/")


def unsealed_minutes() -> float:
    """Minutes that an event may wait for its seal."""
    return float(tk.config.get(f"{_PREFIX}unsealed_minutes"))
