"""Pages of other portals: which there are, how they do, one with its copies. They work without scripts; actions decide."""

from __future__ import annotations

import tempfile
from http import HTTPStatus
from typing import Any

import flask
from ckan.plugins import toolkit as tk
from flask import Blueprint, Response, request

from ckanext.edomex.adapters import pages
from ckanext.edomex.adapters.answers import field_errors_are_400
from ckanext.edomex.adapters.callers import call, may_use
from ckanext.edomex.adapters.catalogues import NotNowError
from ckanext.edomex.adapters.pages import CSV, Errors, Page, explained, in_one, see_other, sent_file
from ckanext.edomex.adapters.workbooks import csv_of
from ckanext.edomex.outbound.domain.targets import Kind
from ckanext.edomex.outbound.logic import bundles, readings

Data = dict[str, Any]
#: Copies of one page.
ROWS = 25
#: Rows of a file.
ALL = 1000
TEXTS = (
    "title", "kind", "url", "organization", "formats", "groups", "reader", "rate",
    "agreement_number", "agreement_date", "agreement_post", "agreement_document",
)  # fmt: skip
CHOICES = ("may_publish", "sends_files", "enabled")
HEADER = ["conjunto", "titulo", "nombre alla", "estado", "atrasado desde", "motivo", "cambio"]

#: Blueprint of the feed room, whose documents other portals read.
FEED = "edomex_feed"

outbound = Blueprint("edomex_outbound", __name__)
outbound.after_app_request(field_errors_are_400)


@outbound.after_app_request
def note_reading(response: Response) -> Response:
    """Who read the catalogue, if it is a portal that pulls."""
    if request.blueprint == FEED and request.method == "GET" and readings.is_catalogue(request.path):
        readings.note(request.path, response.status_code, request.user_agent.string)
    return response


#: Those who run releases.
for_runners = pages.for_those_concerned("edomex_outbound.board")


@outbound.get("/autoservicio/federacion")
@for_runners
def board() -> Page:
    """Every target: in step or not, since when, and what needs a person."""
    shown = {"targets": call("edomex_target_list"), "may_change": may_use("edomex_target_update")}
    return tk.render("edomex_outbound/board.html", shown)


@outbound.get("/autoservicio/federacion/nuevo")
@for_runners
def new() -> Page:
    """The form of a new target."""
    tk.check_access("edomex_target_create", {"user": tk.current_user.name}, {})
    return _form({"kind": "ckan", "formats": ["CSV", "SHP"], "rate": 60}, {})


@outbound.post("/autoservicio/federacion/nuevo")
@for_runners
def create() -> Page:
    """Sign a target up; what is wrong comes back with the form."""
    values = {"name": request.form.get("name", "").strip(), **_from_form()}
    try:
        made = call("edomex_target_create", **values)
    except tk.ValidationError as error:
        status, errors = explained(error)
        return _form(values, errors), status
    tk.h.flash_success("El destino quedó registrado.")
    return see_other("edomex_outbound.target", name=made["name"])


