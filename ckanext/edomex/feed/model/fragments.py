"""Which datasets are public, in which order and with what in them; and the fragments that were made of them.

PostgreSQL decides; Solr is a copy that may be empty.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

import sqlalchemy as sa
from ckan.types import AlchemySession

from ckanext.edomex.feed.domain.keys import Listed

#: The one condition under which a dataset is in the feed.
_PUBLIC = "p.type = 'dataset' AND p.state = 'active' AND p.private IS FALSE"
_LIST = f"""
SELECT p.id, p.name, p.metadata_created, p.metadata_modified,
    encode(sha256(convert_to(CAST(jsonb_build_array(p.id, p.name, p.metadata_created, p.metadata_modified, o.name, o.title,
        o.extras->'acronym', o.extras->'kind', o.extras->'sector', t.themes) AS text), 'UTF8')), 'hex')
FROM package p
LEFT JOIN "group" o ON o.id = p.owner_org
LEFT JOIN (
    SELECT m.table_id, string_agg(g.name, ' ' ORDER BY g.name) AS themes
    FROM member m JOIN "group" g ON g.id = m.group_id
    WHERE m.table_name = 'package' AND m.state = 'active' AND g.state = 'active' AND NOT g.is_organization
    GROUP BY m.table_id
) t ON t.table_id = p.id
WHERE {_PUBLIC}
"""  # noqa: S608  # only our own words are put in
_ALL = sa.text(_LIST + " ORDER BY p.metadata_created, p.id")
_ONE = sa.text(_LIST + " AND (p.id = :ref OR p.name = :ref) ORDER BY p.id = :ref DESC LIMIT 1")
_SOME = sa.text(_LIST + " AND p.id = ANY(:ids)")
_OF_AGENCY = sa.text(f"SELECT p.id FROM package p WHERE {_PUBLIC} AND p.owner_org = :agency")  # noqa: S608
_BODIES = sa.text("""
SELECT f.package_id, f.body FROM edomex_feed_fragment f
JOIN unnest(CAST(:ids AS text[]), CAST(:keys AS text[])) AS wanted(id, key) ON wanted.id = f.package_id AND wanted.key = f.key
WHERE f.form = :form
""")
_STORE = sa.text("""
INSERT INTO edomex_feed_fragment (package_id, form, key, body)
SELECT * FROM unnest(CAST(:ids AS text[]), CAST(:forms AS text[]), CAST(:keys AS text[]), CAST(:bodies AS text[]))
ON CONFLICT (package_id, form) DO UPDATE SET key = EXCLUDED.key, body = EXCLUDED.body, made_at = clock_timestamp()
""")
_SWEEP = sa.text(f"""
DELETE FROM edomex_feed_fragment f WHERE NOT EXISTS (SELECT 1 FROM package p WHERE p.id = f.package_id AND {_PUBLIC})
""")  # noqa: S608


#: Everything that is said of a dataset and stands in CKAN's tables; `extras` hold the schema's own fields.
_CONTENTS = sa.text("""
SELECT p.id, p.extras AS more, jsonb_build_object(
    'id', p.id, 'name', p.name, 'title', p.title, 'notes', p.notes, 'url', p.url, 'license_id', p.license_id,
    'metadata_created', p.metadata_created,
    'organization', (
        SELECT jsonb_build_object('id', o.id, 'name', o.name, 'title', o.title, 'acronym', o.extras->>'acronym',
            'kind', o.extras->>'kind', 'sector', o.extras->>'sector') FROM "group" o WHERE o.id = p.owner_org
    ),
    'groups', COALESCE((
        SELECT jsonb_agg(jsonb_build_object('name', g.name) ORDER BY g.name) FROM member m JOIN "group" g ON g.id = m.group_id
        WHERE m.table_name = 'package' AND m.table_id = p.id AND m.state = 'active' AND g.state = 'active' AND NOT g.is_organization
    ), '[]'),
    'tags', COALESCE((
        SELECT jsonb_agg(jsonb_build_object('name', t.name) ORDER BY t.name) FROM package_tag b JOIN tag t ON t.id = b.tag_id
        WHERE b.package_id = p.id AND b.state = 'active'
    ), '[]'),
    'resources', COALESCE((
        SELECT jsonb_agg(to_jsonb(r) - 'extras' || COALESCE(CAST(NULLIF(r.extras, '') AS jsonb), '{}') ORDER BY r.position)
        FROM resource r WHERE r.package_id = p.id AND r.state = 'active'
    ), '[]')
) AS shown
FROM package p WHERE p.id = ANY(:ids) AND p.state = 'active' AND p.private IS FALSE
""")


def contents(session: AlchemySession, ids: Sequence[str]) -> dict[str, dict[str, Any]]:
    """What stands in these public datasets, many with one question: `package_show` takes as long for each."""
    return {row.id: {**(row.more or {}), **row.shown} for row in session.execute(_CONTENTS, {"ids": list(ids)})}


def public_datasets(session: AlchemySession) -> list[Listed]:
    """Every public dataset, in an order that no edit changes."""
    return list(listed(session))


def listed(session: AlchemySession) -> Iterator[Listed]:
    """The same, one after another."""
    rows = session.execute(_ALL, execution_options={"yield_per": 2000})
    return map(Listed._make, rows)


def public_dataset(session: AlchemySession, ref: str) -> Listed | None:
    """The public dataset of this id or name; None as well for one that is hidden."""
    row = session.execute(_ONE, {"ref": ref}).first()
    return Listed(*row) if row else None


def public_some(session: AlchemySession, ids: Sequence[str]) -> dict[str, Listed]:
    """Those of these datasets that are public, by id."""
    return {row[0]: Listed(*row) for row in session.execute(_SOME, {"ids": list(ids)})}


def ids_of_agency(session: AlchemySession, agency_id: str) -> set[str]:
    """Those of its datasets that are public."""
    return set(session.execute(_OF_AGENCY, {"agency": agency_id}).scalars())


def bodies(session: AlchemySession, form: str, keys: Mapping[str, str]) -> dict[str, str]:
    """The fragments that are there, of those wanted: dataset's id → key."""
    found = session.execute(_BODIES, {"form": form, "ids": list(keys), "keys": list(keys.values())})
    return {row.package_id: row.body for row in found}


def store(session: AlchemySession, rows: Iterable[Mapping[str, str]]) -> None:
    """Keep fragments in place of older ones; drop those of datasets that are no longer public."""
    columns = {"ids": "package_id", "forms": "form", "keys": "key", "bodies": "body"}
    # In one order everywhere: two who make the same ones at a time wait for each other, and never both.
    ordered = sorted(rows, key=lambda row: (row["package_id"], row["form"]))
    session.execute(_STORE, {name: [row[column] for row in ordered] for name, column in columns.items()})
    sweep(session)


def sweep(session: AlchemySession) -> None:
    """Drop the fragments of datasets that are no longer public."""
    session.execute(_SWEEP)
