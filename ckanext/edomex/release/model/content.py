"""The frozen content of datasets, computed where it lies: one canonical JSON, and its SHA-256."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import sqlalchemy as sa
from ckan.types import AlchemySession as Session

from ckanext.edomex.release.domain.content import MACHINE_RESOURCE_EXTRAS, PACKAGE_COLUMNS, RESOURCE_COLUMNS


def content_hashes(session: Session | sa.Connection, package_ids: Iterable[str]) -> Mapping[str, str]:
    """SHA-256 of each dataset's frozen content."""
    statement = sa.text(f"SELECT id, {HASH} AS hash FROM ({CONTENT} WHERE p.id = ANY(:ids)) AS frozen")  # noqa: S608
    rows = session.execute(statement, {"ids": list(package_ids), **PARAMETERS})
    return {row.id: row.hash for row in rows}


def _object(alias: str, columns: Iterable[str]) -> str:
    return "jsonb_build_object(" + ", ".join(f"'{column}', {alias}.{column}" for column in columns) + ")"


#: What `CONTENT` is to be executed with.
PARAMETERS = {"machine": list(MACHINE_RESOURCE_EXTRAS)}
#: A resource's extras as JSON, whatever CKAN left in the column.
EXTRAS = "(CASE WHEN {0}.extras IS NULL OR {0}.extras = '' THEN '{{}}' ELSE {0}.extras END)::jsonb"
#: `id` and `content` of each dataset `p`; a WHERE may follow. Only our own column names are put in.
CONTENT = f"""
SELECT p.id, jsonb_build_array(
    {_object("p", PACKAGE_COLUMNS)},
    COALESCE(p.extras, '{{}}'::jsonb),
    (SELECT jsonb_agg({_object("r", RESOURCE_COLUMNS)} || jsonb_build_object('extras',
            {EXTRAS.format("r")} - CAST(:machine AS text[]))
        ORDER BY r.position, r.id) FROM resource r WHERE r.package_id = p.id AND r.state = 'active'),
    (SELECT jsonb_agg(t.name ORDER BY t.name) FROM package_tag pt JOIN tag t ON t.id = pt.tag_id
        WHERE pt.package_id = p.id AND pt.state = 'active'),
    (SELECT jsonb_agg(m.group_id ORDER BY m.group_id) FROM member m JOIN "group" g ON g.id = m.group_id
        WHERE m.table_id = p.id AND m.table_name = 'package' AND m.state = 'active' AND NOT g.is_organization)
) AS content FROM package p
"""  # noqa: S608
#: jsonb's text form has one order of keys, so equal content gives equal text.
HASH = "encode(sha256(convert_to(content::text, 'UTF8')), 'hex')"
