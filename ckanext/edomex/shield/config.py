"""Settings that the shield decides, whatever the file says, and those that it only defaults."""

from __future__ import annotations

from collections.abc import MutableMapping
from types import MappingProxyType
from typing import Any

from ckan.plugins import toolkit as tk

#: Any other value shows unreleased data or people. Source: docs/security.md, row by row.
FORCED = MappingProxyType({
    "ckan.auth.public_user_details": False,
    "ckan.auth.public_activity_stream_detail": False,
    "ckan.auth.reveal_private_datasets": False,
    "ckan.auth.create_unowned_dataset": False,
    "ckan.auth.anon_create_dataset": False,
    "ckan.datastore.sqlsearch.enabled": False,
    "ckan.datastore.public_table_search": [],
})
#: Accounts are closed: the state's administrators make them.
DEFAULTS = MappingProxyType({
    "ckan.auth.create_user_via_web": False,
    "ckan.auth.create_user_via_api": False,
    "ckan.auth.user_create_organizations": False,
    "ckan.auth.user_create_groups": False,
    "ckan.auth.user_delete_organizations": False,
    "ckan.auth.user_delete_groups": False,
})


def harden(config: MutableMapping[str, Any], written: MutableMapping[str, Any]) -> None:
    """Apply both tables; `written` is what the operator's file says."""
    config.update(FORCED)
    config.update({key: value for key, value in DEFAULTS.items() if key not in written})


def is_production() -> bool:
    """Whether this installation serves the public, and so may not start with a configuration that leaks. CKAN's tests never do."""
    return bool(tk.config.get("ckanext.edomex.shield.production")) and not tk.config.get("testing")


def database_url() -> str:
    """Address of CKAN's database."""
    return str(tk.config["sqlalchemy.url"])


def solr_url() -> str:
    """Address of the index, no slash at the end."""
    return str(tk.config["solr_url"]).rstrip("/")


def solr_account() -> tuple[str, str] | None:
    """Name and password for the index; None where it asks for none."""
    user = tk.config.get("solr_user")
    return (str(user), str(tk.config.get("solr_password") or "")) if user else None


def redis_url() -> str:
    """Address of the queue."""
    return str(tk.config["ckan.redis.url"])


def storage_path() -> str:
    """Folder of what CKAN keeps on its disk."""
    return str(tk.config["ckan.storage_path"])


def plugins() -> list[str]:
    """Plugins that are active, in their order."""
    return [str(name) for name in tk.aslist(tk.config["ckan.plugins"])]


def reader_url() -> str:
    """Address of the datastore's database for whoever only reads."""
    return str(tk.config["ckan.datastore.read_url"])


def own_file() -> str:
    """Path of the configuration file; empty where there is none."""
    return str(tk.config.get("__file__") or "")


def late_after_s() -> int:
    """Seconds after which a release counts as late; the release room's option."""
    return tk.config.get("ckanext.edomex.release.late_after_s")


def check_every_s() -> int:
    """Seconds between two comparisons of the copies; the release room's option."""
    return tk.config.get("ckanext.edomex.release.check_every_s")
