"""Who may call which action: the table of `domain/permissions.py`, asked for the agency that the parameters name.

Administrators of the portal may by CKAN's own rule. That a plan is approved by another person binds them too.
"""

from __future__ import annotations

from typing import Any

from ckan import model
from ckan.plugins import toolkit as tk
from ckan.types import AuthResult, Context

from ckanext.edomex.adapters.callers import LOG_IN, caller
from ckanext.edomex.planning.logic import access
from ckanext.edomex.planning.model import Document, Item, Line, Plan

_REFUSAL = "Solo puede hacerlo quien tiene esa función en la dependencia o en el equipo revisor del estado."


def edomex_inventory_list(context: Context, data_dict: dict[str, Any]) -> AuthResult:
    """Anyone with an account; each is shown what is theirs: editors and administrators their agency's, reviewers and managers all."""
    return _allowed("edomex_inventory_list", context, data_dict, without_agency=True)


def edomex_inventory_show(context: Context, data_dict: dict[str, Any]) -> AuthResult:
    """Editors and administrators of the agency; reviewers and managers of the state."""
    return _allowed("edomex_inventory_show", context, data_dict)


def edomex_inventory_history(context: Context, data_dict: dict[str, Any]) -> AuthResult:
    """Editors and administrators of the agency; reviewers and managers of the state."""
    return _allowed("edomex_inventory_history", context, data_dict)


def edomex_inventory_export(context: Context, data_dict: dict[str, Any]) -> AuthResult:
    """Editors and administrators of the agency; reviewers and managers of the state."""
    return _allowed("edomex_inventory_export", context, data_dict)


def edomex_inventory_create(context: Context, data_dict: dict[str, Any]) -> AuthResult:
    """Editors and administrators of the agency."""
    return _allowed("edomex_inventory_create", context, data_dict)


def edomex_inventory_update(context: Context, data_dict: dict[str, Any]) -> AuthResult:
    """Editors and administrators of the agency."""
    return _allowed("edomex_inventory_update", context, data_dict)


def edomex_inventory_delete(context: Context, data_dict: dict[str, Any]) -> AuthResult:
    """Editors and administrators of the agency."""
    return _allowed("edomex_inventory_delete", context, data_dict)


def edomex_inventory_import(context: Context, data_dict: dict[str, Any]) -> AuthResult:
    """Editors and administrators of the agency."""
    return _allowed("edomex_inventory_import", context, data_dict)


@tk.auth_allow_anonymous_access
def edomex_plan_promise_list(_context: Context, _data_dict: dict[str, Any]) -> AuthResult:
    """Anyone: what a published plan says is public."""
    return {"success": True}


def edomex_plan_due_list(context: Context, data_dict: dict[str, Any]) -> AuthResult:
    """Anyone with an account; each is shown what is theirs, as with inventories."""
    return _allowed("edomex_plan_due_list", context, data_dict, without_agency=True)


def edomex_plan_cycle_list(context: Context, data_dict: dict[str, Any]) -> AuthResult:
    """Anyone with an account; each is shown what is theirs, as with inventories."""
    return _allowed("edomex_plan_cycle_list", context, data_dict, without_agency=True)


def edomex_plan_list(context: Context, data_dict: dict[str, Any]) -> AuthResult:
    """Anyone with an account; each is shown what is theirs, as with inventories."""
    return _allowed("edomex_plan_list", context, data_dict, without_agency=True)


def edomex_plan_commitment(context: Context, data_dict: dict[str, Any]) -> AuthResult:
    """Anyone with an account, of what is theirs to see."""
    return _allowed("edomex_plan_commitment", context, data_dict, without_agency=True)


def edomex_plan_show(context: Context, data_dict: dict[str, Any]) -> AuthResult:
    """Editors and administrators of the agency; reviewers and managers of the state."""
    return _allowed("edomex_plan_show", context, data_dict)


