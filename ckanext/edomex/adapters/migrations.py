"""What every plugin's Alembic environment does; each `env.py` names its own metadata."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import sqlalchemy as sa
from alembic import context
from sqlalchemy import engine_from_config, pool


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
