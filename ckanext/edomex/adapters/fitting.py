"""A dataset from elsewhere without what our schema refuses: one strange field is no reason to lose a dataset."""

from __future__ import annotations

from typing import Any

from ckan import model
from ckan.lib.plugins import lookup_package_plugin, plugin_validate

#: Without these there is no dataset: what is wrong with them is told as any refusal is.
NEEDED = frozenset({"title", "name", "owner_org", "id", "type", "message"})
#: Lists of things; what is wrong is within one of them.
_LISTS = frozenset({"resources", "tags", "extras", "groups"})


def drop_refused(dataset: dict[str, Any]) -> list[str]:
    """Take out, in place, what the schema for new datasets refuses; returns the names of those fields."""
    plugin = lookup_package_plugin("dataset")
    context: Any = {"ignore_auth": True, "user": "", "model": model, "session": model.Session}
    _, errors = plugin_validate(plugin, context, {"type": "dataset", **dataset}, plugin.create_package_schema(), "package_create")
    dropped = [field for field in errors if field in dataset and field not in NEEDED | _LISTS]
    for field in dropped:
        del dataset[field]
    return dropped + _drop_of_resources(dataset, errors.get("resources") or [])


def _drop_of_resources(dataset: dict[str, Any], errors: list[Any]) -> list[str]:
    dropped: list[str] = []
    for resource, wrong in list(zip(dataset.get("resources") or [], errors, strict=False)):
        names = [field for field in wrong or {} if field in resource and field != "id"]
        dropped += [f"resources.{field}" for field in names]
        if "url" in names:
            # Nobody can fetch it.
            dataset["resources"].remove(resource)
        for field in names:
            del resource[field]
    return dropped
