"""Who reviews and who manages the calendar: given and taken by the portal's administrators."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from ckan import model
from ckan.plugins import toolkit as tk
from ckan.types import Context

from ckanext.edomex.adapters import parameters
from ckanext.edomex.adapters.unit_of_work import unit_of_work
from ckanext.edomex.release.logic import access, schema
from ckanext.edomex.release.model import RoleGrant

Data = dict[str, Any]


def edomex_release_role_grant(context: Context, data_dict: Data) -> Data:
    """Give an account a role of the state's. Giving it twice changes nothing.

    :param user: id or name of the account
    :param role: `reviewer` or `manager`
    :returns: the grant
    """
    tk.check_access("edomex_release_role_grant", context, data_dict)
    user_id, role = _grant(data_dict)
    giver = access.caller(context)
    with unit_of_work() as session:
        if session.get(RoleGrant, (user_id, role)) is None:
            session.add(RoleGrant(user_id=user_id, role=role, granted_by=giver.id if giver else None))
    return {"user": data_dict["user"], "role": role}


def edomex_release_role_revoke(context: Context, data_dict: Data) -> Data:
    """Take a role away.

    :param user: id or name of the account
    :param role: `reviewer` or `manager`
    :returns: what was taken
    """
    tk.check_access("edomex_release_role_revoke", context, data_dict)
    user_id, role = _grant(data_dict)
    with unit_of_work() as session:
        grant = session.get(RoleGrant, (user_id, role))
        if grant is None:
            raise tk.ObjectNotFound("Esa cuenta no tiene esa función.")
        session.delete(grant)
    return {"user": data_dict["user"], "role": role}


@tk.side_effect_free
def edomex_release_role_list(context: Context, data_dict: Data) -> list[Data]:
    """Every grant there is.

    :param user: only this account's, by its name (optional)
    :returns: list of `{user, role}`
    """
    tk.check_access("edomex_release_role_list", context, data_dict)
    data = parameters.read(schema.role_list(), data_dict)
    query = sa.select(model.User.name, RoleGrant.role).join(RoleGrant, RoleGrant.user_id == model.User.id)
    if data.get("user"):
        query = query.where(model.User.name == data["user"])
    rows = model.Session.execute(query.order_by(model.User.name, RoleGrant.role))
    return [{"user": name, "role": role} for name, role in rows]


def _grant(data_dict: Data) -> tuple[str, str]:
    data = parameters.read(schema.role(), data_dict)
    user = model.User.get(data["user"])
    if user is None or user.state != "active":
        raise tk.ObjectNotFound("No existe esa cuenta, o no está activa.")
    return user.id, data["role"]
