"""Pages of opening plans: the list, a plan with its lines, steps and documents, a line's form. They render; actions decide."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from http import HTTPStatus
from typing import Any, NamedTuple

from ckan.plugins import toolkit as tk
from flask import Response, request

from ckanext.edomex.adapters import storage
from ckanext.edomex.adapters.callers import NO_PAGE, call
from ckanext.edomex.adapters.pages import CSV, SANDBOX, XLSX, Errors, Page, explained, see_other, sent_file
from ckanext.edomex.adapters.workbooks import csv_of, xlsx_of
from ckanext.edomex.domain.clock import local
from ckanext.edomex.planning.domain.plan import DOCUMENTS, LAYOUTS, LINE_FIELDS, PLAN_FIELDS, PRIORITIES
from ckanext.edomex.planning.views.frame import for_staff, planning

Data = dict[str, Any]


class Step(NamedTuple):
    """A button of the plan's page: its action, what it takes from the form, and what to say when it is done."""

    action: str
    done: str
    read: Callable[[Mapping[str, str]], Data] = lambda _form: {}


def _reason(form: Mapping[str, str]) -> Data:
    return {"reason": form.get("reason", "")}


STEPS: Mapping[str, Step] = {
    "actualizar": Step("edomex_plan_derive", "El plan tiene ya lo que dice el inventario."),
    "enviar": Step("edomex_plan_submit", "Enviado. Otra persona lo aprobará o dirá qué falta."),
    "devolver": Step("edomex_plan_return", "Las observaciones ya las ve la dependencia.", _reason),
    "aprobar": Step("edomex_plan_approve", "El plan está aprobado."),
    "reabrir": Step("edomex_plan_reopen", "El plan está abierto de nuevo; al terminar, envíelo otra vez.", _reason),
}


@planning.get("/autoservicio/plan")
@for_staff
def plans() -> Page:
    """Every plan that the reader may see, and the form that begins one."""
    return _plans_page()


@planning.post("/autoservicio/plan")
@for_staff
def begin() -> Page:
    """Begin a plan from the inventory."""
    given = {name: request.form.get(name, "") for name in ("agency", "year")}
    try:
        made = call("edomex_plan_create", **given)
    except (tk.ValidationError, tk.NotAuthorized) as error:
        status, errors = explained(error)
        return _plans_page(errors, given, status)
    tk.h.flash_success("El plan tiene ya los conjuntos que el inventario dice que se abren ese año.")
    return see_other("edomex_planning.plan", plan_id=made["id"])


@planning.get("/autoservicio/plan/<plan_id>")
@for_staff
def plan(plan_id: str) -> Page:
    """A plan: where it stands, its lines, its documents, its history."""
    return _plan_page(plan_id)


@planning.post("/autoservicio/plan/<plan_id>")
@for_staff
def save(plan_id: str) -> Page:
    """Change what a plan says beside its lines; what was typed stays."""
    given = {name: request.form.get(name, "") for name in (*PLAN_FIELDS, "version")}
    try:
        call("edomex_plan_update", id=plan_id, **given)
    except (tk.ValidationError, tk.NotAuthorized) as error:
        status, errors = explained(error)
        return _plan_page(plan_id, errors, given, status)
    tk.h.flash_success("Los cambios quedaron guardados.")
    return see_other("edomex_planning.plan", plan_id=plan_id)


@planning.post("/autoservicio/plan/<plan_id>/paso/<step>")
@for_staff
def take_step(plan_id: str, step: str) -> Page:
    """Take one step of a plan; what is wrong comes back with the page."""
    if step not in STEPS:
        return tk.abort(HTTPStatus.NOT_FOUND, NO_PAGE)
    move = STEPS[step]
    try:
        call(move.action, id=plan_id, **move.read(request.form))
    except (tk.ValidationError, tk.NotAuthorized) as error:
        status, errors = explained(error)
        return _plan_page(plan_id, errors, status=status)
    tk.h.flash_success(move.done)
    return see_other("edomex_planning.plan", plan_id=plan_id)


@planning.post("/autoservicio/plan/<plan_id>/publicar")
@for_staff
def publish(plan_id: str) -> Page:
    """Prepare the dataset by which the plan is published, and go on there."""
    try:
        made = call("edomex_plan_publish", id=plan_id)
    except (tk.ValidationError, tk.NotAuthorized) as error:
        status, errors = explained(error)
        return _plan_page(plan_id, errors, status=status)
    tk.h.flash_success("El conjunto con el plan está listo y es privado: complételo y envíelo a revisión como cualquier otro.")
    return see_other("dataset.read", id=made["dataset_id"])


@planning.get("/autoservicio/plan/<plan_id>.<any(csv, xlsx):form>")
@for_staff
def plan_file(plan_id: str, form: str) -> Page:
    """The plan as a table: the federal one, or ADELA's."""
    layout = request.args.get("formato") or LAYOUTS[0]
    if layout not in LAYOUTS:
        return tk.abort(HTTPStatus.BAD_REQUEST, f"No existe ese formato: use {', '.join(LAYOUTS)}.")
    rows = call("edomex_plan_export", id=plan_id, layout=layout)
    found = call("edomex_plan_show", id=plan_id)
    content = csv_of(rows) if form == "csv" else xlsx_of(rows, f"Plan {found['year']}")
    name = f"plan-de-apertura-{found['year']}-{found['agency']['name']}.{form}"
    return sent_file(content, CSV if form == "csv" else XLSX, name)


