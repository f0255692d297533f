"""The Autoservicio: the reviewers' queue and the public calendar with 5,000 entries."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType

from bench.autoservicio_calendar import calendar_5000, queue_5000
from bench.figures import Figure
from bench.place import Place

CASES: Mapping[str, Callable[[Place], list[Figure]]] = MappingProxyType({"queue_5000": queue_5000, "calendar_5000": calendar_5000})
