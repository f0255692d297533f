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
_joined = sa.join(Release, model.Package, model.Package.id == Release.package_id)
_WANTED = sa.and_(
    model.Package.state != "deleted", Release.state == sa.bindparam("state"), reading.OF_AGENCY, reading.VISIBLE,
)  # fmt: skip
_TOTALS = sa.select(sa.func.count(), sa.func.min(Release.modified_at)).select_from(_joined).where(_WANTED)


def _page(first: Any) -> Any:
    """Which they are first, and then all about those few."""
    content, sender, order = aliased(model.Package), aliased(model.User), (first, Release.id)
    chosen = sa.select(Release.id).select_from(_joined).where(_WANTED).order_by(*order)
    chosen = chosen.limit(sa.bindparam("limit")).offset(sa.bindparam("offset"))
    return (
        sa.select(
            Release.id, Release.kind, Release.state, Release.release_at, Release.modified_at, Release.submitted_by,
            Release.content_id, content.name, content.title, model.Group.name.label("agency"),
            model.Group.title.label("agency_title"), sender.name.label("sender"), pending_count().label("observations"),
        )
        .select_from(_joined)
        .join(content, content.id == Release.content_id)
        .join(model.Group, model.Group.id == model.Package.owner_org)
        .join(sender, sender.id == Release.submitted_by, isouter=True)
        .where(Release.id.in_(chosen.scalar_subquery()))
        .order_by(*order)
    )  # fmt: skip


_LONGEST_WAITING = _page(Release.modified_at)
#: What goes first in a queue, where it is not who has waited longest.
_PAGES = {State.SCHEDULED: _page(Release.release_at)}


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
    asked = {"state": data["state"], "limit": data["limit"], "offset": data["offset"], **reading.seen_by(context, data.get("agency"))}
    total, oldest = model.Session.execute(_TOTALS, asked).one()
    rows = model.Session.execute(_PAGES.get(data["state"], _LONGEST_WAITING), asked).all() if total else []
    instant = now(model.Session)
    return {"total": total, "oldest": iso(oldest), "rows": [_row(row, instant) for row in rows]}


def _row(row: Any, instant: Any) -> Data:
    return {
        "id": row.id,
        "kind": row.kind,
        "state": str(row.state),
        "release_at": iso(row.release_at),
        "since": iso(row.modified_at),
        "waits_s": round((instant - aware(row.modified_at)).total_seconds()),
        "submitted_by": row.sender or row.submitted_by,
        "dataset": {"id": row.content_id, "name": row.name, "title": row.title or row.name},
        "agency": {"name": row.agency, "title": row.agency_title or row.agency},
        "is_edition": row.kind == Kind.EDITION,
        "observations": row.observations,
    }
