"""Fragments on their way into the table while the next ones are written: PostgreSQL has a core of its own."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from types import TracebackType
from typing import Self

from ckan import model as ckan_model

from ckanext.edomex.adapters.unit_of_work import unit_of_work
from ckanext.edomex.feed import model

Rows = Sequence[Mapping[str, str]]
#: Fewer are stored at once: a thread, and a connection for it, would take longer than they do.
FEW = 20


class Keeping:
    """Stores one batch at a time, in a thread and a transaction of its own; what goes wrong is raised at the next one or at the end.

    One waits at most, so that memory stays what it was.
    """

    def __init__(self) -> None:
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="edomex-feed")
        self._last: Future[None] | None = None

    def __enter__(self) -> Self:
        return self

    def keep(self, rows: Rows) -> None:
        """Have these stored, once those before them are."""
        self._finish()
        if len(rows) > FEW:
            self._last = self._thread.submit(_store_apart, rows)
        else:
            _store(rows)

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        try:
            self._finish()
        finally:
            self._thread.shutdown()

    def _finish(self) -> None:
        last, self._last = self._last, None
        if last is not None:
            last.result()


def _store(rows: Rows) -> None:
    with unit_of_work() as session:
        model.store(session, rows)


def _store_apart(rows: Rows) -> None:
    try:
        _store(rows)
    finally:
        # The session is this thread's, and so is its connection.
        ckan_model.Session.remove()
