"""What waits for who reviews: one query, however long the queue is."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from ckan import model
from ckan.plugins import toolkit as tk
from ckan.types import Context
from sqlalchemy.orm import aliased

from ckanext.edomex.adapters import parameters
from ckanext.edomex.domain.clock import aware, iso
from ckanext.edomex.release.domain.lifecycle import Kind, State
from ckanext.edomex.release.logic import reading, schema
from ckanext.edomex.release.model import Release, now, pending_count

Data = dict[str, Any]
#: What goes first in each queue: who has waited longest, or what comes next.
_ORDER = {State.SCHEDULED: Release.release_at}


@tk.side_effect_free
def edomex_release_queue(context: Context, data_dict: Data) -> Data:
    """Releases of one state with their datasets, those that have waited longest first; scheduled ones by their date.

    :param state: one state of what is under way (optional, `in_review`)
    :param agency: only this one's (optional)
    :param limit: at most so many (optional, 100); `offset` to go on
    :returns: `{total, oldest, rows}`; a row has the release's `id`, `kind` and `release_at`, its dataset and agency, who sent it,
        `since`, when it came into that state, `waits_s`, the seconds since then, and `observations`, those that are not settled
    """
    tk.check_access("edomex_release_queue", context, data_dict)
    data = parameters.read(schema.queue(), data_dict)
    content, sender = aliased(model.Package), aliased(model.User)
    where = [model.Package.state != "deleted", Release.state == data["state"], reading.visible(context)]
    if data.get("agency"):
        group = model.Group.get(data["agency"])
        where.append(model.Package.owner_org == (group.id if group else None))
    joined = sa.join(Release, model.Package, model.Package.id == Release.package_id)
    totals = sa.select(sa.func.count(), sa.func.min(Release.modified_at)).select_from(joined).where(*where)
    query = (
        sa.select(
            Release, content.id, content.name, content.title, model.Group.name, model.Group.title, sender.name.label("sender"),
            pending_count(),
        )
        .select_from(joined)
        .join(content, content.id == Release.content_id)
        .join(model.Group, model.Group.id == model.Package.owner_org)
        .join(sender, sender.id == Release.submitted_by, isouter=True)
        .where(*where)
        .order_by(_ORDER.get(data["state"], Release.modified_at), Release.id)
    )  # fmt: skip
    total, oldest = model.Session.execute(totals).one()
    instant = now(model.Session)
    rows = model.Session.execute(query.limit(data["limit"]).offset(data["offset"])).all()
    return {"total": total, "oldest": iso(oldest), "rows": [_row(row, instant) for row in rows]}


def _row(row: Any, instant: Any) -> Data:
    release, dataset_id, name, title, agency, agency_title, sender, observations = row
    return {
        "id": release.id,
        "kind": release.kind,
        "state": str(release.state),
        "release_at": iso(release.release_at),
        "since": iso(release.modified_at),
        "waits_s": round((instant - aware(release.modified_at)).total_seconds()),
        "submitted_by": sender or release.submitted_by,
        "dataset": {"id": dataset_id, "name": name, "title": title or name},
        "agency": {"name": agency, "title": agency_title or agency},
        "is_edition": release.kind == Kind.EDITION,
        "observations": observations,
    }
