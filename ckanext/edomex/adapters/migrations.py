"""What every plugin's Alembic environment does, and which migrations a database still waits for."""

from __future__ import annotations

import functools
import inspect
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import ckan.migration
import ckan.plugins as p
import sqlalchemy as sa
from alembic import context
from alembic.script import ScriptDirectory
from ckan.plugins import toolkit as tk
from sqlalchemy import engine_from_config, pool

#: The table in which Alembic keeps CKAN's own revision; a plugin's has the plugin's name in front.
VERSION_TABLE = "alembic_version"


def run(env_file: str, metadata: sa.MetaData) -> None:
    """Run the migrations of the plugin that the folder of `env_file` is named after.

    CKAN's and other plugins' tables are none of our business; ours begin with the plugin's name, as CKAN asks.
    """
    plugin = Path(env_file).parent.name
    section = context.config.get_section(context.config.config_ini_section) or {}

    def is_ours(_object: Any, name: str | None, kind: str, *_rest: Any) -> bool:
        return kind != "table" or bool(name and name.startswith(plugin))

    with engine_from_config(section, prefix="sqlalchemy.", poolclass=pool.NullPool).connect() as connection:
        version_table = f"{plugin}_alembic_version"
        context.configure(connection=connection, target_metadata=metadata, version_table=version_table, include_object=is_ours)
        with context.begin_transaction():
            context.run_migrations()


@functools.cache
def heads() -> Mapping[str, frozenset[str]]:
    """The newest revisions of the code, of CKAN and of each loaded plugin that has migrations, by version table."""
    return {table: frozenset(ScriptDirectory(str(folder)).get_heads()) for table, folder in _folders()}


def applied(connection: sa.Connection) -> Mapping[str, frozenset[str]]:
    """The revisions that the database has, by the same tables; none where the table is not there yet."""
    there = sa.inspect(connection)
    return {
        table: frozenset(connection.execute(sa.select(sa.column("version_num")).select_from(sa.table(table))).scalars())
        if there.has_table(table) else frozenset()
        for table in heads()
    }  # fmt: skip


def behind(connection: sa.Connection) -> list[str]:
    """Version tables whose revision is not the code's newest, in alphabetical order."""
    has = applied(connection)
    return sorted(table for table, newest in heads().items() if has[table] != newest)


def _folders() -> Iterator[tuple[str, Path]]:
    yield VERSION_TABLE, Path(ckan.migration.__file__).parent
    for name in tk.aslist(tk.config["ckan.plugins"]):
        plugin = p.get_plugin(name)
        source = inspect.getsourcefile(type(plugin)) if plugin else None
        folder = _beside(Path(source)) / "migration" / name if source else None
        if folder and (folder / "versions").is_dir():
            yield f"{name}_{VERSION_TABLE}", folder


def _beside(source: Path) -> Path:
    """Where CKAN looks for a plugin's migrations: the extension's folder, however deep in it the plugin is."""
    for folder in source.parents:
        if folder.parent.name == "ckanext":
            return folder
    return source.parent
