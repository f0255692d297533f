"""The demonstration catalogue: 10 organizations, 22 themes and 43 datasets, the same on every run and machine."""

import tomllib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cache, partial
from pathlib import Path
from typing import Any, Literal

from .content import expand, render
from .places import read_csv
from .writing import column_names

HERE = Path(__file__).parent
VOCABULARIES = HERE.parents[1] / "ckanext" / "edomex" / "schemas" / "vocabularies"

STATE = "15"
"""INEGI's key of the Estado de México."""

INVENTED = "Datos de demostración, generados con una semilla fija; no describen hechos reales."
CREDIT = "Fuente: INEGI, {source}. Uso libre con crédito a INEGI."

Kind = Literal["dependencia", "organismo_auxiliar", "municipio", "organo_autonomo"]
Disaggregation = Literal["estatal", "municipal", "localidad", "registro"]
Format = Literal["CSV", "GeoJSON"]


@dataclass(frozen=True)
class Organization:
    """A body that publishes; ``cvegeo`` is set for municipalities only."""

    name: str
    title: str
    description: str
    kind: Kind
    cvegeo: str | None
    contact_unit: str
    contact_email: str


@dataclass(frozen=True)
class Theme:
    """One of the 22 themes, with what federal and European catalogues call it."""

    slug: str
    title: str
    federal_2015: str
    pnda: str
    in_report: str
    eu_theme: str


@dataclass(frozen=True)
class Column:
    """One entry of a resource's data dictionary; ``type`` is a type of Table Schema."""

    name: str
    type: str
    title: str
    description: str


@dataclass(frozen=True)
class Resource:
    """One file of a dataset; its bytes are made when asked for."""

    name: str
    description: str
    filename: str
    format: Format
    make: Callable[[], bytes] = field(repr=False, compare=False)

    def content(self) -> bytes:
        """The file, equal at every call."""
        return self.make()

    def columns(self) -> tuple[Column, ...]:
        """The data dictionary: columns of a CSV file, or properties of a GeoJSON file's features."""
        return tuple(_dictionary()[name] for name in column_names(self.content()))


@dataclass(frozen=True)
class Dataset:
    """A dataset as its publisher would describe it; the notes of an ``invented`` one say that it is."""

    key: str
    title: str
    notes: str
    organization: str
    theme: str
    tags: tuple[str, ...]
    license_id: str
    frequency: str
    temporal_start: str
    temporal_end: str
    spatial: str
    disaggregation: Disaggregation
    invented: bool
    resources: tuple[Resource, ...]


@dataclass(frozen=True)
class Catalogue:
    """Everything that the demonstration publishes, in a constant order."""

    organizations: tuple[Organization, ...]
    themes: tuple[Theme, ...]
    datasets: tuple[Dataset, ...]


def load_catalogue() -> Catalogue:
    """The whole catalogue: datasets in the order of their organizations, then of their specification."""
    organizations = _organizations()
    return Catalogue(
        organizations=tuple(organizations.values()),
        themes=tuple(Theme(**row) for row in read_csv(VOCABULARIES / "temas.csv")),
        datasets=tuple(
            _dataset(spec, organization)
            for organization in organizations.values()
            for spec in _specifications(HERE / "datasets" / f"{organization.name}.toml")
        ),
    )


def one_more() -> Dataset:
    """A real dataset outside the catalogue, for the demonstration to take through its whole life."""
    (spec,) = _specifications(HERE / "one-more.toml")
    return _dataset(spec, _organizations()[spec["organization"]])


def _organizations() -> dict[str, Organization]:
    rows = read_csv(HERE / "organizations.csv")
    return {row["name"]: Organization(**{**row, "cvegeo": row["cvegeo"] or None}) for row in rows}


def _specifications(path: Path) -> list[dict[str, Any]]:
    return tomllib.loads(path.read_text(encoding="utf-8"))["dataset"]


@cache
def _dictionary() -> dict[str, Column]:
    return {row["name"]: Column(**row) for row in read_csv(HERE / "columns.csv")}


def _dataset(spec: Mapping[str, Any], organization: Organization) -> Dataset:
    invented = "source" not in spec
    notice = INVENTED if invented else CREDIT.format(source=spec["source"])
    return Dataset(
        key=spec["key"],
        title=spec["title"],
        notes=f"{spec['notes'].strip()} {notice}",
        organization=organization.name,
        theme=spec["theme"],
        tags=tuple(spec["tags"]),
        license_id=spec["license_id"],
        frequency=spec["frequency"],
        temporal_start=spec["temporal_start"],
        temporal_end=spec["temporal_end"],
        spatial=organization.cvegeo or STATE,
        disaggregation=spec["disaggregation"],
        invented=invented,
        resources=tuple(_resource(resource, spec["key"]) for resource in expand(spec["resource"])),
    )


def _resource(spec: Mapping[str, Any], dataset: str) -> Resource:
    return Resource(
        name=spec["name"],
        description=spec["description"],
        filename=spec["filename"],
        format=spec["format"],
        make=partial(render, spec, dataset),
    )
