"""Actions on sources: what is known of their records, a person's word on those that are missing, where a dataset came from."""

from __future__ import annotations

from typing import Any

from ckan import model as ckan_model
from ckan.plugins import toolkit as tk
from ckan.types import Context
from ckanext.harvest.model import HarvestSource

from ckanext.edomex.adapters.parameters import read
from ckanext.edomex.adapters.unit_of_work import unit_of_work
from ckanext.edomex.domain.addresses import site_of
from ckanext.edomex.domain.clock import iso
from ckanext.edomex.federation import model
from ckanext.edomex.federation.domain.loose import is_web
from ckanext.edomex.federation.logic import schema

Data = dict[str, Any]
NO_SOURCE = "No existe esa fuente."
NOT_HARVESTED = "El conjunto no vino de ninguna fuente."
#: Missing records that are named.
MOST_NAMED = 1000
MOVED = (
    "Ahora faltan {now} conjuntos, y usted aceptó {then}: la fuente se leyó otra vez mientras tanto. "
    "Revise la lista y acepte de nuevo."
)


@tk.side_effect_free
def edomex_federation_source_show(context: Context, data_dict: Data) -> Data:
    """How many records of a source stand where, and those that it has no more.

    :param id: id or name of the source
    :returns: `id`, `counts` by state, `missing_count`, `missing` (`record_id`, `package_id`, `since`, `reason`; 1,000 at most),
        `last_report`, `asked_at`, `whole_at`, `accepted_at`
    """
    source_id = _source(context, "edomex_federation_source_show", read(schema.only_id(), data_dict)["id"])
    return _shown(source_id)


def edomex_federation_missing_accept(context: Context, data_dict: Data) -> Data:
    """Let go what a source has no more, however much it is: the next harvest deletes it. 409 if another number is missing by now.

    :param id: id or name of the source
    :param missing: how many of its records were missing when the person looked
    :returns: as `edomex_federation_source_show`
    """
    data = read(schema.accepting(), data_dict)
    source_id = _source(context, "edomex_federation_missing_accept", data["id"])
    with unit_of_work() as session:
        model.lock_source(session, source_id)
        missing = len(model.missing_of(session, source_id))
        memory = model.memory_of(session, source_id)
        if missing != data["missing"] or memory is None:
            text = MOVED.format(now=missing, then=data["missing"])
            raise tk.ValidationError({"message": [text], "state": [str(missing)], "allowed": []})
        memory.accepted_at, memory.accepted_by = model.now(session), context.get("user")
    return _shown(source_id)


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


def _source(context: Context, action: str, ref: str) -> str:
    """The id of a source that the caller may work on; nothing tells those that are not theirs from those that are not there."""
    package = ckan_model.Package.get(ref)
    source_id = package.id if package is not None and package.type == "harvest" else ref
    tk.check_access(action, context, {"id": source_id})
    if HarvestSource.get(source_id) is None:
        raise tk.ObjectNotFound(NO_SOURCE)
    return source_id


def _shown(source_id: str) -> Data:
    session = ckan_model.Session
    memory, missing = model.memory_of(session, source_id), model.missing_of(session, source_id)
    named = [
        {"record_id": each.record_id, "package_id": each.package_id, "since": iso(each.missing_since), "reason": each.reason}
        for each in missing[:MOST_NAMED]
    ]
    return {
        "id": source_id, "counts": model.counts_of(session, source_id), "missing_count": len(missing), "missing": named,
        "last_report": memory.report if memory else {}, "asked_at": iso(memory.asked_at) if memory else None,
        "whole_at": iso(memory.whole_at) if memory else None, "accepted_at": iso(memory.accepted_at) if memory else None,
    }  # fmt: skip
