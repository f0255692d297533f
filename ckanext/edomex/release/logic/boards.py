"""Boards: how each agency does, for its people and who reviews; how it keeps its promises, for everybody."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa
from ckan import model
from ckan.plugins import toolkit as tk
from ckan.types import Context

from ckanext.edomex.adapters import parameters
from ckanext.edomex.domain.clock import iso
from ckanext.edomex.domain.texts import plain
from ckanext.edomex.release.domain.calendar import GRACE_S, Status
from ckanext.edomex.release.domain.lifecycle import OPEN, State
from ckanext.edomex.release.domain.punctuality import Outcome, Record, records
from ckanext.edomex.release.logic import reading, schema, updates
from ckanext.edomex.release.model import STANDING, Release, now, outcomes

Data = dict[str, Any]
YEAR = timedelta(days=365)
#: What an agency has to do itself.
TO_DO = (State.DRAFT, State.CHANGES_REQUESTED, State.FAILED)
_COUNTS = {
    "to_do": Release.state.in_(TO_DO), "in_review": Release.state == State.IN_REVIEW,
    "scheduled": Release.state == State.SCHEDULED,
    "overdue": sa.and_(STANDING[Status.OVERDUE], Release.promised_at.is_not(None)),
}  # fmt: skip
_by_agency = (
    sa.select(model.Package.owner_org, *(sa.func.count().filter(each).label(name) for name, each in _COUNTS.items()))
    .select_from(Release)
    .join(model.Package, model.Package.id == Release.package_id)
    .where(model.Package.state != "deleted", Release.state.in_(sorted(OPEN)), reading.VISIBLE)
    .group_by(model.Package.owner_org)
    .subquery()
)
_BOARD = sa.select(model.Group.name, model.Group.title, _by_agency).join(_by_agency, _by_agency.c.owner_org == model.Group.id)


@tk.side_effect_free
def edomex_calendar_punctuality(context: Context, data_dict: Data) -> Data:
    """How each agency kept the dates that it had announced at least an hour ahead.

    :param from: first instant of the period (optional, a year before its end); `to` its end, now at the latest (optional, now)
    :returns: `{from, to, agencies: [{name, title, on_time, late, missed, cancelled, moved, due, share}]}`, agencies by title
    """
    tk.check_access("edomex_calendar_punctuality", context, data_dict)
    data = parameters.read(schema.punctuality(), data_dict)
    # Whatever is being released at this moment is neither kept nor missed yet.
    latest = now(model.Session) - timedelta(seconds=GRACE_S)
    end = min(data.get("to") or latest, latest)
    begin = data.get("from") or end - YEAR
    found = _records(begin, end)
    return {
        "from": iso(begin),
        "to": iso(end),
        "agencies": [{"name": name, "title": title, **record.as_dict()} for name, (title, record) in found.items()],
    }


@tk.side_effect_free
def edomex_release_board(context: Context, data_dict: Data) -> Data:
    """What each agency has to do, has in review, has scheduled and has overdue, as far as the caller may know, and its punctuality.

    :returns: `{agencies: [{agency: {name, title}, to_do, in_review, scheduled, overdue, updates_overdue, punctuality}]}`, agencies
        by title; `overdue` are dates that came and went, `updates_overdue` public datasets whose next edition did not come
    """
    tk.check_access("edomex_release_board", context, data_dict)
    latest = now(model.Session) - timedelta(seconds=GRACE_S)
    rows = model.Session.execute(_BOARD, {"edge": latest, **reading.seen_by(context)})
    found = {(row.name, row.title or row.name): {name: getattr(row, name) for name in _COUNTS} for row in rows}
    late_updates, kept, none = updates.overdue_of(context), _records(latest - YEAR, latest), dict.fromkeys(_COUNTS, 0)
    agencies = [
        {
            "agency": {"name": name, "title": title}, **found.get((name, title), none),
            "updates_overdue": late_updates.get((name, title), 0), "punctuality": kept.get(name, ("", Record()))[1].as_dict(),
        }
        for name, title in sorted({*found, *late_updates}, key=lambda agency: (plain(agency[1]), agency[0]))
    ]  # fmt: skip
    return {"agencies": agencies}


def _records(begin: datetime, end: datetime) -> dict[str, tuple[str, Record]]:
    """Title and record of each agency with a promise in the period, by title."""
    rows = model.Session.execute(outcomes(begin, end)).all()
    titles = {row.agency: row.title or row.agency for row in rows}
    found = records(
        Outcome(
            agency=row.agency, notice_s=float(row.notice_s or 0), cancelled=row.cancelled, moved=row.moved,
            lateness_s=float(row.lateness_s) if row.lateness_s is not None else None,
        )
        for row in rows
    )  # fmt: skip
    return {name: (titles[name], found[name]) for name in sorted(found, key=lambda name: titles[name])}
