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
from ckanext.edomex.release.model import (
    DONE,
    LOCAL_DAY,
    STANDING,
    WHERE_IT_STANDS,
    Release,
    has_moved,
    histories,
    now,
    promises,
    was_withdrawn,
)

Data = dict[str, Any]
#: How long the calendar keeps showing what is done, where no other period is asked for.
RECENT = timedelta(days=30)
_ORDER = {
    "date": (Release.promised_at, Release.id),
    "newest": (Release.promised_at.desc(), Release.id),
    "changed": (Release.modified_at.desc(), Release.id),
}
# Columns and not whole rows of CKAN's, whose extras nobody reads here.
_SHOWN = (
    Release.id, Release.package_id, Release.kind, Release.version, Release.announced, Release.announced_title, Release.calendar_status,
    Release.promised_at, Release.released_at, Release.modified_at, model.Package.name.label("dataset_name"),
    model.Package.title.label("dataset_title"), model.Group.name.label("agency"), model.Group.title.label("agency_title"),
    WHERE_IT_STANDS, was_withdrawn().label("withdrawn"),
)  # fmt: skip


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
    query = _filtered(promises(*_SHOWN), data)
    if data.get("dataset_id"):
        # Asked by id, what is coming would tell that something hidden exists.
        named = sa.or_(model.Package.id == data["dataset_id"], model.Package.name == data["dataset_id"])
        query = query.where(Release.state.in_(DONE), named)
    return _entries(query.order_by(*_ORDER[data["sort"]]).limit(data["limit"]).offset(data["offset"]), instant)


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
    place = sa.func.row_number().over(partition_by=LOCAL_DAY, order_by=_ORDER["date"])
    total = sa.func.count().over(partition_by=LOCAL_DAY)
    columns = (Release.id, LOCAL_DAY.label("day"), place.label("place"), total.label("total"))
    found = _filtered(promises(*columns), data).subquery()
    first = sa.select(found).where(found.c.place <= max(data["per_day"], 1))
    rows = model.Session.execute(first, {"edge": _edge(instant)}).all()
    shown = promises(*_SHOWN).where(Release.id.in_([row.id for row in rows]))
    entries = {entry["id"]: entry for entry in _entries(shown, instant)}
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
    inner = _filtered(promises(model.Package.owner_org, WHERE_IT_STANDS), data).subquery()
    counted = sa.select(inner, sa.func.count().label("number")).group_by(*inner.c).subquery()
    named = sa.select(model.Group.name, model.Group.title, counted.c.status, counted.c.number)
    grouped = named.join(counted, counted.c.owner_org == model.Group.id)
    agencies: dict[str, Data] = {}
    statuses = {str(each): 0 for each in Status}
    for row in model.Session.execute(grouped, {"edge": _edge(now(model.Session))}).all():
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


def _filtered(query: Any, data: Data) -> Any:
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
        query = query.where(STANDING[Status(data["status"])])
    return query.where(has_moved()) if data.get("moved") else query


def _entries(query: Any, instant: datetime) -> list[Data]:
    rows = model.Session.execute(query, {"edge": _edge(instant)}).all()
    known = histories(model.Session, [row.id for row in rows])
    return [_entry(row, known.get(row.id) or Told()) for row in rows]


def _entry(row: Any, history: Told) -> Data:
    done = row.status == Status.RELEASED
    announced = row.announced_title if row.announced and not row.withdrawn else None
    title = (row.dataset_title or row.dataset_name) if done else announced
    return {
        "id": row.id,
        "kind": row.kind,
        "version": row.version if done else None,
        "title": title or UNNAMED,
        "dataset_id": row.package_id if done else None,
        "dataset_name": row.dataset_name if done else None,
        "agency": {"name": row.agency, "title": row.agency_title or row.agency},
        "status": row.status,
        "calendar_status": row.calendar_status,
        "release_at": iso(row.promised_at),
        "released_at": iso(row.released_at) if done else None,
        "changes": history.changes,
        "reason": history.reason,
        "sequence": history.sequence,
        "changed_at": iso(history.changed_at or row.modified_at),
    }
