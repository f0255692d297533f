"""The calendar of staff: a month or a list of what they may see, with windows and holidays; forms for who manages the calendar."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from http import HTTPStatus

from ckan.plugins import toolkit as tk
from flask import request

from ckanext.edomex.adapters.callers import NO_PAGE, call, may_use
from ckanext.edomex.adapters.pages import Page, see_other
from ckanext.edomex.release.domain.errors import FieldError
from ckanext.edomex.release.domain.holidays import holiday
from ckanext.edomex.release.domain.lifecycle import LABELS, State
from ckanext.edomex.release.domain.months import WEEKDAYS, day_bounds, month_of
from ckanext.edomex.release.views.calendar import ROWS, Asked, asked, month_grid
from ckanext.edomex.release.views.frame import Data, address_base, explained, for_staff, release

VIEWS = {"mes": "Mes", "lista": "Lista"}
#: Entries of a day in the month.
PER_DAY = 4
#: States that have a date, or had one.
SHOWN = (State.SCHEDULED, State.IN_REVIEW, State.DRAFT, State.CHANGES_REQUESTED, State.FAILED, State.RELEASED, State.CANCELLED)


@release.get("/autoservicio/calendario")
@for_staff
def agenda() -> Page:
    """A month of releases, or all of it as a list."""
    return _page()


@release.post("/autoservicio/calendario/periodo")
@for_staff
def add_window() -> Page:
    """Put a window over some days; what is wrong comes back with the form."""
    form = request.form
    try:
        made = call("edomex_blackout_create", **_period(form), **{name: form.get(name, "") for name in ("effect", "reason", "agency")})
    except tk.ObjectNotFound as error:
        return _page(HTTPStatus.BAD_REQUEST, step="periodo", errors={"agency": [str(error)]})
    except (FieldError, tk.ValidationError, tk.NotAuthorized) as error:
        status, errors = explained(error)
        places = {"starts_at": "begin", "ends_at": "end"}
        return _page(status, step="periodo", errors={places.get(field, field): texts for field, texts in errors.items()})
    within = made["affected"]
    tk.h.flash_success(
        "El periodo está puesto. "
        + (f"{within} fechas ya confirmadas quedaron dentro; abajo están marcadas y hay que decidir cada una." if within else "")
    )
    return see_other("edomex_release.agenda", mes=str(month_of(datetime.fromisoformat(made["starts_at"]))))


@release.post("/autoservicio/calendario/periodo/<window_id>/terminar")
@for_staff
def end_window(window_id: str) -> Page:
    """End a window."""
    try:
        call("edomex_blackout_end", id=window_id)
    except tk.NotAuthorized:
        return tk.abort(HTTPStatus.FORBIDDEN, NO_PAGE)
    tk.h.flash_success("El periodo terminó: ya se pueden poner fechas en él.")
    return see_other("edomex_release.agenda")


@release.post("/autoservicio/calendario/horario")
@for_staff
def set_habit() -> Page:
    """Set when an agency usually publishes, or let it be as everybody's."""
    form = request.form
    agency = form.get("agency", "")
    try:
        if form.get("reset"):
            call("edomex_schedule_reset", agency=agency)
        else:
            call("edomex_schedule_update", agency=agency, time=form.get("time", ""), weekdays=form.getlist("weekdays"))
    except tk.ObjectNotFound as error:
        return _page(HTTPStatus.BAD_REQUEST, step="horario", errors={"agency": [str(error)]})
    except (tk.ValidationError, tk.NotAuthorized) as error:
        status, errors = explained(error)
        return _page(status, step="horario", errors=errors)
    tk.h.flash_success("El horario de la dependencia cambió. Las fechas ya puestas siguen igual.")
    return see_other("edomex_release.agenda", dependencia=agency)


