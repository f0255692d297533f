"""`edomex_feed`: wiring only."""

from __future__ import annotations

import ckan.plugins as p
from ckan.plugins import toolkit as tk


@tk.blanket.blueprints
@tk.blanket.config_declarations
class FeedPlugin(p.SingletonPlugin):
    """The catalogue for machines, in place of ckanext-dcat's own addresses."""
