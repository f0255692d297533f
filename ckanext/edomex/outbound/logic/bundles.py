"""Parcels: what is public, packed for a portal that takes it by hand, with a receipt of each.

A parcel is written to a file of whoever asks and kept nowhere: its hash is, so that a receipt says of which bytes it is.
"""

from __future__ import annotations

import hashlib
import json
import logging
import zipfile
from collections.abc import Collection, Iterator, Sequence
from typing import Any, BinaryIO

import sqlalchemy as sa
from ckan import model as ckan_model
from ckan.plugins import plugin_loaded
from ckan.plugins import toolkit as tk
from ckan.types import Context

from ckanext.edomex.adapters import catalogues, parameters, storage
from ckanext.edomex.adapters.callers import call_as_site
from ckanext.edomex.adapters.unit_of_work import unit_of_work
from ckanext.edomex.adapters.workbooks import csv_of
from ckanext.edomex.domain.clock import iso, local
from ckanext.edomex.outbound.domain import bundles
from ckanext.edomex.outbound.domain.bundles import Item
from ckanext.edomex.outbound.domain.targets import Kind
from ckanext.edomex.outbound.logic import schema
from ckanext.edomex.outbound.logic.origins import came_from
from ckanext.edomex.outbound.logic.targets import find
from ckanext.edomex.outbound.model import Bundle, Target, bundles_of, now

log = logging.getLogger(__name__)
Data = dict[str, Any]
NO_BUNDLE = "No existe ese paquete."
OTHER_KIND = "A ese destino no se le entregan paquetes: se le escribe por su API, o lee nuestros catálogos."
NOT_WORKING = "Ese destino no está en marcha; regístrele su convenio y actívelo."
NO_AGENCY = "No existe esa dependencia."
NOTHING = "No hay nada público que empacar."
FUTURE = "Escriba el día en que se entregó; no puede ser uno que no ha llegado."


def write(context: Context, target: str, agency: str, file: BinaryIO) -> Data:
    """Pack what is public for a target into a file, and note that it was; returns the parcel as `edomex_bundle_list` shows it.

    Args:
        context: of whoever asks.
        target: name or id.
        agency: name of the one whose datasets go in; empty for all.
        file: open for writing.

    Raises:
        tk.NotAuthorized, tk.ObjectNotFound, tk.ValidationError: they may not; there is none; it cannot be packed for it.
        catalogues.NotNowError: the catalogue cannot be read whole now.
    """
    tk.check_access("edomex_bundle_list", context, {"target": target})
    found = find(ckan_model.Session, target)
    _check(found)
    digest = _Digest(file)
    counts = _pack(found, agency, digest)
    with unit_of_work() as session:
        made = {"sha256": digest.found.hexdigest(), "size": digest.size, **counts}
        bundle = Bundle(target_id=found.id, agency=agency, made_by=context.get("user") or "", **made)
        session.add(bundle)
        session.flush()
        shown = _shown(bundle)
    log.info("bundle made", extra={"event": "outbound.bundle", "target": found.name, **counts})
    return shown


@tk.side_effect_free
def edomex_bundle_list(context: Context, data_dict: Data) -> list[Data]:
    """Parcels that were made for a target, the newest first.

    :param target: name or id of the target
    :returns: for each: `id`, `agency` (empty for all), `made_at`, `made_by`, `datasets`, `files`, `left_out`, `size` in bytes,
        `sha256`, `receipt` and `delivered_on`, empty until somebody notes them
    """
    tk.check_access("edomex_bundle_list", context, data_dict)
    target = find(ckan_model.Session, parameters.read(schema.of_target(), data_dict)["target"])
    return [_shown(bundle) for bundle in bundles_of(ckan_model.Session, target.id)]


def edomex_bundle_acknowledge(context: Context, data_dict: Data) -> Data:
    """Note what the other portal gave for a parcel: its folio, and the day.

    :param id: of the parcel
    :param receipt: folio or number of the receipt
    :param delivered_on: day, as `2026-03-01`
    :returns: the parcel
    """
    tk.check_access("edomex_bundle_acknowledge", context, data_dict)
    data = parameters.read(schema.receipt(), data_dict)
    with unit_of_work() as session:
        bundle = session.get(Bundle, data["id"], with_for_update=True)
        if bundle is None:
            raise tk.ObjectNotFound(NO_BUNDLE)
        if data["delivered_on"] is None or data["delivered_on"] > local(now(session)).date():
            raise tk.ValidationError({"delivered_on": [FUTURE]})
        bundle.receipt, bundle.delivered_on = data["receipt"], data["delivered_on"]
        session.flush()
        return _shown(bundle)


