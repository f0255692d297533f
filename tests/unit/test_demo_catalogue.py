"""The demonstration catalogue keeps its promises: complete, parseable, the same every time, and honest about itself."""

import csv
import hashlib
import io
import json
import re
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from stack.demo.catalogue import CREDIT, INVENTED, VOCABULARIES, Catalogue, Dataset, Resource, load_catalogue, one_more
from stack.demo.places import inside, read_csv

ROOT = Path(__file__).parents[2]
CATALOGUE = load_catalogue()
DATASETS = (*CATALOGUE.datasets, one_more())
FILES = [
    pytest.param(dataset, resource, id=resource.filename) for dataset in DATASETS for resource in dataset.resources
]
MUNICIPALITIES = {row["cvegeo"]: row["nombre"] for row in read_csv(VOCABULARIES / "municipios-edomex.csv")}
FREQUENCIES = {row["code"] for row in read_csv(VOCABULARIES / "periodicidad.csv")}
LICENSES = {"libre-uso-mx", "cc-by-4.0", "cc0-1.0"}
PATTERNS = {
    "string": r"\S(.*\S)?",
    "integer": r"0|-?[1-9]\d*",
    "number": r"-?(0|[1-9]\d*)(\.\d+)?",
    "year": r"\d{4}",
    "yearmonth": r"\d{4}-(0[1-9]|1[0-2])",
    "date": r"\d{4}-\d{2}-\d{2}",
}


@cache
def content(resource: Resource) -> bytes:
    """A file's bytes, made once for all tests but those of sameness."""
    return resource.content()


@cache
def read(resource: Resource) -> list[dict[str, str]]:
    """The rows of a file as text, be it a table or the properties of a map."""
    text = content(resource).decode("utf-8")
    if resource.format == "GeoJSON":
        return [
            {name: str(value) for name, value in item["properties"].items()} for item in json.loads(text)["features"]
        ]
    return list(csv.DictReader(io.StringIO(text, newline="")))


def by_key(key: str) -> Dataset:
    (found,) = (dataset for dataset in DATASETS if dataset.key == key)
    return found


def digests(catalogue: Catalogue) -> list[str]:
    return [
        hashlib.sha256(resource.content()).hexdigest()
        for dataset in catalogue.datasets
        for resource in dataset.resources
    ]


def positions(coordinates: Any) -> Iterator[list[float]]:
    if isinstance(coordinates[0], (int, float)):
        yield coordinates
    else:
        for part in coordinates:
            yield from positions(part)


def test_it_has_10_organizations_22_themes_and_43_datasets() -> None:
    assert (len(CATALOGUE.organizations), len(CATALOGUE.themes), len(CATALOGUE.datasets)) == (10, 22, 43)


def test_names_are_unique() -> None:
    assert len({organization.name for organization in CATALOGUE.organizations}) == 10
    assert len({dataset.key for dataset in DATASETS}) == 44
    assert len({dataset.title for dataset in DATASETS}) == 44
    assert len({resource.filename for dataset in DATASETS for resource in dataset.resources}) == len(FILES)


def test_every_theme_is_used_and_every_organization_publishes_at_least_two() -> None:
    assert {dataset.theme for dataset in CATALOGUE.datasets} == {theme.slug for theme in CATALOGUE.themes}
    published = Counter(dataset.organization for dataset in CATALOGUE.datasets)
    assert set(published) == {organization.name for organization in CATALOGUE.organizations}
    assert min(published.values()) >= 2


@pytest.mark.parametrize("organization", CATALOGUE.organizations, ids=lambda organization: organization.name)
def test_organizations_are_described_without_naming_anyone_reachable(organization: Any) -> None:
    assert organization.kind in {"dependencia", "organismo_auxiliar", "municipio", "organo_autonomo"}
    assert (organization.cvegeo in MUNICIPALITIES) == (organization.kind == "municipio")
    assert organization.cvegeo is None or organization.kind == "municipio"
    assert re.fullmatch(r"[a-z0-9.]+@example\.org", organization.contact_email)
    assert organization.title and organization.description and organization.contact_unit


