"""How each agency keeps its promises, for everybody: a page, and the same figures for programs."""

from __future__ import annotations

from ckan.plugins import toolkit as tk
from flask import Response, jsonify

from ckanext.edomex.adapters.callers import call
from ckanext.edomex.adapters.pages import Page
from ckanext.edomex.adapters.workbooks import csv_of
from ckanext.edomex.release.views.calendar_files import asked, kept
from ckanext.edomex.release.views.frame import release

COLUMNS = ("name", "title", "due", "on_time", "late", "missed", "cancelled", "moved", "share")
HEADINGS = ("dependencia", "nombre", "vencidas", "a_tiempo", "tarde", "sin_publicar", "canceladas", "movidas", "proporcion_a_tiempo")


@release.get("/calendario/puntualidad")
def punctuality() -> Page:
    """Every agency with its figures of the last year."""
    return tk.render("edomex_release/punctuality.html", call("edomex_calendar_punctuality"))


@release.get("/calendario/puntualidad.json")
def punctuality_json() -> Response:
    """The figures for programs, as `edomex_calendar_punctuality` gives them."""
    return kept(jsonify(call("edomex_calendar_punctuality", **asked())))


@release.get("/calendario/puntualidad.csv")
def punctuality_csv() -> Response:
    """The figures for a spreadsheet."""
    agencies = call("edomex_calendar_punctuality", **asked())["agencies"]
    rows = [HEADINGS, *([str(each[column]) if each[column] is not None else "" for column in COLUMNS] for each in agencies)]
    response = Response(csv_of(rows), content_type="text/csv; charset=utf-8")
    response.headers.set("Content-Disposition", "attachment", filename="puntualidad.csv")
    return kept(response)