def edomex_plan_history(context: Context, data_dict: dict[str, Any]) -> AuthResult:
    """Editors and administrators of the agency; reviewers and managers of the state."""
    return _allowed("edomex_plan_history", context, data_dict)


def edomex_plan_export(context: Context, data_dict: dict[str, Any]) -> AuthResult:
    """Editors and administrators of the agency; reviewers and managers of the state."""
    return _allowed("edomex_plan_export", context, data_dict)


def edomex_plan_create(context: Context, data_dict: dict[str, Any]) -> AuthResult:
    """Editors and administrators of the agency."""
    return _allowed("edomex_plan_create", context, data_dict)


def edomex_plan_update(context: Context, data_dict: dict[str, Any]) -> AuthResult:
    """Editors and administrators of the agency."""
    return _allowed("edomex_plan_update", context, data_dict)


def edomex_plan_derive(context: Context, data_dict: dict[str, Any]) -> AuthResult:
    """Editors and administrators of the agency."""
    return _allowed("edomex_plan_derive", context, data_dict)


def edomex_plan_line_update(context: Context, data_dict: dict[str, Any]) -> AuthResult:
    """Editors and administrators of the agency."""
    return _allowed("edomex_plan_line_update", context, data_dict)


def edomex_plan_submit(context: Context, data_dict: dict[str, Any]) -> AuthResult:
    """Editors and administrators of the agency."""
    return _allowed("edomex_plan_submit", context, data_dict)


def edomex_plan_reopen(context: Context, data_dict: dict[str, Any]) -> AuthResult:
    """Editors and administrators of the agency."""
    return _allowed("edomex_plan_reopen", context, data_dict)


def edomex_plan_return(context: Context, data_dict: dict[str, Any]) -> AuthResult:
    """Reviewers."""
    return _allowed("edomex_plan_return", context, data_dict)


def edomex_plan_approve(context: Context, data_dict: dict[str, Any]) -> AuthResult:
    """Reviewers; that it is not who sent it is a rule of the action."""
    return _allowed("edomex_plan_approve", context, data_dict)


def edomex_plan_line_draft(context: Context, data_dict: dict[str, Any]) -> AuthResult:
    """Editors and administrators of the agency."""
    return _allowed("edomex_plan_line_draft", context, data_dict)


def edomex_plan_publish(context: Context, data_dict: dict[str, Any]) -> AuthResult:
    """Editors and administrators of the agency."""
    return _allowed("edomex_plan_publish", context, data_dict)


def edomex_plan_document_show(context: Context, data_dict: dict[str, Any]) -> AuthResult:
    """Editors and administrators of the agency; reviewers and managers of the state."""
    return _allowed("edomex_plan_document_show", context, data_dict)


def edomex_plan_document_add(context: Context, data_dict: dict[str, Any]) -> AuthResult:
    """Editors and administrators of the agency."""
    return _allowed("edomex_plan_document_add", context, data_dict)


def edomex_plan_document_remove(context: Context, data_dict: dict[str, Any]) -> AuthResult:
    """Editors and administrators of the agency."""
    return _allowed("edomex_plan_document_remove", context, data_dict)


def _allowed(name: str, context: Context, data_dict: dict[str, Any], *, without_agency: bool = False) -> AuthResult:
    if caller(context) is None:
        return {"success": False, "msg": LOG_IN}
    if without_agency and not data_dict.get("agency"):
        return {"success": True}
    return {"success": True} if access.may(context, name, _agency_of(data_dict)) else {"success": False, "msg": _REFUSAL}


def _agency_of(data_dict: dict[str, Any]) -> str | None:
    """Id of the agency that the parameters name, by itself or by what belongs to it."""
    named = data_dict.get("agency")
    if isinstance(named, str) and named:
        group = model.Group.get(named)
        return group.id if group is not None and group.is_organization else None
    found = data_dict.get("id")
    kinds = (Item, Plan, Line, Document) if isinstance(found, str) else ()
    there = next((thing for kind in kinds if (thing := model.Session.get(kind, found)) is not None), None)
    return there.agency_id if there is not None else None
