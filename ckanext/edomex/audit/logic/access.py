"""Whose steps somebody may read: the agencies that they register or answer for; all, for who reviews or manages for the state."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import sqlalchemy as sa
from ckan import authz, model
from ckan.plugins import toolkit as tk
from ckan.types import Context

from ckanext.edomex.adapters.callers import caller, state_roles
from ckanext.edomex.audit.model import Seal

NO_FOLIO = "No existe ese folio, o no puede verlo con esta cuenta."
NO_AGENCY = "No existe esa dependencia, o no puede ver su bitácora con esta cuenta."
#: Capacities of those who work for an agency; whoever only reads its drafts is shown no log.
CAPACITIES = frozenset({"editor", "admin"})


def agencies(context: Context) -> list[str] | None:
    """Ids of the agencies whose log the caller may read; None for all."""
    if context.get("ignore_auth"):
        return None
    user = caller(context)
    if user is None or user.state != model.State.ACTIVE:
        return []
    if user.sysadmin or state_roles(user):
        return None
    groups = user.get_groups("organization")
    return [
        group.id for group in groups
        if group.state == model.State.ACTIVE and authz.users_role_for_group_or_org(group.id, user.name) in CAPACITIES
    ]  # fmt: skip


def readable(mine: Iterable[str] | None) -> Any:
    """The condition of seals that may be read."""
    return sa.true() if mine is None else Seal.agency_id.in_(list(mine))


def find_agency(context: Context, name_or_id: str) -> str:
    """Id of the agency of this name or id; `ObjectNotFound` also where the caller may not read its log."""
    group, mine = model.Group.get(name_or_id), agencies(context)
    if group is None or not group.is_organization or (mine is not None and group.id not in mine):
        raise tk.ObjectNotFound(NO_AGENCY)
    return group.id
