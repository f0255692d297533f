"""Clearing a harvest source: ckanext-harvest deletes its datasets by SQL, past every guard, at a GET of whoever edits the source."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from ckan import model
from ckan.plugins import plugin_loaded
from ckan.plugins import toolkit as tk
from ckan.types import Action, Context

from ckanext.edomex.adapters.callers import call_as_site

NOT_CLEARED = (
    "De esta fuente salieron conjuntos que ya son públicos o que tienen una publicación en curso; vaciarla los borraría. "
    "Retírelos o cancele sus publicaciones primero."
)
_OF_SOURCE = sa.text(
    "SELECT DISTINCT p.id, p.private FROM package p JOIN harvest_object o ON o.package_id = p.id"
    " WHERE o.harvest_source_id = :source AND p.state <> 'deleted'"
)


@tk.chained_action
def harvest_source_clear(up_func: Action, context: Context, data_dict: dict[str, Any]) -> Any:
    """Only of what nobody was promised and nobody has read."""
    tk.check_access("harvest_source_clear", context, data_dict)
    source = model.Package.get(data_dict.get("id"))
    for dataset in model.Session.execute(_OF_SOURCE, {"source": source.id if source else None}):
        if not dataset.private or _has_release(dataset.id):
            raise tk.ValidationError({"id": [NOT_CLEARED]})
    return up_func(context, data_dict)


def _has_release(dataset_id: str) -> bool:
    """Whether the release room knows of one that is not over; nothing is under way where that room is not."""
    if not plugin_loaded("edomex_release"):
        return False
    found = call_as_site("edomex_release_list", dataset_id=dataset_id)
    return any(each["state"] in {"in_review", "scheduled"} for each in found)
