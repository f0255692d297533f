"""Settings of releases, typed."""

from __future__ import annotations

from datetime import time

from ckan.plugins import toolkit as tk

from ckanext.edomex.release.domain.windows import Habit

_PREFIX = "ckanext.edomex.release."


def warm_up_s() -> int:
    """Seconds before its instant at which a release is rehearsed; 0 for never."""
    return tk.config.get(f"{_PREFIX}warm_up_s")


def late_after_s() -> int:
    """Seconds after which a due release that has not happened is an alarm."""
    return tk.config.get(f"{_PREFIX}late_after_s")


def check_every_s() -> int:
    """Seconds between two comparisons of the copies with the database; 0 for never."""
    return tk.config.get(f"{_PREFIX}check_every_s")


def check_sample() -> int:
    """Datasets in the rolling sample of a comparison."""
    return tk.config.get(f"{_PREFIX}check_sample")


def keep_files_days() -> int:
    """Days for which a file that nothing refers to is kept."""
    return tk.config.get(f"{_PREFIX}keep_files_days")


def metrics_token() -> str:
    """What a monitoring program identifies itself with; empty for nobody."""
    return tk.config.get(f"{_PREFIX}metrics_token") or ""


def cache_purge() -> list[str]:
    """Caches in front of the portal, no slash at the end."""
    return [address.rstrip("/") for address in tk.config.get(f"{_PREFIX}cache_purge") or []]


def habit() -> Habit:
    """When agencies publish that have no habit of their own."""
    hour, minute = str(tk.config.get(f"{_PREFIX}publication_time")).split(":")
    days = frozenset(int(day) for day in tk.config.get(f"{_PREFIX}publication_weekdays") or [])
    return Habit(time=time(int(hour), int(minute)), weekdays=days)
