"""The harvester's objects: one for each record that has to be imported or deleted, in batches that are imported together.

ckanext-harvest sends each object through its queue by itself and commits it half a dozen times. Here the queue has the first
of each batch, which takes the others along; each keeps its own state, errors and report.
"""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, Protocol

import sqlalchemy as sa
from ckan import model
from ckan.types import AlchemySession as Session
from ckanext.harvest.model import HarvestGatherError, HarvestJob, HarvestObject, HarvestObjectError

#: Objects that are imported in one transaction and indexed with one commit.
BATCH = 100
#: Begins the state of an object that waits for its batch's first: the stock command would send a WAITING one by itself.
FOLLOWS = "FOLLOWS "
#: Content of an object whose dataset is to go.
GONE = '{"gone": true}'
#: What an object can have done to its dataset.
DID = frozenset({"added", "updated", "deleted"})
_OBJECTS: Any = HarvestObject.__table__


class Sink(Protocol):
    """Takes what a reading says has to be done."""

    def add(self, record_id: str, content: str) -> None:
        """One more record."""

    def flush(self) -> None:
        """No more for now."""


class Queue:
    """Objects of one job, written within the caller's transaction."""

    def __init__(self, session: Session, job: Any) -> None:
        self._session, self._job, self._rows = session, job, []
        #: Ids of the first of each batch.
        self.leaders: list[str] = []

    def add(self, record_id: str, content: str) -> None:
        """One more object."""
        first = not self._rows
        identity = str(uuid.uuid4())
        if first:
            self.leaders.append(identity)
        self._rows.append({
            "id": identity, "guid": record_id, "content": content, "state": "WAITING" if first else f"{FOLLOWS}{self.leaders[-1]}",
            "gathered": utc(), "harvest_job_id": self._job.id, "harvest_source_id": self._job.source_id, "retry_times": 0,
            "current": False,
        })  # fmt: skip
        if len(self._rows) >= BATCH:
            self.flush()

    def flush(self) -> None:
        """Write what has not been written."""
        if self._rows:
            self._session.execute(sa.insert(_OBJECTS), self._rows)
        self._rows = []


def batch_of(leader: Any) -> list[Any]:
    """The object and those that follow it and are not done."""
    found = model.Session.query(HarvestObject).filter_by(harvest_job_id=leader.harvest_job_id, state=f"{FOLLOWS}{leader.id}")
    return [leader, *found]


def supersede(session: Session, source_id: str, objects: Mapping[Any, str]) -> None:
    """Objects that did something are their datasets' current ones, in the place of earlier ones, and say what they did.

    In one transaction with the datasets, and before they are indexed: by it ckanext-harvest says there which source they are of.
    """
    guids = [each.guid for each in objects]
    earlier = sa.and_(_OBJECTS.c.harvest_source_id == source_id, _OBJECTS.c.guid.in_(guids), _OBJECTS.c.current)
    session.execute(sa.update(_OBJECTS).where(earlier, _OBJECTS.c.id.notin_([each.id for each in objects])).values(current=False))
    for each, outcome in objects.items():
        each.current, each.report_status = outcome != "deleted", outcome


def complete(objects: Sequence[Any], outcomes: Mapping[str, str], leader_id: str) -> None:
    """Say of each object what became of it: `added`, `updated`, `deleted`, `not modified` or `errored`.

    The first of a batch gets its state from ckanext-harvest, which goes on with it. One that is done again and finds nothing to do
    has said what it did.
    """
    moment = utc()
    for each in objects:
        outcome = outcomes[each.id]
        each.import_finished = moment
        if outcome != "not modified" or each.report_status not in DID:
            each.report_status = outcome
        if each.id != leader_id:
            each.state = "ERROR" if outcome == "errored" else "COMPLETE"


def object_error(harvest_object: Any, message: str) -> None:
    """Tell, in the job's report, why a record was not imported."""
    HarvestObjectError.create(message=message, object=harvest_object, stage="Import")


def gather_error(job: Any, message: str) -> None:
    """Tell, in the job's report, what is wrong with a source."""
    HarvestGatherError.create(message=message, job=job)


def finish(job: Any) -> None:
    """The job is over: there is nothing to import. ckanext-harvest would say so at its next round, minutes later."""
    job.status, job.finished = "Finished", utc()


def job_of(job_id: str) -> Any:
    """The job of this id."""
    return HarvestJob.get(job_id)


def utc() -> datetime:
    """Now, as ckanext-harvest writes it: naive UTC."""
    return datetime.now(UTC).replace(tzinfo=None)
