"""What published opening plans promise by month, for everybody: provisional dates, before a review gives them a minute.

What is told is read from the plan's public table, byte for byte what was released: a plan that was changed and approved anew says
nothing here until that is released too.
"""

from __future__ import annotations

import functools
from typing import Any

import sqlalchemy as sa
from ckan import model
from ckan.plugins import toolkit as tk
from ckan.types import Context

from ckanext.edomex.adapters import parameters, storage
from ckanext.edomex.adapters.workbooks import rows_of
from ckanext.edomex.domain.clock import local
from ckanext.edomex.domain.tabular import TableError
from ckanext.edomex.planning.domain.plan import FILE, Promise, promises_of
from ckanext.edomex.planning.logic import schema
from ckanext.edomex.planning.model import Item, Line, Plan

Data = dict[str, Any]


@tk.side_effect_free
def edomex_plan_promise_list(context: Context, data_dict: Data) -> list[Data]:
    """Datasets that published plans promise and that are not public yet, by month; this month and later ones.

    :param agency: only this one's (optional)
    :param month: only this month, as `2027-03`, also a past one (optional)
    :returns: list of `{title, committed, month, agency: {name, title}, plan: {name, title}}`, the earliest first
    """
    tk.check_access("edomex_plan_promise_list", context, data_dict)
    data = parameters.read(schema.promises(), data_dict)
    today = model.Session.execute(sa.text("SELECT clock_timestamp()")).scalar_one()
    this_month, found = local(today).date().isoformat()[:7], []
    for plan, package, agency in _published(data.get("agency")):
        kept = _kept(plan.id)
        found += [
            {
                "title": each.title, "committed": each.committed, "month": each.month,
                "agency": {"name": agency.name, "title": agency.title or agency.name},
                "plan": {"name": package.name, "title": package.title},
            }
            for each in _promises(package)
            if each.title not in kept and (each.month == data["month"] if data.get("month") else each.month >= this_month)
        ]  # fmt: skip
    return sorted(found, key=lambda each: (each["committed"], each["agency"]["title"], each["title"]))


def _published(agency: str | None) -> list[Any]:
    """Plans whose dataset anybody may see, with it and its agency."""
    query = (
        sa.select(Plan, model.Package, model.Group)
        .join(model.Package, model.Package.id == Plan.dataset_id)
        .join(model.Group, model.Group.id == Plan.agency_id)
        .where(model.Package.private.is_(False), model.Package.state == "active", model.Group.state == "active")
        .order_by(model.Group.title, Plan.year)
    )
    if agency:
        query = query.where(sa.or_(model.Group.name == agency, model.Group.id == agency))
    return list(model.Session.execute(query).all())


def _kept(plan_id: str) -> set[str]:
    """Names of the inventory whose dataset is public already: what was promised is there."""
    query = (
        sa.select(Item.name)
        .join(Line, Line.item_id == Item.id)
        .join(model.Package, model.Package.id == Line.dataset_id)
        .where(Line.plan_id == plan_id, model.Package.private.is_(False), model.Package.state == "active")
    )
    return set(model.Session.execute(query).scalars())


def _promises(package: model.Package) -> tuple[Promise, ...]:
    table = next((each for each in package.resources if each.state == "active" and each.name == FILE), None)
    sha256 = (table.extras or {}).get("sha256") if table is not None else None
    return _read(sha256) if sha256 and storage.size_of(sha256) is not None else ()


@functools.lru_cache(maxsize=512)
def _read(sha256: str) -> tuple[Promise, ...]:
    """What a table promises. Files are kept by their hash, so it never says anything else."""
    try:
        return tuple(promises_of([row.cells for row in rows_of(b"".join(storage.read(sha256)))]))
    except TableError:
        return ()
