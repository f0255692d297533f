"""Boards: how each agency keeps its promises, for everybody; what each has to do and to update, for staff. All as tables too."""

from __future__ import annotations

from ckan.plugins import toolkit as tk
from flask import Response, jsonify, request

from ckanext.edomex.adapters.callers import call
from ckanext.edomex.adapters.pages import CSV, Page, sent_file
from ckanext.edomex.adapters.workbooks import csv_of
from ckanext.edomex.release.views.calendar_files import asked, kept
from ckanext.edomex.release.views.frame import Data, address_base, for_staff, release

COLUMNS = ("name", "title", "due", "on_time", "late", "missed", "cancelled", "moved", "share")
HEADINGS = ("dependencia", "nombre", "vencidas", "a_tiempo", "tarde", "sin_publicar", "canceladas", "movidas", "proporcion_a_tiempo")
#: Columns of the staff's board and what they are called in its file; the rest are counts of the same names.
BOARD = {
    "to_do": "por_hacer", "in_review": "en_revision", "scheduled": "programados", "overdue": "atrasados",
    "updates_overdue": "actualizaciones_atrasadas",
}  # fmt: skip
KEPT = {"due": "fechas_que_llegaron", "on_time": "a_tiempo", "share": "proporcion_a_tiempo"}
UPDATES = ("dependencia", "conjunto", "titulo", "periodicidad", "toca", "atrasada", "edicion_en_curso")
#: Updates of one page, and at most in the file.
ROWS, MOST = 50, 1000


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


@release.get("/autoservicio/tablero.csv")
@for_staff
def board_csv() -> Page:
    """The board of the start page for a spreadsheet."""
    rows = [["dependencia", "nombre", *BOARD.values(), *KEPT.values()]]
    for each in call("edomex_release_board")["agencies"]:
        counts = [each[name] for name in BOARD] + [each["punctuality"][name] for name in KEPT]
        agency = each["agency"]
        rows.append([agency["name"], agency["title"], *("" if count is None else str(count) for count in counts)])
    return sent_file(csv_of(rows), CSV, "tablero.csv")


@release.get("/autoservicio/actualizaciones")
@for_staff
def updates() -> Page:
    """Every public dataset whose next edition is due, the oldest first; of one agency if that is asked."""
    agency, page = request.args.get("dependencia", ""), max(request.args.get("pagina", 1, type=int), 1)
    found = call("edomex_update_due_list", agency=agency, limit=ROWS, offset=(page - 1) * ROWS)
    shown: Data = {"page": page, "pages": -(-found["total"] // ROWS), "agency": agency}
    # As the calendar's filter; the board would count everything for the sake of its names.
    agencies = {each["agency"]["name"]: each["agency"]["title"] for each in call("edomex_schedule_list")}
    bases = {"dataset_base": address_base("dataset.read", id="-"), "agencies": agencies}
    return tk.render("edomex_release/updates.html", {"updates": found, **shown, **bases})


@release.get("/autoservicio/actualizaciones.csv")
@for_staff
def updates_csv() -> Page:
    """The same for a spreadsheet."""
    found = call("edomex_update_due_list", agency=request.args.get("dependencia", ""), limit=MOST)
    rows = [UPDATES, *(_update(row) for row in found["rows"])]
    return sent_file(csv_of(rows), CSV, "actualizaciones.csv")


def _update(row: Data) -> list[str]:
    dataset = row["dataset"]
    told = [row["agency"]["name"], dataset["name"], dataset["title"], row["frequency"], row["due"]]
    return [*told, *("si" if row[name] else "no" for name in ("overdue", "has_edition"))]
