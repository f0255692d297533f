"""Many datasets that wait for their instant, made in SQL at once as copies of one that people made and approved.

The names of the release's columns that may change are here, and nowhere else in these tests.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import sqlalchemy as sa

#: Instants of a release that have to move with `release_at`, those of them that this version of the engine has.
DUE_COLUMNS = {"next_attempt_at": "NULL", "due_at": "{instant}", "warm_at": "{instant} - interval '10 minutes'"}
#: Rows that make up a dataset: table, how its rows are found, and what of a row is not the pattern's.
PARTS: tuple[tuple[str, str, Mapping[str, str]], ...] = (
    (
        "package", "t.id = :pattern",
        {"id": "n.id", "name": "'copia-' || n.id", "title": "t.title || ' ' || n.place", "private": "true",
         "metadata_created": "clock_timestamp() AT TIME ZONE 'UTC'", "metadata_modified": "clock_timestamp() AT TIME ZONE 'UTC'"},
    ),
    ("resource", "t.package_id = :pattern", {"id": "gen_random_uuid()::text", "package_id": "n.id"}),
    ("package_tag", "t.package_id = :pattern", {"id": "gen_random_uuid()::text", "package_id": "n.id"}),
    ("member", "t.table_name = 'package' AND t.table_id = :pattern", {"id": "gen_random_uuid()::text", "table_id": "n.id"}),
    (
        "edomex_release", "t.package_id = :pattern AND t.state = 'scheduled'",
        {"id": "n.release_id", "package_id": "n.id", "content_id": "n.id"},
    ),
)  # fmt: skip
_NEW = "unnest(CAST(:ids AS text[]), CAST(:releases AS text[])) WITH ORDINALITY AS n(id, release_id, place)"
_COLUMNS = sa.text(
    "SELECT column_name FROM information_schema.columns WHERE table_schema = 'public' AND table_name = :table"
    " AND is_generated = 'NEVER' ORDER BY ordinal_position"
)
_HASH = sa.text(
    "UPDATE edomex_release r SET content_hash = n.hash FROM unnest(CAST(:ids AS text[]), CAST(:hashes AS text[])) AS n(id, hash)"
    " WHERE r.package_id = n.id"
)
_WAKE = sa.text("NOTIFY edomex_release")
_STATE = sa.text("""
SELECT r.id, r.state, r.calendar_status, r.last_error, p.private, p.state AS package_state, r.released_at < r.release_at AS early,
    EXTRACT(EPOCH FROM r.released_at - r.release_at)::float AS late,
    (SELECT count(*) FROM edomex_release_event e WHERE e.release_id = r.id AND e.to_state = 'released') AS events
