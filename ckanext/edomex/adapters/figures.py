"""What rooms tell of themselves beside the engine, for whoever watches the portal: figures for a chart, and alarms."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

Status = Mapping[str, Any]


@dataclass(frozen=True, kw_only=True)
class Figures:
    """How a room is doing. The engine's page of metrics asks, for a caller who may see all of it."""

    #: Name in the metrics: `edomex_<room>_<key>`.
    room: str
    #: Its state as its own status action or command gives it, with `alarms`: names that docs/operations.md explains.
    status: Callable[[], Status]
    #: Key of the state that is a number → what it counts.
    gauges: Mapping[str, str]


_known: dict[str, Figures] = {}


def register(*figures: Figures) -> None:
    """Make a room's figures known; a plugin does so when it is configured. A second time replaces the first."""
    _known.update({each.room: each for each in figures})


def known() -> Mapping[str, Figures]:
    """The figures of every room, by its name."""
    return _known
