"""Pages of the inventory: the list, a row's form, a table in and out, the history. They render; actions decide."""

from __future__ import annotations

from http import HTTPStatus
from typing import Any

from ckan.plugins import toolkit as tk
from flask import request

from ckanext.edomex.adapters.callers import NO_PAGE, call
from ckanext.edomex.adapters.pages import CSV, XLSX, Errors, Page, explained, in_one, see_other, sent_file
from ckanext.edomex.adapters.vocabularies import choices
from ckanext.edomex.adapters.workbooks import csv_of, xlsx_of
from ckanext.edomex.planning.domain.inventory import RESOURCE_FIELDS
from ckanext.edomex.planning.domain.layouts import LAYOUTS
from ckanext.edomex.planning.views.frame import for_staff, planning

Data = dict[str, Any]
#: Rows of one page of the list.
ROWS = 25
#: Empty resources at the end of the form.
BLANKS = 2
#: Errors of a file that the page shows; the rest is counted, and all are in the file that it offers.
SHOWN_ERRORS = 500
TEXTS = (
    "name", "description", "responsible", "system", "personal_ground", "reserved_ground", "expected", "frequency", "decision",
)  # fmt: skip


@planning.get("/autoservicio/inventario")
@for_staff
def inventory() -> Page:
    """Whose inventories the reader may see; the list itself where it is one."""
    agencies = _agencies()
    if len(agencies) == 1:
        return tk.redirect_to("edomex_planning.agency", agency=agencies[0]["name"])
    counts = {each["name"]: call("edomex_inventory_list", agency=each["name"], limit=0)["count"] for each in agencies}
    return tk.render("edomex_planning/agencies.html", {"agencies": agencies, "counts": counts})


@planning.get("/autoservicio/inventario/<agency>")
@for_staff
def agency(agency: str) -> Page:
    """What an agency holds, with filter and pages."""
    return _list_page(agency)


@planning.get("/autoservicio/inventario/<agency>.<any(csv, xlsx):form>")
@for_staff
def inventory_file(agency: str, form: str) -> Page:
    """The inventory as a table."""
    layout = request.args.get("formato") or "full"
    if layout not in LAYOUTS:
        return tk.abort(HTTPStatus.BAD_REQUEST, f"No existe ese formato: use {', '.join(LAYOUTS)}.")
    rows = call("edomex_inventory_export", agency=agency, layout=layout)
    content = csv_of(rows) if form == "csv" else xlsx_of(rows, "Inventario")
    return sent_file(content, CSV if form == "csv" else XLSX, f"inventario-{agency}.{form}")


@planning.get("/autoservicio/inventario/<agency>/nuevo")
@for_staff
def new(agency: str) -> Page:
    """The form of a new row."""
    return _form_page(_agency(agency, "edomex_inventory_create"), {"resources": []})


@planning.post("/autoservicio/inventario/<agency>/nuevo")
@for_staff
def create(agency: str) -> Page:
    """Register a row; what is wrong comes back with the form."""
    values = _from_form()
    try:
        made = call("edomex_inventory_create", agency=agency, **values)
    except (tk.ValidationError, tk.NotAuthorized) as error:
        status, errors = explained(error)
        return _form_page(_agency(agency, "edomex_inventory_list"), values, errors=errors, status=status)
    tk.h.flash_success("Quedó en el inventario. Nada de esto es público.")
    return see_other("edomex_planning.item", item_id=made["id"])


@planning.get("/autoservicio/inventario/renglon/<item_id>")
@for_staff
def item(item_id: str) -> Page:
    """A row with its form, for who may change it, and its history."""
    found = call("edomex_inventory_show", id=item_id)
    return _form_page(found["agency"], found, found=found)


@planning.post("/autoservicio/inventario/renglon/<item_id>")
@for_staff
def update(item_id: str) -> Page:
    """Change a row. What was typed is never lost: over a newer version it comes back beside what the row says now."""
    values = {**_from_form(), "version": request.form.get("version", "")}
    try:
        call("edomex_inventory_update", id=item_id, **values)
    except (tk.ValidationError, tk.NotAuthorized) as error:
        status, errors = explained(error)
        found = call("edomex_inventory_show", id=item_id)
        stale = status == HTTPStatus.CONFLICT
        return _form_page(found["agency"], values, found=found, errors=errors, status=status, stale=stale)
    tk.h.flash_success("Los cambios quedaron guardados.")
    return see_other("edomex_planning.item", item_id=item_id)


