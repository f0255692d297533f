"""Who may call which action: targets are the administrators' of the portal; how copies do is for those who run releases too."""

from __future__ import annotations

from typing import Any

from ckan.plugins import toolkit as tk
from ckan.types import AuthResult, Context

_ADMINISTRATORS = "Solo quien administra el portal cambia los destinos."
_RUNNERS = "Solo quien administra el calendario o el portal ve las copias en otros portales."


def edomex_target_create(_context: Context, _data: dict[str, Any]) -> AuthResult:
    """Administrators of the portal."""
    return {"success": False, "msg": _ADMINISTRATORS}


def edomex_target_update(_context: Context, _data: dict[str, Any]) -> AuthResult:
    """Administrators of the portal."""
    return {"success": False, "msg": _ADMINISTRATORS}


def edomex_target_show(context: Context, data_dict: dict[str, Any]) -> AuthResult:
    """Release managers, and administrators of the portal."""
    return _as_the_engine(context, data_dict)


def edomex_target_list(context: Context, data_dict: dict[str, Any]) -> AuthResult:
    """Release managers, and administrators of the portal."""
    return _as_the_engine(context, data_dict)


def edomex_target_compare(context: Context, data_dict: dict[str, Any]) -> AuthResult:
    """Release managers, and administrators of the portal."""
    return _as_the_engine(context, data_dict)


def edomex_target_sync(context: Context, data_dict: dict[str, Any]) -> AuthResult:
    """Release managers, and administrators of the portal."""
    return _as_the_engine(context, data_dict)


def edomex_bundle_list(context: Context, data_dict: dict[str, Any]) -> AuthResult:
    """Release managers, and administrators of the portal. Whoever may see parcels may make one: it changes nothing elsewhere."""
    return _as_the_engine(context, data_dict)


def edomex_bundle_acknowledge(context: Context, data_dict: dict[str, Any]) -> AuthResult:
    """Release managers, and administrators of the portal."""
    return _as_the_engine(context, data_dict)


def edomex_copy_list(context: Context, data_dict: dict[str, Any]) -> AuthResult:
    """Release managers, and administrators of the portal."""
    return _as_the_engine(context, data_dict)


def edomex_copy_history(context: Context, data_dict: dict[str, Any]) -> AuthResult:
    """Release managers, and administrators of the portal."""
    return _as_the_engine(context, data_dict)


def edomex_copy_retry(context: Context, data_dict: dict[str, Any]) -> AuthResult:
    """Release managers, and administrators of the portal."""
    return _as_the_engine(context, data_dict)


def _as_the_engine(context: Context, data_dict: dict[str, Any]) -> AuthResult:
    try:
        tk.check_access("edomex_release_status", context, data_dict)
    except (tk.NotAuthorized, ValueError):
        return {"success": False, "msg": _RUNNERS}
    return {"success": True}
