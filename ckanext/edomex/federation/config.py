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


def most_reading_seconds() -> float:
    """Seconds that all the answers of one source may take, one after the other."""
    return float(tk.config[f"{_PREFIX}most_reading_seconds"])


def most_records() -> int:
    """Datasets that one source may have."""
    return int(tk.config[f"{_PREFIX}most_records"])


def approve_sources() -> bool:
    """Whether a source starts only when somebody has approved it."""
    return tk.asbool(tk.config[f"{_PREFIX}approve_sources"])


def trial_records() -> int:
    """Records of a source that a trial tries one by one; of more, only how many."""
    return int(tk.config[f"{_PREFIX}trial_records"])


def agent() -> str:
    """How this portal presents itself to others."""
    return f"ckanext-edomex ({str(tk.config['ckan.site_url']).rstrip('/')})"
