"""Versions: what a dataset held at each of its releases, for whoever may see the dataset now."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from ckan import model
from ckan.plugins import toolkit as tk
from ckan.types import Context

from ckanext.edomex.adapters import parameters
from ckanext.edomex.domain.clock import iso
from ckanext.edomex.release.domain.content import EXTRAS, FIELDS, RESOURCES, TAGS, THEMES, files_of
from ckanext.edomex.release.logic import schema
from ckanext.edomex.release.model import Release, Version

Data = dict[str, Any]
NOT_FOUND = "No existe esa versión, o no puede verla."


@tk.side_effect_free
def edomex_release_version_list(context: Context, data_dict: Data) -> list[Data]:
    """Versions of a public dataset, the newest first.

    :param dataset_id: id or name of the dataset
    :returns: list of `{dataset_id, version, kind, released_at, content_hash, files}`
    """
    tk.check_access("edomex_release_version_list", context, data_dict)
    data = parameters.read(schema.submit(), data_dict)
    package = _find(context, data["dataset_id"])
    query = sa.select(Version, Release.kind).join(Release, Release.id == Version.release_id).where(Version.package_id == package.id)
    return [_row(*row) for row in model.Session.execute(query.order_by(Version.version.desc()))]


@tk.side_effect_free
def edomex_release_version_show(context: Context, data_dict: Data) -> Data:
    """One version whole: metadata and files as they were released.

    :param dataset_id: id or name of the dataset
    :param version: its number
    :returns: the version, with `title`, `fields`, `tags`, `themes` and `resources`
    """
    tk.check_access("edomex_release_version_show", context, data_dict)
    data = parameters.read(schema.version(), data_dict)
    package = _find(context, data["dataset_id"])
    found = model.Session.get(Version, (package.id, data["version"]))
    if found is None:
        raise tk.ObjectNotFound(NOT_FOUND)
    kind = model.Session.execute(sa.select(Release.kind).where(Release.id == found.release_id)).scalar_one()
    return {**_row(found, kind), **_content(found.content)}


def _find(context: Context, reference: Any) -> model.Package:
    """The dataset, if the caller may read it: whoever may not learns nothing of its past either."""
    package = model.Package.get(reference) if isinstance(reference, str) else None
    if package is None or package.type != "dataset" or package.state != "active":
        raise tk.ObjectNotFound(NOT_FOUND)
    try:
        tk.check_access("package_show", Context(user=context.get("user", "")), {"id": package.id})
    except tk.NotAuthorized:
        raise tk.ObjectNotFound(NOT_FOUND) from None
    return package


def _row(version: Version, kind: str) -> Data:
    return {
        "dataset_id": version.package_id,
        "version": version.version,
        "kind": kind,
        "title": version.content[FIELDS].get("title"),
        "released_at": iso(version.released_at),
        "content_hash": version.content_hash,
        "files": [
            {"resource_id": file.resource_id, "name": file.name, "sha256": file.sha256, "size": file.size}
            for file in files_of(version.content[RESOURCES] or [])
        ],
    }


def _content(content: list[Any]) -> Data:
    groups = model.Session.query(model.Group).filter(model.Group.id.in_(content[THEMES] or []))
    return {
        "fields": {**content[FIELDS], **(content[EXTRAS] or {})},
        "tags": content[TAGS] or [],
        "themes": sorted(({"name": group.name, "title": group.title} for group in groups), key=lambda each: each["name"]),
        "resources": [{**(resource.get("extras") or {}), **_without_extras(resource)} for resource in content[RESOURCES] or []],
    }


def _without_extras(resource: Data) -> Data:
    return {key: value for key, value in resource.items() if key != "extras"}
