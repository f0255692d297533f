"""Settings of federation, typed."""

from __future__ import annotations

from ckan.plugins import toolkit as tk

_PREFIX = "ckanext.edomex.federation."


def allowed_addresses() -> list[str]:
    """Host names and networks that may be asked although they are not public."""
    return tk.aslist(tk.config.get(f"{_PREFIX}allowed_addresses") or [])


def most_bytes() -> int:
    """Bytes that one answer may have."""
    return int(tk.config[f"{_PREFIX}most_megabytes"]) * 2**20


def most_seconds() -> float:
    """Seconds that one answer may take."""
    return float(tk.config[f"{_PREFIX}most_seconds"])


def most_records() -> int:
    """Datasets that one source may have."""
    return int(tk.config[f"{_PREFIX}most_records"])


def agent() -> str:
    """How this portal presents itself to others."""
    return f"ckanext-edomex ({str(tk.config['ckan.site_url']).rstrip('/')})"
