"""The calendar of staff: what they may see of releases that have a date, with titles, states and the windows over them."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from ckan import model
from ckan.plugins import toolkit as tk
from ckan.types import Context
from sqlalchemy.orm import aliased

from ckanext.edomex.adapters import parameters
from ckanext.edomex.domain.clock import ZONE, iso
from ckanext.edomex.release.domain.lifecycle import State
from ckanext.edomex.release.domain.windows import Effect
from ckanext.edomex.release.logic import reading, schema
from ckanext.edomex.release.model import DONE, OVER_AT, Blackout, Release, pending_count

Data = dict[str, Any]
GONE = "Conjunto retirado"
#: The date that a release has, or had last.
AT = sa.func.coalesce(Release.release_at, Release.promised_at)
_DAY = sa.cast(sa.func.timezone(ZONE.key, AT), sa.Date)
_ORDER = (AT, Release.id)


@tk.side_effect_free
def edomex_release_agenda(context: Context, data_dict: Data) -> Data:
    """Releases with a date that the caller may know of, in its order.

    :param month: as `2027-03` (optional); likewise `agency`, `state`, `from` and `to`
    :param per_day: at most so many of each day (optional, all)
    :param limit: at most so many (optional, 100); `offset` to go on
    :returns: `{total, days: {date: count}, releases}`; a release has its `title` and `agency`, `held` where its confirmed date
        lies in a window that holds, and `observations`, the number of those that are not settled
    """
    tk.check_access("edomex_release_agenda", context, data_dict)
    data = parameters.read(schema.agenda(), data_dict)
    content = aliased(model.Package)
    query = (
        sa.select(
            Release.id, Release.package_id, Release.content_id, Release.kind, Release.state, AT.label("at"), _DAY.label("day"),
            _title(content).label("title"), model.Group.name.label("agency"),
            model.Group.title.label("agency_title"), _is_held().label("held"), pending_count().label("observations"),
            sa.func.row_number().over(partition_by=_DAY, order_by=_ORDER).label("place"),
        )
        .select_from(Release)
        .join(model.Package, model.Package.id == Release.package_id)
        .join(model.Group, model.Group.id == model.Package.owner_org)
        .join(content, content.id == Release.content_id, isouter=True)
        .where(model.Package.state != "deleted", AT.is_not(None), reading.OF_AGENCY, reading.VISIBLE)
    )  # fmt: skip
    found = _filtered(query, data).subquery()
    who = reading.seen_by(context, data.get("agency"))
    by_day = sa.select(found.c.day, sa.func.count()).group_by(found.c.day).order_by(found.c.day)
    days = model.Session.execute(by_day, who).all()
    shown = sa.select(found).order_by(found.c.at, found.c.id).limit(data["limit"]).offset(data["offset"])
    if data.get("per_day"):
        shown = shown.where(found.c.place <= data["per_day"])
    return {
        "total": sum(number for _day, number in days),
        "days": {day.isoformat(): number for day, number in days},
        "releases": [_shown(row) for row in model.Session.execute(shown, who).all()],
    }


def _filtered(query: Any, data: Data) -> Any:
    if data.get("state"):
        query = query.where(Release.state == data["state"])
    if data.get("month"):
        query = query.where(data["month"].begin <= AT, data["month"].end > AT)
    if data.get("from"):
        query = query.where(data["from"] <= AT)
    return query.where(data["to"] >= AT) if data.get("to") else query


def _title(content: Any) -> Any:
    """Of what is withdrawn nobody reads a title any more, whoever decided on it included."""
    gone = sa.and_(Release.state.in_([*DONE, State.WITHDRAWN]), model.Package.private.is_(True))
    return sa.case((gone, GONE), else_=sa.func.coalesce(sa.func.nullif(content.title, ""), model.Package.title, model.Package.name))


def _is_held() -> Any:
    """Whether a confirmed date lies in a window that holds and bears on its agency."""
    over = sa.select(Blackout.id).where(
        Blackout.effect == Effect.HOLD, Blackout.starts_at <= Release.release_at, Release.release_at < OVER_AT,
        sa.or_(Blackout.agency_id.is_(None), Blackout.agency_id == model.Package.owner_org),
    )  # fmt: skip
    return sa.and_(Release.state == State.SCHEDULED, over.exists())


def _shown(row: Any) -> Data:
    return {
        "id": row.id, "dataset_id": row.package_id, "draft_id": row.content_id, "title": row.title,
        "agency": {"name": row.agency, "title": row.agency_title or row.agency}, "kind": row.kind, "state": row.state,
        "release_at": iso(row.at), "day": row.day.isoformat(), "held": row.held, "observations": row.observations,
    }  # fmt: skip
