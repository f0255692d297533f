"""Queries over second factors."""

from __future__ import annotations

import sqlalchemy as sa
from ckan import model

from ckanext.edomex.shield.model.tables import Factor, Recovery


def find(user_id: str) -> Factor | None:
    """The account's factor, confirmed or not."""
    return model.Session.get(Factor, user_id)


def is_confirmed(user_id: str) -> bool:
    """Whether the account has to show a code."""
    found = find(user_id)
    return found is not None and found.confirmed_at is not None


def seconds_now() -> float:
    """The database's clock, in seconds since 1970: no host's own decides."""
    return float(model.Session.execute(sa.text("SELECT extract(epoch FROM clock_timestamp())")).scalar_one())


def take_step(user_id: str, step: int) -> bool:
    """Use an interval up; false if it, or a later one, was used already. Of two at once one gets it."""
    newer = sa.or_(Factor.last_step.is_(None), Factor.last_step < step)
    taken = model.Session.execute(
        sa.update(Factor).where(Factor.user_id == user_id, newer).values(last_step=step, confirmed_at=sa.func.coalesce(
            Factor.confirmed_at, sa.func.clock_timestamp()
        ))
    )  # fmt: skip
    return taken.rowcount == 1  # type: ignore[attr-defined]  # of an UPDATE there is one


def take_recovery(user_id: str, code_hash: str) -> bool:
    """Use a recovery code up; false if there is none such."""
    taken = model.Session.execute(sa.delete(Recovery).where(Recovery.user_id == user_id, Recovery.code_hash == code_hash))
    return taken.rowcount == 1  # type: ignore[attr-defined]  # of a DELETE there is one


def forget(user_id: str) -> bool:
    """Remove an account's factor and codes; whether there was one."""
    model.Session.execute(sa.delete(Recovery).where(Recovery.user_id == user_id))
    return model.Session.execute(sa.delete(Factor).where(Factor.user_id == user_id)).rowcount == 1  # type: ignore[attr-defined]
