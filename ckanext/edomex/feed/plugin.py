"""`edomex_feed`: wiring only."""

from __future__ import annotations

from typing import Any

import ckan.plugins as p
from ckan.plugins import toolkit as tk

from ckanext.edomex.adapters import outbox
from ckanext.edomex.feed.jobs import FOLLOW_UP


@tk.blanket.blueprints
@tk.blanket.config_declarations
class FeedPlugin(p.IConfigurer, p.SingletonPlugin):
    """The catalogue for machines, in place of ckanext-dcat's own addresses."""

    def update_config(self, config: Any) -> None:
        """Follow releases."""
        outbox.register(FOLLOW_UP)
