"""The gather stage: read a source, compare it with what is known, and queue what has to be done.

All that is written is one transaction: a reading that fails, or a process that is killed, leaves everything as it was.
"""

from __future__ import annotations

import logging
import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from ckan import model as ckan_model
from ckan.types import AlchemySession as Session

from ckanext.edomex.adapters.outgoing import Client, Limits, OutgoingError
from ckanext.edomex.adapters.rdf import RdfError
from ckanext.edomex.adapters.unit_of_work import unit_of_work
from ckanext.edomex.federation import config, model
from ckanext.edomex.federation.domain import comparison
from ckanext.edomex.federation.domain.comparison import Known, State
from ckanext.edomex.federation.domain.errors import FederationError, SourceError
from ckanext.edomex.federation.domain.records import Record, Refused, digest, to_json
from ckanext.edomex.federation.domain.settings import Settings
from ckanext.edomex.federation.domain.settings import read as read_settings
from ckanext.edomex.federation.logic import deletion
from ckanext.edomex.federation.logic.queueing import Queue, finish, gather_error
from ckanext.edomex.federation.logic.reading import Reader, Reading

log = logging.getLogger(__name__)
#: Refused records that are told one by one; of more, how many.
MOST_TOLD = 50
UNEXPECTED = "Un error inesperado del portal impidió leer la fuente ({}). No se cambió ni se borró nada; avise a quien lo opera."


@dataclass
class _Tally:
    """What a reading came to, while it is read."""

    seen: set[str] = field(default_factory=set)
    expected: list[dict[str, Any]] = field(default_factory=list)
    back: list[str] = field(default_factory=list)
    refused: list[Refused] = field(default_factory=list)
    counts: dict[str, int] = field(default_factory=lambda: dict.fromkeys(("new", "changed", "unchanged", "refused", "repeated"), 0))


def gather(job: Any, reader: Reader) -> list[str]:
    """Queue what changed in a job's source; the ids of the first object of each batch. Errors are the job's, never the consumer's."""
    job_id, source_id, url = job.id, job.source_id, job.source.url
    try:
        return _gathered(job, reader)
    except (FederationError, OutgoingError, RdfError) as error:
        ckan_model.Session.rollback()
        found = {"event": "harvest.not_read", "source": source_id}
        log.warning("source %s not read: %s", source_id, type(error).__name__, extra=found)
        gather_error(job, str(error))
    except Exception as error:  # the edge of a stage: beyond it the consumer of all sources would end
        ckan_model.Session.rollback()
        log.exception("gathering %s (job %s) failed", url, job_id, extra={"event": "harvest.gather_failed", "source": source_id})
        gather_error(job, UNEXPECTED.format(type(error).__name__))
    return []


def _gathered(job: Any, reader: Reader) -> list[str]:
    source, session = job.source, ckan_model.Session
    settings = read_settings(source.config)
    with unit_of_work():
        memory = model.memory_of(session, source.id)
        holds = _holds(session, memory, source, settings)
        remembered = memory if memory is not None and holds else None
        whole = remembered is None or _is_stale(remembered.whole_at, model.now(session), settings)
        if remembered is not None:
            session.expunge(remembered)
    limits = Limits(total_s=config.most_seconds(), most_bytes=config.most_bytes())
    with Client(config.allowed_addresses(), limits, config.agent()) as client:
        reading = reader(client, source.url, settings, remembered, whole=whole)
        with unit_of_work():
            model.lock_source(session, source.id)
            queue = Queue(session, job)
            notes = _take(session, job, settings, reading, queue) if reading is not None else []
            notes += deletion.queue_due(session, source.id, settings.grace, queue)
            _remember(session, source, settings, reading, whole=whole)
            if not queue.leaders and not notes:
                finish(job)
    for note in notes:
        gather_error(job, note)
    return queue.leaders


