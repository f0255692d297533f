"""Sealing: what was committed and has no seal gets one, in the order of its ids, with nobody else sealing meanwhile.

After the commit and not within it: a chain that is written with the event is one lock for all who write
(docs/adr/0021-sealed-after-the-commit.md).
"""

from __future__ import annotations

import sqlalchemy as sa

from ckanext.edomex.adapters.ledgers import Ledger, known
from ckanext.edomex.audit.domain.chain import Seal as Sealed
from ckanext.edomex.audit.model import Seal, head, newest_sealed, now, unsealed
from ckanext.edomex.audit.model.events import WINDOW
from ckanext.edomex.domain.clock import aware

#: Events of one transaction.
BATCH = 1_000
_TRY = sa.text("SELECT pg_try_advisory_xact_lock(hashtextextended('edomex_audit_seal', 0))")
_WAIT = sa.text("SELECT true FROM (SELECT pg_advisory_xact_lock(hashtextextended('edomex_audit_seal', 0))) AS held")


def seal_all(engine: sa.Engine, *, everything: bool, wait: bool) -> int | None:
    """Seal all that is committed.

    Args:
        engine: CKAN's database.
        everything: look at every event there is, and not only at the newest.
        wait: for whoever seals just now.

    Returns:
        How many were sealed; None if somebody else is at it.
    """
    count = 0
    for ledger in known().values():
        done = _seal(engine, ledger, everything=everything, wait=wait)
        if done is None:
            return None
        count += done
    return count


def _seal(engine: sa.Engine, ledger: Ledger, *, everything: bool, wait: bool) -> int | None:
    after, count = 0 if everything else None, 0
    while True:
        with engine.begin() as connection:
            # The lock first: the statements after it see all that the holder before has committed.
            if not connection.execute(_WAIT if wait else _TRY).scalar_one():
                return None
            if after is None:
                after = newest_sealed(connection, ledger) - WINDOW
            ids = _seal_batch(connection, ledger, after)
        count += len(ids)
        if len(ids) < BATCH:
            return count
        # What commits late below this is the next pass's.
        after = ids[-1]


def _seal_batch(connection: sa.Connection, ledger: Ledger, after: int) -> list[int]:
    """Seal the next ones; returns their ids."""
    events = unsealed(connection, ledger, after, BATCH)
    if not events:
        return []
    at, last, rows = now(connection), head(connection), []
    position, chain = last.position, last.chain
    for event in events:
        position += 1
        sealed = Sealed(
            position=position, ledger=ledger.name, form=len(ledger.forms), event_id=event.id, event_hash=event.hash,
            agency_id=event.agency_id, event_at=aware(event.at), sealed_at=at,
        )  # fmt: skip
        chain = sealed.chained(chain)
        rows.append({**vars(sealed), "chain": chain})
    connection.execute(sa.insert(Seal), rows)
    return [event.id for event in events]
