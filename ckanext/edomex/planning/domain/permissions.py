"""Who may do what with an inventory or a plan: one table, read by every permission, page and test."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from types import MappingProxyType


class Who(StrEnum):
    """What somebody is: in the agency, or for the state. Administrators of the portal may everything."""

    EDITOR = "editor"
    ADMIN = "admin"
    REVIEWER = "reviewer"
    MANAGER = "manager"


AGENCY = frozenset({Who.EDITOR, Who.ADMIN})
STATE = frozenset({Who.REVIEWER, Who.MANAGER})
READERS = AGENCY | STATE

#: Action → whoever may call it, for the agency in question.
PERMISSIONS: Mapping[str, frozenset[Who]] = MappingProxyType({
    "edomex_inventory_list": READERS,
    "edomex_inventory_show": READERS,
    "edomex_inventory_history": READERS,
    "edomex_inventory_export": READERS,
    "edomex_inventory_create": AGENCY,
    "edomex_inventory_update": AGENCY,
    "edomex_inventory_delete": AGENCY,
    "edomex_inventory_import": AGENCY,
    "edomex_plan_list": READERS,
    "edomex_plan_show": READERS,
    "edomex_plan_history": READERS,
    "edomex_plan_export": READERS,
    "edomex_plan_due_list": READERS,
    "edomex_plan_cycle_list": READERS,
    "edomex_plan_document_show": READERS,
    "edomex_plan_commitment": READERS,
    "edomex_plan_create": AGENCY,
    "edomex_plan_update": AGENCY,
    "edomex_plan_derive": AGENCY,
    "edomex_plan_line_update": AGENCY,
    "edomex_plan_line_draft": AGENCY,
    "edomex_plan_document_add": AGENCY,
    "edomex_plan_document_remove": AGENCY,
    "edomex_plan_submit": AGENCY,
    "edomex_plan_reopen": AGENCY,
    "edomex_plan_publish": AGENCY,
    "edomex_plan_return": frozenset({Who.REVIEWER}),
    "edomex_plan_approve": frozenset({Who.REVIEWER}),
})


def allows(permission: str, roles: frozenset[Who]) -> bool:
    """Whether one of these roles suffices."""
    return bool(PERMISSIONS[permission] & roles)
