"""The import stage: a batch of records becomes datasets, through CKAN's own validators and hooks, in one transaction.

What one record is refused for keeps no other out: the batch is then done one by one. Whatever is killed midway is done again,
and comes to the same: a record's dataset has its id before it is made.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from ckan import model as ckan_model
from ckan.lib.search.common import SearchIndexError
from ckan.plugins import toolkit as tk
from ckan.types import AlchemySession as Session

from ckanext.edomex.adapters import collector, index
from ckanext.edomex.adapters.unit_of_work import unit_of_work
from ckanext.edomex.federation import model
from ckanext.edomex.federation.domain.comparison import State
from ckanext.edomex.federation.domain.records import digest, from_json
from ckanext.edomex.federation.domain.settings import Settings
from ckanext.edomex.federation.domain.settings import read as read_settings
from ckanext.edomex.federation.logic import approvals, arrivals, datasets
from ckanext.edomex.federation.logic.queueing import GONE, batch_of, complete, object_error, supersede

log = logging.getLogger(__name__)
LATER = "Un error del portal impidió importarlo ({}); se volverá a intentar en la próxima cosecha."


@dataclass(frozen=True, kw_only=True)
class _Target:
    """The source whose records are imported."""

    id: str
    agency: str | None
    settings: Settings


@dataclass(frozen=True, kw_only=True)
class _Batch:
    """What one transaction works with.

    Fields:
        writer: for the datasets.
        entries: what is known of the records, by their ids.
        packages: datasets that are there, by id.
        made: objects whose records became datasets and are not said to have, with their entries, what those will say, and what
            became of them.
    """

    session: Session
    target: _Target
    writer: datasets.Writer
    entries: dict[str, model.Entry]
    packages: Mapping[str, ckan_model.Package]
    made: list[tuple[Any, model.Entry, str, str]]

    def hold(self) -> None:
        """Keep others from the source's records, as at the beginning: an edition's commit lets go of them."""
        model.lock_source(self.session, self.target.id)
        self.entries.update(model.entries(self.session, self.target.id, list(self.entries)))

    def settle(self) -> None:
        """Note what became datasets, all of it: of many at once, or each would be written between two datasets."""
        if not self.made:
            return
        at = model.now(self.session)
        for harvest_object, entry, wanted, _ in self.made:
            harvest_object.package_id = entry.package_id
            entry.state, entry.digest, entry.reason, entry.changed_at = State.PRESENT, wanted, None, at
        supersede(self.session, self.target.id, {harvest_object: outcome for harvest_object, _, _, outcome in self.made})
        self.made.clear()


def import_batch(leader: Any) -> bool | str:
    """Import an object and those that follow it; what ckanext-harvest wants to know of the first.

    Returns: True, False after an error that was told, or `unchanged`.
    """
    leader_id, source = leader.id, leader.source
    target = _Target(id=source.id, agency=approvals.agency_of(source), settings=read_settings(source.config))
    batch = batch_of(leader)
    try:
        # A deletion commits, and lets go of the source: each of them is a transaction of its own.
        with collector.seldom():
            outcomes = _each(target, batch) if leader.content == GONE else _imported(target, batch)
    except Exception as error:  # noqa: BLE001  # one of them, or the database; each is tried by itself, and told
        ckan_model.Session.rollback()
        log.info("batch of %s one by one: %s", target.id, type(error).__name__, extra={"event": "harvest.split", "source": target.id})
        outcomes = _each(target, batch)
    came = [each.package_id for each in batch if outcomes[each.id] in {"added", "updated"}]
    again = [each.package_id for each in batch if outcomes[each.id] == "not modified" and each.package_id]
    # Before they are said to be done: what is done is not handed out again.
    arrivals.release(source, target.settings, came, again)
    with unit_of_work():
        complete(batch, outcomes, leader_id)
    return {"errored": False, "not modified": "unchanged"}.get(leader.report_status, True)


def _imported(target: _Target, objects: Sequence[Any]) -> dict[str, str]:
    """Object → what became of it, all in one transaction and one commit of the index."""
    with unit_of_work() as session:
        model.lock_source(session, target.id)
        entries = model.entries(session, target.id, [each.guid for each in objects])
        batch = _batch(session, target, entries)
        outcomes = {each.id: _one(batch, each) for each in objects}
        batch.settle()
        gone = [each.package_id for each in objects if outcomes[each.id] == "deleted" and each.package_id]
        stays = [each for each in objects if each.package_id and outcomes[each.id] != "deleted"]
        # Here, where what was written is at hand: after the commit all of it would be read again. CKAN's sessions flush when told.
        session.flush()
        there = [index.build(each.package_id) for each in stays]
    try:
        _index([document for document in there if document], gone)
    except SearchIndexError:
        # The datasets are there; the next harvest brings them once more, and into the index.
        with unit_of_work() as session:
            model.mark(session, target.id, [each.guid for each in stays], state=State.WAITING)
        raise
    return outcomes


def _batch(session: Session, target: _Target, entries: dict[str, model.Entry]) -> _Batch:
    wanted = sa.select(ckan_model.Package).where(ckan_model.Package.id.in_([entry.package_id for entry in entries.values()]))
    packages = {package.id: package for package in session.execute(wanted).scalars()}
    writer = datasets.writer(target.agency, target.settings)
    return _Batch(session=session, target=target, writer=writer, entries=entries, packages=packages, made=[])


def _each(target: _Target, objects: Sequence[Any]) -> dict[str, str]:
    return {identity: outcome for each in objects for identity, outcome in _alone(target, each).items()}


def _alone(target: _Target, harvest_object: Any) -> dict[str, str]:
    identity, record_id = harvest_object.id, harvest_object.guid
    try:
        return _imported(target, [harvest_object])
    except (tk.ValidationError, tk.NotAuthorized, datasets.OwnerError) as error:
        ckan_model.Session.rollback()
        reason = said(error)
        with unit_of_work() as session:
            _refuse(session, target.id, record_id, error)
    except Exception as error:  # the edge of a stage: beyond it the consumer of all sources would end
        ckan_model.Session.rollback()
        log.exception("record of %s not imported", target.id, extra={"event": "harvest.import_failed", "source": target.id})
        reason = LATER.format(type(error).__name__)
    object_error(harvest_object, f"{record_id}: {reason}")
    return {identity: "errored"}


def _one(batch: _Batch, harvest_object: Any) -> str:
    entry = batch.entries.get(harvest_object.guid)
    if entry is None:
        # Its source was cleared meanwhile.
        return "not modified"
    if harvest_object.content == GONE:
        return _delete(batch, harvest_object, entry)
    record = from_json(harvest_object.content)
    wanted = digest(record, batch.target.settings.fingerprint())
    if entry.wanted != wanted or entry.state == State.MISSING:
        # A later reading said something else.
        return "not modified"
    package = batch.packages.get(entry.package_id)
    if entry.state == State.PRESENT and entry.digest == wanted and package is not None:
        # A process was killed between this commit and what follows it.
        harvest_object.package_id = entry.package_id
        return "not modified"
    if package is not None:
        # An edition is written with a commit; what came before it is done, and said to be.
        batch.settle()
    if datasets.put(batch.writer, entry.package_id, package, record):
        batch.hold()
    outcome = "added" if package is None else "updated"
    batch.made.append((harvest_object, entry, wanted, outcome))
    return outcome


def _delete(batch: _Batch, harvest_object: Any, entry: model.Entry) -> str:
    if entry.state != State.MISSING:
        return "not modified"
    batch.settle()
    package = batch.packages.get(entry.package_id)
    if package is not None:
        datasets.need_owner(batch.target.agency, package)
        harvest_object.package_id = entry.package_id
    _end(entry)
    entry.changed_at = model.now(batch.session)
    supersede(batch.session, batch.target.id, {harvest_object: "deleted"})
    if package is not None and package.state != "deleted":
        # The last thing: CKAN's action commits whatever it is told, and with it all of the above.
        datasets.delete(batch.writer, entry.package_id)
    return "deleted"


def _refuse(session: Session, source_id: str, record_id: str, error: Exception) -> None:
    """Not to be tried again until its source says something else: what cannot be a dataset here, or is another agency's by now."""
    entry = model.entries(session, source_id, [record_id]).get(record_id)
    if entry is None:
        return
    entry.reason = said(error)
    if entry.state == State.WAITING:
        entry.state, entry.digest = State.REFUSED, entry.wanted
    elif isinstance(error, datasets.OwnerError):
        _end(entry)


def _end(entry: model.Entry) -> None:
    entry.state, entry.missing_since, entry.told, entry.digest = State.DELETED, None, False, None


def _index(documents: Sequence[index.Document], gone: Sequence[str]) -> None:
    if documents:
        index.send(documents)
    if gone:
        index.remove(gone)


def said(error: Exception) -> str:
    """Why a record was refused, for people."""
    if isinstance(error, tk.ValidationError):
        return "; ".join(f"{field}: {message}" for field, message in sorted(error.error_summary.items()))[:2000]
    return str(error) or type(error).__name__


