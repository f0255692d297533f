"""Chained permissions of stock actions."""

from __future__ import annotations

from typing import Any

from ckan import authz, model
from ckan.plugins import toolkit as tk
from ckan.types import AuthFunction, AuthResult, Context


@tk.chained_auth_function
def package_create(next_auth: AuthFunction, context: Context, data_dict: dict[str, Any] | None) -> AuthResult:
    """Whoever may register a dataset may file it under any theme: themes are the portal's, not a group of people."""
    return next_auth(context, _without_themes(data_dict))


@tk.chained_auth_function
def package_update(next_auth: AuthFunction, context: Context, data_dict: dict[str, Any] | None) -> AuthResult:
    """As `package_create`."""
    return next_auth(context, _without_themes(data_dict))


def _without_themes(data_dict: dict[str, Any] | None) -> dict[str, Any]:
    """CKAN asks for membership in each group that is named here; agencies it asks for apart, as `owner_org`."""
    return {key: value for key, value in (data_dict or {}).items() if key != "groups"}


def edomex_dataset_check(context: Context, data_dict: dict[str, Any] | None) -> AuthResult:
    """Whoever may edit the dataset, or read it while it is not public: its agency, and its reviewers."""
    who = Context(user=context.get("user", ""), auth_user_obj=context.get("auth_user_obj"))
    package = model.Package.get(str((data_dict or {}).get("dataset_id") or ""))
    if package is None:
        return {"success": False}
    allowed = "package_show" if package.private else "package_update"
    return {"success": authz.is_authorized_boolean(allowed, who, {"id": package.id})}


@tk.auth_allow_anonymous_access
def edomex_vocabulary_list(context: Context, data_dict: dict[str, Any] | None) -> AuthResult:
    """Anybody."""
    return {"success": True}


@tk.auth_allow_anonymous_access
def edomex_vocabulary_show(context: Context, data_dict: dict[str, Any] | None) -> AuthResult:
    """Anybody."""
    return {"success": True}


def edomex_catalogue_import(context: Context, data_dict: dict[str, Any] | None) -> AuthResult:
    """Editors and administrators of the agency."""
    user, agency = context.get("user"), (data_dict or {}).get("agency")
    return {"success": bool(user) and authz.has_user_permission_for_group_or_org(agency, user, "create_dataset")}


@tk.auth_allow_anonymous_access
def edomex_catalogue_rows(context: Context, data_dict: dict[str, Any] | None) -> AuthResult:
    """Anybody; only what the caller may see is in it."""
    return {"success": True}
