"""The blueprint that all pages of this room belong to, and who may come in."""

from __future__ import annotations

from flask import Blueprint

from ckanext.edomex.adapters import pages
from ckanext.edomex.adapters.answers import field_errors_are_400

planning = Blueprint("edomex_planning", __name__)
planning.after_app_request(field_errors_are_400)

for_staff = pages.for_staff("edomex_planning.inventory")
