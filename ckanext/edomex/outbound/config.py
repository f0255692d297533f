"""Settings of copies elsewhere, typed. Keys of targets are read when they are used, and kept nowhere."""

from __future__ import annotations

import os
from pathlib import Path

from ckan.plugins import toolkit as tk

_PREFIX = "ckanext.edomex.outbound."
TOKEN_VARIABLE = "EDOMEX_OUTBOUND_TOKEN_"  # noqa: S105  # the name of a variable


def token_of(target: str) -> str | None:
    """The key of our account at a target; None where nobody has given it."""
    if given := os.environ.get(TOKEN_VARIABLE + target.upper().replace("-", "_"), "").strip():
        return given
    folder = tk.config.get(f"{_PREFIX}tokens_folder")
    if not folder:
        return None
    try:
        return (Path(folder) / target).read_text(encoding="ascii").strip() or None
    except (OSError, UnicodeDecodeError):
        return None


def allowed_addresses() -> list[str]:
    """Hosts and networks that may be asked although they are not on the public web."""
    return list(tk.config.get(f"{_PREFIX}allowed_addresses") or [])


def keep_days() -> int:
    """Days for which steps can be looked up."""
    return tk.config.get(f"{_PREFIX}keep_days")


def site_url() -> str:
    """Address of the portal, no slash at the end."""
    return str(tk.config["ckan.site_url"]).rstrip("/")
