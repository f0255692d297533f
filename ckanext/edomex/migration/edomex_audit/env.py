"""Alembic's environment for the tables of `edomex_audit`."""

from ckanext.edomex.adapters.migrations import run
from ckanext.edomex.audit.model import Base

run(__file__, Base.metadata)
