"""The calendar for everybody: entries, days of a month, and how many of what. Nothing here says more than was promised."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa
from ckan import model
from ckan.plugins import toolkit as tk
from ckan.types import Context

from ckanext.edomex.adapters import parameters
from ckanext.edomex.domain.clock import iso
from ckanext.edomex.release.domain.calendar import GRACE_S, UNNAMED, Status, Told
from ckanext.edomex.release.domain.months import month_of
from ckanext.edomex.release.logic import schema
from ckanext.edomex.release.model import DONE, LOCAL_DAY, Release, has_moved, histories, now, promises, was_withdrawn, where_it_stands

Data = dict[str, Any]
#: How long the calendar keeps showing what is done, where no other period is asked for.
RECENT = timedelta(days=30)
_ORDER = {
    "date": (Release.promised_at, Release.id),
    "newest": (Release.promised_at.desc(), Release.id),
    "changed": (Release.modified_at.desc(), Release.id),
}


@tk.side_effect_free
def edomex_calendar_list(context: Context, data_dict: Data) -> list[Data]:
    """What is coming and what came, for everybody. A dataset is named before its date only if that was asked for.

    :param from: first instant (optional, 30 days ago); `to` the last; `agency` only this one's
    :param month: a month instead of that, as `2027-03` (optional)
    :param status: `upcoming`, `unconfirmed`, `overdue`, `released` or `cancelled` (optional)
    :param moved: only what has changed its date (optional)
    :param dataset_id: only this dataset's, and only once it is public (optional)
    :param sort: `date`, `newest` (date, backwards) or `changed` (what changed last first, of all times; optional, `date`)
    :param limit: at most so many (optional, 100); `offset` to go on
    :returns: list of entries
    """
    tk.check_access("edomex_calendar_list", context, data_dict)
    data = parameters.read(schema.calendar(), data_dict)
    instant = now(model.Session)
    if not (data.get("dataset_id") or data.get("month") or data["sort"] == "changed"):
        data.setdefault("from", instant - RECENT)
    status = where_it_stands(_edge(instant))
    query = _filtered(_rows(status), data, status)
    if data.get("dataset_id"):
        # Asked by id, what is coming would tell that something hidden exists.
        named = sa.or_(model.Package.id == data["dataset_id"], model.Package.name == data["dataset_id"])
        query = query.where(Release.state.in_(DONE), named)
    return _entries(query.order_by(*_ORDER[data["sort"]]).limit(data["limit"]).offset(data["offset"]))


@tk.side_effect_free
def edomex_calendar_month(context: Context, data_dict: Data) -> Data:
    """The days of a month on which something is promised, with the first entries of each.

    :param month: as `2027-03` (optional, the current one)
    :param agency: only this one's (optional); likewise `status` and `moved`
    :param per_day: entries of each day at most (optional, 4)
    :returns: `{month, days: [{date, total, entries}]}`
    """
    tk.check_access("edomex_calendar_month", context, data_dict)
    data = parameters.read(schema.calendar(), data_dict)
    instant = now(model.Session)
    data.setdefault("month", month_of(instant))
    status = where_it_stands(_edge(instant))
    place = sa.func.row_number().over(partition_by=LOCAL_DAY, order_by=_ORDER["date"])
    total = sa.func.count().over(partition_by=LOCAL_DAY)
    columns = (Release.id, LOCAL_DAY.label("day"), place.label("place"), total.label("total"))
    found = _filtered(promises(*columns), data, status).subquery()
    rows = model.Session.execute(sa.select(found).where(found.c.place <= max(data["per_day"], 1))).all()
    shown = _rows(status).where(Release.id.in_([row.id for row in rows]))
    entries = {entry["id"]: entry for entry in _entries(shown)}
    days: dict[Any, Data] = {}
    for row in sorted(rows, key=lambda row: (row.day, row.place)):
        day = days.setdefault(row.day, {"date": row.day.isoformat(), "total": row.total, "entries": []})
        # What was hidden between the two queries is not there any more.
        day["entries"] += [entries[row.id]] if row.id in entries else []
    return {"month": str(data["month"]), "days": list(days.values())}


@tk.side_effect_free
def edomex_calendar_count(context: Context, data_dict: Data) -> Data:
    """How many entries the calendar has, by status and by agency.

    :param from: first instant (optional, no first one); `to` the last; `month` instead of both; `agency` only this one's
    :param status: only these (optional); likewise `moved`
    :returns: `{total, statuses: {status: count}, agencies: [{name, title, total, statuses}]}`, agencies by title
    """
    tk.check_access("edomex_calendar_count", context, data_dict)
    data = parameters.read(schema.calendar(), data_dict)
    status = where_it_stands(_edge(now(model.Session)))
    columns = (model.Group.name, model.Group.title, status.label("status"))
    inner = _filtered(promises(*columns), data, status).subquery()
    grouped = sa.select(inner, sa.func.count().label("number")).group_by(inner.c.name, inner.c.title, inner.c.status)
    agencies: dict[str, Data] = {}
    statuses = {str(each): 0 for each in Status}
    for row in model.Session.execute(grouped).all():
        named = {"name": row.name, "title": row.title or row.name, "total": 0, "statuses": dict.fromkeys(statuses, 0)}
        agency = agencies.setdefault(row.name, named)
        agency["total"] += row.number
        agency["statuses"][row.status] = row.number
        statuses[row.status] += row.number
    listed = sorted(agencies.values(), key=lambda agency: agency["title"])
    return {"total": sum(statuses.values()), "statuses": statuses, "agencies": listed}


def _edge(instant: datetime) -> datetime:
    """What was promised before this and is not there is overdue."""
    return instant - timedelta(seconds=GRACE_S)


def _filtered(query: Any, data: Data, status: Any) -> Any:
    if data.get("agency"):
        group = model.Group.get(data["agency"])
        query = query.where(model.Package.owner_org == (group.id if group else None))
    if data.get("month"):
        query = query.where(Release.promised_at >= data["month"].begin, Release.promised_at < data["month"].end)
    if data.get("from"):
        query = query.where(Release.promised_at >= data["from"])
    if data.get("to"):
        query = query.where(Release.promised_at <= data["to"])
    if data.get("status"):
        query = query.where(status == data["status"])
    return query.where(has_moved()) if data.get("moved") else query


def _rows(status: Any) -> Any:
    return promises(Release, model.Package, model.Group, status.label("status"), was_withdrawn().label("withdrawn"))


def _entries(query: Any) -> list[Data]:
    rows = model.Session.execute(query).all()
    known = histories(model.Session, [row[0].id for row in rows])
    return [_entry(row, known.get(row[0].id) or Told()) for row in rows]


def _entry(row: Any, history: Told) -> Data:
    release, package, agency, status, withdrawn = row
    done = status == Status.RELEASED
    announced = release.announced_title if release.announced and not withdrawn else None
    title = (package.title or package.name) if done else announced
    return {
        "id": release.id,
        "kind": release.kind,
        "version": release.version if done else None,
        "title": title or UNNAMED,
        "dataset_id": package.id if done else None,
        "dataset_name": package.name if done else None,
        "agency": {"name": agency.name, "title": agency.title or agency.name},
        "status": str(status),
        "calendar_status": release.calendar_status,
        "release_at": iso(release.promised_at),
        "released_at": iso(release.released_at) if done else None,
        "changes": history.changes,
        "reason": history.reason,
        "sequence": history.sequence,
        "changed_at": iso(history.changed_at or release.modified_at),
    }
