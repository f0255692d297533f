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
from ckanext.edomex.planning.logic import schema, steps
from ckanext.edomex.planning.model import Plan

Data = dict[str, Any]
# A row may be renamed after its promise: the table that is public has the name that was approved, which stays with the plan until it
# is opened again, and with that event after.
_KEPT = sa.text("""
SELECT c.plan_id, l.value ->> 'name'
FROM (
    SELECT id AS plan_id, content FROM edomex_planning_plan WHERE id = ANY(:plans)
    UNION ALL
    SELECT subject_id, changes -> 'content' -> 0 FROM edomex_planning_event
    WHERE subject_id = ANY(:plans) AND kind = 'plan' AND move = 'reopen'
) c
CROSS JOIN jsonb_array_elements(c.content -> 'lines') l
JOIN edomex_planning_line n ON n.id = l.value ->> 'line'
JOIN package p ON p.id = n.dataset_id
WHERE NOT p.private AND p.state = 'active'
""")


@tk.side_effect_free
def edomex_plan_promise_list(context: Context, data_dict: Data) -> list[Data]:
    """Datasets that published plans promise and that are not public yet, by month; this month and later ones.

    :param agency: only this one's (optional)
    :param month: only this month, as `2027-03`, also a past one (optional)
    :returns: list of `{title, committed, month, agency: {name, title}, plan: {name, title}}`, the earliest first
    """
    tk.check_access("edomex_plan_promise_list", context, data_dict)
    data = parameters.read(schema.promises(), data_dict)
    this_month, found = local(steps.now()).date().isoformat()[:7], []
    plans = _published(data.get("agency"))
    kept = _kept([plan.id for plan in plans])
    for plan in plans:
        about = {
            "agency": {"name": plan.agency, "title": plan.agency_title or plan.agency},
            "plan": {"name": plan.name, "title": plan.title},
        }  # fmt: skip
        found += [
            {"title": each.title, "committed": each.committed, "month": each.month, **about}
            for each in _promises((plan.Resource.extras or {}).get("sha256"))
            if (plan.id, each.title) not in kept
            and (each.month == data["month"] if data.get("month") else each.month >= this_month)
        ]
    return sorted(found, key=lambda each: (each["committed"], each["agency"]["title"], each["title"]))


def _published(agency: str | None) -> list[Any]:
    """Plans whose dataset anybody may see, with its agency and what is known of its table's file."""
    package, table, group = model.Package, model.Resource, model.Group
    query = (
        sa.select(Plan.id, package.name, package.title, group.name.label("agency"), group.title.label("agency_title"), table)
        .join(package, package.id == Plan.dataset_id)
        .join(table, table.package_id == package.id)
        .join(group, group.id == Plan.agency_id)
        .where(package.private.is_(False), package.state == "active", group.state == "active")
        .where(table.name == FILE, table.state == "active")
    )
    if agency:
        query = query.where(sa.or_(group.name == agency, group.id == agency))
    return list(model.Session.execute(query).all())


def _kept(plan_ids: list[str]) -> set[tuple[str, str]]:
    """Plan and name of what is public already, as it was called when a plan was approved: what was promised is there."""
    return set(model.Session.execute(_KEPT, {"plans": plan_ids}).tuples())


def _promises(sha256: str | None) -> tuple[Promise, ...]:
    try:
        return _read(sha256) if sha256 else ()
    except FileNotFoundError:
        return ()


@functools.lru_cache(maxsize=512)
def _read(sha256: str) -> tuple[Promise, ...]:
    """What a table promises; its hash says it all. FileNotFoundError where it is gone, which is not remembered."""
    if storage.size_of(sha256) is None:
        raise FileNotFoundError(sha256)
    try:
        return tuple(promises_of([row.cells for row in rows_of(b"".join(storage.read(sha256)))]))
    except TableError:
        return ()
