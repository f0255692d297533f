"""A harvested dataset before CKAN sees it: in our words, without what our schema refuses.

One strange field is no reason to lose a dataset.
"""

from __future__ import annotations

import logging
from typing import Any

from ckan import model
from ckan.lib.plugins import lookup_package_plugin, plugin_validate

from ckanext.edomex.adapters.vocabularies import mapping, vocabulary
from ckanext.edomex.federation.domain.intake import address, in_our_words

log = logging.getLogger(__name__)

#: Without these there is no dataset: what is wrong with them is told as any refusal is.
NEEDED = frozenset({"title", "name", "owner_org", "id", "type", "message"})


def fit(dataset: dict[str, Any]) -> None:
    """Change the dictionary in place; what was left out is logged by the names of its fields."""
    codes = {
        "frequencies": _codes("periodicidad", "eu_frequency"), "languages": _codes("idiomas", "eu_language"),
        "access": _codes("niveles-de-acceso", "eu_access_right"),
    }  # fmt: skip
    licences = {address(row["url"]): row["id"] for row in vocabulary("licencias")}
    dataset.update(in_our_words(dataset, codes, licences))
    dropped = _drop_refused(dataset)
    if dropped:
        log.info("harvested without %s", ", ".join(dropped), extra={"event": "harvest.left_out", "fields": dropped})


def _codes(name: str, column: str) -> dict[str, str]:
    return {theirs: ours for ours, theirs in mapping(name, column).items()}


def _drop_refused(dataset: dict[str, Any]) -> list[str]:
    plugin = lookup_package_plugin("dataset")
    context: Any = {"ignore_auth": True, "user": "", "model": model, "session": model.Session}
    _, errors = plugin_validate(plugin, context, {"type": "dataset", **dataset}, plugin.create_package_schema(), "package_create")
    dropped = [field for field in errors if field in dataset and field not in {*NEEDED, "resources", "tags", "extras", "groups"}]
    for field in dropped:
        del dataset[field]
    for resource, wrong in zip(dataset.get("resources") or [], errors.get("resources") or [], strict=False):
        names = [field for field in wrong or {} if field in resource and field != "url"]
        dropped += [f"resources.{field}" for field in names]
        for field in names:
            del resource[field]
    return dropped
