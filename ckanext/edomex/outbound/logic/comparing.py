"""The dry run: what would be done at a target, and why, by the path that does it."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from ckan import model as ckan_model
from ckan.plugins import toolkit as tk
from ckan.types import Context

from ckanext.edomex.adapters import parameters
from ckanext.edomex.adapters.unit_of_work import unit_of_work
from ckanext.edomex.outbound import config
from ckanext.edomex.outbound.logic import schema, targets
from ckanext.edomex.outbound.logic.ckan_api import CkanApi, TroubleError
from ckanext.edomex.outbound.logic.copies import titles_of
from ckanext.edomex.outbound.logic.exchange import look
from ckanext.edomex.outbound.model import Copy, sweep

Data = dict[str, Any]
#: Copies that one call compares: each is a request.
MOST = 25


def edomex_target_compare(context: Context, data_dict: Data) -> Data:
    """Say what would be done at a target, and why; nothing is written there. Copies that are not known yet are noted here.

    :param target: name or id of the target
    :param limit: at most so many (optional, 25, and not more); `offset` to go on
    :returns: `{count, steps: [{dataset_id, title, operation, reason, differences}], trouble}`; `trouble` ends the list early
    """
    tk.check_access("edomex_target_compare", context, data_dict)
    data = parameters.read(schema.copies(), data_dict)
    with unit_of_work() as session:
        target = targets.find(session, data["target"])
        targets.need_working(target)
        sweep(session, target.id)
    session = ckan_model.Session
    chosen = sa.select(Copy).where(Copy.target_id == target.id).order_by(Copy.package_id)
    count = session.execute(sa.select(sa.func.count()).select_from(Copy).where(Copy.target_id == target.id)).scalar_one()
    copies = list(session.execute(chosen.limit(min(data["limit"], MOST)).offset(data["offset"])).scalars())
    steps: list[Data] = []
    titles = titles_of(session, [copy.package_id for copy in copies])
    try:
        with CkanApi(target.url, config.token_of(target.name), target.rate) as api:
            for copy in copies:
                step = look(api, target, copy).step
                steps.append({
                    "dataset_id": copy.package_id, "title": titles.get(copy.package_id), "operation": step.operation,
                    "reason": step.reason, "differences": step.differences,
                })  # fmt: skip
    except TroubleError as error:
        return {"count": count, "steps": steps, "trouble": error.text}
    return {"count": count, "steps": steps, "trouble": None}
