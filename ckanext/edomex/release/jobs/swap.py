"""An edition's content into its public dataset, as statements of SQL over whole batches.

Parameters: `ids` of the releases, `packages` of their public datasets, `modified` the instant as CKAN's columns have
it, `machine` the keys that machines write.
"""

from __future__ import annotations

from collections.abc import Iterable

import sqlalchemy as sa

from ckanext.edomex.release.domain.content import PACKAGE_COLUMNS, RESOURCE_COLUMNS
from ckanext.edomex.release.model.content import EXTRAS

#: What an edition does not change: the dataset's address, its kind, its agency.
IDENTITY = frozenset({"name", "type", "owner_org"})


def _from(source: str, columns: Iterable[str], without: Iterable[str]) -> str:
    return ", ".join(f"{column} = {source}.{column}" for column in columns if column not in without)


#: A staged resource `s` and the public one `o` whose place it takes have the same file.
_SAME_FILE = f"({EXTRAS.format('s')} ->> 'sha256') IS NOT DISTINCT FROM ({EXTRAS.format('o')} ->> 'sha256') AND s.url = o.url"
#: What machines noted of a file stays where the file stays.
_EXTRAS = f"""
(CASE WHEN {_SAME_FILE} THEN ({EXTRAS.format("s")} - CAST(:machine AS text[]))
    || (SELECT COALESCE(jsonb_object_agg(key, value), '{{}}') FROM jsonb_each({EXTRAS.format("o")}) WHERE key = ANY(:machine))
 ELSE {EXTRAS.format("s")} END)::text
"""
_STAGED = """
FROM edomex_release r CROSS JOIN LATERAL jsonb_each_text(r.origins) AS pair(staged, kept)
JOIN resource s ON s.id = pair.staged AND s.package_id = r.content_id AND s.state = 'active'
"""
_METADATA = f"""
UPDATE package p SET {_from("staged", PACKAGE_COLUMNS, IDENTITY)}, extras = staged.extras, metadata_modified = :modified
FROM edomex_release r JOIN package staged ON staged.id = r.content_id WHERE p.id = r.package_id AND r.id = ANY(:ids)
"""
_REMOVED = f"""
UPDATE resource o SET state = 'deleted' FROM edomex_release r WHERE o.package_id = r.package_id AND r.id = ANY(:ids)
  AND o.id NOT IN (SELECT pair.kept {_STAGED} WHERE r.id = ANY(:ids))
"""
_KEPT = f"""
UPDATE resource o SET {_from("s", RESOURCE_COLUMNS, {"id"})}, position = s.position, last_modified = s.last_modified,
    hash = CASE WHEN {_SAME_FILE} THEN o.hash ELSE s.hash END, extras = {_EXTRAS}, metadata_modified = :modified, state = 'active'
{_STAGED} WHERE o.id = pair.kept AND r.id = ANY(:ids)
"""
# A kind of view that the public resource lacks; the others are there already, at their own addresses.
_VIEWS = f"""
UPDATE resource_view v SET resource_id = pair.kept {_STAGED} WHERE v.resource_id = pair.staged AND r.id = ANY(:ids)
  AND NOT EXISTS (SELECT 1 FROM resource_view o WHERE o.resource_id = pair.kept AND o.view_type = v.view_type)
"""
_NEW = """
UPDATE resource s SET package_id = r.package_id FROM edomex_release r WHERE s.package_id = r.content_id AND r.id = ANY(:ids)
  AND s.state = 'active' AND NOT jsonb_exists(COALESCE(r.origins, '{}'), s.id)
"""
_TAGS = (
    "DELETE FROM package_tag WHERE package_id = ANY(:packages)",
    "UPDATE package_tag t SET package_id = r.package_id FROM edomex_release r WHERE t.package_id = r.content_id AND r.id = ANY(:ids)",
)
_THEMES = (
    """
    DELETE FROM member m USING "group" g WHERE g.id = m.group_id AND NOT g.is_organization
      AND m.table_name = 'package' AND m.table_id = ANY(:packages)
    """,
    """
    UPDATE member m SET table_id = r.package_id FROM edomex_release r, "group" g WHERE g.id = m.group_id
      AND NOT g.is_organization AND m.table_name = 'package' AND m.table_id = r.content_id AND r.id = ANY(:ids)
    """,
)
_LEFT_OVER = "UPDATE package p SET state = 'deleted' FROM edomex_release r WHERE p.id = r.content_id AND r.id = ANY(:ids)"
#: In this order: what is kept has to be known before anything moves.
SWAP = tuple(sa.text(each) for each in (_METADATA, _REMOVED, _KEPT, _VIEWS, _NEW, *_TAGS, *_THEMES, _LEFT_OVER))
