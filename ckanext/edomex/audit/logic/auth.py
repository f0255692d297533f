"""Who may call which action of the audit. Each caller is shown the steps of their own agencies; the state's people, all."""

from __future__ import annotations

from typing import Any

from ckan.plugins import toolkit as tk
from ckan.types import AuthResult, Context

from ckanext.edomex.adapters.callers import with_account


def edomex_audit_list(context: Context, _data: dict[str, Any]) -> AuthResult:
    """Anyone with an account; editors and administrators are shown their agency's steps, reviewers and managers all."""
    return with_account(context)


def edomex_audit_show(context: Context, _data: dict[str, Any]) -> AuthResult:
    """Anyone with an account; editors and administrators of the agency, reviewers and managers are shown it."""
    return with_account(context)


def edomex_audit_export(context: Context, _data: dict[str, Any]) -> AuthResult:
    """Anyone with an account, of the same steps as `edomex_audit_list`."""
    return with_account(context)


def edomex_audit_status(context: Context, data_dict: dict[str, Any]) -> AuthResult:
    """Release managers, as the figures of the engine."""
    try:
        tk.check_access("edomex_release_status", context, data_dict)
    except tk.NotAuthorized:
        return {"success": False, "msg": "Solo quien administra el calendario ve el estado de la bitácora."}
    return {"success": True}
