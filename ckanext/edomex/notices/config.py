"""Settings of notices, typed."""

from __future__ import annotations

from datetime import time
from pathlib import Path

from ckan.plugins import toolkit as tk

_PREFIX = "ckanext.edomex.notices."


def digest_time() -> time:
    """Time of the day, in the state's zone, of daily letters."""
    hour, minute = str(tk.config.get(f"{_PREFIX}digest_time")).split(":")
    return time(int(hour), int(minute))


def letters_file() -> Path | None:
    """The operator's own table of letters."""
    named = tk.config.get(f"{_PREFIX}letters")
    return Path(named) if named else None


def keep_days() -> int:
    """Days for which notices and letters can be looked up."""
    return tk.config.get(f"{_PREFIX}keep_days")


def alarm_mail() -> list[str]:
    """Addresses of the operators, who are told of releases that fail or will."""
    return list(tk.config.get("ckanext.edomex.release.alarm_mail") or [])


def site_url() -> str:
    """Address of the portal, no slash at the end."""
    return str(tk.config["ckan.site_url"]).rstrip("/")
