"""Approving several releases at once: chosen in the queue, given a date, looked at one by one before anything happens."""

from __future__ import annotations

from collections.abc import Mapping
from http import HTTPStatus

from ckan.plugins import toolkit as tk
from flask import request
from werkzeug.datastructures import MultiDict

from ckanext.edomex.adapters.callers import NO_PAGE, call
from ckanext.edomex.adapters.pages import Page, see_other
from ckanext.edomex.release.domain.errors import FieldError
from ckanext.edomex.release.domain.schedule import FIELD
from ckanext.edomex.release.views.autoservicio import ROWS, instant_of
from ckanext.edomex.release.views.frame import Data, explained, for_staff, release

GONE = "Ya no espera revisión: su dependencia lo cambió, o alguien decidió sobre él."


@release.get("/autoservicio/aprobar")
@for_staff
def choose_date() -> Page:
    """What was chosen, and the form for its date."""
    chosen = _chosen(request.args)
    return _page(chosen) if chosen else _none_chosen()


@release.post("/autoservicio/aprobar")
@for_staff
def approve_many() -> Page:
    """Show what would happen; with `paso=aprobar`, do to each exactly what was shown."""
    chosen, form = _chosen(request.form), request.form
    if not chosen:
        return _none_chosen()
    if form.get("paso") == "aprobar":
        return _approve(chosen, form)
    try:
        wanted = _wanted(form)
    except FieldError as error:
        return _page(chosen, HTTPStatus.BAD_REQUEST, errors=explained(error)[1])
    return _page(chosen, effects=[_preview(each, wanted, form) for each in chosen])


def _chosen(given: MultiDict[str, str]) -> list[str]:
    """Ids of the releases, each once; no more than a page of the queue has."""
    if not tk.h.edomex_release_may("approve"):
        tk.abort(HTTPStatus.FORBIDDEN, "Solo una persona revisora puede aprobar.")
    return list(dict.fromkeys(given.getlist("id")))[:ROWS]


def _none_chosen() -> Page:
    tk.h.flash_error("Elija al menos un conjunto de los que esperan revisión.")
    return see_other("edomex_release.start")


def _wanted(form: Mapping[str, str]) -> str:
    """The date of all of them, or that each has its agency's next one."""
    return form["when"] if form.get("when") in {"now", "slot"} else instant_of(form)


def _preview(release_id: str, wanted: str, form: Mapping[str, str]) -> Data:
    flags = {name: bool(form.get(name)) for name in ("announced", "confirm")}
    try:
        return _seen(release_id, wanted, flags)
    except tk.ObjectNotFound:
        return {"id": release_id, "dataset_id": None, "title": "Un conjunto de los que eligió", "ready": False, "message": GONE}


def _seen(release_id: str, wanted: str, flags: Data) -> Data:
    found = call("edomex_release_approve_preview", id=release_id, release_at=wanted, **flags)
    if wanted != "slot":
        return {**found, "at": wanted}
    slot = call("edomex_schedule_show", agency=found["agency"]["name"])["next_slot"]
    return {**call("edomex_release_approve_preview", id=release_id, release_at=slot, **flags), "at": slot}


def _approve(chosen: list[str], form: Mapping[str, str]) -> Page:
    """Each by itself: what cannot be approved any more stops nothing else, and is named."""
    flags = {name: bool(form.get(name)) for name in ("announced", "confirm")}
    done = 0
    for release_id in chosen:
        seen = {FIELD: form.get(f"at-{release_id}", ""), "submission": form.get(f"submission-{release_id}", "")}
        try:
            call("edomex_release_approve", id=release_id, **seen, **flags)
        except (tk.ValidationError, tk.NotAuthorized, tk.ObjectNotFound) as error:
            told = [NO_PAGE] if isinstance(error, tk.ObjectNotFound) else sum(explained(error)[1].values(), list[str]())
            tk.h.flash_error(f"{form.get(f'title-{release_id}', release_id)}: {' '.join(told)}")
        else:
            done += 1
    if done:
        tk.h.flash_success("Se aprobó un conjunto." if done == 1 else f"Se aprobaron {done} conjuntos.")
    return see_other("edomex_release.start")


def _page(chosen: list[str], status: int = HTTPStatus.OK, *, effects: list[Data] | None = None, errors: Data | None = None) -> Page:
    shown: Data = {"effects": effects, "errors": errors or {}, "values": request.form}
    shown["chosen"] = effects or [_preview(each, "now", {}) for each in chosen]
    return tk.render("edomex_release/bulk.html", shown), status