def _period(form: Data) -> Data:
    """The first instant of the first day, and the last of the last. FieldError for what is missing or wrong."""
    days = {}
    for name in ("begin", "end"):
        try:
            days[name] = date.fromisoformat(form.get(name, ""))
        except ValueError:
            raise FieldError(name, "Escriba el día; por ejemplo 2027-03-01.") from None
    try:
        return {"starts_at": day_bounds(days["begin"])[0].isoformat(), "ends_at": day_bounds(days["end"])[1].isoformat()}
    except OverflowError:
        raise FieldError("end", "Ese día está demasiado lejos.") from None


def _page(status: int = HTTPStatus.OK, *, step: str = "", errors: Data | None = None) -> Page:
    wanted, now = asked(VIEWS), datetime.now(UTC)
    wanted = wanted._replace(month=wanted.month or month_of(now), state=_state())
    habits = call("edomex_schedule_list")
    shown = {
        "asked": wanted, "views": VIEWS, "labels": LABELS, "states": {str(state): (LABELS[state],) for state in SHOWN},
        "agencies": [(each["agency"]["name"], each["agency"]["title"]) for each in habits], "habits": habits, "weekdays": WEEKDAYS,
        "release_base": address_base("edomex_release.show", release_id="-"), "windows": call("edomex_blackout_list"),
        "may": may_use("edomex_blackout_create"), "step": step, "errors": errors or {}, "values": request.form,
        **(_list(wanted) if wanted.view == "lista" else _month(wanted)),
    }  # fmt: skip
    return tk.render("edomex_release/agenda.html", shown), status


def _state() -> str:
    wanted = request.args.get("estado", "")
    return wanted if wanted in list(SHOWN) else ""


def _filters(wanted: Asked) -> Data:
    given = {"agency": wanted.agency, "state": wanted.state}
    if wanted.day:
        begin, end = day_bounds(wanted.day)
        return {**given, "from": begin.isoformat(), "to": (end - timedelta(microseconds=1)).isoformat()}
    return {**given, "month": str(wanted.month)}


def _month(wanted: Asked) -> Data:
    assert wanted.month is not None
    found = call("edomex_release_agenda", **_filters(wanted._replace(day=None)), per_day=PER_DAY, limit=PER_DAY * 31)
    days: dict[str, Data] = {day: {"date": day, "total": total, "entries": []} for day, total in found["days"].items()}
    for each in found["releases"]:
        days[each["day"]]["entries"].append(each)
    period = {"from": wanted.month.begin.isoformat(), "to": wanted.month.end.isoformat(), "agency": wanted.agency}
    over = call("edomex_blackout_list", **period)
    grid = month_grid(wanted.month, days)
    grid["days"] = [(day, {**content, "notes": _notes(day, over)}) for day, content in grid["days"]]
    return grid


def _list(wanted: Asked) -> Data:
    assert wanted.month is not None
    found = call("edomex_release_agenda", **_filters(wanted), limit=ROWS, offset=(wanted.page - 1) * ROWS)
    days: dict[str, list[Data]] = {}
    for each in found["releases"]:
        days.setdefault(tk.h.edomex_release_day(each["release_at"]), []).append(each)
    around = {"month": wanted.month, "before": wanted.month.plus(-1), "after": wanted.month.plus(1)}
    return {**around, "found": days, "total": found["total"], "pages": -(-found["total"] // ROWS)}


def _notes(day: date, windows: list[Data]) -> list[str]:
    """What there is to know of a day: a holiday, windows."""
    begin, end = day_bounds(day)
    name = holiday(day)
    said = [f"Inhábil: {name}"] if name else []
    for window in windows:
        over_at = min(datetime.fromisoformat(each) for each in (window["ends_at"], window["ended_at"]) if each)
        if datetime.fromisoformat(window["starts_at"]) < end and over_at > begin:
            of = f" ({window['agency']['title']})" if window["agency"] else ""
            said.append(f"{'Sin publicaciones' if window['effect'] == 'hold' else 'Aviso'}{of}: {window['reason']}")
    return said
