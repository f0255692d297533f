"""Alembic's environment for the tables of the plugin this folder is named after."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from alembic import context
from sqlalchemy import engine_from_config, pool

from ckanext.edomex.feed.model import Base

PLUGIN = Path(__file__).parent.name
section = context.config.get_section(context.config.config_ini_section) or {}


def is_ours(_object: Any, name: str | None, kind: str, *_rest: Any) -> bool:
    """CKAN's and other plugins' tables are none of our business."""
    return kind != "table" or bool(name and name.startswith(PLUGIN))


with engine_from_config(section, prefix="sqlalchemy.", poolclass=pool.NullPool).connect() as connection:
    context.configure(
        connection=connection, target_metadata=Base.metadata, version_table=f"{PLUGIN}_alembic_version", include_object=is_ours
    )
    with context.begin_transaction():
        context.run_migrations()
