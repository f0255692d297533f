"""What rooms that tell of many datasets ask for at once: when each was opened, its versions, and why some are gone."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from ckan import model
from ckan.plugins import toolkit as tk
from ckan.types import Context

from ckanext.edomex.adapters import parameters
from ckanext.edomex.domain.clock import iso
from ckanext.edomex.release.domain.lifecycle import Kind
from ckanext.edomex.release.logic import schema, steps
from ckanext.edomex.release.model import Release, Version, withdrawal_of

Data = dict[str, Any]


@tk.side_effect_free
def edomex_release_history_list(context: Context, data_dict: Data) -> list[Data]:
    """When public datasets were opened for the first time, and their versions; others are passed over.

    :param dataset_ids: list of ids, 2,000 at most
    :returns: list of `{dataset_id, released_at, versions}`, each version `{version, released_at}`
    """
    tk.check_access("edomex_release_history_list", context, data_dict)
    ids = parameters.read(schema.many(), data_dict)["dataset_ids"]
    public = (model.Package.id.in_(ids), model.Package.private.is_(False), model.Package.state == "active")
    opened = sa.select(Release.package_id, sa.func.min(Release.released_at))
    opened = opened.join(model.Package, model.Package.id == Release.package_id).where(*public, Release.kind != Kind.WITHDRAWAL)
    opened = opened.where(Release.released_at.is_not(None)).group_by(Release.package_id)
    kept = sa.select(Version.package_id, Version.version, Version.released_at).where(Version.package_id.in_(ids))
    versions: dict[str, list[Data]] = {}
    for package_id, number, at in model.Session.execute(kept.order_by(Version.version)):
        versions.setdefault(package_id, []).append({"version": number, "released_at": iso(at)})
    rows = model.Session.execute(opened)
    return [{"dataset_id": key, "released_at": iso(at), "versions": versions.get(key, [])} for key, at in rows]


@tk.side_effect_free
def edomex_release_withdrawal_list(context: Context, data_dict: Data) -> list[Data]:
    """The public notes of those of some datasets that were withdrawn, as `edomex_release_tombstone` gives each.

    :param dataset_ids: list of ids, 2,000 at most
    :returns: list of `{dataset_id, withdrawn_at, reason, legal_ground}`
    """
    tk.check_access("edomex_release_withdrawal_list", context, data_dict)
    ids = parameters.read(schema.many(), data_dict)["dataset_ids"]
    hidden = sa.select(model.Package.id).where(model.Package.id.in_(ids), model.Package.private.is_(True))
    withdrawn = sa.select(Release.package_id).where(Release.package_id.in_(hidden), Release.kind == Kind.WITHDRAWAL).distinct()
    keys = list(model.Session.execute(withdrawn.order_by(Release.package_id)).scalars())
    found = ((key, withdrawal_of(model.Session, key)) for key in keys)
    return [
        {
            "dataset_id": key, "withdrawn_at": iso(release.released_at), "reason": steps.last_note(release),
            "legal_ground": release.legal_ground,
        }
        for key, release in found
        if release is not None
    ]  # fmt: skip
