"""Where the portal's data lie, from CKAN's own options: the only reader of them in this room."""

from __future__ import annotations

from pathlib import Path

import ckan.plugins as p
from ckan.plugins import toolkit as tk


def database_url() -> str:
    """Address of CKAN's database."""
    return str(tk.config["sqlalchemy.url"])


def datastore_url() -> str | None:
    """Address of the datastore's database for its owner; None in a portal without the datastore."""
    return str(tk.config["ckan.datastore.write_url"]) if p.plugin_loaded("datastore") else None


def datastore_read_url() -> str:
    """Address of the datastore's database for whoever only reads."""
    return str(tk.config["ckan.datastore.read_url"])


def storage_path() -> Path:
    """Folder of uploaded files."""
    return Path(tk.config["ckan.storage_path"])


def site_id() -> str:
    """Name of the account that CKAN makes for itself in an empty database."""
    return str(tk.config["ckan.site_id"])


def plugins() -> list[str]:
    """Plugins that are active, in their order."""
    return [str(name) for name in tk.aslist(tk.config["ckan.plugins"])]


def loader_token() -> str | None:
    """The API token that xloader uses; None in a portal without it."""
    return str(tk.config.get("ckanext.xloader.api_token") or "") if p.plugin_loaded("xloader") else None
