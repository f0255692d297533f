"""A dataset of another CKAN as a record, with whatever its schema calls what we know."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from ckanext.edomex.federation.domain.loose import NOTHING, first, rows, text, texts
from ckanext.edomex.federation.domain.records import LONGEST_ID, File, Record, Refused, clean

_INEGI = re.compile(r"\d{2}(\d{3}(\d{4})?)?")
NO_IDENTITY = "no tiene id"
NO_TITLE = "no tiene título"


def record_of(package: Mapping[str, Any], base: str) -> Record | Refused:
    """What `package_show` says.

    Args:
        package: it.
        base: address of that CKAN.
    """
    identity = clean(first(package, "id"))
    title = clean(first(package, "title", "name"))
    if not identity or len(identity) > LONGEST_ID:
        return Refused(id=title[:LONGEST_ID], reason=NO_IDENTITY)
    if not title:
        return Refused(id=identity, reason=NO_TITLE)
    # A field of a schema there, or an extra where there is none.
    said = {text(each.get("key")): each.get("value") for each in rows(package.get("extras"))} | dict(package)
    organization = next(iter(rows(package.get("organization"))), NOTHING)
    page = first(said, "url") or f"{base}/dataset/{first(package, 'name') or identity}"
    groups = tuple(first(group, "title", "name") for group in rows(package.get("groups")))
    return Record(
        id=identity, iri=f"{base}/dataset/{identity}", title=title, notes=first(package, "notes"),
        tags=tuple(first(tag, "display_name", "name") for tag in rows(package.get("tags"))),
        licence=first(said, "license_url", "license_id"), page=page,
        publisher=first(said, "publisher_name") or first(organization, "title", "name"),
        contact=first(said, "contact_unit", "contact_name"), contact_email=first(said, "contact_email"),
        issued=first(said, "issued"), modified=first(said, "modified"), frequency=first(said, "frequency"),
        language=first(said, "language"), start=first(said, "temporal_start"), end=first(said, "temporal_end"),
        places=tuple(key for key in texts(said.get("spatial_keys")) if _INEGI.fullmatch(key)),
        themes=groups, access=first(said, "access_level", "access_rights"),
        provenance=first(said, "provenance"), version=first(said, "version"),
        files=tuple(_file(each) for each in rows(package.get("resources"))),
    )  # fmt: skip


def _file(resource: Mapping[str, Any]) -> File:
    digest = first(resource, "sha256", "hash").removeprefix("sha256:")
    return File(
        id=first(resource, "id"), url=first(resource, "url"), name=first(resource, "name"), description=first(resource, "description"),
        format=first(resource, "format"), media_type=first(resource, "mimetype"), size=first(resource, "size"),
        sha256=digest if re.fullmatch(r"[0-9a-f]{64}", digest) else "", licence=first(resource, "license"),
        modified=first(resource, "last_modified"),
    )  # fmt: skip
