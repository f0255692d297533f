"""Alembic's environment for the tables of `edomex_feed`."""

from ckanext.edomex.adapters.migrations import run
from ckanext.edomex.feed.model import Base

run(__file__, Base.metadata)
