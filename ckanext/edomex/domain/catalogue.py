"""A catalogue as a table: ADELA's layouts 2 and 3, and ours, which has every field. A dataset's row, then its resources' rows.

Source of the headers: Anexo of the federal guide of 2015 and its catalogue of 2017 (docs/reference/schema.md).
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any, cast

from ckanext.edomex.domain.tabular import Row, header_key, unguarded

DATASET, RESOURCE = "ds", "rs"
V2 = (
    "ds:identifier", "ds:title", "ds:description", "ds:keyword", "ds:modified", "ds:contactPoint", "ds:mbox", "ds:accessLevel",
    "ds:accessLevelComment", "ds:temporal", "ds:spatial", "ds:dataDictionary", "ds:accrualPeriodicity", "rs:title", "rs:description",
    "rs:downloadURL", "rs:mediaType", "rs:byteSize", "rs:temporal", "rs:spatial", "rs:accrualPeriodicity",
)  # fmt: skip
V3 = tuple(
    "ds:landingPage" if name == "ds:dataDictionary" else name
    for name in V2
    if name not in {"ds:accessLevel", "ds:accessLevelComment", "rs:accrualPeriodicity"}
)
#: ADELA's word for a field → ours. `temporal` is two of ours, and is told apart below.
NAMES: Mapping[str, str] = MappingProxyType({
    "ds:identifier": "identifier", "ds:title": "title", "ds:description": "notes", "ds:keyword": "tags", "ds:modified": "modified",
    "ds:contactPoint": "contact_unit", "ds:mbox": "contact_email", "ds:accessLevel": "access_level",
    "ds:accessLevelComment": "access_reason", "ds:temporal": "temporal", "ds:spatial": "spatial_keys",
    "ds:dataDictionary": "documentation", "ds:landingPage": "url", "ds:accrualPeriodicity": "frequency",
    "rs:title": "name", "rs:description": "description", "rs:downloadURL": "url", "rs:mediaType": "format", "rs:byteSize": "size",
    "rs:temporal": "temporal", "rs:spatial": "spatial_keys", "rs:accrualPeriodicity": "",
})  # fmt: skip
#: What else people call a header; ours has the labels of the schema besides.
VARIANTS: Mapping[str, str] = MappingProxyType({
    "ds:identificador": "ds:identifier", "ds:titulo": "ds:title", "ds:nombre": "ds:title", "ds:descripcion": "ds:description",
    "ds:palabras clave": "ds:keyword", "ds:keywords": "ds:keyword", "ds:etiquetas": "ds:keyword", "ds:correo": "ds:mbox",
    "ds:frecuencia": "ds:accrualPeriodicity", "ds:periodicidad": "ds:accrualPeriodicity", "rs:titulo": "rs:title",
    "rs:nombre": "rs:title", "rs:descripcion": "rs:description", "rs:url": "rs:downloadURL", "rs:formato": "rs:mediaType",
})  # fmt: skip
#: ADELA's words for a level of access.
LEVELS: Mapping[str, str] = MappingProxyType({
    "público": "publico", "publico": "publico", "restringido": "restringido", "privado": "reservado",
})  # fmt: skip
#: Fields that are lists; between their items stands a semicolon. Keywords are known to have commas.
LISTS = frozenset({"spatial_keys", "related", "tags", "groups"})
ROWS = frozenset({"documentation", "dictionary"})
#: Fields of ours whose name is a word of ADELA's for something else → the word of our layout; and back.
OWN: Mapping[str, str] = MappingProxyType({"spatial": "geometry"})
_FIELDS: Mapping[str, str] = MappingProxyType({word: name for name, word in OWN.items()})
_RECTANGLE = re.compile(r"-?\d+(\.\d+)?(\s*,\s*-?\d+(\.\d+)?){3}")
#: Columns of a file of ours that only tell.
TOLD = frozenset({"state", "sha256"})


@dataclass(kw_only=True)
class Draft:
    """A dataset as a table tells it: the line of its row, its fields, its resources with the lines of theirs."""

    line: int
    fields: dict[str, Any]
    identifier: str = ""
    resources: list[tuple[int, dict[str, Any]]] = field(default_factory=list[tuple[int, dict[str, Any]]])


@dataclass(frozen=True, kw_only=True)
class Wrong:
    """What is wrong with a row, or with a column of it."""

    line: int
    column: str
    message: str

    def as_dict(self) -> dict[str, Any]:
        """As it is shown."""
        return {"line": self.line, "column": self.column, "message": self.message}


class HeaderError(ValueError):
    """The first row does not say what the columns are; the text says what is missing or unknown."""


@dataclass(frozen=True, kw_only=True)
class Table:
    """What a table tells: datasets, what is wrong with its rows, and how its own header calls our fields."""

    drafts: list[Draft]
    wrong: list[Wrong]
    headers: Mapping[tuple[str, str], str]

    def header(self, prefix: str, name: str) -> str:
        """The column of a field as it was written; ADELA has one for both ends of a period."""
        name = "temporal" if name in {"temporal_start", "temporal_end"} and (prefix, name) not in self.headers else name
        return self.headers.get((prefix, name), f"{prefix}:{name}")


def read(rows: Sequence[Row], dataset_fields: Iterable[str], resource_fields: Iterable[str]) -> Table:
    """The datasets of a table, and what is wrong with its rows.

    Args:
        rows: the header first.
        dataset_fields: names of the schema's fields, which are columns of ours as `ds:name`.
        resource_fields: likewise, as `rs:name`.

    Raises:
        HeaderError: the header names no title, or something unknown.
    """
    columns = _columns(rows[0], dataset_fields, resource_fields)
    drafts: list[Draft] = []
    wrong: list[Wrong] = []
    for row in rows[1:]:
        of_dataset, of_resource = (_cells(row, columns, prefix) for prefix in (DATASET, RESOURCE))
        if of_dataset.get("title"):
            drafts.append(Draft(line=row.line, identifier=of_dataset.pop("identifier", ""), fields=of_dataset))
        elif of_dataset and not of_resource:
            wrong.append(Wrong(line=row.line, column="ds:title", message="Falta el título del conjunto."))
            continue
        if of_resource:
            if not drafts:
                wrong.append(Wrong(line=row.line, column="ds:title", message="Es un recurso antes de cualquier conjunto."))
                continue
            drafts[-1].resources.append((row.line, of_resource))
    return Table(drafts=drafts, wrong=wrong, headers={(whose, name): cell for whose, name, cell in columns})


def written(datasets: Iterable[Mapping[str, Any]], header: Sequence[str]) -> Iterator[list[str]]:
    """The rows of a table of these datasets, its header first; what `read` reads back."""
    yield list(header)
    for dataset in datasets:
        yield [_text(dataset, name) if name.startswith(DATASET) else "" for name in header]
        resources: list[Mapping[str, Any]] = dataset.get("resources") or []
        for resource in resources:
            yield [_text(resource, name) if name.startswith(RESOURCE) else "" for name in header]


def full_header(dataset_fields: Iterable[str], resource_fields: Iterable[str]) -> list[str]:
    """Our own layout: ADELA's words first, then each field that they have none for."""
    adela = [name for name in dict.fromkeys([*V2, *V3]) if NAMES[name]]
    said = {(name[:2], NAMES[name]) for name in adela}
    said |= {(prefix, f"temporal_{end}") for prefix in (DATASET, RESOURCE) for end in ("start", "end")}
    said |= {(DATASET, "name"), (DATASET, "owner_org")}
    for prefix, fields in ((DATASET, dataset_fields), (RESOURCE, resource_fields)):
        adela += [f"{prefix}:{OWN.get(name, name)}" for name in fields if (prefix, name) not in said]
    return adela


