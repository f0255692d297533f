"""Queries over accounts: who works where, and what goes when an account is closed."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from ckan import model

from ckanext.edomex.shield.model.tables import Account, Factor

_AGENCY = sa.and_(model.Member.table_name == "user", model.Member.state == "active", model.Group.is_organization.is_(True))  # type: ignore[attr-defined]


def agencies_of(user_id: str, *, as_admin: bool = False) -> frozenset[str]:
    """Ids of the agencies that an account works for, or administers."""
    wanted = sa.select(model.Group.id).join(model.Member, model.Member.group_id == model.Group.id)
    wanted = wanted.where(_AGENCY, model.Group.state == "active", model.Member.table_id == user_id)
    if as_admin:
        wanted = wanted.where(model.Member.capacity == "admin")
    return frozenset(model.Session.execute(wanted).scalars())


def now() -> datetime:
    """The database's clock."""
    return model.Session.execute(sa.text("SELECT clock_timestamp()")).scalar_one()


def open_accounts(agencies: Iterable[str] | None) -> list[Any]:
    """Accounts that are not closed, with what is known of them; of these agencies only, if any are named."""
    user, names = model.User, sa.func.array_agg(model.Group.name.distinct())
    working = sa.select(model.Member.table_id.label("user_id"), names.label("agencies"))
    working = working.join(model.Group, model.Member.group_id == model.Group.id).where(_AGENCY, model.Group.state == "active")
    if agencies is not None:
        working = working.where(model.Group.id.in_(list(agencies)))
    rows = working.group_by(model.Member.table_id).subquery()
    wanted = sa.select(
        user.id, user.name, user.fullname, user.state, user.sysadmin, user.created, user.last_active,  # type: ignore[attr-defined]
        rows.c.agencies, Account.leaves_on, Factor.confirmed_at,
    )  # fmt: skip
    wanted = wanted.join(rows, rows.c.user_id == user.id, isouter=agencies is None)
    wanted = wanted.outerjoin(Account, Account.user_id == user.id).outerjoin(Factor, Factor.user_id == user.id)
    return list(model.Session.execute(wanted.where(user.state != "deleted").order_by(user.name)))


def account(user_id: str) -> Account:
    """What is kept of an account beside CKAN's own; made if there is nothing yet."""
    found = model.Session.get(Account, user_id)
    if found is None:
        found = Account(user_id=user_id)
        model.Session.add(found)
    return found


def take_everything(user_id: str) -> dict[str, int]:
    """Delete an account's keys and end its memberships; returns how many of each."""
    session = model.Session
    tokens = session.execute(sa.delete(model.ApiToken).where(model.ApiToken.user_id == user_id))
    member = sa.and_(model.Member.table_name == "user", model.Member.table_id == user_id, model.Member.state == "active")
    ended = session.execute(sa.update(model.Member).where(member).values(state="deleted"))
    return {"tokens": tokens.rowcount, "memberships": ended.rowcount}  # type: ignore[attr-defined]  # both have one
