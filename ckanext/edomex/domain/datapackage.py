"""A dataset as a Frictionless Data Package, and a file's dictionary as a Table Schema. Source: datapackage.org, version 2."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

PROFILE = "https://datapackage.org/profiles/2.0/datapackage.json"
SCHEMA_PROFILE = "https://datapackage.org/profiles/2.0/tableschema.json"
#: Columns of a dictionary in a table, and what people call them.
COLUMNS = ("name", "type", "meaning", "unit", "allowed", "personal")
HEADER = ("columna", "tipo", "significado", "unidad", "valores_permitidos", "dato_personal")


def data_package(dataset: Mapping[str, Any], address: str) -> dict[str, Any]:
    """The descriptor of a dataset.

    Args:
        dataset: as `package_show` gives it.
        address: of its page.
    """
    resources: list[Mapping[str, Any]] = dataset.get("resources") or []
    tags: list[Mapping[str, str]] = dataset.get("tags") or []
    licence = {"name": dataset.get("license_id"), "title": dataset.get("license_title"), "path": dataset.get("license_url")}
    return _said({
        "$schema": PROFILE,
        "name": dataset["name"],
        "id": dataset["id"],
        "title": dataset.get("title"),
        "description": dataset.get("notes"),
        "homepage": address,
        "version": dataset.get("version"),
        "created": _instant(dataset.get("metadata_created")),
        "keywords": sorted(tag["name"] for tag in tags),
        "licenses": [_said(licence)] if licence["name"] else [],
        "contributors": [_said({"title": dataset.get("contact_unit"), "email": dataset.get("contact_email"), "roles": ["contact"]})],
        "resources": [_resource(resource, number) for number, resource in enumerate(resources, start=1)],
    })


def table_schema(dictionary: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """The Table Schema of a file's dictionary."""
    fields = [
        _said({
            "name": row.get("name"), "type": row.get("type") or "any", "description": row.get("meaning"), "unit": row.get("unit"),
            "allowed": row.get("allowed"), "personal": row.get("personal"),
        })
        for row in dictionary
    ]  # fmt: skip
    return {"$schema": SCHEMA_PROFILE, "fields": fields}


def dictionary_rows(dictionary: Sequence[Mapping[str, Any]]) -> list[list[str]]:
    """The dictionary as the rows of a table, its header first."""
    return [list(HEADER), *([str(row.get(column) or "") for column in COLUMNS] for row in dictionary)]


def _resource(resource: Mapping[str, Any], number: int) -> dict[str, Any]:
    sha256 = resource.get("sha256")
    return _said({
        "name": f"recurso-{number}",
        "title": resource.get("name"),
        "description": resource.get("description"),
        "path": resource.get("url"),
        "format": str(resource.get("format") or "").lower(),
        "mediatype": resource.get("mimetype"),
        "encoding": str(resource.get("charset") or "").lower(),
        "bytes": resource.get("size"),
        "hash": f"sha256:{sha256}" if sha256 else None,
        "schema": table_schema(resource["dictionary"]) if resource.get("dictionary") else None,
    })


def _said(fields: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in fields.items() if value not in (None, "", [], {})}


def _instant(text: Any) -> str | None:
    return f"{str(text)[:19]}Z" if text else None
