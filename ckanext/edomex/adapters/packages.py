"""A dataset's dictionary as anybody may see it, read from the database once for all who prepare something from it."""

from __future__ import annotations

import contextlib
import json
from collections.abc import Iterator
from contextvars import ContextVar
from typing import Any

from ckan.plugins import toolkit as tk
from ckan.types import Context

_readings: ContextVar[dict[str, str] | None] = ContextVar("edomex_readings", default=None)


@contextlib.contextmanager
def read_once() -> Iterator[None]:
    """Within it a dataset is read once. Only where nothing can change it meanwhile: whoever does this holds its row."""
    token = _readings.set({})
    try:
        yield
    finally:
        _readings.reset(token)


def note(package_id: str, text: str) -> None:
    """Remember what was read of a dataset, as JSON, for the others; nothing outside `read_once`."""
    readings = _readings.get()
    if readings is not None:
        readings[package_id] = text


def shown(package_id: str) -> dict[str, Any]:
    """What `package_show` says with nobody's rights; never from the index, which may be late.

    Raises:
        tk.ObjectNotFound: there is none.
    """
    readings = _readings.get() or {}
    if package_id in readings:
        return json.loads(readings[package_id])
    context = Context(ignore_auth=True, use_cache=False, user="", auth_user_obj=None)  # type: ignore[typeddict-unknown-key]
    return tk.get_action("package_show")(context, {"id": package_id})
