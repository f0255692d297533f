"""Who may know of a source's records, and decide on those that are missing."""

from __future__ import annotations

from typing import Any

from ckan.plugins import toolkit as tk
from ckan.types import AuthResult, Context

Data = dict[str, Any]
_REFUSAL = "Solo puede hacerlo quien edita la fuente de cosecha."


def edomex_federation_source_show(context: Context, data_dict: Data) -> AuthResult:
    """Who may change the source: editors and administrators of its agency."""
    return _may_update(context, data_dict)


def edomex_federation_missing_accept(context: Context, data_dict: Data) -> AuthResult:
    """Who may change the source: editors and administrators of its agency."""
    return _may_update(context, data_dict)


@tk.auth_allow_anonymous_access
def edomex_federation_origin_show(context: Context, data_dict: Data) -> AuthResult:
    """Whoever may see the dataset."""
    try:
        tk.check_access("package_show", context, {"id": data_dict.get("id")})
    except tk.NotAuthorized:
        return {"success": False}
    return {"success": True}


def _may_update(context: Context, data_dict: Data) -> AuthResult:
    try:
        tk.check_access("harvest_source_update", context, {"id": data_dict.get("id")})
    except (tk.NotAuthorized, tk.ObjectNotFound):
        # The same for a source that is not there.
        return {"success": False, "msg": _REFUSAL}
    return {"success": True}
