"""What everybody may know of a promised date: where it stands, how often it moved and why.

A date is public from the approval on, and stays so: an approval that is taken back, a failure and a cancellation are
told as what they are, never left out. Source: the practice of ONS, as noted in docs/adr/0017-promises-in-public.md.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from types import MappingProxyType
from typing import Any, Protocol

from ckanext.edomex.domain.clock import iso


class Status(StrEnum):
    """Where a promised date stands, for everybody."""

    UPCOMING = "upcoming"
    #: Its approval was taken back, or it failed, and the promised instant is still to come.
    UNCONFIRMED = "unconfirmed"
    #: The promised instant passed, and nothing was released.
    OVERDUE = "overdue"
    RELEASED = "released"
    CANCELLED = "cancelled"


STATUS_NAMES: Mapping[Status, str] = MappingProxyType({
    Status.UPCOMING: "Próxima",
    Status.UNCONFIRMED: "Fecha por confirmar",
    Status.OVERDUE: "Atrasada",
    Status.RELEASED: "Publicada",
    Status.CANCELLED: "Cancelada",
})
#: What is shown in the place of a title that was not to be announced.
UNNAMED = "Por anunciar"
#: Seconds after the promised instant from which on it is overdue: before that it is being released.
GRACE_S = 60
#: Moves that promise a date.
PROMISES = frozenset({"approve", "reschedule"})
#: Moves that change what the calendar says of a release whose date is public.
PUBLIC_MOVES = frozenset({*PROMISES, "edit", "fail", "cancel", "discard", "release"})
#: Moves that end a promise; their reason is public with it.
ENDS = frozenset({"cancel", "discard"})
#: Published where a date was approved anew and nobody gave a reason of their own.
APPROVED_ANEW = "El contenido cambió después de la aprobación y se revisó de nuevo."


class Happening(Protocol):
    """An event of a release, as the log has it."""

    move: str
    at: datetime
    reason: str | None
    details: dict[str, Any] | None


@dataclass(kw_only=True)
class Told:
    """What the history of a release says in public."""

    #: How often what the calendar says of it has changed; RFC 5545's SEQUENCE.
    sequence: int = 0
    changed_at: datetime | None = None
    #: Each change of the date: `{at, reason, from, to}`.
    changes: list[dict[str, Any]] = field(default_factory=list[dict[str, Any]])
    #: Of the end of a promise that was not kept.
    reason: str | None = None


def told(events: Iterable[Happening]) -> Told:
    """The public part of a history, oldest event first: nothing before the first promise is anybody's business."""
    found, promised = Told(), False
    for event in events:
        if event.move not in PUBLIC_MOVES or not (promised or event.move in PROMISES):
            continue
        found.sequence += promised
        found.changed_at, promised = event.at, True
        details = event.details or {}
        if event.move in PROMISES and details.get("from") not in {None, details.get("to")}:
            ends = {end: details.get(end) for end in ("from", "to")}
            found.changes.append({"at": iso(event.at), "reason": event.reason, **ends})
        found.reason = event.reason if event.move in ENDS else None
    return found
