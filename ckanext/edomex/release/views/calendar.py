"""The public calendar as pages: what comes and what came, a month, the agencies. The address says it all; no script is needed."""

from __future__ import annotations

import contextlib
from datetime import UTC, date, datetime, timedelta
from typing import NamedTuple

from ckan.plugins import toolkit as tk
from flask import request

from ckanext.edomex.adapters.callers import call
from ckanext.edomex.adapters.pages import Page
from ckanext.edomex.release.domain.calendar import GRACE_S, STATUS_NAMES, Status
from ckanext.edomex.release.domain.months import FIRST_YEAR, LAST_YEAR, Month, MonthError, day_bounds, month_of, parse_month
from ckanext.edomex.release.views.frame import Data, address_base, release

VIEWS = {"lista": "Lista", "mes": "Mes", "dependencias": "Dependencias"}
#: What the address calls each filter → its name, and what the actions take for it.
STATES: dict[str, tuple[str, Data]] = {
    "proximas": ("Próximas", {"status": str(Status.UPCOMING)}),
    "por-confirmar": ("Con fecha por confirmar", {"status": str(Status.UNCONFIRMED)}),
    "publicadas": ("Publicadas", {"status": str(Status.RELEASED)}),
    "movidas": ("Cambiaron de fecha", {"moved": True}),
    "canceladas": ("Canceladas", {"status": str(Status.CANCELLED)}),
    "atrasadas": ("Atrasadas", {"status": str(Status.OVERDUE)}),
}
STATE_OF = {wanted["status"]: name for name, (_title, wanted) in STATES.items() if "status" in wanted}
FORMS = ("ics", "atom", "json", "csv")
#: Entries of one page, and of each section of the first one.
ROWS = 50
RECENT = timedelta(days=30)
#: Agencies that promised nothing for so long are not offered as a filter.
LONG_AGO = timedelta(days=366)
BEGINNING = f"{FIRST_YEAR}-01-01"


class Asked(NamedTuple):
    """What the address asks for; what nobody can read in it is as if it were not there."""

    view: str
    month: Month | None
    day: date | None
    agency: str
    state: str
    page: int

    def filters(self) -> Data:
        """For the actions."""
        wanted: Data = dict(STATES[self.state][1]) if self.state else {}
        wanted |= {"agency": self.agency} if self.agency else {}
        if self.day:
            begin, end = day_bounds(self.day)
            return {**wanted, "from": begin.isoformat(), "to": (end - timedelta(microseconds=1)).isoformat()}
        return {**wanted, "month": str(self.month)} if self.month else wanted

    def address(self) -> dict[str, str]:
        """The same for a link."""
        given = {"vista": self.view, "mes": self.month, "dia": self.day, "dependencia": self.agency, "estado": self.state}
        return {name: str(value) for name, value in given.items() if value}


def asked(views: dict[str, str] = VIEWS) -> Asked:
    """Read the address."""
    given = request.args
    month = day = None
    with contextlib.suppress(MonthError):
        month = parse_month(given.get("mes"))
    with contextlib.suppress(ValueError):
        day = date.fromisoformat(given.get("dia", ""))
    if day and not FIRST_YEAR <= day.year < LAST_YEAR:
        day = None
    view, state = given.get("vista", ""), given.get("estado", "")
    return Asked(
        view=view if view in views else next(iter(views)),
        month=month, day=day,
        agency=given.get("dependencia", "")[:100],
        state=state if state in STATES else "",
        page=max(given.get("pagina", 1, type=int), 1),
    )  # fmt: skip


@release.get("/calendario")
def calendar() -> Page:
    """What is coming and what came, for everybody."""
    wanted, now = asked(), datetime.now(UTC)
    show = {"mes": _month, "dependencias": _agencies, "lista": _list if wanted.state or wanted.month or wanted.day else _start}
    agencies = call("edomex_calendar_count", **{"from": (now - LONG_AGO).isoformat()})["agencies"]
    shown = {
        "asked": wanted, "views": VIEWS, "states": STATES, "state_of": STATE_OF, "status_names": STATUS_NAMES,
        "agencies": [(each["name"], each["title"]) for each in agencies],
        "dataset_base": address_base("dataset.read", id="-"),
        "files": {form: tk.url_for(f"edomex_release.calendar_{form}", **_of_agency(wanted)) for form in FORMS},
        **show[wanted.view](wanted, now),
    }  # fmt: skip
    return tk.render("edomex_release/calendar.html", shown)


