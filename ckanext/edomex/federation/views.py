"""Pages of sources: which there are, what one would bring, and a person's word on it. They work without scripts; actions decide."""

from __future__ import annotations

from http import HTTPStatus
from typing import Any

from ckan.plugins import toolkit as tk
from flask import Blueprint, request

from ckanext.edomex.adapters import pages
from ckanext.edomex.adapters.answers import field_errors_are_400
from ckanext.edomex.adapters.callers import call, may_use
from ckanext.edomex.adapters.pages import Page, explained, in_one, see_other

#: Records of one page.
ROWS = 25

sources = Blueprint("edomex_federation", __name__)
sources.after_app_request(field_errors_are_400)


for_those_concerned = pages.for_those_concerned("edomex_federation.index")


@sources.get("/autoservicio/federacion/fuentes")
@for_those_concerned
def index() -> Page:
    """Every source that is the reader's to change or to approve."""
    return tk.render("edomex_federation/index.html", {"sources": call("edomex_federation_source_list")})


@sources.get("/autoservicio/federacion/fuentes/<name>")
@for_those_concerned
def source(name: str) -> Page:
    """One source: where it stands, and what it would bring."""
    page, outcome = max(request.args.get("pagina", 1, type=int), 1), request.args.get("resultado") or ""
    found = call("edomex_federation_source_show", id=name)
    try:
        tried = call("edomex_federation_trial_show", id=name, outcome=outcome, limit=ROWS, offset=(page - 1) * ROWS)
    except tk.ValidationError:
        return tk.abort(HTTPStatus.BAD_REQUEST, "No existe ese resultado; quite el filtro.")
    shown = {"page": page, "pages": -(-tried["count"] // ROWS), "outcome": outcome}
    shown["may_approve"] = may_use("edomex_federation_source_approve")
    return tk.render("edomex_federation/source.html", {"source": found, **tried, **shown})


@sources.post("/autoservicio/federacion/fuentes/<name>/ensayar")
@for_those_concerned
def try_out(name: str) -> Page:
    """Have it read, and nothing taken."""
    said = "La fuente se está leyendo. Vuelva a cargar esta página en un momento para ver lo que traería."
    return _asked(name, "edomex_federation_source_try", said)


@sources.post("/autoservicio/federacion/fuentes/<name>/aprobar")
@for_those_concerned
def approve(name: str) -> Page:
    """Let it start, as it was shown."""
    said = "La fuente quedó aprobada y su primera cosecha empezó."
    return _asked(name, "edomex_federation_source_approve", said, terms=request.form.get("terminos", ""))


@sources.post("/autoservicio/federacion/fuentes/<name>/faltantes")
@for_those_concerned
def accept_missing(name: str) -> Page:
    """Let go what the source has no more."""
    said = "Aceptado: la próxima cosecha retira de aquí lo que la fuente ya no tiene."
    return _asked(name, "edomex_federation_missing_accept", said, missing=request.form.get("cuantos", ""))


def _asked(name: str, action: str, said: str, **values: Any) -> Page:
    try:
        call(action, id=name, **values)
    except tk.ValidationError as error:
        tk.h.flash_error(in_one(explained(error)[1]))
    else:
        tk.h.flash_success(said)
    return see_other("edomex_federation.source", name=name)
