"""What may be read of releases by those concerned."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from ckan import authz, model
from ckan.plugins import toolkit as tk
from ckan.types import Context

from ckanext.edomex.adapters import parameters
from ckanext.edomex.domain.clock import aware, iso
from ckanext.edomex.release.domain.lifecycle import OPEN, UNDER_REVIEW, Kind, State
from ckanext.edomex.release.domain.windows import Effect
from ckanext.edomex.release.logic import access, schema, steps
from ckanext.edomex.release.model import DONE, Event, Release, RoleGrant, windows_of

Data = dict[str, Any]
#: What whoever has a role of the state's knows of: what is under review, and what was. What was public once is no secret of the
#: agency's to those who decided on it.
_DECIDED_ON = sa.or_(
    Release.state.in_(sorted(UNDER_REVIEW)),
    sa.and_(model.Package.private.is_(False), Release.state.not_in(sorted(OPEN))),
    Release.state.in_([*DONE, State.WITHDRAWN]),
)
#: The condition under which somebody may know of a release; the same rule as `access.may_see`, with the values of `seen_by`.
VISIBLE = sa.or_(
    sa.bindparam("sees_all", type_=sa.Boolean),
    model.Package.owner_org.in_(sa.bindparam("agencies", expanding=True)),
    sa.and_(sa.select(RoleGrant.role).where(RoleGrant.user_id == sa.bindparam("reader")).exists(), _DECIDED_ON),
)
_AGENCY = sa.bindparam("agency", type_=sa.Text)
#: The condition of what is of one agency, or of any where none was asked for.
OF_AGENCY = sa.or_(_AGENCY.is_(None), model.Package.owner_org == _AGENCY)


@tk.side_effect_free
def edomex_release_show(context: Context, data_dict: Data) -> Data:
    """One release, with its history.

    :param id: id of the release
    :returns: the release, with its `events` and the `window` that holds its date, if one was put over it later
    """
    tk.check_access("edomex_release_show", context, data_dict)
    release, package = access.find_release(context, data_dict.get("id"))
    return {**steps.present(release), "events": _history(release), "window": _window(release, package)}


@tk.side_effect_free
def edomex_release_list(context: Context, data_dict: Data) -> list[Data]:
    """Releases that the caller may know of, by date and then by age.

    :param dataset_id: only this dataset's (optional); likewise `state`, `agency` (name or id), `from` and `to` (of the date)
    :param limit: at most so many (optional, 100); `offset` to go on
    :returns: list of releases
    """
    tk.check_access("edomex_release_list", context, data_dict)
    data = parameters.read(schema.listing(), data_dict)
    query = _filtered(sa.select(Release).join(model.Package, model.Package.id == Release.package_id), data)
    query = query.where(model.Package.state != "deleted", OF_AGENCY, VISIBLE)
    if data.get("dataset_id"):
        query = query.where(sa.or_(_is_dataset(data["dataset_id"]), Release.content_id == data["dataset_id"]))
    if data.get("state"):
        query = query.where(Release.state == data["state"])
    query = query.order_by(Release.release_at.asc().nulls_first(), Release.created_at, Release.id)
    rows = model.Session.execute(query.limit(data["limit"]).offset(data["offset"]), seen_by(context, data.get("agency"))).scalars()
    return [steps.present(release) for release in rows]


@tk.side_effect_free
def edomex_release_published_at(context: Context, data_dict: Data) -> str | None:
    """When a public dataset was opened for the first time; nothing for one that is not public.

    :param dataset_id: id of the dataset
    :returns: ISO 8601 instant, or null
    """
    tk.check_access("edomex_release_published_at", context, data_dict)
    data = parameters.read(schema.submit(), data_dict)
    query = sa.select(sa.func.min(Release.released_at)).join(model.Package, model.Package.id == Release.package_id)
    public = (model.Package.private.is_(False), model.Package.state == "active", Release.kind != Kind.WITHDRAWAL)
    return iso(model.Session.execute(query.where(Release.package_id == data["dataset_id"], *public)).scalar())


def _is_dataset(name_or_id: str) -> Any:
    return sa.or_(model.Package.id == name_or_id, model.Package.name == name_or_id)


def _filtered(query: Any, data: Data) -> Any:
    if data.get("from"):
        query = query.where(Release.release_at >= data["from"])
    if data.get("to"):
        query = query.where(Release.release_at <= data["to"])
    return query


def seen_by(context: Context, agency: str | None = None) -> Data:
    """What `VISIBLE` has to know of the caller, and `OF_AGENCY` of the agency that was asked for by name or id."""
    user = access.caller(context)
    assert user is not None
    found = [] if user.sysadmin else [group.id for group in user.get_groups("organization")]
    mine = [each for each in found if authz.has_user_permission_for_group_or_org(each, user.name, "read")]
    asked = model.Group.get(agency) if agency else None
    return {"sees_all": bool(user.sysadmin), "agencies": mine, "reader": user.id, "agency": asked.id if asked else agency or None}


def _window(release: Release, package: model.Package) -> Data | None:
    """The window that holds a confirmed date: whoever manages the calendar decides whether it moves."""
    if release.state != State.SCHEDULED or release.release_at is None:
        return None
    met = windows_of(model.Session, package.owner_org, release.release_at)
    held = next((window for window in met if window.effect == Effect.HOLD and window.covers(aware(release.release_at))), None)
    return {"reason": held.reason, "starts_at": iso(held.starts_at), "ends_at": iso(held.ends_at)} if held else None


def _history(release: Release) -> list[Data]:
    return [
        {
            "move": event.move, "from": event.from_state, "to": event.to_state, "at": iso(event.at),
            "by": steps.login(event.actor), "reason": event.reason, "details": event.details,
        }
        for event in model.Session.query(Event).filter(Event.release_id == release.id).order_by(Event.id)
    ]
