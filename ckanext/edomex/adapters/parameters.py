"""Parameters of the actions, read by their validators."""

from __future__ import annotations

from typing import Any

from ckan.plugins import toolkit as tk


def read(fields: Any, data_dict: dict[str, Any]) -> dict[str, Any]:
    """The validated parameters. ValidationError, with the field's name, for what is wrong."""
    known = {key: value for key, value in data_dict.items() if key in fields}
    data, errors = tk.navl_validate(known, fields, {})
    if errors:
        raise tk.ValidationError(errors)
    return data
