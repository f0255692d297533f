"""How letters are doing, for those who run the portal."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from ckan import model
from ckan.plugins import toolkit as tk
from ckan.types import Context

from ckanext.edomex.adapters import parameters
from ckanext.edomex.adapters.unit_of_work import unit_of_work
from ckanext.edomex.domain.clock import iso
from ckanext.edomex.notices.domain import attempts
from ckanext.edomex.notices.logic import schema
from ckanext.edomex.notices.model import DAILY, Letter, is_open, mark_of

Data = dict[str, Any]


@tk.side_effect_free
def edomex_notice_status(context: Context, data_dict: Data) -> Data:
    """Letters that wait, those that were given up, and the alarms that follow.

    :returns: `{waiting, oldest_s, dead, errors: {class: letters}, daily_at, alarms}`
    """
    tk.check_access("edomex_notice_status", context, data_dict)
    session = model.Session
    age = sa.func.extract("epoch", sa.func.clock_timestamp() - sa.func.min(Letter.created_at))
    waiting = session.execute(sa.select(sa.func.count().label("letters"), age.label("oldest")).where(is_open())).one()
    dead = session.execute(sa.select(sa.func.count()).select_from(Letter).where(Letter.dead_at.is_not(None))).scalar_one()
    wrong = sa.select(Letter.last_error, sa.func.count()).where(Letter.last_error.is_not(None), Letter.sent_at.is_(None))
    errors = dict(session.execute(wrong.group_by(Letter.last_error)).tuples().all())
    found = {"waiting": waiting.letters, "oldest_s": float(waiting.oldest or 0), "dead": dead, "errors": errors}
    alarms = attempts.alarms(oldest_s=found["oldest_s"], dead=dead)
    return {**found, "daily_at": iso(mark_of(session, DAILY)), "alarms": alarms}


def edomex_notice_letter_retry(context: Context, data_dict: Data) -> Data:
    """Give letters that were given up another three days.

    :param id: only this one (optional)
    :returns: `{retried}`, how many
    """
    tk.check_access("edomex_notice_letter_retry", context, data_dict)
    data = parameters.read(schema.letter(), data_dict)
    clock = sa.func.clock_timestamp()
    statement = sa.update(Letter).where(Letter.dead_at.is_not(None))
    if data.get("id") is not None:
        statement = statement.where(Letter.id == data["id"])
    fresh = statement.values(dead_at=None, attempts=0, next_at=clock, created_at=clock).returning(Letter.id)
    with unit_of_work() as session:
        done = session.execute(fresh.execution_options(synchronize_session=False)).all()
    return {"retried": len(done)}
