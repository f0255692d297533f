"""The public calendar for programs: JSON, CSV, iCalendar, Atom; whoever has it already is answered with 304."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from http import HTTPStatus
from typing import Any
from urllib.parse import quote, urlencode, urlsplit

from ckan.plugins import toolkit as tk
from flask import Response, jsonify, request

from ckanext.edomex.adapters.callers import call
from ckanext.edomex.adapters.workbooks import csv_of
from ckanext.edomex.domain.clock import local
from ckanext.edomex.release.domain.atom import atom
from ckanext.edomex.release.domain.calendar import STATUS_NAMES, Status
from ckanext.edomex.release.domain.icalendar import icalendar
from ckanext.edomex.release.domain.lifecycle import KIND_NAMES, Kind
from ckanext.edomex.release.domain.months import month_of
from ckanext.edomex.release.views.frame import Data, release

Address = Callable[[Mapping[str, Any]], str]
PARAMETERS = frozenset({"from", "to", "month", "agency", "status", "moved", "dataset_id", "sort", "limit", "offset"})
#: As many as CKAN gives at once, and as many as one file has.
ALL, MOST = 1000, 10_000
#: How far back the file for calendar programs goes: what was moved or cancelled lately has to be in it.
SUBSCRIBED = timedelta(days=90)
#: Entries of the feed.
NEWS = 100
COLUMNS = (
    "id", "dependencia", "nombre_dependencia", "titulo", "tipo", "estado", "fecha_prometida", "fecha_publicacion", "cambios_de_fecha",
    "motivo", "direccion",
)  # fmt: skip


@release.get("/calendario.json")
def calendar_json() -> Response:
    """The calendar for programs, as `edomex_calendar_list` gives it."""
    return kept(jsonify(call("edomex_calendar_list", **asked())))


@release.get("/calendario.csv")
def calendar_csv() -> Response:
    """The calendar for a spreadsheet."""
    address = _addresses()
    rows = [COLUMNS, *(_row(entry, address) for entry in _entries(asked()))]
    response = Response(csv_of(rows), content_type="text/csv; charset=utf-8")
    response.headers.set("Content-Disposition", "attachment", filename="calendario.csv")
    return kept(response)


@release.get("/calendario.ics")
def calendar_ics() -> Response:
    """The calendar for calendar programs (RFC 5545)."""
    query = asked()
    if not {"from", "month", "dataset_id"} & query.keys():
        query["from"] = (datetime.now(UTC) - SUBSCRIBED).isoformat()
    text = icalendar(
        _entries(query),
        name=_title(),
        host=urlsplit(tk.config["ckan.site_url"]).hostname or "localhost",
        source=_own("calendar_ics"),
        address=_addresses(),
    )
    response = Response(text, content_type="text/calendar; charset=utf-8")
    response.headers.set("Content-Disposition", "inline", filename="calendario.ics")
    return kept(response)


@release.get("/calendario.atom")
def calendar_atom() -> Response:
    """What changed in the calendar, the newest first (RFC 4287)."""
    query = {"sort": "changed", "limit": NEWS, **asked()}
    page = tk.url_for("edomex_release.calendar", _external=True)
    text = atom(call("edomex_calendar_list", **query), title=_title(), own=_own("calendar_atom"), page=page, address=_addresses())
    return kept(Response(text, content_type="application/atom+xml; charset=utf-8"))


@release.errorhandler(tk.ValidationError)
def wrong_query(error: tk.ValidationError) -> tuple[Response, int]:
    """Parameters of the calendar that nobody can read."""
    return jsonify({"error": error.error_dict}), HTTPStatus.BAD_REQUEST


def asked() -> Data:
    """The parameters of the address that an action of the calendar takes."""
    return {key: value for key, value in request.args.items() if key in PARAMETERS}


def _entries(query: Mapping[str, Any]) -> list[Data]:
    """Everything that was asked for, a thousand at a time, unless the caller pages by themselves."""
    if "limit" in query:
        return call("edomex_calendar_list", **query)
    found: list[Data] = []
    while len(found) < MOST:
        more = call("edomex_calendar_list", **{**query, "limit": ALL, "offset": len(found)})
        found += more
        if len(more) < ALL:
            break
    return found


def _row(entry: Data, address: Address) -> list[str]:
    reason = entry["reason"] or (entry["changes"][-1]["reason"] if entry["changes"] else "")
    return [
        entry["id"], entry["agency"]["name"], entry["agency"]["title"], entry["title"], KIND_NAMES[Kind(entry["kind"])],
        STATUS_NAMES[Status(entry["status"])], _local(entry["release_at"]), _local(entry["released_at"]), str(len(entry["changes"])),
        reason or "", address(entry),
    ]  # fmt: skip


def _local(moment: str | None) -> str:
    """With the state's offset: a spreadsheet shows the hour that was promised."""
    return local(datetime.fromisoformat(moment)).isoformat(timespec="seconds") if moment else ""


def _addresses() -> Address:
    """From an entry to its page: the dataset, once it is public; until then the month in which it is promised.

    CKAN is asked for the beginnings alone: an address takes it most of a millisecond, and a file has thousands.
    """
    datasets = tk.url_for("dataset.read", id="-", _external=True).removesuffix("-")
    months = tk.url_for("edomex_release.calendar", vista="lista", _external=True)

    def address(entry: Mapping[str, Any]) -> str:
        if entry["dataset_name"]:
            return f"{datasets}{quote(entry['dataset_name'])}"
        month = month_of(datetime.fromisoformat(entry["release_at"]))
        return f"{months}&{urlencode({'mes': str(month), 'dependencia': entry['agency']['name']})}"

    return address


def _title() -> str:
    return f"Calendario de publicación: {tk.config['ckan.site_title']}"


def _own(name: str) -> str:
    return tk.url_for(f"edomex_release.{name}", _external=True, **asked())


def kept(response: Response) -> Response:
    """With a tag of its content, for pages of other sites too. For how long it is kept is the operator's and the shield's to say."""
    response.headers["Access-Control-Allow-Origin"] = "*"
    response.add_etag()
    response.make_conditional(request)
    return response
