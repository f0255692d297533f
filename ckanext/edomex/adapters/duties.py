"""What a release loop does beside releasing, for other rooms: each duty has a thread of its own, so none waits for another.

A mail server that hangs, for instance, must delay no index, no release and no rehearsal.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

import sqlalchemy as sa
from ckan.types import AlchemySession as Session


@dataclass(frozen=True, kw_only=True)
class Duty:
    """Something to be done again and again, by any loop on any host."""

    name: str
    #: Does what is due, and says in how many seconds it wants to be asked again; None for nothing in sight.
    work: Callable[[sa.Engine], float | None]
    #: Set by whoever made something due in this process.
    wake: threading.Event = field(default_factory=threading.Event)


#: Where one process tells the loops of another that a duty has something to do.
CHANNEL = "edomex_duties"

_known: dict[str, Duty] = {}


def register(*duties: Duty) -> None:
    """Make duties known; a plugin does so when it is configured. A second time replaces the first."""
    _known.update({duty.name: duty for duty in duties})


def known() -> Mapping[str, Duty]:
    """Every duty, by its name."""
    return _known


def ask(session: Session, name: str) -> None:
    """Wake a duty in every loop, once this transaction commits: a person waits for it."""
    session.execute(sa.select(sa.func.pg_notify(CHANNEL, name)))
