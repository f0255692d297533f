"""Actions on sources: what is known of their records, a person's word on those that are missing, where a dataset came from."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from ckan import model as ckan_model
from ckan.plugins import toolkit as tk
from ckan.types import Context
from ckanext.harvest.model import HarvestJob, HarvestSource

from ckanext.edomex.adapters.parameters import read
from ckanext.edomex.adapters.unit_of_work import unit_of_work
from ckanext.edomex.domain.addresses import site_of
from ckanext.edomex.domain.clock import iso
from ckanext.edomex.federation import model
from ckanext.edomex.federation.domain import settings
from ckanext.edomex.federation.domain.comparison import Grace
from ckanext.edomex.federation.domain.errors import SettingsError
from ckanext.edomex.federation.domain.loose import is_web
from ckanext.edomex.federation.logic import approvals, deletion, schema

Data = dict[str, Any]
NO_SOURCE = "No existe esa fuente."
NOT_HARVESTED = "El conjunto no vino de ninguna fuente."
#: Missing records that are named.
MOST_NAMED = 1000
#: Errors of a job that are told.
MOST_ERRORS = 20
MOVED = (
    "Ahora faltan {now} conjuntos, y usted aceptó {then}: la fuente se leyó otra vez mientras tanto. "
    "Revise la lista y acepte de nuevo."
)


@tk.side_effect_free
def edomex_federation_source_show(context: Context, data_dict: Data) -> Data:
    """How many records of a source stand where, and those that it has no more.

    :param id: id or name of the source
    :returns: what the list says of it; `is_trusted` (what comes in is released at once); `missing` (`record_id`, `package_id`,
        `title`, `since`, `reason`; 1,000 at most), `accepted_at`; `terms` that it has now, and `trial` (`made_at`, `problem`,
        `counts` by outcome, `notes`), None where none was made of them
    """
    return shown(found(context, "edomex_federation_source_show", read(schema.only_id(), data_dict)["id"]))


def edomex_federation_missing_accept(context: Context, data_dict: Data) -> Data:
    """Let go what a source has no more, however much it is: the next harvest deletes it. 409 if another number is missing by now.

    :param id: id or name of the source
    :param missing: how many of its records were missing when the person looked
    :returns: as `edomex_federation_source_show`
    """
    data = read(schema.accepting(), data_dict)
    source = found(context, "edomex_federation_missing_accept", data["id"])
    with unit_of_work() as session:
        model.lock_source(session, source.id)
        missing = len(model.missing_of(session, source.id))
        memory = model.memory_of(session, source.id)
        if missing != data["missing"] or memory is None:
            text = MOVED.format(now=missing, then=data["missing"])
            raise tk.ValidationError({"message": [text], "state": [str(missing)], "allowed": []})
        memory.accepted_at, memory.accepted_by = model.now(session), context.get("user")
    return shown(source)


@tk.side_effect_free
def edomex_federation_origin_show(context: Context, data_dict: Data) -> Data:
    """Where a dataset came from: source, address and licence there. 404 for one that is not harvested.

    :param id: id or name of the dataset
    :returns: `source_id`, `source_title`, `source_site` (host and port), `record_id`, `iri`, `licence`, `first_seen`, `missing_since`
    """
    wanted = read(schema.only_id(), data_dict)["id"]
    try:
        tk.check_access("edomex_federation_origin_show", context, {"id": wanted})
    except (tk.NotAuthorized, tk.ObjectNotFound):
        # What is hidden is not told from what is not there.
        raise tk.ObjectNotFound(NOT_HARVESTED) from None
    package = ckan_model.Package.get(wanted)
    entry = model.origin_of(ckan_model.Session, package.id) if package is not None else None
    if entry is None:
        raise tk.ObjectNotFound(NOT_HARVESTED)
    source: Any = HarvestSource.get(entry.source_id)
    return {
        "source_id": entry.source_id, "source_title": source.title if source is not None else "",
        "source_site": site_of(source.url) if source is not None else "", "record_id": entry.record_id, "iri": entry.iri,
        "licence": entry.licence, "first_seen": iso(entry.first_seen), "missing_since": iso(entry.missing_since),
    }  # fmt: skip


def origin(package_id: str) -> dict[str, str] | None:
    """What a dataset's page says of where it came from; only an address of the web becomes a link."""
    entry = model.origin_of(ckan_model.Session, package_id)
    if entry is None:
        return None
    source: Any = HarvestSource.get(entry.source_id)
    iri = entry.iri if is_web(entry.iri) else ""
    return {"source_title": source.title if source is not None else "", "iri": iri, "licence": entry.licence}


