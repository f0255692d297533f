"""When a public dataset's next edition is due: its last release, and how often it says that it changes."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import sqlalchemy as sa
from ckan import model
from ckan.plugins import toolkit as tk
from ckan.types import Context

from ckanext.edomex.adapters import parameters
from ckanext.edomex.domain.clock import ZONE, local
from ckanext.edomex.release.domain.lifecycle import OPEN, Kind, State
from ckanext.edomex.release.logic import reading, schema
from ckanext.edomex.release.model import Release, now

Data = dict[str, Any]
#: What changes more often than weekly is written by machines, and nobody is reminded of it.
_RECURS = "^R/P[0-9]+[WMY]$"
_FREQUENCY = model.Package.extras["frequency"].astext
#: PostgreSQL reads ISO 8601's durations; a vocabulary's code is one behind its «R/».
_DUE = sa.cast(
    sa.func.timezone(str(ZONE), Release.released_at) + sa.cast(sa.func.substr(_FREQUENCY, 3), sa.Interval), sa.Date
).label("due")  # fmt: skip
_TODAY = sa.bindparam("today", type_=sa.Date)
_joined = sa.join(Release, model.Package, model.Package.id == Release.package_id)
_RECURRING = sa.and_(
    Release.state == State.RELEASED, Release.kind != Kind.WITHDRAWAL, model.Package.private.is_(False),
    model.Package.state == "active", model.Package.type == "dataset", _FREQUENCY.regexp_match(_RECURS), reading.OF_AGENCY,
    reading.VISIBLE,
)  # fmt: skip
_WANTED = sa.and_(_RECURRING, sa.bindparam("until", type_=sa.Date) >= _DUE)
_TOTALS = sa.select(sa.func.count(), sa.func.count().filter(_TODAY > _DUE)).select_from(_joined).where(_WANTED)
_edition = sa.select(Release.id).where(Release.package_id == model.Package.id, Release.kind == Kind.EDITION)
_HAS_EDITION = _edition.where(Release.state.in_(sorted(OPEN))).correlate(model.Package).exists()
_ROWS = (
    sa.select(model.Package.id, model.Package.name, model.Package.title, model.Group.id, model.Group.name, model.Group.title)
    .add_columns(_FREQUENCY, _DUE, _HAS_EDITION)
    .select_from(_joined)
    .join(model.Group, model.Group.id == model.Package.owner_org)
    .where(_WANTED)
    .order_by(_DUE, model.Package.id)
    .limit(sa.bindparam("limit"))
    .offset(sa.bindparam("offset"))
)
_OVERDUE = (
    sa.select(model.Group.name, model.Group.title, sa.func.count())
    .select_from(_joined)
    .join(model.Group, model.Group.id == model.Package.owner_org)
    .where(_RECURRING, _TODAY > _DUE)
    .group_by(model.Group.name, model.Group.title)
)


@tk.side_effect_free
def edomex_update_due_list(context: Context, data_dict: Data) -> Data:
    """Public datasets whose next edition is due by a day, of agencies that the caller works for or reviews; the oldest first.

    Due is the last release and the dataset's frequency, from weekly up; what changes more often is not listed.

    :param agency: only this one's (optional)
    :param within: days ahead (optional, 14); what is overdue is always listed
    :param limit: at most so many (optional, 100); `offset` to go on
    :returns: `{total, overdue, rows}`; a row is `{dataset: {id, name, title}, agency: {id, name, title}, frequency, due, overdue,
        has_edition}`
    """
    tk.check_access("edomex_update_due_list", context, data_dict)
    data = parameters.read(schema.updates(), data_dict)
    today = local(now(model.Session)).date()
    asked = {"today": today, "until": today + timedelta(days=data["within"]), **reading.seen_by(context, data.get("agency"))}
    total, overdue = model.Session.execute(_TOTALS, asked).one()
    rows = model.Session.execute(_ROWS, {"limit": data["limit"], "offset": data["offset"], **asked}) if total else []
    return {"total": total, "overdue": overdue, "rows": [_row(row, today) for row in rows]}


def overdue_of(context: Context) -> dict[tuple[str, str], int]:
    """How many public datasets' next edition is overdue, by name and title of their agency, as far as the caller may know."""
    asked = {"today": local(now(model.Session)).date(), **reading.seen_by(context)}
    return {(name, title or name): count for name, title, count in model.Session.execute(_OVERDUE, asked).all()}


def _row(row: Any, today: Any) -> Data:
    dataset_id, name, title, agency_id, agency, agency_title, frequency, due, edition = row
    return {
        "dataset": {"id": dataset_id, "name": name, "title": title or name},
        "agency": {"id": agency_id, "name": agency, "title": agency_title or agency},
        "frequency": frequency, "due": due.isoformat(), "overdue": due < today, "has_edition": edition,
    }  # fmt: skip
