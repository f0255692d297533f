"""`edomex_feed`: wiring only."""

from __future__ import annotations

from typing import Any

import ckan.plugins as p
from ckan.plugins import toolkit as tk

from ckanext.edomex.adapters import catalogues, outbox
from ckanext.edomex.feed.jobs import FOLLOW_UP
from ckanext.edomex.feed.logic import listings
from ckanext.edomex.feed.views import frame


@tk.blanket.actions
@tk.blanket.auth_functions
@tk.blanket.blueprints
@tk.blanket.cli
@tk.blanket.config_declarations
@tk.blanket.helpers
class FeedPlugin(p.IConfigurer, p.IMiddleware, p.SingletonPlugin):
    """The catalogue for machines, in place of ckanext-dcat's own addresses."""

    def update_config(self, config: Any) -> None:
        """Follow releases; say in pages where the data is."""
        tk.add_template_directory(config, "templates")
        outbox.register(FOLLOW_UP)
        catalogues.register("adela", listings.adela_bytes)

    def make_middleware(self, app: Any, config: Any) -> Any:
        """Say how long our answers may be kept."""
        frame.install(app)
        return app

    def make_error_log_middleware(self, app: Any, config: Any) -> Any:
        """Nothing."""
        return app
