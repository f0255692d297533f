"""Alembic's environment for the tables of `edomex_planning`."""

from ckanext.edomex.adapters.migrations import run
from ckanext.edomex.planning.model import Base

run(__file__, Base.metadata)