def _take(session: Session, job: Any, settings: Settings, reading: Reading, queue: Queue) -> list[str]:
    """Write what a reading came to; returns what has to be told of it."""
    some, ids = reading.found, None
    if not reading.whole:
        # A few of perhaps very many: only they are looked up.
        some = list(reading.found)
        ids = [*(each.id for each in some), *reading.gone]
    known = model.known_of(session, job.source_id, ids)
    tally = _Tally()
    for found in some:
        _note(found, known, settings, tally, queue, job.source_id)
        if len(tally.seen) > config.most_records():
            raise SourceError(f"La fuente tiene más de {config.most_records()} conjuntos; pida que amplíen el límite del portal.")
        if len(tally.expected) >= model.BUNCH:
            model.expect(session, tally.expected)
            tally.expected.clear()
    queue.flush()
    if reading.whole and not tally.seen:
        raise SourceError("La fuente contesta bien y no trae ningún conjunto. No se cambia ni se borra nada; avise a quien la opera.")
    model.expect(session, tally.expected)
    model.mark(session, job.source_id, tally.back, state=State.PRESENT, missing_since=None, told=False, reason=None)
    _mark_gone(session, job.source_id, known, reading, tally)
    return _told(tally, reading)


def _note(
    found: Record | Refused, known: Mapping[str, Known], settings: Settings, tally: _Tally, queue: Queue, source_id: str
) -> None:
    if found.id in tally.seen:
        tally.counts["repeated"] += 1
        tally.refused.append(Refused(id=found.id, reason="está más de una vez en la fuente; se toma la primera"))
        return
    tally.seen.add(found.id)
    if isinstance(found, Refused):
        tally.counts["refused"] += 1
        tally.refused.append(found)
        return
    record = settings.applied(found)
    wanted, before = digest(record, settings.fingerprint()), known.get(record.id)
    if comparison.is_back(before, wanted):
        tally.back.append(record.id)
    elif comparison.is_to_import(before, wanted):
        tally.expected.append({
            "source_id": source_id, "record_id": record.id, "package_id": str(uuid.uuid4()), "iri": record.iri,
            "licence": record.licence, "state": State.WAITING.value, "wanted": wanted,
        })  # fmt: skip
        queue.add(record.id, to_json(record))
        tally.counts["new" if before is None else "changed"] += 1
        return
    tally.counts["unchanged"] += 1


def _mark_gone(session: Session, source_id: str, known: Mapping[str, Known], reading: Reading, tally: _Tally) -> None:
    """Note as missing what is gone; nothing is deleted here. A reading that was not all of the source shows nothing as gone."""
    moment = model.now(session)
    told = {each: reason for each, reason in reading.gone.items() if each in known and known[each].state != State.DELETED}
    for each, reason in told.items():
        values = {"missing_since": moment, "told": True, "reason": reason or "la fuente la retiró"}
        model.mark(session, source_id, [each], state=State.MISSING, **values)
    gone = comparison.gone(known, tally.seen) if reading.whole and not reading.notes else []
    values = {"missing_since": moment, "reason": "la fuente ya no la tiene"}
    model.mark(session, source_id, [each for each in gone if each not in told], state=State.MISSING, **values)


def _told(tally: _Tally, reading: Reading) -> list[str]:
    notes = [*reading.notes, *(f"{each.id}: {each.reason}." for each in tally.refused[:MOST_TOLD])]
    more = len(tally.refused) - MOST_TOLD
    reading.memory["report"] = dict(tally.counts)
    return [*notes, f"Y otros {more} registros que no se pudieron tomar."] if more > 0 else notes


def _holds(session: Session, memory: model.SourceMemory | None, source: Any, settings: Settings) -> bool:
    """Whether what is remembered of a source is of this address, under these settings, and wholly imported."""
    if memory is None or memory.url != source.url or memory.settings != settings.fingerprint():
        return False
    return not model.is_unfinished(session, source.id)


def _is_stale(whole_at: datetime | None, now: datetime, settings: Settings) -> bool:
    return whole_at is None or now - whole_at >= timedelta(days=settings.whole_every_days)


def _remember(session: Session, source: Any, settings: Settings, reading: Reading | None, *, whole: bool) -> None:
    memory = model.memory_of(session, source.id)
    if memory is None:
        memory = model.SourceMemory(source_id=source.id)
        session.add(memory)
    moment = model.now(session)
    memory.url, memory.settings, memory.asked_at = source.url, settings.fingerprint(), moment
    for name, value in (reading.memory if reading is not None else {}).items():
        setattr(memory, name, value)
    if reading.whole if reading is not None else whole:
        memory.whole_at = moment
