"""What is asked of PostgreSQL around a backup: one snapshot, counts, who is at work, and schemas put aside.

Plain SQL on connections of its own: while a restore runs, the tables that CKAN's models speak of may not be there.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterable, Iterator
from contextlib import closing
from dataclasses import dataclass
from datetime import datetime

import psycopg2
import sqlalchemy as sa
from sqlalchemy.exc import ProgrammingError

#: Rows that tell of processes, not of the portal: a restored heartbeat would speak of a loop that does not run.
EPHEMERAL = ("edomex_release_worker",)
#: A schema that a restore put aside has such a name; it is no part of a backup.
ASIDE = "edomex_antes_"
#: A table may be dropped between the snapshot and its lock; then everything is begun anew, so many times.
ATTEMPTS = 5
#: xloader keeps these in the datastore's database; every new portal has them, empty.
_XLOADER_TABLES = ("jobs", "metadata", "logs")


@dataclass(frozen=True, kw_only=True)
class Upload:
    """A resource with a file, as the snapshot has it."""

    resource_id: str
    #: None for a file that came before hashes were kept.
    sha256: str | None


@dataclass(frozen=True, kw_only=True)
class Due:
    """A scheduled release: the dataset's address and its date."""

    name: str
    release_at: datetime


class Snapshot:
    """One unchanging view of a database, for pg_dump and for our own questions alike."""

    def __init__(self, connection: sa.Connection) -> None:
        self._connection = connection
        # Idle while pg_dump works: a server that ends such transactions would end the backup.
        connection.execute(sa.text("SET LOCAL idle_in_transaction_session_timeout = 0"))
        self.name = str(connection.execute(sa.text("SELECT pg_export_snapshot()")).scalar_one())
        self.moment: datetime = connection.execute(sa.text("SELECT clock_timestamp()")).scalar_one()
        self.server = int(connection.execute(sa.text("SHOW server_version_num")).scalar_one())

    def hold_tables(self) -> None:
        """Keep every table from being dropped until the end: pg_dump would fail on one that is gone."""
        if names := _tables(self._connection):
            self._connection.execute(sa.text(f"LOCK TABLE {', '.join(map(_quoted, names))} IN ACCESS SHARE MODE"))

    def rows(self) -> dict[str, int]:
        """Rows of each table that a backup keeps."""
        return _rows(self._connection)

    def uploads(self) -> list[Upload]:
        """Every active resource whose file is ours."""
        query = sa.text(
            "SELECT id, CASE WHEN extras LIKE '{%' THEN extras::jsonb ->> 'sha256' END AS sha256"
            " FROM resource WHERE url_type = 'upload' AND state = 'active'"
        )
        return [Upload(resource_id=row.id, sha256=row.sha256) for row in self._connection.execute(query)]

    def migrations(self) -> dict[str, str]:
        """Table of Alembic's → revision."""
        names = [name for name in _tables(self._connection) if name.endswith("alembic_version")]
        found = {}
        for name in names:
            query = sa.text(f"SELECT version_num FROM {_quoted(name)}")  # noqa: S608  # a table's own name, quoted
            found[name] = self._connection.execute(query).scalar()
        return {name: str(revision) for name, revision in found.items() if revision}


@contextlib.contextmanager
def snapshots(urls: Iterable[str]) -> Iterator[list[Snapshot]]:
    """A snapshot of each database, taken within the same moment, its tables kept from being dropped."""
    addresses = list(urls)
    with contextlib.ExitStack() as stack:
        for attempt in range(ATTEMPTS):
            try:
                with contextlib.ExitStack() as trying:
                    taken = [Snapshot(trying.enter_context(_frozen(url))) for url in addresses]
                    for one in taken:
                        one.hold_tables()
                    stack.push(trying.pop_all())
                break
            except ProgrammingError as error:
                if not isinstance(error.orig, psycopg2.errors.UndefinedTable) or attempt == ATTEMPTS - 1:
                    raise
        yield taken


