"""Copies at a target: listed, their history, tried again."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from ckan import model as ckan_model
from ckan.plugins import toolkit as tk
from ckan.types import Context

from ckanext.edomex.adapters import parameters
from ckanext.edomex.adapters.unit_of_work import unit_of_work
from ckanext.edomex.domain.clock import iso
from ckanext.edomex.outbound.domain.copies import CAN_BE_RETRIED
from ckanext.edomex.outbound.logic import schema, targets
from ckanext.edomex.outbound.model import Copy, Step, ask, rest_no_more

Data = dict[str, Any]
NO_COPY = "No hay una copia así de ese conjunto en ese destino."
#: Steps of one copy that are told.
STEPS = 50


@tk.side_effect_free
def edomex_copy_list(context: Context, data_dict: Data) -> Data:
    """Copies at a target, those that are behind longest first.

    :param target: name or id of the target
    :param state: only those in this state (optional)
    :param limit: at most so many (optional, 50); `offset` to go on
    :returns: `{count, copies}`; a copy is `{dataset_id, title, remote_name, state, behind_since, due_at, reason, trouble, attempts,
        modified_at}`
    """
    tk.check_access("edomex_copy_list", context, data_dict)
    data = parameters.read(schema.copies(), data_dict)
    session = ckan_model.Session
    chosen = [Copy.target_id == targets.find(session, data["target"]).id]
    if data.get("state"):
        chosen.append(Copy.state == data["state"])
    count = session.execute(sa.select(sa.func.count()).select_from(Copy).where(*chosen)).scalar_one()
    rows = sa.select(Copy).where(*chosen).order_by(Copy.behind_since.asc().nulls_last(), Copy.package_id)
    found = list(session.execute(rows.limit(data["limit"]).offset(data["offset"]).execution_options(populate_existing=True)).scalars())
    titles = titles_of(session, [each.package_id for each in found])
    return {"count": count, "copies": [{**_shown(each), "title": titles.get(each.package_id)} for each in found]}


@tk.side_effect_free
def edomex_copy_history(context: Context, data_dict: Data) -> list[Data]:
    """What was done with one copy, the newest first.

    :param target: name or id of the target
    :param dataset_id: id of the dataset
    :returns: list of `{at, operation, state, reason, trouble}`
    """
    tk.check_access("edomex_copy_history", context, data_dict)
    data = parameters.read(schema.one_copy(), data_dict)
    session = ckan_model.Session
    target = targets.find(session, data["target"])
    if session.get(Copy, (target.id, data["dataset_id"])) is None:
        raise tk.ObjectNotFound(NO_COPY)
    of_copy = sa.select(Step).where(Step.target_id == target.id, Step.package_id == data["dataset_id"])
    return [
        {"at": iso(each.at), "operation": each.operation, "state": each.state, "reason": each.reason, "trouble": each.trouble}
        for each in session.execute(of_copy.order_by(Step.id.desc()).limit(STEPS)).scalars()
    ]


def edomex_copy_retry(context: Context, data_dict: Data) -> Data:
    """Try again what was refused or waits, at once.

    :param target: name or id of the target
    :param dataset_id: only this one (optional)
    :param overwrite: ours goes over what somebody changed there (optional, false; needs `dataset_id`)
    :returns: `{retried}`, how many
    """
    tk.check_access("edomex_copy_retry", context, data_dict)
    data = parameters.read(schema.retry(), data_dict)
    if data["overwrite"] and not data.get("dataset_id"):
        raise tk.ValidationError({"dataset_id": ["Diga qué conjunto se sobrescribe allá; se decide uno por uno."]})
    with unit_of_work() as session:
        target = targets.find(session, data["target"])
        targets.need_working(target)
        chosen = [Copy.target_id == target.id, Copy.state.in_(sorted(CAN_BE_RETRIED))]
        if data.get("dataset_id"):
            chosen.append(Copy.package_id == data["dataset_id"])
        rest_no_more(session, target.id)
        retried = ask(session, *chosen, overwrite=data["overwrite"])
        if data.get("dataset_id") and not retried:
            raise tk.ObjectNotFound(NO_COPY)
    return {"retried": retried}


def _shown(copy: Copy) -> Data:
    return {
        "dataset_id": copy.package_id, "remote_name": copy.remote_name, "state": copy.state, "behind_since": iso(copy.behind_since),
        "due_at": iso(copy.due_at), "reason": copy.reason, "trouble": copy.trouble, "attempts": copy.attempts,
        "modified_at": iso(copy.modified_at),
    }  # fmt: skip


def titles_of(session: Any, package_ids: list[str]) -> dict[str, str]:
    """Titles of what is public now: what was withdrawn has none here."""
    package = ckan_model.Package
    named = session.query(package.id, package.title).filter(package.id.in_(package_ids))
    public = named.filter(package.private.is_(False), package.state == "active")
    return {row.id: row.title for row in public}
