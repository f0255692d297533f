"""Who people are now: members of agencies, roles of the state's, addresses. Asked each time, for people come and go."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import sqlalchemy as sa
from ckan import model
from ckan.plugins import plugin_loaded
from ckan.plugins import toolkit as tk
from ckan.types import Context

from ckanext.edomex.notices import config
from ckanext.edomex.notices.domain.people import MAILTO, As, Standing
from ckanext.edomex.notices.domain.telling import People

#: Capacity in an agency → as what its people are concerned.
_CAPACITIES = {"editor": As.EDITOR, "admin": As.ADMIN}


def concerned(agency_id: str | None) -> dict[As, frozenset[str]]:
    """Everybody who may be concerned by what they do: of an agency, of the state, the operators."""
    found: dict[As, set[str]] = {who: set() for who in As}
    for row in model.Session.execute(_members().where(model.Member.group_id == agency_id)):
        found[_CAPACITIES[row.capacity]].add(row.user_id)
    for user_id, roles in _grants().items():
        for role in roles:
            found[As(role)].add(user_id)
    found[As.UNIT] = found[As.REVIEWER] | found[As.MANAGER]
    found[As.OPERATOR] = {f"{MAILTO}{address}" for address in config.alarm_mail()}
    return {who: frozenset(people) for who, people in found.items()}


def standings(user_ids: Iterable[str]) -> dict[str, Standing]:
    """What each of these accounts may know; those that are closed are left out."""
    active = sa.select(model.User.id, model.User.sysadmin).where(
        model.User.id.in_(list(user_ids)), model.User.state == model.State.ACTIVE
    )
    accounts = {row.id: row.sysadmin for row in model.Session.execute(active)}
    agencies: dict[str, set[str]] = {}
    for row in model.Session.execute(_members().where(model.Member.table_id.in_(list(accounts)))):
        agencies.setdefault(row.user_id, set()).add(row.group_id)
    grants = _grants()
    return {
        user_id: Standing(agencies=frozenset(agencies.get(user_id, ())), is_state=bool(sysadmin or grants.get(user_id)))
        for user_id, sysadmin in accounts.items()
    }


def address_of(recipient: str) -> str | None:
    """Where letters of a recipient go now; none for an account that is closed, or an address that is no operator's any more."""
    if recipient.startswith(MAILTO):
        address = recipient.removeprefix(MAILTO)
        return address if address in config.alarm_mail() else None
    user = model.User.get(recipient)
    return user.email or None if user is not None and user.state == model.State.ACTIVE else None


def named(people: Mapping[As, str | None]) -> People:
    """Accounts that a happening names, without those that it does not."""
    return {who: frozenset({user_id}) for who, user_id in people.items() if user_id}


def _members() -> sa.Select:
    return (
        sa.select(model.Member.group_id, model.Member.table_id.label("user_id"), model.Member.capacity)
        .join(model.Group, model.Group.id == model.Member.group_id)
        .where(
            model.Member.table_name == "user", model.Member.state == model.State.ACTIVE, model.Member.capacity.in_(_CAPACITIES),
            model.Group.is_organization.is_(True), model.Group.state == model.State.ACTIVE,
        )
    )  # fmt: skip


def _grants() -> dict[str, set[str]]:
    """Account → roles of the state's."""
    if not plugin_loaded("edomex_release"):
        return {}
    grants = tk.get_action("edomex_release_role_list")(Context(ignore_auth=True, user=""), {})
    names = {grant["user"] for grant in grants}
    ids = dict(model.Session.execute(sa.select(model.User.name, model.User.id).where(model.User.name.in_(names))).tuples().all())
    found: dict[str, set[str]] = {}
    for grant in grants:
        found.setdefault(ids[grant["user"]], set()).add(grant["role"])
    return found
