"""A wrong clock for one process: this folder first on PYTHONPATH, and EDOMEX_CLOCK_SHIFT_S seconds in its environment.

Python imports this before anything else, so whatever is loaded later takes its time from here.
"""

from __future__ import annotations

import datetime
import os
import time
from typing import Any

SHIFT_S = float(os.environ["EDOMEX_CLOCK_SHIFT_S"])
SHIFT = datetime.timedelta(seconds=SHIFT_S)
_time, _time_ns, _datetime = time.time, time.time_ns, datetime.datetime


class _Kind(type):
    """The true class makes most instances (PostgreSQL's driver, arithmetic): they have to count as ours."""

    def __instancecheck__(cls, instance: Any) -> bool:
        return isinstance(instance, _datetime) if cls is ShiftedDatetime else type.__instancecheck__(cls, instance)


class ShiftedDatetime(_datetime, metaclass=_Kind):
    """The `datetime` of a machine whose clock is wrong."""

    @classmethod
    def now(cls, tz: datetime.tzinfo | None = None) -> Any:
        """The wrong time."""
        return _datetime.now(tz) + SHIFT

    @classmethod
    def utcnow(cls) -> Any:
        """The wrong time, in UTC and without a zone."""
        return _datetime.now(datetime.UTC).replace(tzinfo=None) + SHIFT

    @classmethod
    def today(cls) -> Any:
        """The wrong time, in local time and without a zone."""
        return cls.now()


def _wrong_time() -> float:
    return _time() + SHIFT_S


def _wrong_time_ns() -> int:
    return _time_ns() + int(SHIFT_S * 1_000_000_000)


time.time, time.time_ns = _wrong_time, _wrong_time_ns
datetime.datetime = ShiftedDatetime  # type: ignore[misc]  # that is the point
