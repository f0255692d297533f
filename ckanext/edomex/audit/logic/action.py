"""The log of sealed steps, one of them as a receipt, the log as a file, and how the chain is doing."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from ckan import model
from ckan.plugins import toolkit as tk
from ckan.types import Context

from ckanext.edomex.adapters import ledgers, parameters
from ckanext.edomex.audit import config
from ckanext.edomex.audit.domain.chain import sha256
from ckanext.edomex.audit.domain.folios import FolioError, parsed
from ckanext.edomex.audit.logic import access, reading, schema
from ckanext.edomex.audit.logic.verifying import VERIFY
from ckanext.edomex.audit.model import Check, Seal, as_sealed, described, head, lagging
from ckanext.edomex.domain.clock import iso

Data = dict[str, Any]
#: Steps of one file that is asked for over the network; the command has no such limit.
MOST = 50_000


@tk.side_effect_free
def edomex_audit_list(context: Context, data_dict: Data) -> Data:
    """Sealed steps that the caller may know of, the newest first.

    :param agency: name or id of an agency (optional); likewise `ledger` (`release`, `planning`), `subject` (id of a release, plan or
        row of an inventory), `from` and `to` (days of the state's zone, both included)
    :param limit: at most so many (optional, 50); `before`, the `next` of the page before, to go on
    :returns: `{steps: [{folio, position, at, scope, what, by, reason, subject, called, path, agency, content_hash, event_hash,
        chain, sealed_at, …}], next}`; `next` is null at the end
    """
    tk.check_access("edomex_audit_list", context, data_dict)
    data = parameters.read(schema.listing(), data_dict)
    query = reading.SEALS.where(*_wanted(context, data))
    if data.get("before"):
        query = query.where(Seal.position < data["before"])
    found = model.Session.execute(query.order_by(Seal.position.desc()).limit(data["limit"] + 1)).all()
    shown = found[: data["limit"]]
    more = shown[-1].position if len(found) > len(shown) and shown else None
    return {"steps": reading.with_titles(context, reading.present(shown)), "next": more}


@tk.side_effect_free
def edomex_audit_show(context: Context, data_dict: Data) -> Data:
    """One sealed step by its folio, with all that is needed to compute its seal again.

    :param folio: as it stands on the receipt
    :returns: the step as in `edomex_audit_list`, with `event_text` (its SHA-256 is `event_hash`; null if the event is gone),
        `chain_text` (its SHA-256 is `chain`) and `intact`, whether both hold now
    """
    tk.check_access("edomex_audit_show", context, data_dict)
    data = parameters.read(schema.show(), data_dict)
    try:
        folio = parsed(data["folio"], config.folio_prefix())
    except FolioError as error:
        raise tk.ValidationError({"folio": [str(error)]}) from error
    query = reading.SEALS.where(Seal.position == folio.position, access.readable(access.agencies(context)))
    seal = model.Session.execute(query).one_or_none()
    if seal is None or reading.folio_of(seal) != str(folio):
        raise tk.ObjectNotFound(access.NO_FOLIO)
    (step,) = reading.with_titles(context, reading.present([seal]))
    return {**step, **_proof(seal)}


@tk.side_effect_free
def edomex_audit_export(context: Context, data_dict: Data) -> Data:
    """The same steps as a file, the oldest first; 50,000 at most.

    :param agency: as in `edomex_audit_list`, likewise `ledger`, `subject`, `from`, `to` (optional)
    :param format: `csv` or `jsonl` (optional, `csv`)
    :returns: `{filename, content}`
    """
    tk.check_access("edomex_audit_export", context, data_dict)
    data = parameters.read(schema.export(), data_dict)
    wanted = _wanted(context, data)
    counted = sa.select(Seal.position).where(*wanted).limit(MOST + 1).subquery()
    if model.Session.execute(sa.select(sa.func.count()).select_from(counted)).scalar_one() > MOST:
        raise tk.ValidationError({"from": [f"Son más de {MOST:,} movimientos; acorte el periodo.".replace(",", " ")]})
    content = b"".join(reading.written(reading.all_pages(wanted), data["format"]))
    return {"filename": f"bitacora.{data['format']}", "content": content.decode()}


@tk.side_effect_free
def edomex_audit_status(context: Context, data_dict: Data) -> Data:
    """How the chain is doing: where it ends, what waits for its seal, what the last verification found.

    :returns: `{sealed, head, unsealed, oldest_s, verified_at, verified_position, faults, alarms}`; alarms are `unsealed`, `broken`
    """
    tk.check_access("edomex_audit_status", context, data_dict)
    session, last = model.Session, head(model.Session)
    late = [lagging(session, each, config.unsealed_minutes(), everything=False) for each in ledgers.known().values()]
    check = session.execute(sa.select(Check).where(Check.name == VERIFY)).scalar()
    unsealed, faults = sum(events for events, _ in late), check.faults if check else None
    alarms = [name for name, raised in {"broken": bool(faults), "unsealed": unsealed > 0}.items() if raised]
    return {
        "sealed": last.position, "head": str(last), "unsealed": unsealed, "oldest_s": max((oldest for _, oldest in late), default=0.0),
        "verified_at": iso(check.ran_at) if check else None, "verified_position": check.position if check else None,
        "faults": faults, "alarms": alarms,
    }  # fmt: skip


def _wanted(context: Context, data: Data) -> list[Any]:
    agency_id = access.find_agency(context, data["agency"]) if data.get("agency") else None
    return [access.readable(access.agencies(context)), *reading.conditions(data, agency_id)]


def _proof(seal: sa.Row) -> Data:
    ledger = ledgers.known().get(seal.ledger)
    event_text = described(model.Session, ledger, seal.form, seal.event_id) if ledger else None
    chain_text = as_sealed(seal).text(head(model.Session, before=seal.position).chain)
    intact = event_text is not None and sha256(event_text) == seal.event_hash and sha256(chain_text) == seal.chain
    return {"event_text": event_text, "chain_text": chain_text, "intact": intact}