@pytest.mark.parametrize("dataset", DATASETS, ids=lambda dataset: dataset.key)
def test_metadata_use_the_vocabularies(dataset: Dataset) -> None:
    organizations = {organization.name: organization for organization in CATALOGUE.organizations}
    assert dataset.theme in {theme.slug for theme in CATALOGUE.themes}
    assert dataset.frequency in FREQUENCIES
    assert dataset.license_id in LICENSES
    assert dataset.spatial == (organizations[dataset.organization].cvegeo or "15")
    assert dataset.disaggregation in {"estatal", "municipal", "localidad", "registro"}
    assert date.fromisoformat(dataset.temporal_start) < date.fromisoformat(dataset.temporal_end)
    assert 1 <= len(dataset.resources) <= 3
    assert 3 <= len(dataset.tags) <= 5
    for tag in dataset.tags:
        assert re.fullmatch(r"[a-záéíóúüñ0-9 ]{2,100}", tag)
    assert re.fullmatch(r"[a-z0-9-]+", dataset.key)


@pytest.mark.parametrize("dataset", DATASETS, ids=lambda dataset: dataset.key)
def test_notes_say_what_is_invented_and_credit_what_is_real(dataset: Dataset) -> None:
    assert dataset.notes.endswith(INVENTED) == dataset.invented
    assert ("INEGI" in dataset.notes) != dataset.invented
    assert dataset.invented or dataset.notes.endswith(CREDIT.partition("{source}")[2])
    assert len(dataset.notes) > 150
    assert 2 <= len(re.findall(r"[.](?= |$)", dataset.notes)) <= 5


def test_enough_is_real() -> None:
    assert sum(not dataset.invented for dataset in CATALOGUE.datasets) >= 4
    assert not one_more().invented
    assert one_more().key not in {dataset.key for dataset in CATALOGUE.datasets}


@pytest.mark.parametrize(("dataset", "resource"), FILES)
def test_tables_are_tidy(dataset: Dataset, resource: Resource) -> None:
    data = content(resource)
    text = data.decode("utf-8")
    assert not text.startswith("\ufeff") and "\0" not in text and "@" not in text
    assert re.fullmatch(r"[a-z0-9-]+\.(csv|geojson)", resource.filename)
    assert resource.filename.endswith(resource.format.lower())
    if resource.format == "CSV":
        assert data.count(b"\n") == data.count(b"\r\n") == data.count(b"\r")
        rows = list(csv.reader(io.StringIO(text, newline=""), strict=True))
        assert {len(row) for row in rows} == {len(rows[0])}
    rows = read(resource)
    assert 20 <= len(rows) <= 3000
    assert len({tuple(row.values()) for row in rows}) == len(rows)
    assert len({tuple(row) for row in rows}) == 1
    for name in rows[0]:
        assert re.fullmatch(r"[a-z][a-z0-9_]{0,49}", name)


@pytest.mark.parametrize(("dataset", "resource"), FILES)
def test_every_column_is_in_the_dictionary_and_holds_what_it_says(dataset: Dataset, resource: Resource) -> None:
    rows = read(resource)
    assert [column.name for column in resource.columns()] == list(rows[0])
    for column in resource.columns():
        assert column.title and column.description
        for value in {row[column.name] for row in rows}:
            assert re.fullmatch(PATTERNS[column.type], value), (column.name, value)
            assert value.lower() not in {"total", "s/d", "n/d", "na", "null", "none", "nan", "inf"}
            if column.type == "date":
                date.fromisoformat(value)


@pytest.mark.parametrize(("dataset", "resource"), FILES)
def test_places_are_official(dataset: Dataset, resource: Resource) -> None:
    for row in read(resource):
        if "cvegeo" in row:
            assert row.get("municipio", row.get("nombre")) == MUNICIPALITIES[row["cvegeo"]]
            assert row["cvegeo"].startswith(dataset.spatial)
        if "cvegeo_localidad" in row:
            assert re.fullmatch(r"15\d{7}", row["cvegeo_localidad"])
            assert row["cvegeo_localidad"].startswith(row.get("cvegeo", dataset.spatial))


@pytest.mark.parametrize(("dataset", "resource"), [file for file in FILES if file.values[1].format == "GeoJSON"])
def test_maps_lie_in_the_state(dataset: Dataset, resource: Resource) -> None:
    collection = json.loads(content(resource))
    assert collection["type"] == "FeatureCollection"
    for feature in collection["features"]:
        assert feature["type"] == "Feature"
        for longitude, latitude in positions(feature["geometry"]["coordinates"]):
            assert -100.62 < longitude < -98.59 and 18.36 < latitude < 20.29


def test_invented_points_lie_in_their_municipality() -> None:
    for resource in (resource for dataset in CATALOGUE.datasets if dataset.invented for resource in dataset.resources):
        if resource.format == "GeoJSON":
            for feature in json.loads(content(resource))["features"]:
                assert inside(feature["properties"]["cvegeo"], *feature["geometry"]["coordinates"])


