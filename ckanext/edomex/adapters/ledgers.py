"""Histories that are sealed: each room that keeps one says here how its events are read, so that the audit need not know the room.

Texts in SQL see an event as `e`, and whatever `joins` adds to it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum


class As(StrEnum):
    """How a column becomes text, always the same one: neither the server's zone nor its way of writing dates counts."""

    TEXT = "text"
    NUMBER = "number"
    INSTANT = "instant"
    JSON = "json"


#: A way to make one text of an event: its columns in order. What stands for a seal that there is must never change.
Form = Mapping[str, As]


@dataclass(frozen=True, kw_only=True)
class Ledger:
    """One append-only table with the columns `id` (counted by PostgreSQL), `move`, `actor`, `reason` and `at`."""

    #: As it stands in every seal.
    name: str
    #: What people call it.
    title: str
    table: str
    #: Form 1, 2 and so on. New seals use the last; old ones are verified with theirs, so a new column is a new form.
    forms: tuple[Form, ...]
    #: What has to be joined for the texts below.
    joins: str = ""
    #: Id of the agency that the event is of.
    agency: str
    #: Id of what the event happened to, by which its page asks.
    subject: str
    #: Address of that page on the portal.
    path: str
    #: What the subject is called, if whoever may read the log may always know it.
    called: str = "NULL"
    #: Ids of datasets, whose titles are looked up with the reader's rights.
    datasets: str = "CAST(NULL AS text[])"
    #: SHA-256 of the content that the event is about.
    content: str = "NULL"
    #: Move → what happened, for people.
    moves: Mapping[str, str]

    def happened(self, move: str) -> str:
        """What happened, for people; the move itself where it has no words."""
        return self.moves.get(move, move)


_known: dict[str, Ledger] = {}


def register(*ledgers: Ledger) -> None:
    """Make ledgers known; a plugin does so when it is configured. A second time replaces the first."""
    _known.update({ledger.name: ledger for ledger in ledgers})


def known() -> Mapping[str, Ledger]:
    """Every ledger, by its name."""
    return _known
