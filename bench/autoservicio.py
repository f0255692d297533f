"""The Autoservicio: what people of the agencies wait for, and its calendar with 5,000 entries."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType

from bench.autoservicio_calendar import calendar_5000, queue_5000
from bench.autoservicio_inventory import inventory_1000
from bench.figures import Figure
from bench.place import Place

CASES: Mapping[str, Callable[[Place], list[Figure]]] = MappingProxyType({
    "inventory_1000": inventory_1000, "queue_5000": queue_5000, "calendar_5000": calendar_5000,
})  # fmt: skip
