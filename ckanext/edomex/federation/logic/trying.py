"""A source that nobody has approved: read and compared as it would be harvested, each record tried, and nothing kept of it.

The same code reads, compares and makes datasets as in a harvest, with every transaction rolled back. Only the report stays.
"""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import sqlalchemy as sa
from ckan import model as ckan_model
from ckan.plugins import toolkit as tk
from ckan.types import AlchemySession as Session

from ckanext.edomex.adapters.outgoing import OutgoingError
from ckanext.edomex.adapters.rdf import RdfError
from ckanext.edomex.adapters.unit_of_work import unit_of_work
from ckanext.edomex.federation import config, model
from ckanext.edomex.federation.domain.errors import FederationError
from ckanext.edomex.federation.domain.records import from_json
from ckanext.edomex.federation.domain.settings import Settings
from ckanext.edomex.federation.domain.settings import read as read_settings
from ckanext.edomex.federation.domain.trials import Outcome, Tried, differences
from ckanext.edomex.federation.logic import approvals, datasets, happenings
from ckanext.edomex.federation.logic.importing import said
from ckanext.edomex.federation.logic.queueing import finish
from ckanext.edomex.federation.logic.reading import Reader, Reading, client_of_sources
from ckanext.edomex.federation.logic.taking import Taken, take

log = logging.getLogger(__name__)
UNEXPECTED = "un error del portal impidió ensayarlo ({}); avise a quien lo opera"


class _Kept:
    """Takes the first records that would be imported, and counts the others."""

    def __init__(self, most: int) -> None:
        self.records: list[tuple[str, str]] = []
        self.beyond, self._most = 0, most

    def add(self, record_id: str, content: str) -> None:
        if len(self.records) < self._most:
            self.records.append((record_id, content))
        else:
            self.beyond += 1

    def flush(self) -> None:
        """Nothing is written."""


def try_out(job: Any, reader: Reader) -> list[str]:
    """Read a job's source, keep the report of what it would bring, and end the job. Nothing is queued.

    Raises:
        FederationError, OutgoingError, RdfError: it cannot be read; the report says so too.
    """
    source, terms = job.source, approvals.terms(job.source)
    try:
        settings = read_settings(source.config)
        with client_of_sources() as client:
            reading = reader(client, source.url, settings, None, whole=True)
            assert reading is not None, "nothing is remembered that could be the same"
            taken, gone, kept, packages = _taken(source.id, settings, reading)
    except (FederationError, OutgoingError, RdfError) as error:
        ckan_model.Session.rollback()
        _keep(source.id, terms, [], Counter(), [], problem=str(error))
        raise
    agency = approvals.agency_of(source)
    tried = [_tried(agency, settings, record_id, content, packages[record_id]) for record_id, content in kept.records]
    tried += [Tried(record_id=each.id, outcome=Outcome.REFUSED, reason=each.reason) for each in taken.refused] + gone
    counts = Counter(each.outcome.value for each in tried)
    counts[Outcome.UNCHANGED] += taken.counts["unchanged"]
    counts[Outcome.UNTRIED] += kept.beyond
    _keep(source.id, terms, tried, counts, reading.notes)
    with unit_of_work():
        finish(job)
    log.info("source %s tried", source.id, extra={"event": "harvest.tried", "source": source.id, "counts": dict(counts)})
    return []


def _taken(source_id: str, settings: Settings, reading: Reading) -> tuple[Taken, list[Tried], _Kept, dict[str, str]]:
    """What a reading comes to, with what would be gone and the id that each dataset has or would get; rolled back."""
    session, kept = ckan_model.Session, _Kept(config.trial_records())
    try:
        model.lock_source(session, source_id)
        taken = take(session, source_id, settings, reading, kept)
        gone = [
            Tried(record_id=each.record_id, outcome=Outcome.GONE, iri=each.iri, reason=each.reason or "")
            for each in model.missing_of(session, source_id)
        ]
        ids = [record_id for record_id, _ in kept.records]
        packages = {each: entry.package_id for each, entry in model.entries(session, source_id, ids).items()}
    finally:
        session.rollback()
    return taken, gone, kept, packages


def _tried(agency: str | None, settings: Settings, record_id: str, content: str, package_id: str) -> Tried:
    """What would become of one record; rolled back."""
    record, session = from_json(content), ckan_model.Session
    found = Tried(record_id=record_id, title=record.title, iri=record.iri, outcome=Outcome.NEW)
    try:
        package = session.get(ckan_model.Package, package_id)
        before, after, written = datasets.try_put(datasets.writer(agency, settings), package_id, package, record)
        if not before:
            return found
        changes = differences(before, after, written)
        return replace(found, outcome=Outcome.CHANGED if changes else Outcome.UNCHANGED, differences=changes)
    except (tk.ValidationError, tk.NotAuthorized, datasets.OwnerError) as error:
        return replace(found, outcome=Outcome.REFUSED, reason=said(error))
    except Exception as error:  # the edge of a stage: beyond it the consumer of all sources would end
        log.exception("record not tried", extra={"event": "harvest.trial_failed", "record": record_id, "agency": agency})
        return replace(found, outcome=Outcome.REFUSED, reason=UNEXPECTED.format(type(error).__name__))
    finally:
        session.rollback()


def _keep(
    source_id: str, terms: str, tried: Sequence[Tried], counts: Counter[str], notes: Sequence[str], problem: str | None = None
) -> None:
    """Write the report in the place of the one before; of what stays the same only how much it is."""
    rows = [each.plain() for each in tried if each.outcome != Outcome.UNCHANGED]
    with unit_of_work() as session:
        model.lock_source(session, source_id)
        model.forget_trial(session, source_id)
        shown = {outcome.value: counts[outcome.value] for outcome in Outcome}
        session.add(model.Trial(source_id=source_id, terms=terms, problem=problem, notes=list(notes), counts=shown))
        _insert(session, [{"source_id": source_id, "number": number, **row} for number, row in enumerate(rows, 1)])
        if problem is None:
            # Once for what is to be judged, however often it is tried.
            happenings.tell(source_id, "tried", terms)


def _insert(session: Session, rows: list[dict[str, Any]]) -> None:
    for start in range(0, len(rows), model.BUNCH):
        session.execute(sa.insert(model.TrialRecord), rows[start : start + model.BUNCH])
