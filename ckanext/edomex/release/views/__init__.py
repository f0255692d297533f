"""Pages of releases: what staff does, what everybody sees, what programs read. Each module adds its own to one blueprint."""

from ckanext.edomex.release.views import (  # noqa: F401  # they register their pages
    agenda,
    autoservicio,
    boards,
    bulk,
    calendar,
    calendar_files,
    change,
    engine,
    observations,
    versions,
)
from ckanext.edomex.release.views.frame import release

# CKAN takes every name of this list for a blueprint.
__all__ = ["release"]
