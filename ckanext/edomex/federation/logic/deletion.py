"""Deleting what a source has no more: after its grace, if it is little or a person accepted it."""

from __future__ import annotations

from collections.abc import Sequence

from ckan.types import AlchemySession as Session

from ckanext.edomex.federation import model
from ckanext.edomex.federation.domain import comparison
from ckanext.edomex.federation.domain.comparison import Grace
from ckanext.edomex.federation.logic import happenings
from ckanext.edomex.federation.logic.queueing import GONE, Queue

HELD = (
    "Faltan {missing} de {count} conjuntos que la fuente tenía; sin preguntar se borran {tolerated} como mucho. No se borra "
    "ninguno. Revise la fuente y, si de verdad ya no los tiene, acéptelo en la página de la fuente en el Autoservicio."
)


def queue_due(session: Session, source_id: str, grace: Grace, queue: Queue) -> list[str]:
    """Queue the deletions that are due; what has to be told if they have to wait for a person."""
    missing = model.missing_of(session, source_id)
    text = held(session, source_id, grace, missing)
    if text:
        # Once for each time that it comes to that: the first of them to be missing names it.
        happenings.tell(source_id, "held", str(missing[0].missing_since))
        return [text]
    if not missing:
        return []
    moment, accepted = model.now(session), _is_accepted(session, source_id, missing)
    for each in missing:
        if accepted or comparison.is_over(each.missing_since or moment, moment, grace, told=each.told):
            queue.add(each.record_id, GONE)
    queue.flush()
    return []


def held(session: Session, source_id: str, grace: Grace, missing: Sequence[model.Entry]) -> str | None:
    """Why what is missing waits for a person's word, whatever its days of grace; None if it does not."""
    if not missing:
        return None
    counts = model.counts_of(session, source_id)
    count = sum(counts.get(state, 0) for state in model.WITH_DATASET)
    accepted = _is_accepted(session, source_id, missing)
    if comparison.may_go(count=count, missing=len(missing), accepted=accepted, grace=grace):
        return None
    return HELD.format(missing=len(missing), count=count, tolerated=comparison.tolerated(count, grace))


def _is_accepted(session: Session, source_id: str, missing: Sequence[model.Entry]) -> bool:
    """Whether a person said that it may go, after the last of them was found missing."""
    memory = model.memory_of(session, source_id)
    at = memory.accepted_at if memory is not None else None
    return at is not None and all(each.missing_since and each.missing_since <= at for each in missing)
