"""A dataset's dictionary as anybody may see it, read from the database once for all who prepare something from it."""

from __future__ import annotations

import contextlib
import json
from collections.abc import Callable, Iterator
from contextvars import ContextVar
from typing import Any

from ckan.plugins import toolkit as tk
from ckan.types import Context

_readings: ContextVar[dict[str, str] | None] = ContextVar("edomex_readings", default=None)
_written: ContextVar[Callable[[str], None] | None] = ContextVar("edomex_written", default=None)


@contextlib.contextmanager
def read_once() -> Iterator[None]:
    """Within it a dataset is read once. Only where nothing can change it meanwhile: whoever does this holds its row."""
    token = _readings.set({})
    try:
        yield
    finally:
        _readings.reset(token)


@contextlib.contextmanager
def each_written(prepare: Callable[[str], None]) -> Iterator[None]:
    """Within it each dataset that is written is prepared at once, before others hear of it and read it."""
    token = _written.set(prepare)
    try:
        yield
    finally:
        _written.reset(token)


def written(package_id: str) -> None:
    """Say that a dataset was created or changed: what was read of it before is wrong."""
    (_readings.get() or {}).pop(package_id, None)
    prepare = _written.get()
    if prepare is not None:
        prepare(package_id)


def noted(package_id: str) -> dict[str, Any] | None:
    """What was read of a dataset; None for one that was not, and outside `read_once`."""
    text = (_readings.get() or {}).get(package_id)
    return json.loads(text) if text is not None else None


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
    found = noted(package_id)
    if found is not None:
        return found
    context = Context(ignore_auth=True, use_cache=False, user="", auth_user_obj=None)  # type: ignore[typeddict-unknown-key]
    return tk.get_action("package_show")(context, {"id": package_id})
