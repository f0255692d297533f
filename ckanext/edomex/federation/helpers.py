"""What pages ask of federation."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import ckan.plugins as p
from ckan.plugins import toolkit as tk
from ckanext.harvest.interfaces import IHarvester

from ckanext.edomex.adapters.callers import call
from ckanext.edomex.federation.domain.trials import OUTCOME_NAMES, STANDING_NAMES, TRIABLE
from ckanext.edomex.federation.logic.sources import origin

#: Where the schema's word is none for a reader: fields that have no place of their own in the form.
FIELD_NAMES = {"tags": "Etiquetas", "extras": "Otros campos", "url": "Dirección", "resources": "Archivos"}


def edomex_federation_origin(package_id: str) -> dict[str, str] | None:
    """Where a dataset came from, for its page: `source_title`, `iri` (a web address, or empty), `licence`; None for none."""
    return origin(package_id)


def edomex_federation_sources() -> list[dict[str, Any]]:
    """The sources that the reader may change or approve."""
    return call("edomex_federation_source_list")


def edomex_federation_standings() -> Mapping[str, str]:
    """Where a source stands → words for it."""
    return STANDING_NAMES


def edomex_federation_outcomes() -> Mapping[str, str]:
    """What would become of a record → words for it."""
    return OUTCOME_NAMES


def edomex_federation_kind(kind: str) -> str:
    """What a type of source is called."""
    infos: list[Any] = [harvester.info() for harvester in p.PluginImplementations(IHarvester)]
    return next((info["title"] for info in infos if info["name"] == kind), kind)


def edomex_federation_can_be_tried(kind: str) -> bool:
    """Whether a source of this type can be read without taking anything."""
    return kind in TRIABLE


def edomex_federation_field(name: str, *, of_file: bool) -> str:
    """What the form calls a field of a dataset or of a file."""
    if not p.plugin_loaded("edomex"):
        return FIELD_NAMES.get(name, name)
    part = "resource_fields" if of_file else "dataset_fields"
    fields = tk.h.scheming_get_dataset_schema("dataset")[part]
    label = next((each.get("label") for each in fields if each["field_name"] == name), None)
    return label if isinstance(label, str) else FIELD_NAMES.get(name, name)
