"""The vocabularies without CKAN, and datasets that use every field and its extremes."""

import csv
import json
import random
from pathlib import Path

import pytest

from ckanext.edomex.feed.domain.formats import known_formats
from ckanext.edomex.feed.domain.surroundings import Surroundings

VOCABULARIES = Path(__file__).parents[3] / "schemas" / "vocabularies"
#: What people paste: controls, quotes, both directions of writing, what looks like markup or like the end of a literal.
NASTY = (
    "Población \x0bpor\x00 municipio", 'Dijo "sí" y \'no\' \\ \\"', "]]> & <b>negritas</b> &amp; \x85",
    "سكان البلدية \u202eעברית\u202c",
    "línea\r\notra\rmás\n", '"""@es ; .', "\ufeff\ufffe marca", "𝒟atos 🗺️", "{{ plantilla }} ${x} %s", "\t",
)
LINKS = (
    "https://a.example.org/con espacio y ácentos/ñ.csv", "https://a.example.org/x,(1)[2].csv?q=á&b=<c>#d#e", "http://[::1]:5000/x",
    "no es una dirección", "javascript:alert(1)", "//a.example.org/x", "https://a.example.org/100%", "http://[::1/x", "ftp://a.example.org/x",
    "https://a.example.org:puerto/x", "https://usuario:clave@a.example.org/x", "HTTPS://A.EXAMPLE.ORG/\u202ex", "", None,
)
DATES = ("2020-01-01", "2020-02-30", "2020-02-29T00:00:00", "2020", "2020-13", "0000-01-01", "ayer", "20013-12-31", "٢٠٢٠", "", None)
MARKS = ("9" * 30, "-5", "12", 0, "1e9", None, "٣")


def rows(name):
    with (VOCABULARIES / f"{name}.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def codes(name, key, column):
    return {row[key]: row[column] for row in rows(name) if row[column]}


@pytest.fixture(scope="session")
def around():
    labelled = ("disponibilidad", "temas-ue", "desagregacion", "prioridad-federal", "fundamentos")
    return Surroundings(
        base="https://datos.example.org",
        themes=codes("temas", "slug", "eu_theme"),
        frequencies=codes("periodicidad", "code", "eu_frequency"),
        municipalities=codes("municipios-edomex", "cvegeo", "nombre"),
        formats=known_formats(rows("formatos")),
        access=codes("niveles-de-acceso", "code", "eu_access_right"),
        languages=codes("idiomas", "code", "eu_language"),
        availability=codes("disponibilidad", "code", "eu_availability"),
        licences=codes("licencias", "url", "eu_licence"),
        labels={f"{name}/{row['code']}": row["label"] for name in labelled for row in rows(name)},
    )


@pytest.fixture(scope="session")
def generated():
    """So many datasets, each field of each filled in one of the ways above; always the same ones."""

    def make(count):
        chance = random.Random(20270301)
        return [_dataset(chance, number) for number in range(count)]

    return make


def _dataset(chance, number):
    def text():
        return chance.choice(NASTY) * chance.choice((1, 1, 3))

    def word(name, key="code"):
        return chance.choice([*(row[key] for row in rows(name)), "no-es-un-código", None])

    big = "Descripción larga. " * 55_000 if number % 50 == 7 else text()
    return {
        "id": f"{number:08d}-aaaa-4aaa-8aaa-aaaaaaaaaaaa", "name": f"ds-{number:012d}", "title": text(), "notes": big,
        "url": chance.choice(LINKS), "author": "María Pérez", "maintainer_email": "maria@example.org",
        "organization": chance.choice([None, {"id": "o-1", "name": "con espacio <x>", "title": text()}]),
        "groups": [{"name": word("temas", "slug")} for _ in range(3)], "tags": [{"name": text()} for _ in range(4)],
        "frequency": word("periodicidad"), "temporal_start": chance.choice(DATES), "temporal_end": chance.choice(DATES),
        "spatial_keys": chance.choice([["15"], ["15106", "15051", "99", "١٥"], [], None, "15106"]),
        "spatial_bbox": chance.choice([None, "-100.61,18.36,-98.59,20.28", "nan,1,2,3", "a,b"]),
        "spatial": chance.choice([None, "{", json.dumps({"type": "Point", "coordinates": [-99.6, 19.2]}), json.dumps(
            {"type": "MultiPolygon", "coordinates": [[[[-99, 19], [-98, 19], [-98, 20], [-99, 19]]]]}), '{"type": "Point"}']),
        "language": word("idiomas"), "access_level": word("niveles-de-acceso"), "access_ground": word("fundamentos"),
        "access_reason": text(), "legal_basis": text(), "provenance": text(), "method": text(), "version_notes": text(),
        "disaggregation": word("desagregacion"), "federal_priority": word("prioridad-federal"),
        "issued": chance.choice(DATES), "modified": chance.choice(DATES), "contact_unit": chance.choice([text(), None]),
        "contact_email": chance.choice(["datos@example.org", "dos@@x", "a b@c> d", "ñandú@example.org", None]),
        "license_url": chance.choice(LINKS), "related": [chance.choice(LINKS), "ds-7k3m9q2xw4tz", "<x>"],
        "documentation": [{"title": text(), "url": chance.choice(LINKS)}, {}, "no es una fila"],
        "metadata_created": "2024-01-01T10:00:00", "metadata_modified": "2024-02-01T10:00:00.000001",
        "released_at": chance.choice(["2024-02-01T10:00:00Z", None]),
        "versions": [{"version": n, "released_at": "2024-02-01T10:00:00Z"} for n in range(1, chance.choice((1, 4)))],
        "resources": [_resource(chance, f"r{number}-{n}", text, word) for n in range(chance.choice((0, 1, 3)))],
    }  # fmt: skip


def _resource(chance, key, text, word):
    return {
        "id": key, "url": chance.choice(LINKS), "url_type": chance.choice(["upload", None]), "name": chance.choice([text(), None]),
        "description": text(), "format": chance.choice(["CSV", ".geojson", "Shapefile", text(), None]), "size": chance.choice(MARKS),
        "sha256": chance.choice(["a" * 64, "A" * 64, "x", None]), "created": "2024-01-01T10:00:00", "last_modified": None,
        "rights": text(), "availability": word("disponibilidad"), "charset": word("codificaciones"), "role": "datos",
        "temporal_start": chance.choice(DATES), "temporal_end": None, "spatial_keys": ["15106"],
        "dictionary": chance.choice([None, [{}], [
            {"name": text(), "type": word("tipos-de-columna"), "meaning": text(), "unit": text(), "allowed": text(), "personal": "no"}
        ] * 2]),
    }  # fmt: skip
