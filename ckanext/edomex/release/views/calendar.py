"""The public calendar, as a page and for programs."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from http import HTTPStatus
from typing import Any
from urllib.parse import urlsplit

from ckan.plugins import toolkit as tk
from flask import Response, jsonify, request

from ckanext.edomex.adapters.callers import call
from ckanext.edomex.release.domain.icalendar import icalendar
from ckanext.edomex.release.views.frame import Data, Page, release

#: As many as CKAN gives at once.
ALL = 1000
RECENT = timedelta(days=30)


@release.get("/calendario")
def calendar() -> Page:
    """What is coming and what came, for everybody."""
    now = datetime.now(UTC)
    since = {"from": (now - RECENT).isoformat(), "to": now.isoformat()}
    past = call("edomex_calendar_list", **since, limit=ALL)
    coming = call("edomex_calendar_list", **{"from": now.isoformat(), "limit": ALL})
    # What is due and not yet public is still to come.
    coming = [entry for entry in past if not entry["released_at"]] + coming
    past = [entry for entry in reversed(past) if entry["released_at"]]
    agencies = {entry["agency"]["name"]: entry["agency"]["title"] for entry in coming + past}
    agency = request.args.get("dependencia", "")
    shown = {
        "coming": _by_day(entry for entry in coming if agency in {"", entry["agency"]["name"]}),
        "past": _by_day(entry for entry in past if agency in {"", entry["agency"]["name"]}),
        "agencies": sorted(agencies.items(), key=lambda pair: pair[1]),
        "agency": agency,
    }
    return tk.render("edomex_release/calendar.html", shown)


@release.get("/calendario.json")
def calendar_json() -> Response:
    """The calendar for programs."""
    return jsonify(call("edomex_calendar_list", **_calendar_query()))


@release.get("/calendario.ics")
def calendar_ics() -> Response:
    """The calendar for calendar programs (RFC 5545)."""
    text = icalendar(
        call("edomex_calendar_list", **{"limit": ALL, **_calendar_query()}),
        name=f"Calendario de publicación: {tk.config['ckan.site_title']}",
        host=urlsplit(tk.config["ckan.site_url"]).hostname or "localhost",
        now=datetime.now(UTC),
        address=lambda name: tk.url_for("dataset.read", id=name, _external=True),
    )
    return Response(text, content_type="text/calendar; charset=utf-8")


@release.errorhandler(tk.ValidationError)
def wrong_query(error: tk.ValidationError) -> tuple[Response, int]:
    """Parameters of the calendar that nobody can read."""
    return jsonify({"error": error.error_dict}), HTTPStatus.BAD_REQUEST


def _by_day(entries: Any) -> list[tuple[str, list[Data]]]:
    days: dict[str, list[Data]] = {}
    for entry in entries:
        days.setdefault(tk.h.edomex_day(entry["release_at"]), []).append(entry)
    return list(days.items())


def _calendar_query() -> Data:
    return {key: value for key, value in request.args.items() if key in {"from", "to", "agency", "limit", "offset"}}
