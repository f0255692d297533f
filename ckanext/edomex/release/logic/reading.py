"""What may be read of releases: by those concerned, and by everybody in the calendar."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import sqlalchemy as sa
from ckan import authz, model
from ckan.plugins import toolkit as tk
from ckan.types import Context

from ckanext.edomex.domain.clock import iso
from ckanext.edomex.release.domain.lifecycle import OPEN, UNDER_REVIEW, Kind, State
from ckanext.edomex.release.logic import access, schema, steps
from ckanext.edomex.release.model import Event, Release, now, roles_of

Data = dict[str, Any]
#: How long the calendar keeps showing what is done, where no other period is asked for.
RECENT = timedelta(days=30)
UNNAMED = "Por anunciar"
#: States of what has been made public, and is not withdrawn.
DONE = (State.RELEASED, State.SUPERSEDED)


@tk.side_effect_free
def edomex_release_show(context: Context, data_dict: Data) -> Data:
    """One release, with its history.

    :param id: id of the release
    :returns: the release
    """
    tk.check_access("edomex_release_show", context, data_dict)
    release, _ = access.find_release(context, data_dict.get("id"))
    return {**steps.present(release), "events": _history(release)}


@tk.side_effect_free
def edomex_release_list(context: Context, data_dict: Data) -> list[Data]:
    """Releases that the caller may know of, by date and then by age.

    :param dataset_id: only this dataset's (optional); likewise `state`, `agency` (name or id), `from` and `to` (of the date)
    :param limit: at most so many (optional, 100); `offset` to go on
    :returns: list of releases
    """
    tk.check_access("edomex_release_list", context, data_dict)
    data = schema.read(schema.listing(), data_dict)
    query = _filtered(sa.select(Release).join(model.Package, model.Package.id == Release.package_id), data)
    query = query.where(model.Package.state != "deleted", _visible(context))
    if data.get("dataset_id"):
        query = query.where(sa.or_(_is_dataset(data["dataset_id"]), Release.content_id == data["dataset_id"]))
    if data.get("state"):
        query = query.where(Release.state == data["state"])
    query = query.order_by(Release.release_at.asc().nulls_first(), Release.created_at, Release.id)
    rows = model.Session.execute(query.limit(data["limit"]).offset(data["offset"])).scalars()
    return [steps.present(release) for release in rows]


@tk.side_effect_free
def edomex_calendar_list(context: Context, data_dict: Data) -> list[Data]:
    """What is coming and what came, for everybody. A dataset is named before its date only if that was asked for.

    :param from: first instant (optional, 30 days ago); `to` the last; `agency` only this one's
    :param dataset_id: only this dataset's, and only once it is public (optional)
    :returns: list of entries
    """
    tk.check_access("edomex_calendar_list", context, data_dict)
    data = schema.read(schema.listing(), data_dict)
    if not data.get("dataset_id"):
        data.setdefault("from", now(model.Session) - RECENT)
    query = sa.select(Release, model.Package, model.Group).join(model.Package, model.Package.id == Release.package_id)
    query = query.join(model.Group, model.Group.id == model.Package.owner_org)
    query = _filtered(query, data).where(
        sa.or_(
            Release.state == State.SCHEDULED,
            sa.and_(Release.state.in_(DONE), model.Package.private.is_(False), model.Package.state == "active"),
        ),
        Release.kind != Kind.WITHDRAWAL,
    )
    if data.get("dataset_id"):
        # Asked by id, what is coming would tell that something hidden exists.
        query = query.where(Release.state.in_(DONE), _is_dataset(data["dataset_id"]))
    query = query.order_by(Release.release_at, Release.id).limit(data["limit"]).offset(data["offset"])
    return [_entry(*row) for row in model.Session.execute(query).all()]


@tk.side_effect_free
def edomex_release_published_at(context: Context, data_dict: Data) -> str | None:
    """When a public dataset was opened for the first time; nothing for one that is not public.

    :param dataset_id: id of the dataset
    :returns: ISO 8601 instant, or null
    """
    tk.check_access("edomex_release_published_at", context, data_dict)
    data = schema.read(schema.submit(), data_dict)
    query = sa.select(sa.func.min(Release.released_at)).join(model.Package, model.Package.id == Release.package_id)
    public = (model.Package.private.is_(False), model.Package.state == "active", Release.kind != Kind.WITHDRAWAL)
    return iso(model.Session.execute(query.where(Release.package_id == data["dataset_id"], *public)).scalar())


def _is_dataset(name_or_id: str) -> Any:
    return sa.or_(model.Package.id == name_or_id, model.Package.name == name_or_id)


def _filtered(query: Any, data: Data) -> Any:
    if data.get("agency"):
        group = model.Group.get(data["agency"])
        query = query.where(model.Package.owner_org == (group.id if group else None))
    if data.get("from"):
        query = query.where(Release.release_at >= data["from"])
    if data.get("to"):
        query = query.where(Release.release_at <= data["to"])
    return query


def _visible(context: Context) -> Any:
    """The condition under which the caller may know of a release; the same rule as `access.may_see`."""
    user = access.caller(context)
    assert user is not None
    if user.sysadmin:
        return sa.true()
    agencies = [group.id for group in user.get_groups("organization")]
    mine = model.Package.owner_org.in_([a for a in agencies if authz.has_user_permission_for_group_or_org(a, user.name, "read")])
    if not roles_of(model.Session, user.id):
        return mine
    over = sa.and_(model.Package.private.is_(False), Release.state.not_in(sorted(OPEN)))
    # What was public once is no secret of the agency's to those who decided on it.
    past = Release.state.in_([*DONE, State.WITHDRAWN])
    return sa.or_(mine, Release.state.in_(sorted(UNDER_REVIEW)), over, past)


def _entry(release: Release, package: model.Package, agency: model.Group) -> Data:
    done = release.state in DONE
    return {
        "id": release.id,
        "kind": release.kind,
        "version": release.version if done else None,
        "title": (package.title or package.name) if done or release.announced else UNNAMED,
        "dataset_id": package.id if done else None,
        "dataset_name": package.name if done else None,
        "agency": {"name": agency.name, "title": agency.title},
        "calendar_status": release.calendar_status,
        "release_at": iso(release.release_at),
        "released_at": iso(release.released_at),
        "changes": [
            {"at": iso(event.at), "reason": event.reason, **{end: (event.details or {}).get(end) for end in ("from", "to")}}
            for event in _events(release, move="reschedule")
        ],
    }


def _history(release: Release) -> list[Data]:
    return [
        {
            "move": event.move, "from": event.from_state, "to": event.to_state, "at": iso(event.at),
            "by": steps.login(event.actor), "reason": event.reason, "details": event.details,
        }
        for event in _events(release)
    ]


def _events(release: Release, move: str | None = None) -> list[Event]:
    query = model.Session.query(Event).filter(Event.release_id == release.id)
    return (query.filter(Event.move == move) if move else query).order_by(Event.id).all()