@planning.get("/autoservicio/plan/<plan_id>/linea/<line_id>")
@for_staff
def line(plan_id: str, line_id: str) -> Page:
    """A line's form."""
    return _line_page(plan_id, line_id)


@planning.post("/autoservicio/plan/<plan_id>/linea/<line_id>")
@for_staff
def save_line(plan_id: str, line_id: str) -> Page:
    """Change a line; what was typed stays."""
    given = {name: request.form.get(name, "") for name in (*LINE_FIELDS, "version")}
    try:
        call("edomex_plan_line_update", id=line_id, **given)
    except (tk.ValidationError, tk.NotAuthorized) as error:
        status, errors = explained(error)
        return _line_page(plan_id, line_id, errors, given, status)
    tk.h.flash_success("La línea quedó guardada.")
    return see_other("edomex_planning.plan", plan_id=plan_id)


@planning.post("/autoservicio/plan/<plan_id>/linea/<line_id>/conjunto")
@for_staff
def draft(plan_id: str, line_id: str) -> Page:
    """Make the dataset of a line, and go on in its form."""
    try:
        made = call("edomex_plan_line_draft", id=line_id)
    except (tk.ValidationError, tk.NotAuthorized) as error:
        status, errors = explained(error)
        return _plan_page(plan_id, {"": [" ".join(messages) for messages in errors.values()]}, status=status)
    tk.h.flash_success("El borrador está hecho, con lo que dicen el inventario y el plan. Agregue sus archivos y complételo.")
    return see_other("dataset.read", id=made["dataset"]["id"])


@planning.post("/autoservicio/plan/<plan_id>/documento")
@for_staff
def add_document(plan_id: str) -> Page:
    """Keep a document with the plan."""
    given = {name: request.form.get(name, "") for name in ("kind", "title")}
    try:
        call("edomex_plan_document_add", id=plan_id, upload=request.files.get("upload"), **given)
    except (tk.ValidationError, tk.NotAuthorized) as error:
        status, errors = explained(error)
        return _plan_page(plan_id, errors, status=status)
    tk.h.flash_success("El documento quedó con el plan. Solo lo ven su dependencia y el equipo revisor.")
    return see_other("edomex_planning.plan", plan_id=plan_id)


@planning.get("/autoservicio/plan/documento/<document_id>")
@for_staff
def document(document_id: str) -> Page:
    """A document's bytes, for who may see the plan."""
    found = call("edomex_plan_document_show", id=document_id)
    if storage.size_of(found["sha256"]) is None:
        return tk.abort(HTTPStatus.NOT_FOUND, NO_PAGE)
    response = Response(storage.read(found["sha256"]), content_type="application/octet-stream")
    response.content_length = found["size"]
    response.headers.set("Content-Disposition", "attachment", filename=found["filename"])
    response.headers["Cache-Control"] = "private, no-store"
    response.headers["Content-Security-Policy"] = SANDBOX
    return response


@planning.post("/autoservicio/plan/documento/<document_id>/quitar")
@for_staff
def remove_document(document_id: str) -> Page:
    """Take a document away."""
    found = call("edomex_plan_document_show", id=document_id)
    try:
        call("edomex_plan_document_remove", id=document_id)
    except tk.NotAuthorized as error:
        return tk.abort(HTTPStatus.FORBIDDEN, str(error.message or ""))
    tk.h.flash_success("El documento se quitó; la historia dice que estuvo.")
    return see_other("edomex_planning.plan", plan_id=found["plan_id"])


def _plans_page(errors: Errors | None = None, values: Data | None = None, status: int = HTTPStatus.OK) -> Page:
    mine = [each for each in tk.h.edomex_planning_agencies() if tk.h.edomex_planning_may("plan_create", each["id"])]
    year = local(datetime.now(UTC)).year
    shown = {"plans": call("edomex_plan_list"), "agencies": mine, "year": year, "errors": errors or {}, "values": values or {}}
    return tk.render("edomex_planning/plans.html", shown), status


def _plan_page(plan_id: str, errors: Errors | None = None, values: Data | None = None, status: int = HTTPStatus.OK) -> Page:
    found = call("edomex_plan_show", id=plan_id)
    shown = {"plan": found, "agency": found["agency"], "errors": errors or {}, "values": values or found, "documents": DOCUMENTS}
    shown |= {"labels": _labels(), "history": call("edomex_plan_history", id=plan_id)}
    return tk.render("edomex_planning/plan.html", shown), status


def _line_page(
    plan_id: str, line_id: str, errors: Errors | None = None, values: Data | None = None, status: int = HTTPStatus.OK
) -> Page:
    found = call("edomex_plan_show", id=plan_id)
    one = next((each for each in found["lines"] if each["id"] == line_id), None)
    if one is None or not tk.h.edomex_planning_may("plan_line_update", found["agency"]["id"]):
        return tk.abort(HTTPStatus.NOT_FOUND, NO_PAGE)
    typed = values or {**one, "committed": one["own_committed"], "responsible": one["own_responsible"]}
    shown = {"plan": found, "line": one, "values": typed, "errors": errors or {}, "priorities": PRIORITIES}
    return tk.render("edomex_planning/line.html", shown), status


def _labels() -> dict[str, str]:
    """What people call a field in the history."""
    fields = {name: each.label for name, each in (*PLAN_FIELDS.items(), *LINE_FIELDS.items())}
    return {**fields, "content_sha256": "Huella del contenido"}
