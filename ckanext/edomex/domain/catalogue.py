"""A catalogue as a table: ADELA's layouts 2 and 3, and ours, which has every field. A dataset's row, then its resources' rows.

Source of the headers: Anexo of the federal guide of 2015 and its catalogue of 2017 (docs/reference/schema.md).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any

from ckanext.edomex.domain.cells import Adela, CellError, adelas, text_of, values
from ckanext.edomex.domain.tabular import Row, header_key, unguarded

DATASET, RESOURCE = "ds", "rs"
#: Of our layout: which file of the dataset a row is about. Source of the word: `dct:identifier` of DCAT.
FILE_ID = "rs:identifier"
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
    "rs:temporal": "temporal", "rs:spatial": "spatial_keys", "rs:accrualPeriodicity": "", FILE_ID: "id",
})  # fmt: skip
#: What else people call a header; ours has the labels of the schema besides.
VARIANTS: Mapping[str, str] = MappingProxyType({
    "ds:identificador": "ds:identifier", "ds:titulo": "ds:title", "ds:nombre": "ds:title", "ds:descripcion": "ds:description",
    "ds:palabras clave": "ds:keyword", "ds:keywords": "ds:keyword", "ds:etiquetas": "ds:keyword", "ds:correo": "ds:mbox",
    "ds:frecuencia": "ds:accrualPeriodicity", "ds:periodicidad": "ds:accrualPeriodicity", "rs:titulo": "rs:title",
    "rs:nombre": "rs:title", "rs:descripcion": "rs:description", "rs:url": "rs:downloadURL", "rs:formato": "rs:mediaType",
})  # fmt: skip
#: Fields of ours whose name is a word of ADELA's for something else → the word of our layout; and back.
OWN: Mapping[str, str] = MappingProxyType({"spatial": "geometry"})
_FIELDS: Mapping[str, str] = MappingProxyType({word: name for name, word in OWN.items()})
#: Columns of a file of ours that only tell.
TOLD = frozenset({"state", "sha256"})


@dataclass(kw_only=True)
class Draft:
    """A dataset as a table tells it: the line of its row, its fields, its resources with the lines of theirs."""

    line: int
    fields: dict[str, Any]
    identifier: str = ""
    resources: list[tuple[int, dict[str, Any]]] = field(default_factory=list[tuple[int, dict[str, Any]]])
    #: Its files keep the identifiers that they come with; those of a table are of files that are here.
    keeps_ids: bool = False

    def new_files(self) -> list[dict[str, Any]]:
        """Its files where it is new."""
        left_out = frozenset[str]() if self.keeps_ids else frozenset({"id"})
        return [{name: value for name, value in each.items() if name not in left_out} for _, each in self.resources]


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
    found = Table(drafts=[], wrong=[], headers={(whose, name): cell for whose, name, cell in columns})
    for row in rows[1:]:
        of_dataset, of_resource = (_cells(row, columns, prefix, found.wrong) for prefix in (DATASET, RESOURCE))
        if message := _place(found, row.line, of_dataset, of_resource):
            found.wrong.append(Wrong(line=row.line, column=found.header(DATASET, "title"), message=message))
    return found


def _place(table: Table, line: int, of_dataset: dict[str, Any], of_resource: dict[str, Any]) -> str | None:
    """Put a row where it belongs; why it belongs nowhere, in words."""
    identifier = str(of_dataset.pop("identifier", ""))
    if of_dataset.get("title"):
        if identifier and any(draft.identifier == identifier for draft in table.drafts):
            return f"El identificador «{identifier[:60]}» ya está en otro renglón."
        table.drafts.append(Draft(line=line, identifier=identifier, fields=of_dataset))
    elif of_dataset or (identifier and not of_resource):
        return "Falta el título del conjunto."
    elif of_resource and (not table.drafts or identifier not in {"", table.drafts[-1].identifier}):
        return "Es un recurso y no está debajo de su conjunto."
    if of_resource:
        table.drafts[-1].resources.append((line, of_resource))
    return None


def written(datasets: Iterable[Mapping[str, Any]], header: Sequence[str], adela: Adela | None = None) -> Iterator[list[str]]:
    """The rows of a table of these datasets, its header first; what `read` reads back.

    Args:
        datasets: as `package_show` has them.
        header: a layout.
        adela: its own words for some things; None for ours.
    """
    yield list(header)
    for dataset in datasets:
        yield [_text(dataset, name, adela) if name.startswith(DATASET) else "" for name in header]
        resources: list[Mapping[str, Any]] = dataset.get("resources") or []
        for resource in resources:
            yield [_text(resource, name, adela) if name.startswith(RESOURCE) else "" for name in header]


def full_header(dataset_fields: Iterable[str], resource_fields: Iterable[str]) -> list[str]:
    """Our own layout: ADELA's words first, then each field that they have none for."""
    adela = [name for name in dict.fromkeys([*V2, *V3, FILE_ID]) if NAMES[name]]
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
    named = [column[:2] for column in columns if column[1] and column[1] not in TOLD]
    twice = [cell for whose, name, cell in columns if named.count((whose, name)) > 1]
    if twice:
        raise HeaderError(f"Las columnas {', '.join(twice[:10])} dicen lo mismo; deje una.")
    if unknown:
        raise HeaderError(f"No se conocen las columnas {', '.join(unknown[:10])}; use los encabezados de la plantilla.")
    if (DATASET, "title") not in {column[:2] for column in columns}:
        raise HeaderError("Falta la columna ds:title; el primer renglón debe tener los encabezados de la plantilla.")
    return columns


def _cells(row: Row, columns: Sequence[tuple[str, str, str]], prefix: str, wrong: list[Wrong]) -> dict[str, Any]:
    """The fields of a row that are a dataset's, or a resource's; an empty cell says nothing."""
    found: dict[str, Any] = {}
    for (whose, name, header), cell in zip(columns, row.cells, strict=False):
        text = unguarded(cell)
        if whose != prefix or not name or not text or name in TOLD:
            continue
        try:
            found |= values(name, text)
        except CellError as error:
            wrong.append(Wrong(line=row.line, column=header, message=str(error)))
    return found


def _text(thing: Mapping[str, Any], column: str, adela: Adela | None) -> str:
    name = NAMES.get(column) or _FIELDS.get(column[3:], column[3:])
    name = "id" if name == "identifier" else name
    return adelas(thing, column, name, adela) if adela else text_of(thing, name)
