"""Blackout windows and the agencies' usual hours: who manages the calendar sets them, approvals and changes of date obey."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import sqlalchemy as sa
from ckan import model
from ckan.plugins import toolkit as tk
from ckan.types import AlchemySession, Context

from ckanext.edomex.adapters import parameters
from ckanext.edomex.adapters.callers import need_account
from ckanext.edomex.adapters.groups import agency_of
from ckanext.edomex.adapters.unit_of_work import unit_of_work
from ckanext.edomex.domain.clock import aware, iso
from ckanext.edomex.release import config
from ckanext.edomex.release.domain.errors import FieldError
from ckanext.edomex.release.domain.holidays import holiday
from ckanext.edomex.release.domain.windows import Habit, next_slot
from ckanext.edomex.release.logic import access, schema, steps
from ckanext.edomex.release.model import Blackout, Schedule, blackouts, now, promised_within, roles_of, windows_of

Data = dict[str, Any]
#: A window so long is a slip of the keyboard.
LONGEST = timedelta(days=366 * 2)
#: Confirmed dates within a window that are listed with it.
LISTED = 1000
NO_AGENCY = "No existe esa dependencia."
NO_WINDOW = "No existe ese periodo, o ya terminó."


@tk.side_effect_free
def edomex_blackout_list(context: Context, data_dict: Data) -> list[Data]:
    """Windows that are not over: the state's and those of the caller's agencies; all for who has a role of the state's.

    :param from: that are not over at this instant (optional, now); `to` that begin before
    :param agency: everybody's and this one's only (optional)
    :returns: list of `{id, agency, starts_at, ends_at, effect, reason, affected}`; `affected` counts confirmed dates within it
    """
    tk.check_access("edomex_blackout_list", context, data_dict)
    data = parameters.read(schema.blackouts(), data_dict)
    seen = _visible_agencies(context)
    if data.get("agency"):
        wanted = _agency(data["agency"])
        seen = [wanted.id] if seen is None or wanted.id in seen else []
    query = blackouts(after=data.get("from") or now(model.Session), before=data.get("to"), agencies=seen)
    return [_present(window) for window in model.Session.execute(query).scalars()]


def edomex_blackout_create(context: Context, data_dict: Data) -> Data:
    """Put a window over a period. Dates that are confirmed within it stay as they were promised, and are listed.

    :param starts_at: ISO 8601 with zone, or a day
    :param ends_at: likewise; the end itself is not within it
    :param effect: `warn`: a date within it has to be confirmed; `hold`: none can be set
    :param reason: why, for staff
    :param agency: only for this one (optional, all)
    :returns: the window, with `releases`: confirmed dates within it, `{id, dataset_id, release_at}` each
    """
    need_account(context)
    tk.check_access("edomex_blackout_create", context, data_dict)
    data = parameters.read(schema.blackout(), data_dict)
    with steps.domain_errors(), unit_of_work() as session:
        starts_at, ends_at = data["starts_at"], data["ends_at"]
        if not starts_at < ends_at <= starts_at + LONGEST:
            raise FieldError("ends_at", "El final tiene que ser posterior al inicio, y a lo más dos años después.")
        if ends_at <= now(session):
            raise FieldError("ends_at", "Ese periodo ya pasó; indique uno que todavía no termine.")
        window = Blackout(
            agency_id=_agency(data["agency"]).id if data.get("agency") else None, starts_at=starts_at, ends_at=ends_at,
            effect=data["effect"], reason=data["reason"], created_by=access.user_id(context),
        )  # fmt: skip
        session.add(window)
        session.flush()
        return {**_present(window), "releases": _affected(session, window)}


def edomex_blackout_end(context: Context, data_dict: Data) -> Data:
    """End a window now; one that has not begun will not begin.

    :param id: id of the window
    :returns: the window
    """
    need_account(context)
    tk.check_access("edomex_blackout_end", context, data_dict)
    data = parameters.read(schema.only_id(), data_dict)
    with unit_of_work() as session:
        window = session.get(Blackout, data["id"], with_for_update=True)
        instant = now(session)
        if window is None or window.ended_at is not None or aware(window.ends_at) <= instant:
            raise tk.ObjectNotFound(NO_WINDOW)
        window.ended_at, window.ended_by = instant, access.user_id(context)
        session.flush()
        return _present(window)


@tk.side_effect_free
def edomex_schedule_show(context: Context, data_dict: Data) -> Data:
    """When an agency usually publishes, and its next slot: no holiday, and in no window.

    :param agency: name or id
    :returns: `{agency, time, weekdays, own, next_slot}`; `own` is false where it is as everybody's
    """
    tk.check_access("edomex_schedule_show", context, data_dict)
    agency = _agency(parameters.read(schema.only_agency(), data_dict)["agency"])
    own = model.Session.get(Schedule, agency.id)
    habit = Habit(time=own.time, weekdays=frozenset(own.weekdays)) if own else config.habit()
    instant = now(model.Session)
    slot = next_slot(instant, habit, windows_of(model.Session, agency.id, instant), holiday)
    return {
        "agency": agency.name, "time": f"{habit.time:%H:%M}", "weekdays": sorted(habit.weekdays), "own": own is not None,
        "next_slot": iso(slot),
    }  # fmt: skip


@tk.side_effect_free
def edomex_schedule_list(context: Context, data_dict: Data) -> list[Data]:
    """When each agency usually publishes, by the agencies' titles.

    :returns: list of `{agency: {name, title}, time, weekdays, own}`
    """
    tk.check_access("edomex_schedule_list", context, data_dict)
    usual = config.habit()
    groups = sa.select(model.Group, Schedule).join(Schedule, Schedule.agency_id == model.Group.id, isouter=True)
    groups = groups.where(model.Group.is_organization.is_(True), model.Group.state == "active").order_by(model.Group.title)
    return [
        {
            "agency": {"name": group.name, "title": group.title or group.name}, "own": own is not None,
            "time": f"{own.time if own else usual.time:%H:%M}", "weekdays": sorted(own.weekdays if own else usual.weekdays),
        }
        for group, own in model.Session.execute(groups).all()
    ]  # fmt: skip


def edomex_schedule_update(context: Context, data_dict: Data) -> Data:
    """Set when an agency usually publishes. Dates that are set already stay.

    :param agency: name or id
    :param time: `09:30`, in the state's zone
    :param weekdays: numbers from 1 (Monday) to 7, as a list or separated by spaces
    :returns: as `edomex_schedule_show`
    """
    need_account(context)
    tk.check_access("edomex_schedule_update", context, data_dict)
    data = parameters.read(schema.schedule(), data_dict)
    agency = _agency(data["agency"])
    with unit_of_work() as session:
        who = {"updated_by": access.user_id(context), "updated_at": now(session)}
        session.merge(Schedule(agency_id=agency.id, time=data["time"], weekdays=data["weekdays"], **who))
    return edomex_schedule_show(context, {"agency": agency.id})


def edomex_schedule_reset(context: Context, data_dict: Data) -> Data:
    """Let an agency publish when everybody does.

    :param agency: name or id
    :returns: as `edomex_schedule_show`
    """
    need_account(context)
    tk.check_access("edomex_schedule_reset", context, data_dict)
    agency = _agency(parameters.read(schema.only_agency(), data_dict)["agency"])
    with unit_of_work() as session:
        own = session.get(Schedule, agency.id)
        if own is not None:
            session.delete(own)
    return edomex_schedule_show(context, {"agency": agency.id})


def _agency(name_or_id: str) -> model.Group:
    group = agency_of(name_or_id)
    if group is None:
        raise tk.ObjectNotFound(NO_AGENCY)
    return group


def _visible_agencies(context: Context) -> list[str] | None:
    """Ids of the agencies whose windows the caller sees beside everybody's; None for all."""
    user = access.caller(context)
    if user is None:
        return []
    if user.sysadmin or roles_of(model.Session, user.id):
        return None
    return [group.id for group in user.get_groups("organization")]


def _present(window: Blackout) -> Data:
    agency = model.Group.get(window.agency_id) if window.agency_id else None
    return {
        "id": window.id,
        "agency": {"name": agency.name, "title": agency.title or agency.name} if agency else None,
        "starts_at": iso(window.starts_at),
        "ends_at": iso(window.ends_at),
        "ended_at": iso(window.ended_at),
        "effect": window.effect,
        "reason": window.reason,
        "affected": model.Session.query(promised_within(window).subquery()).count(),
    }


def _affected(session: AlchemySession, window: Blackout) -> list[Data]:
    rows = session.execute(promised_within(window).limit(LISTED)).all()
    return [{"id": each.id, "dataset_id": each.package_id, "release_at": iso(each.release_at)} for each, _package in rows]
