"""What the next datasets have in them, asked for while these are written: PostgreSQL has a core of its own."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any, Self

from ckan import model as ckan_model

from ckanext.edomex.feed import model

#: Dataset → what stands in it.
Contents = Mapping[str, dict[str, Any]]


class Ahead:
    """Asks for one batch ahead, in a thread and a session of its own; what goes wrong there is raised to who wants it."""

    def __init__(self) -> None:
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="edomex-feed-ahead")
        self._next: Future[Contents] | None = None
        self._ids: frozenset[str] = frozenset()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._thread.shutdown(cancel_futures=True)

    def begin(self, ids: Sequence[str]) -> None:
        """Ask for these; for none if there are none."""
        self._ids = frozenset(ids)
        self._next = self._thread.submit(_apart, ids) if ids else None

    def contents(self, ids: Sequence[str]) -> Contents:
        """What stands in these, asked before or now."""
        coming, self._next = self._next, None
        if coming is not None and self._ids.issuperset(ids):
            return coming.result()
        return model.contents(ckan_model.Session, ids) if ids else {}


def _apart(ids: Sequence[str]) -> Contents:
    try:
        return model.contents(ckan_model.Session, ids)
    finally:
        ckan_model.Session.remove()
