"""Addresses of the feed. Each module adds its own to one blueprint."""

from ckanext.edomex.feed.views import changes, documents, listings, negotiation, quality  # noqa: F401  # they register their addresses
from ckanext.edomex.feed.views.frame import feed

# CKAN takes every name of this list for a blueprint.
__all__ = ["feed"]
