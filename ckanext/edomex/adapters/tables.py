"""Tables of the datastore, which is another database: they change after the release, late if need be, early never.

A table is named after its resource. An edition's is loaded under the private resource's name and renamed; its data
dictionary, indexes and rights come along, for PostgreSQL keeps them with the table.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import sqlalchemy as sa
from ckan import model
from ckan.plugins import plugin_loaded
from ckan.plugins import toolkit as tk
from ckan.types import Context
from sqlalchemy.exc import OperationalError

#: States of a job that has not begun, and of one that is at its table. Source: ckanext-xloader 2.5, jobs.py.
AWAITED = frozenset({"submitting", "pending"})
RUNNING = frozenset({"running", "running_but_viewable"})

_NAMES = sa.text(
    "SELECT relname FROM pg_class WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace AND relname = ANY(:ids)"
)


def available() -> bool:
    """Whether this portal has a datastore."""
    return plugin_loaded("datastore")


def existing(resource_ids: Iterable[str]) -> set[str]:
    """Those of the resources that have a table."""
    ids = list(resource_ids)
    if not ids or not available():
        return set()
    with _engine().connect() as connection:
        return set(connection.execute(_NAMES, {"ids": ids}).scalars())


def has_row(resource_id: str, number: int) -> bool | None:
    """Whether a resource's table has a row of this number, from 1; None where it has no table, or one that is being made."""
    if not available() or loading([resource_id]).get(resource_id, "complete") != "complete":
        return None
    try:
        with _engine().connect() as connection:
            if not _exists(connection, resource_id):
                return None
            query = sa.text(f"SELECT 1 FROM {_quoted(resource_id)} OFFSET :before LIMIT 1")  # noqa: S608  # quoted, and a table's name
            return connection.execute(query, {"before": number - 1}).first() is not None
    except OperationalError:
        # The datastore is another server: what is asked of it here is a courtesy.
        return None


def take_place(staged: str, kept: str) -> bool:
    """Give the staged resource's table the kept resource's name, in one transaction; False if that is done already."""
    with _engine().begin() as connection:
        if not _exists(connection, staged):
            return False
        _drop(connection, kept)
        connection.execute(sa.text(f"ALTER TABLE {_quoted(staged)} RENAME TO {_quoted(kept)}"))
        stats = "UPDATE _table_stats SET resource_id = :kept WHERE resource_id = :staged"
        if _exists(connection, "_table_stats"):
            connection.execute(sa.text(stats), {"kept": kept, "staged": staged})
    return True


def drop(resource_id: str) -> None:
    """Drop a resource's table, if it has one."""
    if available():
        with _engine().begin() as connection:
            _drop(connection, resource_id)


def loading(resource_ids: Iterable[str]) -> dict[str, str]:
    """State of the last loading job of each resource that has one: `pending`, `complete`, `error` and so on.

    One that has said nothing for an hour is left out: the loader itself takes it for dead then.
    """
    query = sa.text("""
        SELECT entity_id, state FROM task_status WHERE task_type = 'xloader' AND key = 'xloader' AND entity_id = ANY(:ids)
          AND (state NOT IN :busy OR last_updated > (clock_timestamp() AT TIME ZONE 'UTC') - interval '1 hour')
    """).bindparams(sa.bindparam("busy", expanding=True))
    rows = model.Session.execute(query, {"ids": list(resource_ids), "busy": sorted(AWAITED | RUNNING)})
    return {row.entity_id: row.state for row in rows}


def in_hand(resource_ids: Iterable[str]) -> bool:
    """Whether the loader is at work on one of them: a table that is moved now would fail it."""
    return not RUNNING.isdisjoint(loading(resource_ids).values())


def awaited(resource_id: str) -> bool:
    """Whether a job for it has been asked for and has not begun."""
    return loading([resource_id]).get(resource_id) in AWAITED


def load(resource_id: str) -> None:
    """Ask for the table to be made from the resource's file."""
    if plugin_loaded("xloader"):
        tk.get_action("xloader_submit")(Context(ignore_auth=True, user=""), {"resource_id": resource_id, "ignore_hash": True})


def _engine() -> Any:
    from ckanext.datastore.backend.postgres import get_write_engine

    return get_write_engine()


def _exists(connection: sa.Connection, name: str) -> bool:
    return connection.execute(sa.text("SELECT to_regclass(:name) IS NOT NULL"), {"name": f"public.{_quoted(name)}"}).scalar_one()


def _drop(connection: sa.Connection, name: str) -> None:
    connection.execute(sa.text(f"DROP TABLE IF EXISTS {_quoted(name)} CASCADE"))
    if _exists(connection, "_table_stats"):
        connection.execute(sa.text("DELETE FROM _table_stats WHERE resource_id = :name"), {"name": name})


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'
