"""Alembic's environment for the tables of `edomex_release`."""

from ckanext.edomex.adapters.migrations import run
from ckanext.edomex.release.model import Base

run(__file__, Base.metadata)