@planning.post("/autoservicio/inventario/renglon/<item_id>/quitar")
@for_staff
def delete(item_id: str) -> Page:
    """Take a row out of the inventory."""
    found = call("edomex_inventory_show", id=item_id)
    try:
        call("edomex_inventory_delete", id=item_id, version=request.form.get("version", ""))
    except (tk.ValidationError, tk.NotAuthorized) as error:
        tk.h.flash_error(in_one(explained(error)[1]))
        return see_other("edomex_planning.item", item_id=item_id)
    tk.h.flash_success(f"«{found['name']}» ya no está en el inventario.")
    return see_other("edomex_planning.agency", agency=found["agency"]["name"])


@planning.get("/autoservicio/inventario/<agency>/tabla")
@for_staff
def table(agency: str) -> Page:
    """Where an inventory is taken in from a file."""
    return _table_page(_agency(agency, "edomex_inventory_import"))


@planning.post("/autoservicio/inventario/<agency>/tabla")
@for_staff
def take(agency: str) -> Page:
    """Look at a file, or take it in; what is wrong comes back row by row."""
    dry = request.form.get("paso") != "registrar"
    about = _agency(agency, "edomex_inventory_list")
    try:
        done = call("edomex_inventory_import", agency=agency, upload=request.files.get("upload"), dry_run=dry)
    except (tk.ValidationError, tk.NotAuthorized) as error:
        found: Data = error.error_dict if isinstance(error, tk.ValidationError) else {}
        status, errors = explained(error)
        return _table_page(about, errors=errors, rows=found.get("rows", []), status=status)
    return _table_page(about, done=done, dry=dry)


def _agencies() -> list[Data]:
    """Agencies whose inventory the reader may see: `{id, name, title}`."""
    return tk.h.edomex_planning_agencies()


def _agency(name: str, permission: str) -> Data:
    """One of them, if the reader may do this there; otherwise there is no such page."""
    found = next((each for each in _agencies() if each["name"] == name), None)
    if found is None or not tk.h.edomex_planning_may(permission.removeprefix("edomex_"), found["id"]):
        return tk.abort(HTTPStatus.NOT_FOUND, NO_PAGE)
    return found


def _list_page(name: str) -> str:
    about = _agency(name, "edomex_inventory_list")
    page = max(request.args.get("pagina", 1, type=int), 1)
    asked = {"q": request.args.get("q", ""), "decision": request.args.get("decision", "")}
    guarded = request.args.get("protegidos", "")
    if guarded in {"si", "no"}:
        asked["guarded"] = "true" if guarded == "si" else "false"
    found = call("edomex_inventory_list", agency=name, limit=ROWS, offset=(page - 1) * ROWS, **asked)
    kept = {"q": asked["q"], "decision": asked["decision"], "protegidos": guarded}
    shown = {"agency": about, "items": found["results"], "count": found["count"], "page": page, "pages": -(-found["count"] // ROWS)}
    return tk.render("edomex_planning/inventory.html", {**shown, "asked": {key: value for key, value in kept.items() if value}})


def _from_form() -> Data:
    """The row as the form sends it."""
    values: Data = {name: request.form.get(name, "") for name in TEXTS}
    values |= {name: request.form.get(name, "") == "si" for name in ("personal", "reserved")}
    count = min(request.form.get("resources", 0, type=int), 1000)
    values["resources"] = [
        {name: request.form.get(f"resource-{number}-{name}", "") for name in RESOURCE_FIELDS} for number in range(count)
    ]
    return values


def _form_page(
    agency: Data, values: Data, *, found: Data | None = None, errors: Errors | None = None, status: int = HTTPStatus.OK,
    stale: bool = False,
) -> Page:  # fmt: skip
    resources = [*values["resources"], *[dict.fromkeys(RESOURCE_FIELDS, "")] * BLANKS]
    shown = {
        "agency": agency, "values": values, "found": found, "errors": errors or {}, "stale": stale, "resources": resources,
        "frequencies": choices("periodicidad"), "history": call("edomex_inventory_history", id=found["id"]) if found else [],
    }  # fmt: skip
    return tk.render("edomex_planning/item.html", shown), status


def _table_page(
    agency: Data, *, errors: Errors | None = None, rows: list[Data] | None = None, done: Data | None = None, dry: bool = True,
    status: int = HTTPStatus.OK,
) -> Page:  # fmt: skip
    rows = rows or []
    shown = {"agency": agency, "errors": errors or {}, "rows": rows[:SHOWN_ERRORS], "more": max(len(rows) - SHOWN_ERRORS, 0)}
    return tk.render("edomex_planning/table.html", {**shown, "done": done, "dry": dry}), status
