"""A dataset of a `data.json` as a record: DCAT-US 1.1, its Argentine relatives, and ADELA's `catalogo.json`."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from ckanext.edomex.federation.domain.loose import NOTHING, first, is_web, rows, text, texts
from ckanext.edomex.federation.domain.records import LONGEST_ID, File, Record, Refused, clean

_INEGI = re.compile(r"\d{2}(\d{3}(\d{4})?)?")
NO_IDENTITY = "no tiene identificador (identifier)"
NO_TITLE = "no tiene título (title)"
NOT_PUBLIC = "no es público según su fuente"
#: Words of `accessLevel` for what everybody may have. Source: DCAT-US 1.1.
OPEN = frozenset({"", "public"})


def record_of(dataset: Mapping[str, Any], number: int, catalogue: Mapping[str, Any]) -> Record | Refused:
    """One entry of `dataset`.

    Args:
        dataset: it.
        number: its place, from 1, for one that has no name of its own.
        catalogue: `license` and `language` of the whole, for datasets that say nothing.
    """
    identity = clean(first(dataset, "identifier", "id"))
    title = clean(first(dataset, "title", "name"))
    if not identity or len(identity) > LONGEST_ID:
        return Refused(id=f"{title or 'conjunto'} (el {number} de la fuente)"[:LONGEST_ID], reason=NO_IDENTITY)
    if dataset.get("public") is False or text(dataset.get("accessLevel")).lower() not in OPEN:
        return Refused(id=identity, reason=NOT_PUBLIC, is_gone=True)
    if not title:
        return Refused(id=identity, reason=NO_TITLE)
    contact = next(iter(rows(dataset.get("contactPoint"))), NOTHING)
    publisher = next(iter(rows(dataset.get("publisher"))), NOTHING)
    files = tuple(_file(each) for each in rows(dataset.get("distribution")))
    start, _, end = first(dataset, "temporal").partition("/")
    return Record(
        id=identity, iri=identity if is_web(identity) else "", title=title, notes=first(dataset, "description"),
        tags=texts(dataset.get("keyword")), licence=_licence(dataset, files, catalogue),
        page=first(dataset, "landingPage"), publisher=first(publisher, "name") or text(dataset.get("publisher")),
        contact=first(contact, "fn"), contact_email=first(contact, "hasEmail").removeprefix("mailto:"),
        issued=first(dataset, "issued"), modified=first(dataset, "modified"), frequency=first(dataset, "accrualPeriodicity"),
        language=first(dataset, "language") or first(catalogue, "language"), start=start.strip(), end=end.strip(),
        places=tuple(key for key in texts(dataset.get("spatial")) if _INEGI.fullmatch(key)),
        themes=texts(dataset.get("theme")) + texts(dataset.get("superTheme")), provenance=first(dataset, "source"), files=files,
    )  # fmt: skip


def _licence(dataset: Mapping[str, Any], files: tuple[File, ...], catalogue: Mapping[str, Any]) -> str:
    """The dataset's; the one that all its files have; the catalogue's."""
    of_files = {each.licence for each in files}
    shared = next(iter(of_files)) if len(of_files) == 1 else ""
    return first(dataset, "license") or shared or first(catalogue, "license")


def _file(fields: Mapping[str, Any]) -> File:
    return File(
        id=first(fields, "identifier", "id"), url=first(fields, "downloadURL", "accessURL"), name=first(fields, "title"),
        description=first(fields, "description"), format=first(fields, "format"), media_type=first(fields, "mediaType"),
        size=first(fields, "byteSize"), licence=first(fields, "license"), modified=first(fields, "modified"),
    )  # fmt: skip
