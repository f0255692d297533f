"""A dataset's rows as `package_show` shows them: lists that CKAN keeps as text become lists again."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any, cast

#: Fields of the schema that hold a list.
LISTS = ("spatial_keys", "documentation", "related", "dictionary")


def as_shown(row: Mapping[str, Any], licences: Mapping[str, str]) -> dict[str, Any]:
    """The dataset with its lists read, its licence's address, and its resources likewise.

    Args:
        row: columns, extras and `resources` as they stand in the tables.
        licences: id of each licence → its address.
    """
    found = _with_lists(row)
    resources = cast("list[Mapping[str, Any]]", found.get("resources") or [])
    found["resources"] = [_with_lists(resource) for resource in resources]
    found["license_url"] = licences.get(str(found.get("license_id") or ""))
    return found


def _with_lists(row: Mapping[str, Any]) -> dict[str, Any]:
    return {**row, **{name: _list(row[name]) for name in LISTS if name in row}}


def _list(value: Any) -> list[Any]:
    if not isinstance(value, str):
        return cast("list[Any]", value) if isinstance(value, list) else []
    try:
        read = json.loads(value)
    except ValueError:
        # One word by itself is what a form with one choice sends.
        return [value] if value and not value.startswith(("[", "{")) else []
    return cast("list[Any]", read) if isinstance(read, list) else [value]