def test_a_map_holds_the_rows_of_its_table() -> None:
    table, chart = by_key("unidades-medicas").resources
    assert [row["clave_unidad_medica"] for row in read(table)] == [row["clave_unidad_medica"] for row in read(chart)]
    assert [row["municipio"] for row in read(table)] == [row["municipio"] for row in read(chart)]


def test_values_of_inegi_are_not_altered() -> None:
    assert sum(int(row["poblacion_total"]) for row in read(by_key("poblacion-municipal").resources[0])) == 16_992_418
    assert sum(int(row["poblacion"]) for row in read(by_key("poblacion-por-sexo").resources[0])) == 16_992_418
    assert len(read(by_key("limites-municipales").resources[0])) == 125
    localities = read(one_more().resources[0])
    assert len(localities) == len({row["cvegeo_localidad"] for row in localities}) == 1399
    assert min(int(row["poblacion_total"]) for row in localities) >= 1000


@pytest.mark.parametrize("key", ["consulta-externa", "detecciones-mujeres", "incidencia-delictiva", "becas"])
def test_small_counts_of_people_are_left_out(key: str) -> None:
    for resource in by_key(key).resources:
        counts = [
            column.name for column in resource.columns() if column.type == "integer" and column.name != "trimestre"
        ]
        assert min(int(row[name]) for row in read(resource) for name in counts) >= 5


def test_parts_do_not_exceed_their_whole() -> None:
    for row in read(by_key("presupuesto-de-egresos").resources[0]):
        assert (
            float(row["pagado_miles_pesos"])
            <= float(row["devengado_miles_pesos"])
            <= float(row["modificado_miles_pesos"])
        )


def test_periods_lie_within_the_temporal_coverage() -> None:
    spans = {"anio", "mes", "semana_inicio", "semana_fin", "fecha", "fecha_reporte", "fecha_inicio"}
    for dataset in CATALOGUE.datasets:
        for resource in dataset.resources:
            for row in read(resource):
                for name in spans & set(row):
                    span = row[name]
                    assert dataset.temporal_start[: len(span)] <= span <= dataset.temporal_end[: len(span)]


def test_nothing_looks_like_a_persons_data() -> None:
    banned = {"nombres", "apellido", "domicilio", "calle", "telefono", "correo", "email", "curp", "rfc", "nss", "edad"}
    for dataset in DATASETS:
        for resource in dataset.resources:
            assert not banned & {word for name in read(resource)[0] for word in name.split("_")}
            assert not re.search(rb"(?<![.\d])\d{10}", content(resource)), "digits that read as a telephone or an id"


def test_no_address_but_in_the_reserved_domain() -> None:
    for path in sorted((ROOT / "stack" / "demo").rglob("*")):
        if path.suffix in {".csv", ".toml", ".md", ".geojson", ".py"}:
            for domain in re.findall(r"\w@([\w.-]+)", path.read_text(encoding="utf-8")):
                assert domain == "example.org", path


def test_it_is_the_same_on_every_load_and_in_every_process() -> None:
    here = digests(CATALOGUE)
    assert here == digests(load_catalogue())
    program = (
        "import hashlib; from stack.demo.catalogue import load_catalogue\n"
        "for dataset in reversed(load_catalogue().datasets):\n"
        "    for resource in reversed(dataset.resources):\n"
        "        print(hashlib.sha256(resource.content()).hexdigest())"
    )
    other = subprocess.run(
        [sys.executable, "-c", program],
        cwd=ROOT,
        env={"PYTHONHASHSEED": "1", "LC_ALL": "C", "PYTHONUTF8": "0"},
        capture_output=True,
        text=True,
        check=True,
    )
    assert other.stdout.split() == here[::-1]


def test_its_bytes_are_the_known_ones() -> None:
    """A changed digest is a changed catalogue: renew it on purpose, never because a machine differs."""
    files = [content(resource) for dataset in CATALOGUE.datasets for resource in dataset.resources]
    whole = hashlib.sha256("".join(hashlib.sha256(data).hexdigest() for data in files).encode()).hexdigest()
    assert whole == "296f41357ac63d9f7d0c054da076ddf0085826ce8f38310587b838a3c63b3933"


def test_invented_files_stay_small() -> None:
    size = sum(
        len(content(resource)) for dataset in CATALOGUE.datasets if dataset.invented for resource in dataset.resources
    )
    assert size < 6_000_000
