"""What PostgreSQL knows: migrations, triggers, the reader's rights, the clock, old tokens, accounts of one factor, harvest sources."""

from __future__ import annotations

import time
from collections.abc import Iterator
from urllib.parse import urlsplit

import ckan.plugins as p
import sqlalchemy as sa
from ckan.plugins import toolkit as tk
from sqlalchemy.exc import OperationalError

from ckanext.edomex.adapters import migrations
from ckanext.edomex.shield import config
from ckanext.edomex.shield.domain.addresses import host_of, is_inside
from ckanext.edomex.shield.domain.findings import Finding
from ckanext.edomex.shield.logic import parts

#: Seconds that two clocks may be apart.
SKEW_S = 5.0
#: Days after which an administrator's token is old.
OLD_DAYS = 365
#: Trigger → table that it watches over.
TRIGGERS = {
    "edomex_audit_seal_append_only": "edomex_audit_seal",
    "edomex_audit_seal_never_empty": "edomex_audit_seal",
    "edomex_planning_event_append_only": "edomex_planning_event",
    "edomex_release_guard": "package",
    "edomex_release_event_append_only": "edomex_release_event",
    "edomex_release_observation_event_append_only": "edomex_release_observation_event",
    "edomex_release_version_append_only": "edomex_release_version",
}
#: Table → plugin of a room that an installation may be without, and then without its tables.
OPTIONAL = {"edomex_audit_seal": "edomex_audit", "edomex_planning_event": "edomex_planning"}
_ENABLED = sa.text("""
SELECT t.tgname FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid
WHERE t.tgname = ANY(:names) AND t.tgenabled IN ('O', 'A') AND pg_table_is_visible(c.oid)
""")
_NOW = sa.text("SELECT EXTRACT(EPOCH FROM clock_timestamp())::float")
_SOURCES = sa.text("SELECT url FROM package WHERE type = 'harvest' AND state = 'active' ORDER BY url")
_OLD_TOKENS = sa.text("""
SELECT u.name, count(*) AS tokens FROM api_token t JOIN "user" u ON u.id = t.user_id
WHERE u.sysadmin AND u.state = 'active' AND t.created_at < (clock_timestamp() AT TIME ZONE 'UTC') - make_interval(days => :days)
GROUP BY u.name ORDER BY u.name
""")
_ONE_FACTOR = sa.text("""
SELECT u.name FROM "user" u WHERE u.sysadmin AND u.state = 'active' AND u.name <> :site AND NOT EXISTS (
    SELECT 1 FROM edomex_shield_factor f WHERE f.user_id = u.id AND f.confirmed_at IS NOT NULL)
ORDER BY u.name
""")
_MAY_WRITE = sa.text("""
SELECT rolsuper OR has_schema_privilege(current_user, 'public', 'CREATE') OR EXISTS (
    SELECT 1 FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace WHERE n.nspname = 'public' AND c.relkind = 'r'
    AND has_table_privilege(current_user, c.oid, 'INSERT, UPDATE, DELETE, TRUNCATE')
) FROM pg_roles WHERE rolname = current_user
""")
_SEES_ACCOUNTS = sa.text("""
SELECT EXISTS (SELECT 1 FROM pg_roles WHERE rolname = :reader AND has_table_privilege(rolname, 'public."user"', 'SELECT'))
""")


def behind(connection: sa.Connection) -> Iterator[Finding]:
    """Migrations that wait."""
    for table in migrations.behind(connection):
        yield Finding(code="migrations_behind", seen=table.removesuffix(migrations.VERSION_TABLE).rstrip("_") or "ckan")


def look(connection: sa.Connection) -> Iterator[Finding]:
    """Everything else that the database knows."""
    yield from _triggers(connection)
    yield from _clock(connection)
    if p.plugin_loaded("datastore"):
        yield from _reader(connection)
    for row in connection.execute(_OLD_TOKENS, {"days": OLD_DAYS}):
        yield Finding(code="tokens_for_ever", seen=f"{row.name}: {row.tokens}")
    if "sysadmin" in config.second_factor_roles():
        for name in connection.execute(_ONE_FACTOR, {"site": tk.config["ckan.site_id"]}).scalars():
            yield Finding(code="one_factor", seen=name)
    for url in connection.execute(_SOURCES).scalars():
        if is_inside(host_of(url)):
            yield Finding(code="harvest_inside", seen=url)


def _triggers(connection: sa.Connection) -> Iterator[Finding]:
    there = set(connection.execute(_ENABLED, {"names": list(TRIGGERS)}).scalars())
    for name, table in TRIGGERS.items():
        if name not in there and (table not in OPTIONAL or p.plugin_loaded(OPTIONAL[table])):
            yield Finding(code="guard_missing", seen=f"{name} ON {table}")


def _clock(connection: sa.Connection) -> Iterator[Finding]:
    before = time.time()
    theirs = connection.execute(_NOW).scalar_one()
    apart = theirs - (before + time.time()) / 2
    if abs(apart) > SKEW_S:
        yield Finding(code="clock_skew", seen=f"{apart:+.1f} s")


def _reader(connection: sa.Connection) -> Iterator[Finding]:
    """An account that reads must not write, wherever it is used from."""
    reader = urlsplit(config.reader_url()).username or ""
    try:
        with parts.engine(config.reader_url()).connect() as theirs:
            writes = theirs.execute(_MAY_WRITE).scalar_one()
    except OperationalError as error:
        yield Finding(code="datastore_down", seen=type(error).__name__)
    else:
        if writes:
            yield Finding(code="reader_writes", seen=reader)
    if connection.execute(_SEES_ACCOUNTS, {"reader": reader}).scalar_one():
        yield Finding(code="reader_sees_accounts", seen=reader)