def _columns(header: Row, dataset_fields: Iterable[str], resource_fields: Iterable[str]) -> list[tuple[str, str, str]]:
    """For each column: whose it is, the field, and the header as it was written. An empty field is passed over."""
    known = {header_key(f"{DATASET}:{OWN.get(name, name)}"): (DATASET, name) for name in [*dataset_fields, *TOLD]}
    known |= {header_key(f"{RESOURCE}:{OWN.get(name, name)}"): (RESOURCE, name) for name in [*resource_fields, *TOLD]}
    # Where both have a word, it means what it meant to ADELA.
    known |= {header_key(name): (name[:2], NAMES[target]) for name, target in VARIANTS.items()}
    known |= {header_key(name): (name[:2], NAMES[name]) for name in NAMES}
    columns = [(*known.get(header_key(cell), ("", "")), cell) for cell in header.cells]
    unknown = [cell for cell in header.cells if cell and header_key(cell) not in known]
    if unknown:
        raise HeaderError(f"No se conocen las columnas {', '.join(unknown[:10])}; use los encabezados de la plantilla.")
    if (DATASET, "title") not in {column[:2] for column in columns}:
        raise HeaderError("Falta la columna ds:title; el primer renglón debe tener los encabezados de la plantilla.")
    return columns


def _cells(row: Row, columns: Sequence[tuple[str, str, str]], prefix: str) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for (whose, name, _), cell in zip(columns, row.cells, strict=False):
        text = unguarded(cell)
        if whose != prefix or not name or not text or name in TOLD:
            continue
        if name == "temporal":
            start, _, end = text.partition("/")
            found |= {"temporal_start": start.strip(), "temporal_end": (end or start).strip()}
        elif name == "spatial_keys" and _RECTANGLE.fullmatch(text):
            found["spatial_bbox"] = text
        else:
            found[name] = _value(name, text)
    return found


def _value(name: str, text: str) -> Any:
    if name in {"tags", "groups"}:
        return [{"name": each} for each in _split(text.replace(",", ";") if name == "tags" else text)]
    if name in LISTS:
        return _split(text)
    if name in ROWS:
        return _rows(name, text)
    return LEVELS.get(text.casefold(), text) if name == "access_level" else text


def _rows(name: str, text: str) -> Any:
    """Rows in JSON, as we write them; ADELA's one address of a dictionary; anything else is for the validators to refuse."""
    if not text.startswith("["):
        return [{"title": "Diccionario de datos", "url": text}] if name == "documentation" else text
    try:
        return json.loads(text)
    except ValueError:
        return text


def _split(text: str) -> list[str]:
    return [each.strip() for each in text.split(";") if each.strip()]


def _text(thing: Mapping[str, Any], column: str) -> str:
    name = NAMES.get(column) or _FIELDS.get(column[3:], column[3:])
    if name == "identifier":
        return str(thing.get("id") or "")
    if name == "temporal":
        start, end = thing.get("temporal_start"), thing.get("temporal_end")
        return "/".join(filter(None, (start, end))) if start != end else start or ""
    value = thing.get(name)
    if name in {"tags", "groups"}:
        named: list[Mapping[str, str]] = value or []
        return "; ".join(sorted(each["name"] for each in named))
    if name in ROWS:
        return json.dumps(value, ensure_ascii=False) if value else ""
    if isinstance(value, list):
        return "; ".join(map(str, cast("list[Any]", value)))
    return "" if value is None else str(value)
