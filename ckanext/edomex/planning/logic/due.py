"""What opening plans promised and is not public yet, and where each agency is in the yearly cycle: for reminders and boards."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import sqlalchemy as sa
from ckan import model
from ckan.plugins import toolkit as tk
from ckan.types import Context

from ckanext.edomex.adapters import parameters
from ckanext.edomex.domain.clock import local
from ckanext.edomex.planning.domain.plan import State, last_day
from ckanext.edomex.planning.logic import access, schema, steps
from ckanext.edomex.planning.model import Item, Line, Plan

Data = dict[str, Any]


@tk.side_effect_free
def edomex_plan_due_list(context: Context, data_dict: Data) -> list[Data]:
    """Lines of approved plans, as approved, whose dataset is not public and whose day has come or will within so many days.

    :param within: days ahead (optional, 14)
    :returns: list of `{line_id, plan_id, agency_id, name, due, overdue}`, the oldest first; of agencies that the caller may read
    """
    tk.check_access("edomex_plan_due_list", context, data_dict)
    within = parameters.read(schema.within(), data_dict)["within"]
    today = _today()
    found = [
        {"line_id": line["line"], "plan_id": plan.id, "agency_id": plan.agency_id, "name": line["name"], "due": due}
        for plan in _approved(context)
        for line in (plan.content or {}).get("lines", [])
        if (due := last_day(line["committed"])) and date.fromisoformat(due) <= today + timedelta(days=within)
    ]
    public = _public([row["line_id"] for row in found])
    rows = [{**row, "overdue": row["due"] < today.isoformat()} for row in found if row["line_id"] not in public]
    return sorted(rows, key=lambda row: (row["due"], row["line_id"]))


@tk.side_effect_free
def edomex_plan_cycle_list(context: Context, data_dict: Data) -> list[Data]:
    """Each agency with an inventory or a plan, and where its plan of this year stands.

    :returns: list of `{agency_id, year, plan_id, state}`; without a plan of this year the last two are null
    """
    tk.check_access("edomex_plan_cycle_list", context, data_dict)
    year, mine = _today().year, access.agencies(context)
    with_work = sa.union(sa.select(Item.agency_id), sa.select(Plan.agency_id)).subquery()
    query = (
        sa.select(model.Group.id, Plan.id, Plan.state)
        .join(with_work, with_work.c.agency_id == model.Group.id)
        .join(Plan, sa.and_(Plan.agency_id == model.Group.id, Plan.year == year), isouter=True)
        .where(model.Group.state == "active")
        .order_by(model.Group.id)
    )
    if mine is not None:
        query = query.where(model.Group.id.in_(mine))
    return [
        {"agency_id": agency_id, "year": year, "plan_id": plan_id, "state": state}
        for agency_id, plan_id, state in model.Session.execute(query)
    ]


def _approved(context: Context) -> list[Plan]:
    mine = access.agencies(context)
    query = sa.select(Plan).where(Plan.state == State.APPROVED)
    if mine is not None:
        query = query.where(Plan.agency_id.in_(mine))
    return list(model.Session.execute(query.execution_options(populate_existing=True)).scalars())


def _public(line_ids: list[str]) -> set[str]:
    if not line_ids:
        return set()
    query = sa.select(Line.id).join(model.Package, model.Package.id == Line.dataset_id)
    query = query.where(Line.id.in_(line_ids), model.Package.private.is_(False), model.Package.state == "active")
    return set(model.Session.execute(query).scalars())


def _today() -> date:
    return local(steps.now()).date()
