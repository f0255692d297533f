"""Alembic's environment for the tables of `edomex_notices`."""

from ckanext.edomex.adapters.migrations import run
from ckanext.edomex.notices.model import Base

run(__file__, Base.metadata)
