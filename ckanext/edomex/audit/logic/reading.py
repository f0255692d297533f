"""Sealed steps as people read them: the seal, its event, and names that are looked up now."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

import sqlalchemy as sa
from ckan import model
from ckan.plugins import toolkit as tk
from ckan.types import Context

from ckanext.edomex.adapters.ledgers import Ledger, known
from ckanext.edomex.adapters.workbooks import csv_of
from ckanext.edomex.audit import config
from ckanext.edomex.audit.domain.folios import Folio
from ckanext.edomex.audit.model import Seal, events_of, of_subject
from ckanext.edomex.domain.clock import aware, iso, local

Data = dict[str, Any]
#: Steps of one question to the database, where all are wanted.
PAGE = 1_000
#: Ids of one question to the search, which takes 1,024 words at most.
TERMS = 200
BOM = b"\xef\xbb\xbf"
#: Seals as plain rows: an export of a million keeps none of them.
SEALS = sa.select(*Seal.__table__.c)
#: Column of the table → field of a step.
COLUMNS: Mapping[str, str] = {
    "folio": "folio", "momento": "local", "ámbito": "scope", "qué pasó": "what", "objeto": "subject", "nombre": "called",
    "página": "address", "dependencia": "agency_title", "quién": "by", "motivo": "reason", "SHA-256 del contenido": "content_hash",
    "posición": "position", "sellado": "sealed_at", "SHA-256 del movimiento": "event_hash", "valor de la cadena": "chain",
}  # fmt: skip


def folio_of(seal: sa.Row) -> str:
    """What people call a sealed step."""
    return str(Folio(prefix=config.folio_prefix(), year=local(seal.sealed_at).year, position=seal.position))


def conditions(data: Data, agency_id: str | None) -> list[Any]:
    """What the parameters ask for, as conditions on seals."""
    found: list[Any] = [Seal.agency_id == agency_id] if agency_id else []
    if data.get("ledger"):
        found.append(Seal.ledger == data["ledger"])
    if data.get("subject"):
        ledgers = [known()[data["ledger"]]] if data.get("ledger") else list(known().values())
        found.append(sa.or_(*(of_subject(ledger).bindparams(subject=data["subject"]) for ledger in ledgers)))
    if data.get("from"):
        found.append(Seal.event_at >= data["from"])
    if data.get("to"):
        found.append(Seal.event_at < data["to"])
    return found


def present(seals: Sequence[sa.Row]) -> list[Data]:
    """These steps, in the same order. A step whose event is gone says so by `what`, and keeps all that its seal knows."""
    events = {(name, row.id): row for name, row in _events(seals)}
    logins, agencies = _logins(row.actor for row in events.values()), _agencies(seals)
    return [_step(seal, events.get((seal.ledger, seal.event_id)), logins, agencies) for seal in seals]


def all_pages(wanted: list[Any]) -> Iterator[list[Data]]:
    """Every step that fulfils the conditions, the oldest first, a page at a time."""
    after = 0
    while True:
        seals = model.Session.execute(SEALS.where(*wanted, Seal.position > after).order_by(Seal.position).limit(PAGE)).all()
        if seals:
            yield present(seals)
            after = seals[-1].position
        if len(seals) < PAGE:
            return


def written(pages: Iterable[list[Data]], form: str) -> Iterator[bytes]:
    """Pages of steps as a file, part by part: a table for spreadsheets, or a line of JSON for each."""
    if form == "csv":
        yield csv_of([list(COLUMNS)])
    for page in pages:
        if form == "csv":
            yield csv_of([["" if step[name] is None else str(step[name]) for name in COLUMNS.values()] for step in page])[len(BOM) :]
        else:
            yield "".join(json.dumps(_plain(step), ensure_ascii=False) + "\n" for step in page).encode()


def with_titles(context: Context, steps: list[Data]) -> list[Data]:
    """The same, each with what its dataset is called where the caller may see it now."""
    ids, titles = sorted({dataset for step in steps for dataset in step["datasets"]}), dict[str, str]()
    for start in range(0, len(ids), TERMS):
        some = ids[start : start + TERMS]
        terms = " OR ".join(f'"{each}"' for each in some)
        search = {"fq": f"+id:({terms}) +dataset_type:dataset", "fl": "id,title", "rows": len(some), "facet": "false"}
        found = tk.get_action("package_search")(context, {**search, "include_private": True, "include_drafts": True})
        titles |= {each["id"]: each["title"] for each in found["results"] if each.get("title")}
    return [{**step, "called": _first(titles, step["datasets"]) or step["called"]} for step in steps]


def _first(titles: Mapping[str, str], ids: Iterable[str]) -> str | None:
    return next((titles[each] for each in ids if each in titles), None)


def _events(seals: Sequence[sa.Row]) -> Iterator[tuple[str, sa.Row]]:
    for name, ledger in known().items():
        ids = [seal.event_id for seal in seals if seal.ledger == name]
        if ids:
            yield from ((name, row) for row in events_of(model.Session, ledger, ids).values())


def _step(seal: sa.Row, event: sa.Row | None, logins: Mapping[str, str], agencies: Mapping[str, Data]) -> Data:
    ledger: Ledger | None = known().get(seal.ledger)
    agency = agencies.get(seal.agency_id or "") or {"id": seal.agency_id, "name": None, "title": None}
    told: Data = dict.fromkeys(("move", "by", "reason", "subject", "path", "called", "content_hash"))
    told |= {"what": "El movimiento ya no está en la base: solo queda su sello", "datasets": []}
    if event is not None and ledger is not None:
        told = {
            "move": event.move, "what": ledger.happened(event.move), "by": logins.get(event.actor, event.actor),
            "reason": event.reason, "subject": event.subject, "path": event.path, "called": event.called or None,
            "content_hash": event.content,
            "datasets": [each for each in event.datasets or [] if each],
        }  # fmt: skip
    address = f"{config.site_url()}{told['path']}" if told["path"] else None
    return {
        "folio": folio_of(seal), "position": seal.position, "at": iso(seal.event_at), "local": local(seal.event_at).isoformat(),
        "ledger": seal.ledger, "scope": ledger.title if ledger else seal.ledger, **told, "address": address, "agency": agency,
        "agency_title": agency["title"], "sealed_at": iso(aware(seal.sealed_at)), "event_hash": seal.event_hash, "chain": seal.chain,
    }  # fmt: skip


def _plain(step: Data) -> Data:
    return {name: value for name, value in step.items() if name not in {"datasets", "agency_title"}}


def _logins(actors: Iterable[str | None]) -> dict[str, str]:
    ids = {actor for actor in actors if actor}
    query = sa.select(model.User.id, model.User.name).where(model.User.id.in_(ids))
    return dict(model.Session.execute(query).tuples().all())


def _agencies(seals: Iterable[sa.Row]) -> dict[str, Data]:
    ids = {seal.agency_id for seal in seals if seal.agency_id}
    query = sa.select(model.Group.id, model.Group.name, model.Group.title).where(model.Group.id.in_(ids))
    return {row.id: {"id": row.id, "name": row.name, "title": row.title or row.name} for row in model.Session.execute(query)}
