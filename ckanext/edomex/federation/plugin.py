"""`edomex_federation`: wiring only."""

from __future__ import annotations

from typing import Any

import ckan.plugins as p
from ckan.plugins import toolkit as tk
from ckanext.dcat.interfaces import IDCATRDFHarvester

from ckanext.edomex.adapters import figures
from ckanext.edomex.federation import views
from ckanext.edomex.federation.domain.addresses import problem
from ckanext.edomex.federation.jobs import wait_patiently
from ckanext.edomex.federation.logic import action, judging, sources, watching
from ckanext.edomex.federation.logic.datasets import SCHEMA
from ckanext.edomex.federation.logic.intake import fit

FIGURES = figures.Figures(
    room="sources", status=watching.status,
    gauges={
        "sources": "Other portals that are harvested", "unread": "Those that were not read for three of their intervals",
        "held": "Those of which so much is missing that a person has to decide",
    },
)  # fmt: skip


def _actions() -> dict[str, Any]:
    ours = {name: each for module in (sources, judging) for name, each in vars(module).items() if name.startswith("edomex_")}
    return {each.__name__: each for each in action.CHAINED} | ours


@tk.blanket.actions(_actions)
@tk.blanket.auth_functions
@tk.blanket.config_declarations
@tk.blanket.helpers
class FederationPlugin(IDCATRDFHarvester, p.IBlueprint, p.IConfigurable, p.IConfigurer, p.SingletonPlugin):
    """Harvesting with its doors closed."""

    def get_blueprint(self) -> Any:
        """Pages of sources, where there is the room of which they are a part; another portal has the actions."""
        return [views.sources] if p.plugin_loaded("edomex_release") else []

    def update_config(self, config: Any) -> None:
        """Pages of sources; where a dataset came from, on its page."""
        tk.add_template_directory(config, "templates")
        figures.register(FIGURES)

    def configure(self, config: Any) -> None:
        """Mend the stock consumers."""
        wait_patiently()

    def before_download(self, url: str, harvest_job: Any) -> tuple[str | None, list[str]]:  # the interface names it
        """Sources from before this plugin, and the «next page» that a hostile feed names, pass here as well."""
        wrong = problem(url)
        return (None, [wrong]) if wrong else (url, [])

    def before_create(self, harvest_object: Any, dataset_dict: dict[str, Any], temp_dict: dict[str, Any]) -> None:
        """Put what comes in our words, where they are spoken."""
        if p.plugin_loaded(SCHEMA):
            fit(dataset_dict)

    def before_update(self, harvest_object: Any, dataset_dict: dict[str, Any], temp_dict: dict[str, Any]) -> None:
        """As `before_create`."""
        if p.plugin_loaded(SCHEMA):
            fit(dataset_dict)