def found(context: Context, action: str, ref: str) -> Any:
    """A source that the caller may work on; nothing tells those that are not theirs from those that are not there."""
    package = ckan_model.Package.get(ref)
    source_id = package.id if package is not None and package.type == "harvest" else ref
    tk.check_access(action, context, {"id": source_id})
    source = HarvestSource.get(source_id)
    if source is None:
        raise tk.ObjectNotFound(NO_SOURCE)
    return source


def summary(source: Any) -> Data:
    """A source for a list: what it is, where it stands, how its last reading went."""
    return _summary(source, model.missing_of(ckan_model.Session, source.id))


def _summary(source: Any, missing: Sequence[model.Entry]) -> Data:
    session = ckan_model.Session
    package, memory = ckan_model.Package.get(source.id), model.memory_of(session, source.id)
    agency = ckan_model.Group.get(package.owner_org) if package is not None and package.owner_org else None
    counts, standing = model.counts_of(session, source.id), approvals.standing(session, source)
    job: Any = session.query(HarvestJob).filter_by(source_id=source.id).order_by(HarvestJob.created.desc()).first()
    return {
        "id": source.id, "name": package.name if package is not None else source.id, "title": source.title, "kind": source.type,
        "url": source.url, "frequency": source.frequency, "agency": agency.name if agency is not None else None,
        "agency_title": agency.title if agency is not None else "", "standing": standing.value,
        "approved": approvals.is_enough(standing), "counts": counts, "missing_count": counts.get("missing", 0),
        "held": deletion.held(session, source.id, grace_of(source), missing),
        "last_report": memory.report if memory else {}, "last_job": _job(job),
        "asked_at": iso(memory.asked_at) if memory else None, "whole_at": iso(memory.whole_at) if memory else None,
    }  # fmt: skip


def _job(job: Any) -> Data | None:
    if job is None:
        return None
    errors = [error.message for error in job.gather_errors]
    return {"status": job.status, "created": iso(job.created), "errors": errors[:MOST_ERRORS], "error_count": len(errors)}


def grace_of(source: Any) -> Grace:
    """How much may go without a person, and after how long."""
    return _settings(source).grace


def _settings(source: Any) -> settings.Settings:
    """The source's settings; the usual ones where what is written makes no sense, which its next job tells."""
    try:
        return settings.read(source.config)
    except SettingsError:
        return settings.Settings()


def _titles(package_ids: Sequence[str]) -> dict[str, str]:
    package: Any = ckan_model.Package
    return dict(ckan_model.Session.query(package.id, package.title).filter(package.id.in_(package_ids)))


def shown(source: Any) -> Data:
    """All that is known of a source."""
    session = ckan_model.Session
    memory, missing, terms = model.memory_of(session, source.id), model.missing_of(session, source.id), approvals.terms(source)
    titles = _titles([each.package_id for each in missing[:MOST_NAMED]])
    named = [
        {
            "record_id": each.record_id, "package_id": each.package_id, "title": titles.get(each.package_id, ""),
            "since": iso(each.missing_since), "reason": each.reason,
        }
        for each in missing[:MOST_NAMED]
    ]  # fmt: skip
    trial = session.get(model.Trial, source.id)
    told = {"made_at": iso(trial.made_at), "problem": trial.problem, "counts": trial.counts, "notes": trial.notes} if trial else None
    return {
        **_summary(source, missing), "is_trusted": _settings(source).arrival == "public", "missing": named, "terms": terms,
        "accepted_at": iso(memory.accepted_at) if memory else None,
        "trial": told if trial is not None and trial.terms == terms else None,
    }  # fmt: skip
