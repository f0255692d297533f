"""Alembic's environment for the tables of `edomex_shield`."""

from ckanext.edomex.adapters.migrations import run
from ckanext.edomex.shield.model.tables import Base

run(__file__, Base.metadata)
