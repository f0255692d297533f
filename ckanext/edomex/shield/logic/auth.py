"""Chained permissions: job records and harvested originals are for those who run the jobs."""

from __future__ import annotations

from typing import Any

from ckan import model
from ckan.plugins import toolkit as tk
from ckan.types import AuthFunction, AuthResult, Context

from ckanext.edomex.adapters.callers import caller
from ckanext.edomex.shield.logic import accounts, second_factor
from ckanext.edomex.shield.logic.refusals import UNSEEN
from ckanext.edomex.shield.model.accounts import agencies_of

NEEDS_FACTOR = "Las claves de API se crean en el portal, con la sesión iniciada y el segundo factor."


@tk.chained_auth_function
def task_status_show(next_auth: AuthFunction, context: Context, data_dict: dict[str, Any] | None) -> AuthResult:
    """A loader's error may quote cells of an unreleased file: only for who may edit its resource."""
    asked = data_dict or {}
    status = model.TaskStatus.get(asked["id"]) if asked.get("id") else None
    entity = asked.get("entity_id") or (status.entity_id if status else None)
    resource = model.Resource.get(entity) if entity else None
    if resource is None:
        return _refuse()
    try:
        tk.check_access("resource_update", Context(user=context.get("user", "")), {"id": resource.id})
    except tk.NotAuthorized:
        return _refuse()
    return next_auth(context, data_dict or {})


@tk.chained_auth_function
def harvest_object_show(next_auth: AuthFunction, context: Context, data_dict: dict[str, Any] | None) -> AuthResult:
    """The original record of a dataset that may still be private: only for who may see the dataset's source edited."""
    return _sysadmins(next_auth, context, data_dict)


@tk.chained_auth_function
def harvest_log_list(next_auth: AuthFunction, context: Context, data_dict: dict[str, Any] | None) -> AuthResult:
    """Sysadmins. The stock function asks itself until the stack is full."""
    return _sysadmins(next_auth, context, data_dict)


@tk.chained_auth_function
def harvest_object_list(next_auth: AuthFunction, context: Context, data_dict: dict[str, Any] | None) -> AuthResult:
    """Sysadmins, as `harvest_object_show`: the stock function shows the ids of every agency's to whoever has an account."""
    return _sysadmins(next_auth, context, data_dict)


@tk.chained_auth_function
def harvest_sources_reindex(next_auth: AuthFunction, context: Context, data_dict: dict[str, Any] | None) -> AuthResult:
    """Sysadmins. The stock function fails for who is not logged in."""
    return _sysadmins(next_auth, context, data_dict)


@tk.chained_auth_function
def package_collaborator_list(next_auth: AuthFunction, context: Context, data_dict: dict[str, Any] | None) -> AuthResult:
    """As CKAN has it, but for who is not logged in, where it fails."""
    return next_auth(context, data_dict or {}) if caller(context) else _refuse()


def _sysadmins(next_auth: AuthFunction, context: Context, data_dict: dict[str, Any] | None) -> AuthResult:
    user = caller(context)
    return next_auth(context, data_dict or {}) if user and user.sysadmin else _refuse()


@tk.chained_auth_function
def api_token_create(next_auth: AuthFunction, context: Context, data_dict: dict[str, Any] | None) -> AuthResult:
    """Whoever needs a second factor makes tokens only in a session in which they have shown it; a token makes none."""
    user = caller(context)
    if user is not None and second_factor.is_needed(user) and not second_factor.was_shown(user):
        return {"success": False, "msg": NEEDS_FACTOR}
    return next_auth(context, data_dict or {})


def edomex_second_factor_reset(context: Context, data_dict: dict[str, Any] | None) -> AuthResult:
    """The portal's administrators."""
    return {"success": False, "msg": UNSEEN}


def edomex_account_close(context: Context, data_dict: dict[str, Any] | None) -> AuthResult:
    """The portal's administrators; an agency's administrators, for who works for their agencies alone."""
    return _if_managed(context, data_dict)


def edomex_account_leave(context: Context, data_dict: dict[str, Any] | None) -> AuthResult:
    """As `edomex_account_close`."""
    return _if_managed(context, data_dict)


def edomex_account_report(context: Context, data_dict: dict[str, Any] | None) -> AuthResult:
    """The portal's administrators, for all; an agency's administrators, for their agencies."""
    user = caller(context)
    return {"success": True} if user and agencies_of(user.id, as_admin=True) else _refuse()


def _if_managed(context: Context, data_dict: dict[str, Any] | None) -> AuthResult:
    user = model.User.get((data_dict or {}).get("user") or "")
    return {"success": True} if accounts.may_manage(caller(context), user) else _refuse()


def _refuse() -> AuthResult:
    return {"success": False, "msg": UNSEEN}
