"""Settings of the door: those that the shield decides whatever the file says, those that it defaults, and its own."""

from __future__ import annotations

from collections.abc import MutableMapping
from types import MappingProxyType
from typing import Any, NamedTuple

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
    # CKAN mails tracebacks, which may quote a dataset, with the request's headers, which hold keys; and does so
    # without looking at the server's certificate.
    "email_to": "",
    "WTF_CSRF_CHECK_DEFAULT": True,
    "SESSION_COOKIE_HTTPONLY": True,
    # A picture that is a program: SVG can hold scripts.
    "ckan.upload.user.types": ["image"],
    "ckan.upload.user.mimetypes": ["image/png", "image/gif", "image/jpeg"],
    "ckan.upload.group.types": ["image"],
    "ckan.upload.group.mimetypes": ["image/png", "image/gif", "image/jpeg"],
})
#: Accounts are closed: the state's administrators make them.
DEFAULTS = MappingProxyType({
    "ckan.auth.create_user_via_web": False,
    "ckan.auth.create_user_via_api": False,
    "ckan.auth.user_create_organizations": False,
    "ckan.auth.user_create_groups": False,
    "ckan.auth.user_delete_organizations": False,
    "ckan.auth.user_delete_groups": False,
    # Not what may be kept for long, but that visitors' pages are everybody's (`Cache-Control: public, max-age=0`).
    "ckan.cache_enabled": True,
    "SESSION_COOKIE_SAMESITE": "Lax",
})
_PREFIX = "ckanext.edomex.shield."


def harden(config: MutableMapping[str, Any], written: MutableMapping[str, Any]) -> None:
    """Apply both tables; `written` is what the operator's file says."""
    config.update(FORCED)
    config.update({key: value for key, value in DEFAULTS.items() if key not in written})
    secure = str(config.get("ckan.site_url") or "").startswith("https:")
    config.update({"SESSION_COOKIE_SECURE": secure, "REMEMBER_COOKIE_SECURE": secure})
    if secure and "SESSION_COOKIE_NAME" not in written:
        # A name that no sister site can set a cookie under (RFC 6265bis §4.1.3.2).
        config["SESSION_COOKIE_NAME"] = "__Host-ckan"


class Limits(NamedTuple):
    """How long a session lives, in seconds: without a request, and in all."""

    idle: int
    life: int


def session_limits() -> Limits:
    """How long a session lives, in seconds."""
    return Limits(idle=tk.config[f"{_PREFIX}session_idle_s"], life=tk.config[f"{_PREFIX}session_life_s"])


def trusted_proxies() -> int:
    """How many of the operator's own proxies stand before the portal and add to `X-Forwarded-For`."""
    return tk.config[f"{_PREFIX}trusted_proxies"]


def second_factor_roles() -> frozenset[str]:
    """Roles that need a second factor."""
    return frozenset(tk.config[f"{_PREFIX}second_factor_roles"])


def second_factor_key() -> str:
    """What secrets of second factors are locked with."""
    return tk.config.get(f"{_PREFIX}second_factor_key") or tk.config["SECRET_KEY"]


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
