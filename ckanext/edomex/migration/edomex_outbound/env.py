"""Alembic's environment for the tables of `edomex_outbound`."""

from ckanext.edomex.adapters.migrations import run
from ckanext.edomex.outbound.model import Base

run(__file__, Base.metadata)
