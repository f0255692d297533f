"""Thousands of datasets that look real, the same on ours and on the peer.

One is made through the site's own API; the others are copies of its rows under new ids, for `package_create` takes
some 70 ms each. They are private, and the index knows them as private.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from psycopg2.extensions import cursor as Cursor  # noqa: N812  # a class that its module names like a function

from bench.place import Site
from stack.demo.api import Api

#: Of the dataset that the others are copies of.
TEMPLATE = "bench-plantilla"
AGENCY = "bench-dependencia"
THEMES = (
    "Matrícula escolar", "Padrón de mercados", "Calidad del agua", "Accidentes viales", "Consultas médicas", "Presupuesto ejercido",
    "Licencias de construcción", "Recolección de residuos",
)
NOTES = (
    "Registro mensual por municipio, con clave del INEGI, periodo y valor observado. Lo integra la unidad responsable con los"
    " reportes de cada oficina regional; las cifras del último mes son preliminares y se corrigen en la entrega siguiente."
)
FORMATS = ("CSV", "JSON", "XLSX")
OUR_FIELDS = {
    "frequency": "R/P1M", "temporal_start": "2024-01-01", "temporal_end": "2024-12-31", "spatial_keys": ["15"],
    "disaggregation": "municipal", "contact_unit": "Unidad de Información", "contact_email": "datos@dependencia.example.org",
}  # fmt: skip


@dataclass(frozen=True, kw_only=True)
class Batch:
    """Datasets that were made together, and the tag by which a search finds them and no others."""

    tag: str
    ids: list[str]


def make(site: Site, tag: str, count: int, *, indexed: bool = True) -> Batch:
    """Make so many private datasets under a tag that is theirs alone; returns them once they are indexed, if they shall be."""
    template = _template(site)
    with site.database() as cursor, _one_transaction(cursor):
        cursor.execute(
            "CREATE TEMPORARY TABLE bench_new ON COMMIT DROP AS"
            " SELECT gen_random_uuid()::text AS id, n FROM generate_series(1, %s) AS n",
            [count],
        )
        parameters = {"template": template, "tag": tag, "themes": list(THEMES)}
        for statement in _COPY:
            cursor.execute(statement, parameters)
        cursor.execute("SELECT id FROM bench_new ORDER BY n")
        ids = [row[0] for row in cursor.fetchall()]
        # Before the commit, so that no reader ever meets tables whose statistics are those of an empty portal.
        cursor.execute("ANALYZE package, resource, package_tag, member")
    if indexed:
        site.inside.call("bench.tasks:index", ids=ids)
    return Batch(tag=tag, ids=ids)


def visible(visitor: Api, batch: Batch) -> int:
    """How many of them an anonymous search finds."""
    return visitor.call("package_search", rows=0, fq=f'tags:"{batch.tag}"')["count"]


@contextmanager
def _one_transaction(cursor: Cursor) -> Iterator[None]:
    cursor.execute("BEGIN")
    yield
    cursor.execute("COMMIT")


# A row with some columns exchanged, whatever columns this CKAN's tables have.
_COPY = (
    """INSERT INTO package SELECT (jsonb_populate_record(p, jsonb_build_object(
        'id', b.id, 'name', %(tag)s || '-' || b.n, 'title', (%(themes)s::text[])[1 + b.n %% 8] || ', serie ' || b.n))).*
    FROM package p, bench_new b WHERE p.id = %(template)s""",
    """INSERT INTO resource SELECT (jsonb_populate_record(r, jsonb_build_object(
        'id', gen_random_uuid()::text, 'package_id', b.id, 'url', r.url || '?serie=' || b.n))).*
    FROM resource r, bench_new b WHERE r.package_id = %(template)s AND r.state = 'active'""",
    """INSERT INTO package_tag SELECT (jsonb_populate_record(t, jsonb_build_object(
        'id', gen_random_uuid()::text, 'package_id', b.id))).*
    FROM package_tag t, bench_new b WHERE t.package_id = %(template)s AND t.state = 'active'""",
    """INSERT INTO member SELECT (jsonb_populate_record(m, jsonb_build_object('id', gen_random_uuid()::text, 'table_id', b.id))).*
    FROM member m, bench_new b WHERE m.table_id = %(template)s AND m.state = 'active'""",
    "INSERT INTO tag (id, name) VALUES (gen_random_uuid()::text, %(tag)s)",
    """INSERT INTO package_tag (id, package_id, tag_id, state)
    SELECT gen_random_uuid()::text, b.id, t.id, 'active' FROM bench_new b, tag t WHERE t.name = %(tag)s AND t.vocabulary_id IS NULL""",
)


def _template(site: Site) -> str:
    clerk = site.clerk()
    if clerk.exists("package_show", TEMPLATE):
        return clerk.call("package_show", id=TEMPLATE)["id"]
    agency = os.environ["EDOMEX_AGENCY"] if site.is_ours else AGENCY
    if not clerk.exists("organization_show", agency):
        clerk.call("organization_create", name=agency, title="Dependencia de prueba")
    licence = "cc-by-4.0" if site.is_ours else "cc-by"
    fields: dict[str, Any] = {
        "name": TEMPLATE, "title": "Serie de prueba", "notes": NOTES, "owner_org": agency, "license_id": licence, "private": True,
        "tags": [{"name": name} for name in ("estadística", "municipios", "serie mensual")],
        "resources": [
            {"name": f"Serie mensual ({kind})", "format": kind, "description": f"Una fila por municipio y mes, {kind}.",
             "url": f"https://datos.example.org/series/mensual.{kind.lower()}"}
            for kind in FORMATS
        ],
    }  # fmt: skip
    fields |= OUR_FIELDS if site.is_ours else {"extras": [{"key": key, "value": str(value)} for key, value in OUR_FIELDS.items()]}
    return clerk.call("package_create", **fields)["id"]
