"""Alembic's environment for the tables of `edomex_federation`."""

from ckanext.edomex.adapters.migrations import run
from ckanext.edomex.federation.model import Base

run(__file__, Base.metadata)