def _of_agency(wanted: Asked) -> dict[str, str]:
    return {"agency": wanted.agency} if wanted.agency else {}


def _start(wanted: Asked, now: datetime) -> Data:
    """Nothing asked: what is overdue, what comes, what came lately; the first entries of each."""
    agency, due = wanted.filters(), now - timedelta(seconds=GRACE_S)
    late = call("edomex_calendar_list", **agency, status=str(Status.OVERDUE), sort="newest", limit=ROWS + 1, **{"from": BEGINNING})
    # What is due and not yet public is still to come.
    coming = call("edomex_calendar_list", **agency, limit=ROWS + 1, **{"from": due.isoformat()})
    period = {"from": (now - RECENT).isoformat(), "to": now.isoformat()}
    past = call("edomex_calendar_list", **agency, sort="newest", limit=ROWS + 1, **period)
    waiting = [entry for entry in coming if entry["status"] != Status.RELEASED]
    over = [entry for entry in past if entry["status"] in {Status.RELEASED, Status.CANCELLED}]
    return {
        "late": _by_day(late[:ROWS]), "more_late": len(late) > ROWS,
        "coming": _by_day(waiting[:ROWS]), "more_coming": len(coming) > ROWS,
        "past": _by_day(over[:ROWS]), "more_past": len(past) > ROWS,
    }  # fmt: skip


def _list(wanted: Asked, now: datetime) -> Data:
    """What was asked for, a page at a time; the oldest date first within a month or a day, otherwise the newest."""
    total = call("edomex_calendar_count", **wanted.filters())["total"]
    bounded = wanted.month or wanted.day or wanted.state in {"proximas", "por-confirmar"}
    found = call(
        "edomex_calendar_list", **{"from": BEGINNING, **wanted.filters()}, sort="date" if bounded else "newest",
        limit=ROWS, offset=(wanted.page - 1) * ROWS,
    )  # fmt: skip
    return {"found": _by_day(found), "total": total, "pages": -(-total // ROWS)}


def _month(wanted: Asked, now: datetime) -> Data:
    """A month, day by day."""
    month = wanted.month or month_of(now)
    found = call("edomex_calendar_month", **wanted._replace(month=month, day=None).filters())
    return {**month_grid(month, {day["date"]: day for day in found["days"]}), "counts": _counts(wanted, month)}


def month_grid(month: Month, days: dict[str, Data]) -> Data:
    """The days of a month with what there is on each, for the template: where the first stands in its week, and the neighbours."""
    rows = [(day, days.get(day.isoformat(), {"date": day.isoformat(), "total": 0, "entries": []})) for day in month.days()]
    return {"month": month, "days": rows, "before": month.plus(-1), "after": month.plus(1)}


def _counts(wanted: Asked, month: Month) -> Data:
    return call("edomex_calendar_count", month=str(month), **({"agency": wanted.agency} if wanted.agency else {}))["statuses"]


def _agencies(wanted: Asked, now: datetime) -> Data:
    """Every agency with its figures for a month."""
    month = wanted.month or month_of(now)
    found = call("edomex_calendar_count", **wanted._replace(month=month, day=None).filters())
    return {"month": month, "before": month.plus(-1), "after": month.plus(1), "rows": found["agencies"], "statuses": found["statuses"]}


def _by_day(entries: list[Data]) -> list[tuple[str, list[Data]]]:
    days: dict[str, list[Data]] = {}
    for entry in entries:
        days.setdefault(tk.h.edomex_release_day(entry["release_at"]), []).append(entry)
    return list(days.items())
