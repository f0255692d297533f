"""Who may call which action. Notices and preferences are each account's own: nobody reads another's, administrators included."""

from __future__ import annotations

from typing import Any

from ckan.plugins import toolkit as tk
from ckan.types import AuthResult, Context

from ckanext.edomex.adapters.callers import with_account


def edomex_notice_list(context: Context, _data: dict[str, Any]) -> AuthResult:
    """Anyone with an account, of their own."""
    return with_account(context)


def edomex_notice_read(context: Context, _data: dict[str, Any]) -> AuthResult:
    """Anyone with an account, of their own."""
    return with_account(context)


def edomex_notice_preference_show(context: Context, _data: dict[str, Any]) -> AuthResult:
    """Anyone with an account, of their own."""
    return with_account(context)


def edomex_notice_preference_update(context: Context, _data: dict[str, Any]) -> AuthResult:
    """Anyone with an account, of their own."""
    return with_account(context)


def edomex_notice_status(context: Context, data_dict: dict[str, Any]) -> AuthResult:
    """Release managers, as the figures of the engine."""
    return _as_the_engine(context, data_dict)


def edomex_notice_letter_retry(context: Context, data_dict: dict[str, Any]) -> AuthResult:
    """Release managers, as the figures of the engine."""
    return _as_the_engine(context, data_dict)


def _as_the_engine(context: Context, data_dict: dict[str, Any]) -> AuthResult:
    try:
        tk.check_access("edomex_release_status", context, data_dict)
    except tk.NotAuthorized:
        return {"success": False, "msg": "Solo quien administra el calendario ve el estado del correo."}
    return {"success": True}
