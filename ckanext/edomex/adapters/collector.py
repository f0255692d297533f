"""The collector of reference cycles, asked to look seldom while very many objects are made that live briefly.

Most of them go by their count. Python looks for the rest after each 700 new ones, and walks through all that the portal has loaded
now and then; for a thousand datasets in a row that is every twentieth second of the work.
"""

from __future__ import annotations

import contextlib
import gc
import threading
from collections.abc import Iterator

#: New objects between two looks: some ten megabytes of them.
SELDOM = 50_000
_lock = threading.Lock()
_usual: list[tuple[int, int, int]] = []


@contextlib.contextmanager
def seldom() -> Iterator[None]:
    """Within it, for all of the process, cycles are looked for seldom; the last one to leave puts back what was usual."""
    with _lock:
        _usual.append(gc.get_threshold())
        gc.set_threshold(SELDOM, *_usual[0][1:])
    try:
        yield
    finally:
        with _lock:
            usual = _usual.pop()
            if not _usual:
                gc.set_threshold(*usual)
