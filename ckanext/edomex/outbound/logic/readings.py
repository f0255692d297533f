"""Portals that pull: which of our documents each read last, noted when it is answered, and whether it is in step."""

from __future__ import annotations

import logging
import time
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from ckan import model as ckan_model
from ckan.plugins import plugin_loaded
from ckan.plugins import toolkit as tk
from ckan.types import AlchemySession as Session
from ckan.types import Context
from sqlalchemy.exc import DBAPIError

from ckanext.edomex.domain.clock import iso
from ckanext.edomex.outbound.domain.targets import Kind, is_reader, is_silent
from ckanext.edomex.outbound.model import Target, changed_since, hidden_since, note_reading, now, readings_of

log = logging.getLogger(__name__)
Data = dict[str, Any]
#: Answers that gave the document, or said that the reader has it.
READ = frozenset({200, 206, 304})
#: Seconds for which a process knows who pulls: the catalogue is asked for often, and this is asked at each answer.
KNOWN_S = 60.0
#: Readings of one document within so many seconds are noted once.
EVERY_S = 10.0
LONGEST_AGENT = 300
#: Datasets of one question for withdrawals.
CHUNK = 2000
SILENT = "Hace más de 7 días que no lee lo que cambió aquí. Pregunte a quien lo opera; abajo dice qué leyó por última vez."
NEVER = "Todavía no ha leído nada. Revise con quien lo opera la dirección que lee, y aquí cómo se presenta."


class Readers:
    """Targets that pull, kept for a minute by each process."""

    def __init__(self) -> None:
        self._known: list[tuple[str, str]] = []
        self._until = 0.0

    def of(self, agent: str) -> list[str]:
        """Ids of the targets that present themselves so."""
        if time.monotonic() >= self._until:
            wanted = sa.select(Target.id, Target.reader).where(Target.enabled, Target.kind == Kind.PULLED)
            with _engine().connect() as connection:
                self._known = [(row.id, row.reader) for row in connection.execute(wanted)]
            self._until = time.monotonic() + KNOWN_S
        return [target_id for target_id, reader in self._known if is_reader(reader, agent)]

    def forget(self) -> None:
        """A target changed: ask again."""
        self._until = 0.0


readers = Readers()


def is_catalogue(path: str) -> bool:
    """Whether whoever reads this reads the catalogue: all of it, a page, its changes."""
    return path.startswith(("/catalog", "/data.json")) or path.endswith("/catalogo.json")


def note(path: str, status: int, agent: str) -> None:
    """Note a reading of our catalogue, if it is a target's. The answer is not to fail for it."""
    if status not in READ or not agent:
        return
    try:
        for target_id in readers.of(agent):
            with _engine().begin() as connection:
                note_reading(connection, target_id, path, status, agent[:LONGEST_AGENT], EVERY_S)
    except DBAPIError as error:
        log.warning("reading not noted: %s", type(error).__name__, extra={"event": "outbound.reading_not_noted"})


def how(session: Session, target: Target) -> Data:
    """How it goes with a portal that pulls: `answered_at`, `behind`, `behind_since`, `trouble`, `alarm`, `readings`."""
    found = readings_of(session, target.id)
    moment = now(session)
    if not found:
        return {**_step(None, 0, None), "trouble": NEVER if target.enabled else None, "alarm": False, "readings": []}
    changed, first = changed_since(session, found[0].read_at)
    withdrawn = _withdrawn_since(session, found[0].read_at)
    since = min(withdrawn + ([first] if first else []), default=None)
    silent = target.enabled and is_silent(since, moment)
    readings = [{"path": each.path, "read_at": iso(each.read_at), "status": each.status, "agent": each.agent} for each in found]
    step = _step(found[0].read_at, changed + len(withdrawn), since)
    return {**step, "trouble": SILENT if silent else None, "alarm": silent, "readings": readings}


def _withdrawn_since(session: Session, since: datetime) -> list[datetime]:
    """When what was withdrawn after an instant was; where the room that withdraws is not loaded, nothing is."""
    if not plugin_loaded("edomex_release"):
        return []
    hidden, found = hidden_since(session, since), list[datetime]()
    for start in range(0, len(hidden), CHUNK):
        asked = {"dataset_ids": hidden[start : start + CHUNK]}
        notes = tk.get_action("edomex_release_withdrawal_list")(Context(ignore_auth=True, user=""), asked)
        found += [datetime.fromisoformat(each["withdrawn_at"]) for each in notes]
    return [at for at in found if at > since]


def _step(answered_at: datetime | None, behind: int, since: datetime | None) -> Data:
    return {"answered_at": iso(answered_at), "behind": behind, "behind_since": iso(since)}


def _engine() -> sa.Engine:
    assert ckan_model.meta.engine is not None
    return ckan_model.meta.engine
