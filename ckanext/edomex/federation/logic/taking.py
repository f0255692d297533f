"""What a reading gave, against what is known: noted, and handed on for whoever imports it. Within the caller's transaction."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from ckan.types import AlchemySession as Session

from ckanext.edomex.federation import config, model
from ckanext.edomex.federation.domain import comparison
from ckanext.edomex.federation.domain.comparison import Known, State
from ckanext.edomex.federation.domain.errors import SourceError
from ckanext.edomex.federation.domain.records import Record, Refused, digest, to_json
from ckanext.edomex.federation.domain.settings import Settings
from ckanext.edomex.federation.logic.queueing import Sink
from ckanext.edomex.federation.logic.reading import Reading

#: Refused records that are told one by one; of more, how many.
MOST_TOLD = 50


@dataclass(frozen=True, kw_only=True)
class Taken:
    """What a reading came to."""

    counts: Mapping[str, int]
    refused: list[Refused]
    #: What has to be told of it, the refused records among it.
    told: list[str]


@dataclass
class _Tally:
    """The same, while it is read."""

    seen: set[str] = field(default_factory=set)
    expected: list[dict[str, Any]] = field(default_factory=list)
    back: list[str] = field(default_factory=list)
    refused: list[Refused] = field(default_factory=list)
    #: Record → why it is gone, as the source says where it still names it.
    gone: dict[str, str] = field(default_factory=dict)
    counts: dict[str, int] = field(default_factory=lambda: dict.fromkeys(("new", "changed", "unchanged", "refused", "repeated"), 0))


def take(session: Session, source_id: str, settings: Settings, reading: Reading, queue: Sink) -> Taken:
    """Write what a reading came to, and hand on what is to be imported.

    Raises:
        SourceError: it has no dataset, or too many.
    """
    some, ids = reading.found, None
    if not reading.whole:
        # A few of perhaps very many: only they are looked up.
        some = list(reading.found)
        ids = [*(each.id for each in some), *reading.gone]
    known = model.known_of(session, source_id, ids)
    tally = _Tally()
    for found in some:
        _note(found, known, settings, tally, queue, source_id)
        if len(tally.seen) + tally.counts["repeated"] > config.most_records():
            raise SourceError(f"La fuente tiene más de {config.most_records()} conjuntos; pida que amplíen el límite del portal.")
        if len(tally.expected) >= model.BUNCH:
            model.expect(session, tally.expected)
            tally.expected.clear()
    queue.flush()
    if reading.whole and not tally.seen:
        raise SourceError("La fuente contesta bien y no trae ningún conjunto. No se cambia ni se borra nada; avise a quien la opera.")
    model.expect(session, tally.expected)
    model.mark(session, source_id, tally.back, state=State.PRESENT, missing_since=None, told=False, reason=None)
    _mark_gone(session, source_id, known, reading, tally)
    reading.memory["report"] = dict(tally.counts)
    return Taken(counts=tally.counts, refused=tally.refused, told=_told(tally, reading))


def _note(
    found: Record | Refused, known: Mapping[str, Known], settings: Settings, tally: _Tally, queue: Sink, source_id: str
) -> None:
    if found.id in tally.seen:
        tally.counts["repeated"] += 1
        tally.refused.append(Refused(id=found.id, reason="está más de una vez en la fuente; se toma la primera"))
        return
    tally.seen.add(found.id)
    before = known.get(found.id)
    if isinstance(found, Refused):
        tally.counts["refused"] += 1
        if found.is_gone and before is not None and before.can_go:
            tally.gone[found.id] = found.reason
        else:
            tally.refused.append(found)
        return
    record = settings.applied(found)
    wanted = digest(record, settings.fingerprint())
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
    told: dict[str, list[str]] = {}
    for each, reason in {**reading.gone, **tally.gone}.items():
        if each in known and known[each].can_go:
            told.setdefault(reason or "la fuente la retiró", []).append(each)
    for reason, some in told.items():
        model.lose(session, source_id, some, reason, told=True)
    gone = comparison.gone(known, tally.seen) if reading.whole and not reading.notes else []
    model.lose(session, source_id, [each for each in gone if each not in reading.gone], "la fuente ya no la tiene", told=False)


def _told(tally: _Tally, reading: Reading) -> list[str]:
    notes = [*reading.notes, *(f"{each.id}: {each.reason}." for each in tally.refused[:MOST_TOLD])]
    more = len(tally.refused) - MOST_TOLD
    return [*notes, f"Y otros {more} registros que no se pudieron tomar."] if more > 0 else notes