FROM edomex_release r LEFT JOIN package p ON p.id = r.package_id WHERE r.id = ANY(:ids)
""")
#: Faults that a message names before it says how many more there are.
NAMED = 8


@dataclass(frozen=True, kw_only=True)
class Promise:
    """A dataset and its release."""

    dataset: str
    release: str


def promise(engine: sa.Engine, pattern: str, count: int) -> list[Promise]:
    """Make `count` hidden datasets, approved for the pattern's instant; the index learns of them from the outbox.

    Args:
        engine: the portal's database, as its own role.
        pattern: id of a dataset that has a scheduled release.
        count: how many copies.
    """
    from ckanext.edomex.release.model import content_hashes

    made = [Promise(dataset=str(uuid.uuid4()), release=str(uuid.uuid4())) for _ in range(count)]
    ids = [one.dataset for one in made]
    with engine.begin() as connection:
        for table, where, own in PARTS:
            columns = list(connection.execute(_COLUMNS, {"table": table}).scalars())
            values = ", ".join(own.get(column, f't."{column}"') for column in columns)
            names = ", ".join(f'"{column}"' for column in columns)
            copy = f'INSERT INTO "{table}" ({names}) SELECT {values} FROM "{table}" t, {_NEW} WHERE {where}'  # noqa: S608  # names of the catalogue
            connection.execute(sa.text(copy), {"pattern": pattern, "ids": ids, "releases": [one.release for one in made]})
        hashes = content_hashes(connection, ids)
        connection.execute(_HASH, {"ids": ids, "hashes": [hashes[one] for one in ids]})
        _have_indexed(connection, ids)
    return made


def _have_indexed(connection: sa.Connection, ids: list[str]) -> None:
    # In SQL: the portal's own function knows its kinds only where the portal's plugins are loaded.
    own = {"kind": "'index'", "dedupe_key": "key", "attempts": "0", "priority": "0"}
    columns = [name for name in connection.execute(_COLUMNS, {"table": "edomex_release_outbox"}).scalars() if name in own]
    values = ", ".join(own[name] for name in columns)
    add = f"INSERT INTO edomex_release_outbox ({', '.join(columns)}) SELECT {values} FROM unnest(CAST(:keys AS text[])) AS key"  # noqa: S608  # our own words
    connection.execute(sa.text(add), {"keys": ids})
    # A loop that nobody wakes rests for as long as the tests wait.
    connection.execute(_WAKE)


def set_due(engine: sa.Engine, promises: Iterable[Promise], *, in_s: float, over_s: float = 0) -> None:
    """Give releases a new instant, `in_s` seconds from now by PostgreSQL's clock, and tell the loops.

    Args:
        engine: the portal's database.
        promises: whose instant it is.
        in_s: seconds from now to the first.
        over_s: seconds from the first to the last; with 0 all have one instant.
    """
    ids = [one.release for one in promises]
    instant = "base.at + make_interval(secs => :over * (n.place - 1) / :count)"
    with engine.begin() as connection:
        columns = set(connection.execute(_COLUMNS, {"table": "edomex_release"}).scalars())
        more = "".join(f", {name} = {value.format(instant=instant)}" for name, value in DUE_COLUMNS.items() if name in columns)
        update = (
            f"UPDATE edomex_release r SET release_at = {instant}{more}"  # noqa: S608  # our own words
            " FROM (SELECT clock_timestamp() + make_interval(secs => :in) AS at) AS base,"
            " unnest(CAST(:ids AS text[])) WITH ORDINALITY AS n(id, place) WHERE r.id = n.id"
        )
        connection.execute(sa.text(update), {"in": in_s, "over": over_s, "count": max(1, len(ids)), "ids": ids})
        connection.execute(_WAKE)


def broken(engine: sa.Engine, promises: Iterable[Promise]) -> list[str]:
    """What is wrong with releases that should all have happened, a sentence for each; empty if each came out once and not early."""
    ids = [one.release for one in promises]
    with engine.connect() as connection:
        rows = connection.execute(_STATE, {"ids": ids}).all()
    found = [f"{missing}: lost" for missing in set(ids) - {row.id for row in rows}]
    for row in rows:
        said = {
            f"is {row.state} ({row.last_error})": row.state != "released",
            f"has {row.events} released events": row.events != 1,
            "came early": row.early,
            f"left its dataset private={row.private} {row.package_state}": (row.private, row.package_state) != (False, "active"),
            f"is {row.calendar_status} in the calendar": row.calendar_status != "done",
        }
        found += [f"{row.id}: {text}" for text, wrong in said.items() if wrong]
    return found


def lateness(engine: sa.Engine, promises: Iterable[Promise]) -> list[float]:
    """Seconds between promise and commit of what was released, smallest first."""
    with engine.connect() as connection:
        rows = connection.execute(_STATE, {"ids": [one.release for one in promises]}).all()
    return sorted(row.late for row in rows if row.late is not None)


def named(faults: list[str]) -> str:
    """Faults as one message: how many, and the first few."""
    return "\n".join([f"{len(faults)} faults", *faults[:NAMED], *(["…"] if len(faults) > NAMED else [])])