def agencies() -> list[Data]:
    """Those whose datasets may go in, by title."""
    group = ckan_model.Group
    chosen = sa.select(group.name, group.title).where(group.is_organization.is_(True), group.state == "active").order_by(group.title)
    return [{"name": row.name, "title": row.title or row.name} for row in ckan_model.Session.execute(chosen)]


def _check(target: Target) -> None:
    if target.kind != Kind.BUNDLE or not target.enabled:
        why = NOT_WORKING if target.kind == Kind.BUNDLE else OTHER_KIND
        raise tk.ValidationError({"message": [why], "state": ["disabled"], "allowed": ["update"]})


def _pack(target: Target, agency: str, file: Any) -> dict[str, int]:
    group = ckan_model.Group.get(agency) if agency else None
    if agency and (group is None or not group.is_organization or group.name != agency):
        raise tk.ValidationError({"agency": [NO_AGENCY]})
    datasets = list(_public(group.id if group else None))
    theirs = {each["id"] for each in datasets if came_from(target.url, each["id"])}
    if len(datasets) == len(theirs):
        raise tk.ValidationError({"agency": [NOTHING]})
    rows: list[Sequence[str]] = [bundles.HEADER]
    counts = {"datasets": len(datasets) - len(theirs), "files": 0, "left_out": 0}
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED, allowZip64=True) as parcel:
        document = catalogues.document("adela", agency or None)
        if document is not None:
            parcel.writestr(bundles.CATALOGUE, _without(theirs, document))
        if group is not None and (plan := _plan(group.id)):
            parcel.writestr(bundles.PLAN, csv_of(plan))
        for item in bundles.items(datasets, target.formats, theirs):
            size = _put(parcel, item)
            lost = bool(item.path) and size is None
            counts["files" if size is not None else "left_out"] += 1
            rows.append(bundles.row(_without_file(item) if lost else item, size))
        parcel.writestr(bundles.CONTENTS, csv_of(rows))
    return counts


def _without(theirs: Collection[str], document: bytes) -> bytes:
    """The catalogue, but for what came from the target."""
    if not theirs:
        return document
    told = json.loads(document)
    return json.dumps({**told, "dataset": [each for each in told["dataset"] if each["id"] not in theirs]}, ensure_ascii=False).encode()


def _put(parcel: zipfile.ZipFile, item: Item) -> int | None:
    """Its size; None where it is not put."""
    size = storage.size_of(item.sha256) if item.path else None
    if size is None:
        return None
    with parcel.open(item.path, "w", force_zip64=True) as inside:
        for piece in storage.read(item.sha256):
            inside.write(piece)
    return size


def _without_file(item: Item) -> Item:
    return Item(dataset=item.dataset, resource=item.resource, format=item.format, left_out=bundles.GONE)


def _public(agency_id: str | None) -> Iterator[Data]:
    """Public datasets, as anybody is shown them: one that is hidden meanwhile is not."""
    table = ckan_model.Package
    chosen = sa.select(table.id).where(table.type == "dataset", table.state == "active", table.private.is_(False))
    if agency_id is not None:
        chosen = chosen.where(table.owner_org == agency_id)
    for package_id in ckan_model.Session.execute(chosen.order_by(table.title, table.id)).scalars().all():
        try:
            yield tk.get_action("package_show")(Context(user=""), {"id": package_id})
        except (tk.ObjectNotFound, tk.NotAuthorized):
            continue


def _plan(agency_id: str) -> list[list[str]] | None:
    """The agency's newest approved plan in the federal columns; None where there is none."""
    if not plugin_loaded("edomex_planning"):
        return None
    plans = [plan for plan in call_as_site("edomex_plan_list", agency=agency_id) if plan["approved_at"]]
    return call_as_site("edomex_plan_export", id=plans[0]["id"], layout="pnda") if plans else None


def _shown(bundle: Bundle) -> Data:
    named = ("id", "agency", "made_by", "datasets", "files", "left_out", "size", "sha256", "receipt")
    return {
        **{name: getattr(bundle, name) for name in named}, "made_at": iso(bundle.made_at),
        "delivered_on": bundle.delivered_on.isoformat() if bundle.delivered_on else None,
    }  # fmt: skip


class _Digest:
    """A file that knows the hash of what was written to it; `zipfile` then goes back to nothing."""

    def __init__(self, file: BinaryIO) -> None:
        self._file, self.found, self.size = file, hashlib.sha256(), 0

    def write(self, data: bytes) -> int:
        self.found.update(data)
        self.size += len(data)
        return self._file.write(data)

    def flush(self) -> None:
        self._file.flush()
