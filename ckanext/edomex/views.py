"""Pages and files of the schemas: a catalogue in and out as a table, a dataset as a data package, a file's dictionary."""

from __future__ import annotations

import json
import re
from http import HTTPStatus
from typing import Any
from urllib.parse import quote

from ckan.plugins import toolkit as tk
from flask import Blueprint, Response, request

from ckanext.edomex.adapters.answers import field_errors_are_400
from ckanext.edomex.adapters.callers import NO_PAGE, call
from ckanext.edomex.adapters.pages import CSV, XLSX, Page
from ckanext.edomex.adapters.workbooks import csv_of, xlsx_of
from ckanext.edomex.domain.datapackage import data_package, dictionary_rows, table_schema
from ckanext.edomex.domain.tabular import TableError
from ckanext.edomex.logic.openapi import openapi_document
from ckanext.edomex.logic.takeover import current_name

edomex = Blueprint("edomex", __name__)
edomex.after_app_request(field_errors_are_400)

#: Addresses of a dataset, whose first part after this is its name or id.
OF_DATASET = re.compile(r"(?P<before>(/[a-z]{2}(_[A-Z]{2})?)?/dataset/)(?P<name>[a-z0-9_-]{2,100})(?P<after>[/.].*)?")

Data = dict[str, Any]


@edomex.after_app_request
def moved_here(response: Response) -> Response:
    """Lead from a dataset's address in the portal that was here before to today's, once it is public; else as it was."""
    if response.status_code != HTTPStatus.NOT_FOUND or request.method not in {"GET", "HEAD"}:
        return response
    parts = OF_DATASET.fullmatch(request.path)
    name = current_name(parts["name"]) if parts else None
    if parts is None or name is None or name == parts["name"]:
        return response
    query = f"?{request.query_string.decode()}" if request.query_string else ""
    address = f"{tk.config['ckan.site_url']}{quote(parts['before'] + name + (parts['after'] or ''))}{query}"
    return Response(status=HTTPStatus.MOVED_PERMANENTLY, headers={"Location": address})


@edomex.get("/api/openapi.json")
def openapi() -> Response:
    """What programs may ask, for their own tools."""
    answer = _json(openapi_document())
    answer.headers["Access-Control-Allow-Origin"] = "*"
    return answer


@edomex.get("/autoservicio/catalogo")
def catalogue() -> Page:
    """Where an agency's catalogue goes in and out as a table."""
    if not tk.current_user.is_authenticated:
        return tk.redirect_to("user.login", next=request.path)
    return _page()


@edomex.post("/autoservicio/catalogo")
def take() -> Page:
    """Look at a table, or register what is in it; what is wrong comes back row by row."""
    if not tk.current_user.is_authenticated:
        return tk.redirect_to("user.login", next=request.path)
    dry = request.form.get("paso") != "registrar"
    data = {"agency": request.form.get("agency", ""), "upload": request.files.get("upload"), "dry_run": dry}
    try:
        done = call("edomex_catalogue_import", **data)
    except tk.ValidationError as error:
        return _page(errors=error.error_dict), HTTPStatus.BAD_REQUEST
    except (tk.ObjectNotFound, tk.NotAuthorized):
        return _page(errors={"agency": ["Elija una dependencia que usted edite."]}), HTTPStatus.BAD_REQUEST
    return _page(done=done, dry=dry)


@edomex.get("/autoservicio/catalogo/<agency>.<any(csv, xlsx):form>")
def give(agency: str, form: str) -> Response:
    """An agency's catalogue, or one dataset of it, as a file."""
    only, layout = request.args.get("conjunto", ""), request.args.get("formato") or "full"
    try:
        rows = call("edomex_catalogue_rows", agency=agency, dataset_id=only, layout=layout)
    except (tk.ObjectNotFound, tk.NotAuthorized):
        return tk.abort(HTTPStatus.NOT_FOUND, NO_PAGE)
    except tk.ValidationError:
        return tk.abort(HTTPStatus.BAD_REQUEST, "No existe ese formato: use full, v3 o v2.")
    try:
        content = csv_of(rows) if form == "csv" else xlsx_of(rows, "Catálogo")
    except TableError as error:
        return tk.abort(HTTPStatus.BAD_REQUEST, str(error))
    return _file(content, CSV if form == "csv" else XLSX, f"{only or f'catalogo-{agency}'}.{form}")


@edomex.get("/dataset/<dataset_id>/datapackage.json")
def package(dataset_id: str) -> Response:
    """A dataset's descriptor, for tools of Frictionless Data."""
    dataset = _dataset(dataset_id)
    address = tk.url_for("dataset.read", id=dataset["name"], qualified=True, locale="default")
    return _json(data_package(dataset, address))


@edomex.get("/dataset/<dataset_id>/resource/<resource_id>/diccionario.<any(csv, json):form>")
def dictionary(dataset_id: str, resource_id: str, form: str) -> Response:
    """A file's dictionary as a table or as a Table Schema."""
    found = [each for each in _dataset(dataset_id)["resources"] if each["id"] == resource_id and each.get("dictionary")]
    if not found:
        return tk.abort(HTTPStatus.NOT_FOUND, NO_PAGE)
    rows = found[0]["dictionary"]
    return _json(table_schema(rows)) if form == "json" else _file(csv_of(dictionary_rows(rows)), CSV, "diccionario.csv")


def _dataset(dataset_id: str) -> Data:
    try:
        return call("package_show", id=dataset_id)
    except (tk.ObjectNotFound, tk.NotAuthorized):
        return tk.abort(HTTPStatus.NOT_FOUND, NO_PAGE)


def _page(*, errors: Data | None = None, done: Data | None = None, dry: bool = True) -> str:
    agencies = call("organization_list_for_user", permission="create_dataset")
    chosen = request.form.get("agency") or (agencies[0]["name"] if agencies else "")
    shown = {"agencies": agencies, "chosen": chosen, "errors": errors or {}, "done": done, "dry": dry}
    return tk.render("edomex/catalogue.html", extra_vars=shown)


def _file(content: bytes, kind: str, name: str) -> Response:
    return Response(content, content_type=kind, headers={"Content-Disposition": f'attachment; filename="{name}"'})


def _json(found: Data) -> Response:
    return Response(json.dumps(found, ensure_ascii=False, indent=1), content_type="application/json; charset=utf-8")
