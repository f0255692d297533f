"""Pages of inventories and plans. Each module adds its own to one blueprint."""

from ckanext.edomex.planning.views import inventory, plan  # noqa: F401  # they register their pages
from ckanext.edomex.planning.views.frame import planning

# CKAN takes every name of this list for a blueprint.
__all__ = ["planning"]
