"""`edomex_federation`: wiring only."""

from __future__ import annotations

from typing import Any

import ckan.plugins as p
from ckan.plugins import toolkit as tk
from ckanext.dcat.interfaces import IDCATRDFHarvester

from ckanext.edomex.federation.domain.addresses import problem
from ckanext.edomex.federation.jobs import wait_patiently
from ckanext.edomex.federation.logic.intake import fit


@tk.blanket.actions
class FederationPlugin(IDCATRDFHarvester, p.IConfigurable, p.SingletonPlugin):
    """Harvesting with its doors closed."""

    def configure(self, config: Any) -> None:
        """Mend the stock consumers."""
        wait_patiently()

    def before_download(self, url: str, harvest_job: Any) -> tuple[str | None, list[str]]:  # the interface names it
        """Sources from before this plugin, and the «next page» that a hostile feed names, pass here as well."""
        wrong = problem(url)
        return (None, [wrong]) if wrong else (url, [])

    def before_create(self, harvest_object: Any, dataset_dict: dict[str, Any], temp_dict: dict[str, Any]) -> None:
        """Put what comes in our words."""
        fit(dataset_dict)

    def before_update(self, harvest_object: Any, dataset_dict: dict[str, Any], temp_dict: dict[str, Any]) -> None:
        """As `before_create`."""
        fit(dataset_dict)
