"""Who may know of a source's records, and decide on those that are missing."""

from __future__ import annotations

from typing import Any

from ckan.plugins import toolkit as tk
from ckan.types import AuthResult, Context

from ckanext.edomex.adapters.callers import caller, state_roles, with_account

Data = dict[str, Any]
_REFUSAL = "Solo puede hacerlo quien edita la fuente de cosecha."
_APPROVERS = "Solo quien revisa o administra el calendario, o el portal, aprueba una fuente."
#: Roles of the state's that approve sources.
APPROVE = frozenset({"reviewer", "manager"})


def edomex_federation_source_list(context: Context, _data: Data) -> AuthResult:
    """Whoever has an account: each is shown the sources that are theirs to change, or to approve."""
    return with_account(context)


def edomex_federation_source_show(context: Context, data_dict: Data) -> AuthResult:
    """Who may change the source: editors and administrators of its agency; and who approves sources."""
    return _may_look(context, data_dict)


def edomex_federation_trial_show(context: Context, data_dict: Data) -> AuthResult:
    """Who may change the source, and who approves sources."""
    return _may_look(context, data_dict)


def edomex_federation_source_try(context: Context, data_dict: Data) -> AuthResult:
    """Who may change the source, and who approves sources."""
    return _may_look(context, data_dict)


def edomex_federation_source_approve(context: Context, _data: Data) -> AuthResult:
    """Reviewers and release managers of the state, and administrators of the portal: never the agency that asks for it."""
    user = caller(context)
    if user is not None and state_roles(user) & APPROVE:
        return {"success": True}
    return {"success": False, "msg": _APPROVERS}


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


def _may_look(context: Context, data_dict: Data) -> AuthResult:
    approves = edomex_federation_source_approve(context, data_dict)
    return approves if approves.get("success") else _may_update(context, data_dict)
