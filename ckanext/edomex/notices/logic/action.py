"""An account's notices and how it wants to be told; the figures of letters, for those who run the portal."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from ckan import model
from ckan.plugins import toolkit as tk
from ckan.types import Context
from sqlalchemy.dialects.postgresql import insert

from ckanext.edomex.adapters import parameters
from ckanext.edomex.adapters.callers import caller
from ckanext.edomex.adapters.unit_of_work import unit_of_work
from ckanext.edomex.domain.clock import iso
from ckanext.edomex.notices.domain.kinds import TOPICS
from ckanext.edomex.notices.logic import inbox, schema, wording
from ckanext.edomex.notices.model import Notice, Preference, now

Data = dict[str, Any]
NOT_FOUND = "No existe ese aviso, o no es de esta cuenta."


@tk.side_effect_free
def edomex_notice_list(context: Context, data_dict: Data) -> Data:
    """One's own notices, the newest first; none of an agency that one has left.

    :param unread: only those that were not read (optional, false)
    :param limit: at most so many (optional, 20); `offset` to go on
    :returns: `{total, unread, notices: [{id, kind, text, at, read_at, agency: {name, title}, title, path}]}`; `title` is of the
        dataset, where the caller may see it now
    """
    tk.check_access("edomex_notice_list", context, data_dict)
    data = parameters.read(schema.listing(), data_dict)
    user_id = _account(context)
    query = sa.select(Notice).where(inbox.theirs(user_id))
    if data.get("unread"):
        query = query.where(Notice.read_at.is_(None))
    total = model.Session.execute(sa.select(sa.func.count()).select_from(query.subquery())).scalar_one()
    newest = query.order_by(Notice.created_at.desc(), Notice.id).limit(data["limit"]).offset(data["offset"])
    found = list(model.Session.execute(newest.execution_options(populate_existing=True)).scalars())
    titles, agencies = _titles(context, found), _agencies(found)
    return {
        "total": total,
        "unread": inbox.unread(user_id),
        "notices": [
            {
                "id": each.id, "kind": each.kind, "text": wording.line_of(each.kind, each.facts), "at": iso(each.created_at),
                "read_at": iso(each.read_at), "agency": agencies.get(each.agency_id), "path": wording.path_of(each.facts),
                "title": next((titles[named] for named in _datasets(each) if named in titles), None),
            }
            for each in found
        ],
    }  # fmt: skip


def edomex_notice_read(context: Context, data_dict: Data) -> Data:
    """Mark notices of one's own as read. Again changes nothing.

    :param id: id of a notice, or a list of ids (optional, with `all`)
    :param all: every one that is not read (optional, false)
    :returns: `{read, paths}`: how many were not read before, and the page that each named one leads to
    """
    tk.check_access("edomex_notice_read", context, data_dict)
    data = parameters.read(schema.read(), data_dict)
    if not data.get("id") and not data.get("all"):
        raise tk.ValidationError({"id": ["Diga qué avisos: uno, varios, o todos con «all»."]})
    mine, paths = inbox.theirs(_account(context)), {}
    with unit_of_work() as session:
        if ids := data.get("id"):
            mine = sa.and_(mine, Notice.id.in_(ids))
            paths = {row.id: wording.path_of(row.facts) for row in session.execute(sa.select(Notice.id, Notice.facts).where(mine))}
            if not paths.keys() >= set(ids):
                raise tk.ObjectNotFound(NOT_FOUND)
        unread = sa.update(Notice).where(mine, Notice.read_at.is_(None)).values(read_at=sa.func.clock_timestamp())
        done = session.execute(unread.returning(Notice.id).execution_options(synchronize_session=False)).all()
    return {"read": len(done), "paths": paths}


@tk.side_effect_free
def edomex_notice_preference_show(context: Context, data_dict: Data) -> Data:
    """How one wants to be told, topic by topic.

    :returns: topic → `now`, `digest`, `portal`, or nothing for what the portal proposes; what is always told at once is not there
    """
    tk.check_access("edomex_notice_preference_show", context, data_dict)
    rows = model.Session.execute(sa.select(Preference.topic, Preference.delivery).where(Preference.user_id == _account(context)))
    chosen = {row.topic: row.delivery for row in rows}
    return {topic: chosen.get(topic, schema.PROPOSED) for topic, about in TOPICS.items() if not about.fixed}


def edomex_notice_preference_update(context: Context, data_dict: Data) -> Data:
    """Choose how to be told; what was told already stays as it was.

    :param review: `now`, `digest`, `portal`, or nothing for what the portal proposes (optional); likewise `answers`, `dates`,
        `published`
    :returns: as `edomex_notice_preference_show`
    """
    tk.check_access("edomex_notice_preference_update", context, data_dict)
    data = parameters.read(schema.preferences(), data_dict)
    user_id = _account(context)
    with unit_of_work() as session:
        for topic, delivery in data.items():
            if delivery == schema.PROPOSED:
                session.execute(sa.delete(Preference).where(Preference.user_id == user_id, Preference.topic == topic))
                continue
            row = insert(Preference).values(user_id=user_id, topic=topic, delivery=delivery)
            chosen = {"delivery": delivery, "updated_at": now(session)}
            session.execute(row.on_conflict_do_update(index_elements=["user_id", "topic"], set_=chosen))
    return edomex_notice_preference_show(context, {})


def _account(context: Context) -> str:
    user = caller(context)
    assert user is not None, "the permission asks for an account"
    return user.id


def _datasets(notice: Notice) -> list[str]:
    """Ids of the dataset that a notice is of: the one in hand, then the public one."""
    return [notice.facts[name] for name in ("draft", "dataset") if notice.facts.get(name)]


def _titles(context: Context, notices: list[Notice]) -> dict[str, str]:
    """Id → title of the datasets that the caller may see now."""
    ids = sorted({each for notice in notices for each in _datasets(notice)})
    if not ids:
        return {}
    terms = " OR ".join(f'"{each}"' for each in ids)
    search = {"fq": f"+id:({terms}) +dataset_type:dataset", "fl": "id,title", "rows": len(ids), "facet": "false"}
    found = tk.get_action("package_search")(context, {**search, "include_private": True, "include_drafts": True})
    return {each["id"]: each["title"] for each in found["results"] if each.get("title")}


def _agencies(notices: list[Notice]) -> dict[str | None, Data]:
    ids = {notice.agency_id for notice in notices if notice.agency_id}
    groups = model.Session.query(model.Group).filter(model.Group.id.in_(ids))
    return {group.id: {"name": group.name, "title": group.title or group.name} for group in groups}
