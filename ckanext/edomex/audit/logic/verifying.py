"""Verifying: the whole chain is walked, with little memory, beside a portal that works."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert

from ckanext.edomex.adapters.ledgers import known
from ckanext.edomex.audit import config
from ckanext.edomex.audit.domain.chain import Head
from ckanext.edomex.audit.domain.faults import Fault, Walk, Wrong
from ckanext.edomex.audit.model import Check, head, lagging, pages

#: Seals of one question to the database.
PAGE = 5_000
#: Faults that are told one by one; all are counted.
MOST_TOLD = 100
#: Name of the row in which the last verification is kept.
VERIFY = "verify"


@dataclass
class Verdict:
    """What a walk along the chain found."""

    looked: int = 0
    #: Seals of events that no room here can read.
    unknown: int = 0
    head: Head | None = None
    counts: dict[Wrong, int] = field(default_factory=dict)
    told: list[Fault] = field(default_factory=list)

    @property
    def faults(self) -> int:
        """How many there are in all."""
        return sum(self.counts.values())

    def add(self, fault: Fault) -> None:
        """Count one, and keep it to be told as long as there is room."""
        self.counts[fault.kind] = self.counts.get(fault.kind, 0) + 1
        if len(self.told) < MOST_TOLD:
            self.told.append(fault)


def verify(
    engine: sa.Engine, *, after: int = 0, heads: tuple[Head, ...] = (), progress: Callable[[int], None] = lambda _looked: None
) -> Verdict:
    """Compare every seal beyond a position with the one before it and with its event; note what was found.

    Args:
        engine: CKAN's database.
        after: a position that is taken on trust, 0 for none.
        heads: values that were noted before, which have to be met.
        progress: told how many were looked at, now and then.
    """
    verdict = Verdict()
    with engine.connect() as connection:
        last = None if after else connection.execute(sa.select(Check).where(Check.name == VERIFY)).one_or_none()
        # What was good before has to be there still, whoever made the rest anew.
        wanted = [*heads, *([Head(position=last.position, chain=last.chain)] if last and last.position else [])]
        walk = Walk(at=head(connection, before=after + 1), wanted=[one for one in wanted if one.position > after])
        for page in pages(connection, after, PAGE):
            for fault in walk.over(page):
                verdict.add(fault)
            progress(walk.looked)
        for fault in walk.end():
            verdict.add(fault)
        for ledger in known().values():
            late, oldest = lagging(connection, ledger, config.unsealed_minutes(), everything=True)
            if late:
                verdict.add(Fault(kind=Wrong.UNSEALED, ledger=ledger.name, seen=f"{late}; el más antiguo, de hace {oldest:.0f} s"))
    verdict.looked, verdict.unknown, verdict.head = walk.looked, walk.unknown, walk.at
    _note(engine, verdict, whole=not after)
    return verdict


def _note(engine: sa.Engine, verdict: Verdict, *, whole: bool) -> None:
    """Keep the outcome for the doctor. A part that is good says nothing of the whole; a fault that is only late is no broken chain."""
    broken = verdict.faults - verdict.counts.get(Wrong.UNSEALED, 0)
    if not whole and not broken:
        return
    assert verdict.head is not None
    ran = {"faults": broken, "ran_at": sa.func.clock_timestamp()}
    good = {"position": verdict.head.position, "chain": verdict.head.chain}
    # After a bad one, the value that was good before stays the one to be met.
    note = insert(Check).values(name=VERIFY, **ran, **({"position": 0, "chain": ""} if broken else good))
    with engine.begin() as connection:
        connection.execute(note.on_conflict_do_update(index_elements=["name"], set_=ran if broken else {**ran, **good}))