@outbound.get("/autoservicio/federacion/<name>")
@for_runners
def target(name: str) -> Page:
    """A target with its copies."""
    page, state = max(request.args.get("pagina", 1, type=int), 1), request.args.get("estado") or ""
    found = call("edomex_target_show", id=name)
    try:
        copies = call("edomex_copy_list", target=name, state=state, limit=ROWS, offset=(page - 1) * ROWS)
    except tk.ValidationError:
        return tk.abort(HTTPStatus.BAD_REQUEST, "No existe ese estado; quite el filtro.")
    shown: Data = {"page": page, "pages": -(-copies["count"] // ROWS), "state": state, "may_change": may_use("edomex_target_update")}
    if found["kind"] == Kind.BUNDLE:
        shown |= {"bundles": call("edomex_bundle_list", target=name), "agencies": bundles.agencies()}
    return tk.render("edomex_outbound/target.html", {"target": found, **copies, **shown})


@outbound.get("/autoservicio/federacion/<name>.csv")
@for_runners
def copies_file(name: str) -> Page:
    """The copies at a target as a table."""
    rows: list[list[str]] = [HEADER]
    while True:
        found = call("edomex_copy_list", target=name, limit=ALL, offset=len(rows) - 1)
        rows += [_row(each) for each in found["copies"]]
        if not found["copies"] or len(rows) > found["count"]:
            return sent_file(csv_of(rows), CSV, f"copias-{name}.csv")


@outbound.get("/autoservicio/federacion/<name>/cambiar")
@for_runners
def edit(name: str) -> Page:
    """The form of a target."""
    tk.check_access("edomex_target_update", {"user": tk.current_user.name}, {})
    found = call("edomex_target_show", id=name)
    return _form(found, {}, name)


@outbound.post("/autoservicio/federacion/<name>/cambiar")
@for_runners
def update(name: str) -> Page:
    """Change a target; what is wrong comes back with the form."""
    values = _from_form()
    try:
        call("edomex_target_update", id=name, **values)
    except tk.ValidationError as error:
        status, errors = explained(error)
        return _form({**values, "name": name}, errors, name), status
    tk.h.flash_success("Los cambios quedaron guardados.")
    return see_other("edomex_outbound.target", name=name)


@outbound.get("/autoservicio/federacion/<name>/comparar")
@for_runners
def compare(name: str) -> Page:
    """What would be done there, and why; nothing is."""
    page = max(request.args.get("pagina", 1, type=int), 1)
    found = call("edomex_target_show", id=name)
    try:
        seen = call("edomex_target_compare", target=name, limit=ROWS, offset=(page - 1) * ROWS)
    except tk.ValidationError as error:
        tk.h.flash_error(_told(error))
        return see_other("edomex_outbound.target", name=name)
    return tk.render("edomex_outbound/compare.html", {"target": found, "page": page, "pages": -(-seen["count"] // ROWS), **seen})


@outbound.post("/autoservicio/federacion/<name>/sincronizar")
@for_runners
def sync(name: str) -> Page:
    """Have everything compared again."""
    return _asked(name, "edomex_target_sync", "Se compararán de nuevo {due} conjuntos.", id=name)


@outbound.post("/autoservicio/federacion/<name>/reintentar")
@for_runners
def retry(name: str) -> Page:
    """Try again one copy, or all that were refused."""
    chosen = {"dataset_id": request.form["conjunto"]} if request.form.get("conjunto") else {}
    overwrite = request.form.get("sobrescribir") == "si"
    return _asked(name, "edomex_copy_retry", "Se reintentarán {retried} conjuntos.", target=name, overwrite=overwrite, **chosen)


@outbound.post("/autoservicio/federacion/<name>/paquete")
@for_runners
def bundle(name: str) -> Page:
    """Make a parcel and send it to whoever asks."""
    file = tempfile.TemporaryFile()  # noqa: SIM115  # the answer closes it
    try:
        made = bundles.write({"user": tk.current_user.name}, name, request.form.get("dependencia", ""), file)
    except (tk.ValidationError, NotNowError) as error:
        file.close()
        tk.h.flash_error(_told(error) if isinstance(error, tk.ValidationError) else str(error))
        return see_other("edomex_outbound.target", name=name)
    file.seek(0)
    response = flask.send_file(file, "application/zip", as_attachment=True, download_name=f"paquete-{name}-{made['id'][:8]}.zip")
    response.headers["Cache-Control"] = "private, no-store"
    return response


@outbound.post("/autoservicio/federacion/<name>/acuse")
@for_runners
def acknowledge(name: str) -> Page:
    """Note the receipt that was given for a parcel."""
    values = {field: request.form.get(field, "").strip() for field in ("id", "receipt", "delivered_on")}
    try:
        call("edomex_bundle_acknowledge", **values)
    except tk.ValidationError as error:
        tk.h.flash_error(_told(error))
    else:
        tk.h.flash_success("El acuse quedó registrado.")
    return see_other("edomex_outbound.target", name=name)


@outbound.get("/autoservicio/federacion/<name>/conjunto/<dataset_id>")
@for_runners
def history(name: str, dataset_id: str) -> Page:
    """What was done with one copy."""
    steps = call("edomex_copy_history", target=name, dataset_id=dataset_id)
    shown = {"target": call("edomex_target_show", id=name), "steps": steps, "dataset_id": dataset_id}
    return tk.render("edomex_outbound/history.html", shown)


def _asked(name: str, action: str, said: str, **values: Any) -> Page:
    try:
        tk.h.flash_success(said.format(**call(action, **values)))
    except tk.ValidationError as error:
        tk.h.flash_error(_told(error))
    return see_other("edomex_outbound.target", name=name)


def _told(error: tk.ValidationError) -> str:
    return in_one(explained(error)[1])


def _form(values: Data, errors: Errors, name: str | None = None) -> str:
    shown = {**values}
    if isinstance(shown.get("formats"), list):
        shown["formats"] = ", ".join(shown["formats"])
    if isinstance(shown.get("groups"), dict):
        shown["groups"] = "\n".join(f"{theme} = {group}" for theme, group in shown["groups"].items())
    return tk.render("edomex_outbound/form.html", {"values": shown, "errors": errors, "name": name})


def _from_form() -> Data:
    return {
        **{name: request.form.get(name, "").strip() for name in TEXTS},
        **{name: request.form.get(name) == "si" for name in CHOICES},
    }


def _row(copy: Data) -> list[str]:
    told = ("dataset_id", "title", "remote_name", "state", "behind_since", "reason", "modified_at")
    return [str(copy[name] or "") for name in told]
