"""The gather stage: read a source, compare it with what is known, and queue what has to be done.

All that is written is one transaction: a reading that fails, or a process that is killed, leaves everything as it was.
"""

from __future__ import annotations

import logging
from datetime import datetime, timedelta
from typing import Any

from ckan import model as ckan_model
from ckan.types import AlchemySession as Session

from ckanext.edomex.adapters.outgoing import OutgoingError
from ckanext.edomex.adapters.rdf import RdfError
from ckanext.edomex.adapters.unit_of_work import unit_of_work
from ckanext.edomex.federation import model
from ckanext.edomex.federation.domain.errors import FederationError
from ckanext.edomex.federation.domain.settings import Settings
from ckanext.edomex.federation.domain.settings import read as read_settings
from ckanext.edomex.federation.logic import approvals, deletion
from ckanext.edomex.federation.logic.queueing import Queue, finish, gather_error
from ckanext.edomex.federation.logic.reading import Reader, Reading, client_of_sources
from ckanext.edomex.federation.logic.taking import take
from ckanext.edomex.federation.logic.trying import try_out

log = logging.getLogger(__name__)
UNEXPECTED = "Un error inesperado del portal impidió leer la fuente ({}). No se cambió ni se borró nada; avise a quien lo opera."


def gather(job: Any, reader: Reader) -> list[str]:
    """Queue what changed in a job's source; the ids of the first object of each batch. Errors are the job's, never the consumer's."""
    job_id, source_id, url = job.id, job.source_id, job.source.url
    try:
        return _gathered(job, reader) if approvals.may_start(job.source) else try_out(job, reader)
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
    with client_of_sources() as client:
        reading = reader(client, source.url, settings, remembered, whole=whole)
        with unit_of_work():
            model.lock_source(session, source.id)
            queue = Queue(session, job)
            notes = take(session, source.id, settings, reading, queue).told if reading is not None else []
            notes += deletion.queue_due(session, source.id, settings.grace, queue)
            _remember(session, source, settings, reading, whole=whole)
            if not queue.leaders and not notes:
                finish(job)
    for note in notes:
        gather_error(job, note)
    return queue.leaders


def _holds(session: Session, memory: model.SourceMemory | None, source: Any, settings: Settings) -> bool:
    """Whether what is remembered of a source is of this address, under these settings, and wholly imported."""
    if memory is None or memory.url != source.url or memory.settings != settings.reading():
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
    memory.url, memory.settings, memory.asked_at = source.url, settings.reading(), moment
    for name, value in (reading.memory if reading is not None else {}).items():
        setattr(memory, name, value)
    if reading.whole if reading is not None else whole:
        memory.whole_at = moment