@contextlib.contextmanager
def connected(url: str) -> Iterator[sa.Connection]:
    """A connection of its own, closed afterwards; each statement is committed by itself."""
    engine = sa.create_engine(url, poolclass=sa.NullPool, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        yield connection


@contextlib.contextmanager
def _frozen(url: str) -> Iterator[sa.Connection]:
    engine = sa.create_engine(url, poolclass=sa.NullPool, isolation_level="REPEATABLE READ")
    with engine.connect() as connection, connection.begin():
        yield connection


def server_version(url: str) -> int:
    """`server_version_num` of the database's server."""
    with connected(url) as connection:
        return int(connection.execute(sa.text("SHOW server_version_num")).scalar_one())


def rows(url: str) -> dict[str, int]:
    """Rows of each table that a backup keeps."""
    with connected(url) as connection:
        return _rows(connection)


def others(url: str) -> list[str]:
    """Connections to the database other than this one, each in words for the operator."""
    query = sa.text(
        "SELECT format('%s: proceso %s, %s, %s', datname, pid, usename, coalesce(state, '?')) FROM pg_stat_activity"
        " WHERE datname = current_database() AND pid <> pg_backend_pid() AND usesysid IS NOT NULL ORDER BY pid"
    )
    with connected(url) as connection:
        return list(connection.execute(query).scalars())


def datasets_and_people(url: str, site: str) -> tuple[int, int]:
    """How many datasets, and accounts other than the site's own, CKAN's database has."""
    with connected(url) as connection:
        known = set(_tables(connection))
        datasets = connection.execute(sa.text("SELECT count(*) FROM package")).scalar_one() if "package" in known else 0
        people = 0
        if "user" in known:
            people = connection.execute(sa.text('SELECT count(*) FROM "user" WHERE name <> :site'), {"site": site}).scalar_one()
    return int(datasets), int(people)


def data_tables(url: str) -> list[str]:
    """Tables of resources in the datastore."""
    with connected(url) as connection:
        return [name for name in _tables(connection) if not name.startswith("_") and name not in _XLOADER_TABLES]


def extensions_in_public(url: str) -> list[str]:
    """Extensions that live among the tables; without them a dump could not be put in their place."""
    query = sa.text(
        "SELECT extname FROM pg_extension e JOIN pg_namespace n ON n.oid = e.extnamespace WHERE n.nspname = 'public' ORDER BY 1"
    )
    with connected(url) as connection:
        return list(connection.execute(query).scalars())


def put_aside(url: str, name: str) -> None:
    """Rename what is there and leave an empty schema in its place; the owner of the database may do that."""
    with _transaction(url) as connection:
        connection.execute(sa.text(f'ALTER SCHEMA public RENAME TO "{name}"'))
        connection.execute(sa.text("CREATE SCHEMA public"))
        # As PostgreSQL makes it; the datastore's own rights are set afterwards.
        connection.execute(sa.text("GRANT USAGE ON SCHEMA public TO PUBLIC"))


def put_back(url: str, name: str) -> None:
    """Undo `put_aside`, whatever was loaded meanwhile."""
    with _transaction(url) as connection:
        connection.execute(sa.text("DROP SCHEMA public CASCADE"))
        connection.execute(sa.text(f'ALTER SCHEMA "{name}" RENAME TO public'))


def drop_aside(url: str, name: str) -> None:
    """Delete what `put_aside` kept."""
    with _transaction(url) as connection:
        connection.execute(sa.text(f'DROP SCHEMA "{name}" CASCADE'))


def run_script(url: str, script: str) -> None:
    """Run a script of several statements as it stands, in one transaction."""
    connection = psycopg2.connect(sa.make_url(url).set(drivername="postgresql").render_as_string(hide_password=False))
    # `with` on a connection of psycopg2 ends the transaction and leaves the connection open.
    with closing(connection), connection, connection.cursor() as cursor:
        cursor.execute(script)


def without_table(url: str, tables: Iterable[str]) -> list[str]:
    """Resources that say they have a table and have none: they are marked as having none. Returns their ids."""
    statement = sa.text(
        "UPDATE resource SET extras = (extras::jsonb || '{\"datastore_active\": false}')::text"
        " WHERE extras LIKE '{%' AND extras::jsonb ->> 'datastore_active' = 'true' AND id <> ALL(:tables) RETURNING id"
    )
    with connected(url) as connection:
        return sorted(connection.execute(statement, {"tables": list(tables)}).scalars())


def scheduled(url: str) -> tuple[list[Due], list[Due]]:
    """Scheduled releases by date: those that are due by the database's clock, and those to come."""
    query = sa.text(
        "SELECT p.name, r.release_at, r.release_at <= clock_timestamp() AS due FROM edomex_release r"
        " JOIN package p ON p.id = r.package_id WHERE r.state = 'scheduled' ORDER BY r.release_at, p.name"
    )
    with connected(url) as connection:
        if "edomex_release" not in _tables(connection):
            return [], []
        found = connection.execute(query).all()
    every = [(row.due, Due(name=row.name, release_at=row.release_at)) for row in found]
    return [one for due, one in every if due], [one for due, one in every if not due]


@contextlib.contextmanager
def _transaction(url: str) -> Iterator[sa.Connection]:
    with sa.create_engine(url, poolclass=sa.NullPool).begin() as connection:
        yield connection


def _tables(connection: sa.Connection) -> list[str]:
    return list(connection.execute(sa.text("SELECT tablename FROM pg_tables WHERE schemaname = 'public' ORDER BY 1")).scalars())


def _rows(connection: sa.Connection) -> dict[str, int]:
    names = [name for name in _tables(connection) if name not in EPHEMERAL]
    count = "SELECT count(*) FROM public."
    return {name: int(connection.execute(sa.text(count + _quoted(name))).scalar_one()) for name in names}


def _quoted(name: str) -> str:
    # A colon in a name would be a parameter of SQLAlchemy's text().
    return '"' + name.replace('"', '""').replace(":", r"\:") + '"'
