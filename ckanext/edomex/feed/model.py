"""The table of fragments, and the two queries over CKAN's own: which datasets are public, and in which order.

PostgreSQL decides; Solr is a copy that may be empty.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import ClassVar

import sqlalchemy as sa
from ckan.types import AlchemySession
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

from ckanext.edomex.feed.domain.keys import Listed


class Base(DeclarativeBase):
    """Metadata of this room's tables alone."""

    type_annotation_map: ClassVar = {datetime: sa.DateTime(timezone=True)}


class Fragment(Base):
    """What the catalogue says of one dataset in one form. Only a copy: it may be emptied at any time."""

    __tablename__ = "edomex_feed_fragment"

    package_id: Mapped[str] = mapped_column(sa.Text, primary_key=True)
    form: Mapped[str] = mapped_column(sa.Text, primary_key=True)
    #: A fragment with another key than its dataset has now is passed over.
    key: Mapped[str] = mapped_column(sa.Text)
    body: Mapped[str] = mapped_column(sa.Text)
    made_at: Mapped[datetime] = mapped_column(server_default=sa.text("clock_timestamp()"))


#: The one condition under which a dataset is in the feed.
_PUBLIC = "p.type = 'dataset' AND p.state = 'active' AND p.private IS FALSE"
_LIST = f"""
SELECT p.id, p.name, p.metadata_created AS created, p.metadata_modified AS modified,
    concat_ws(' ', o.name, o.title) AS agency, COALESCE(t.themes, '') AS themes
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
_BODIES = sa.text("""
SELECT f.package_id, f.body FROM edomex_feed_fragment f
JOIN unnest(CAST(:ids AS text[]), CAST(:keys AS text[])) AS wanted(id, key) ON wanted.id = f.package_id AND wanted.key = f.key
WHERE f.form = :form
""")
_STORE = sa.text("""
INSERT INTO edomex_feed_fragment (package_id, form, key, body) VALUES (:package_id, :form, :key, :body)
ON CONFLICT (package_id, form) DO UPDATE SET key = EXCLUDED.key, body = EXCLUDED.body, made_at = clock_timestamp()
""")
_SWEEP = sa.text(f"""
DELETE FROM edomex_feed_fragment f WHERE NOT EXISTS (SELECT 1 FROM package p WHERE p.id = f.package_id AND {_PUBLIC})
""")  # noqa: S608


def public_datasets(session: AlchemySession) -> list[Listed]:
    """Every public dataset, in an order that no edit changes."""
    return [Listed(**row) for row in session.execute(_ALL).mappings()]


def public_dataset(session: AlchemySession, ref: str) -> Listed | None:
    """The public dataset of this id or name; None as well for one that is hidden."""
    row = session.execute(_ONE, {"ref": ref}).mappings().first()
    return Listed(**row) if row else None


def bodies(session: AlchemySession, form: str, keys: Mapping[str, str]) -> dict[str, str]:
    """The fragments that are there, of those wanted: dataset's id → key."""
    found = session.execute(_BODIES, {"form": form, "ids": list(keys), "keys": list(keys.values())})
    return {row.package_id: row.body for row in found}


def store(session: AlchemySession, rows: Iterable[Mapping[str, str]]) -> None:
    """Keep fragments in place of older ones; drop those of datasets that are no longer public."""
    session.execute(_STORE, list(rows))
    sweep(session)


def sweep(session: AlchemySession) -> None:
    """Drop the fragments of datasets that are no longer public."""
    session.execute(_SWEEP)
