"""Who the caller is to an agency's inventory and plans, and the one way in which actions find what they work on."""

from __future__ import annotations

from typing import Any, TypeVar

from ckan import authz, model
from ckan.plugins import toolkit as tk
from ckan.types import Context

from ckanext.edomex.adapters.callers import caller, need_account, state_roles
from ckanext.edomex.adapters.groups import agency_of
from ckanext.edomex.planning.domain.permissions import AGENCY, STATE, Who, allows
from ckanext.edomex.planning.model import Document, Item, Line, Plan

NO_AGENCY = "No existe esa dependencia, o no puede ver su inventario con esta cuenta."
#: What belongs to a plan.
_Thing = TypeVar("_Thing", Plan, Line, Document)
NO_PLAN = "No existe ese plan, o no puede verlo con esta cuenta."
NO_ITEM = "No existe ese renglón del inventario, o no puede verlo con esta cuenta."


def may(context: Context, permission: str, agency_id: str | None) -> bool:
    """Whether the caller may call this action for this agency."""
    user = caller(context)
    if user is None or user.state != "active" or agency_id is None:
        return False
    return user.sysadmin or allows(permission, _in_agency(user, agency_id) | _for_state(user))


def agencies(context: Context) -> list[str] | None:
    """Ids of the agencies whose inventories the caller may read; None for all."""
    user = need_account(context)
    if user.sysadmin or _for_state(user):
        return None
    groups = user.get_groups("organization")
    return [group.id for group in groups if group.state == "active" and _in_agency(user, group.id)]


def find_agency(context: Context, name_or_id: Any) -> model.Group:
    """The agency of this name or id; `ObjectNotFound` also where the caller may not read its inventory."""
    group = agency_of(name_or_id) if isinstance(name_or_id, str) else None
    if group is None or not may(context, "edomex_inventory_list", group.id):
        raise tk.ObjectNotFound(NO_AGENCY)
    return group


def find_item(context: Context, item_id: Any, *, lock: bool = False) -> Item:
    """The row of this id, locked and read anew if asked; `ObjectNotFound` also where the caller may not know of it."""
    session = model.Session
    item = session.get(Item, item_id) if isinstance(item_id, str) else None
    if item is None or not may(context, "edomex_inventory_show", item.agency_id):
        raise tk.ObjectNotFound(NO_ITEM)
    if lock:
        found = session.query(Item).filter_by(id=item_id).with_for_update().populate_existing().one_or_none()
        if found is None:
            raise tk.ObjectNotFound(NO_ITEM)
        return found
    return item


def find_plan(context: Context, plan_id: Any, *, lock: bool = False) -> Plan:
    """The plan of this id, locked and read anew if asked; `ObjectNotFound` also where the caller may not know of it."""
    return _find(context, Plan, plan_id, lock=lock)


def find_line(context: Context, line_id: Any, *, lock: bool = False) -> Line:
    """The line of a plan, as `find_plan`."""
    return _find(context, Line, line_id, lock=lock)


def find_document(context: Context, document_id: Any) -> Document:
    """A document of a plan that was not removed, as `find_plan`."""
    document = _find(context, Document, document_id)
    if document.removed_at is not None:
        raise tk.ObjectNotFound(NO_PLAN)
    return document


def _find(context: Context, kind: type[_Thing], thing_id: Any, *, lock: bool = False) -> _Thing:
    found = model.Session.get(kind, thing_id) if isinstance(thing_id, str) else None
    if found is None or not may(context, "edomex_plan_show", found.agency_id):
        raise tk.ObjectNotFound(NO_PLAN)
    if lock:
        model.Session.refresh(found, with_for_update=True)
    return found


def _in_agency(user: model.User, agency_id: str) -> frozenset[Who]:
    capacity = authz.users_role_for_group_or_org(agency_id, user.name)
    return AGENCY & {Who(capacity)} if capacity in set(Who) else frozenset()


def _for_state(user: model.User) -> frozenset[Who]:
    return STATE & {Who(role) for role in state_roles(user)}
