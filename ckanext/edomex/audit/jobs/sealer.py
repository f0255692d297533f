"""The duty of sealing: any loop on any host does it, one at a time."""

from __future__ import annotations

import logging
import time

import sqlalchemy as sa

from ckanext.edomex.adapters.duties import Duty
from ckanext.edomex.adapters.ledgers import known
from ckanext.edomex.audit.logic.sealing import seal_all
from ckanext.edomex.audit.model import is_behind

log = logging.getLogger(__name__)

#: Seconds between two passes of one loop; two of them, as a portal has, halve what somebody waits for a folio.
EVERY_S = 20.0
#: Seconds between two passes over every event there is, for one that was committed long after its successors.
EVERYTHING_EVERY_S = 3600.0


class Sealer:
    """One process's passes: the first is over everything, and then one each hour."""

    def __init__(self) -> None:
        self._last_of_all: float | None = None

    def work(self, engine: sa.Engine) -> float | None:
        """Seal what was committed since."""
        at = time.monotonic()
        everything = self._last_of_all is None or at - self._last_of_all >= EVERYTHING_EVERY_S
        if not everything and not _has_work(engine):
            return EVERY_S
        done = seal_all(engine, everything=everything, wait=False)
        if done is not None and everything:
            self._last_of_all = at
        if done:
            log.info("sealed: %d", done, extra={"event": "audit.sealed", "events": done})
        return EVERY_S


def _has_work(engine: sa.Engine) -> bool:
    with engine.connect() as connection:
        return is_behind(connection, list(known().values()))


DUTY = Duty(name="seals", work=Sealer().work)
