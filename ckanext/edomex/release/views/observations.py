"""Observations on a release's page: writing one, answering it, settling it. What is wrong comes back with what was typed."""

from __future__ import annotations

from collections.abc import Mapping
from http import HTTPStatus
from typing import NamedTuple

from ckan.plugins import toolkit as tk
from flask import request

from ckanext.edomex.adapters.callers import NO_PAGE, call
from ckanext.edomex.adapters.pages import Page, see_other
from ckanext.edomex.release.domain.errors import FieldError
from ckanext.edomex.release.domain.observations import Anchor
from ckanext.edomex.release.views.autoservicio import release_page
from ckanext.edomex.release.views.frame import Data, explained, for_staff, release


class Step(NamedTuple):
    """A button of an observation: its action, and what is said when it is done."""

    action: str
    done: str


STEPS: Mapping[str, Step] = {
    "contestar": Step("answer", "La respuesta ya la ve el equipo revisor."),
    "resolver": Step("resolve", "La observación quedó resuelta."),
    "reabrir": Step("reopen", "La observación está abierta de nuevo."),
    "retirar": Step("withdraw", "La observación se retiró; en la lista queda su huella."),
}
#: Parameters that the form's one list of places stands for.
_PLACES = frozenset({"anchor", "field", "resource_id"})


@release.post("/autoservicio/liberacion/<release_id>/observaciones")
@for_staff
def observe(release_id: str) -> Page:
    """Write an observation."""
    form = request.form
    try:
        made = call("edomex_observation_create", release_id=release_id, **_place(form), text=form.get("text", ""))
    except (FieldError, tk.ValidationError, tk.NotAuthorized) as error:
        status, errors = explained(error)
        told = {"place" if field in _PLACES else field: messages for field, messages in errors.items()}
        return release_page(release_id, status, step="observar", errors=told)
    tk.h.flash_success("La observación quedó anotada. La dependencia la ve desde ahora.")
    return see_other("edomex_release.show", release_id=release_id, _anchor=f"observacion-{made['number']}")


@release.post("/autoservicio/liberacion/<release_id>/observaciones/<observation_id>/<step>")
@for_staff
def settle(release_id: str, observation_id: str, step: str) -> Page:
    """Answer an observation, resolve it, open it again or take it back."""
    if step not in STEPS:
        return tk.abort(HTTPStatus.NOT_FOUND, NO_PAGE)
    form = request.form
    given = {name: form.get(name, "").strip() for name in ("text", "version")}
    try:
        moved = call(f"edomex_observation_{STEPS[step].action}", id=observation_id, **given)
    except (tk.ValidationError, tk.NotAuthorized) as error:
        status, errors = explained(error)
        return release_page(release_id, status, step=f"{step}-{observation_id}", errors=errors)
    tk.h.flash_success(STEPS[step].done)
    return see_other("edomex_release.show", release_id=release_id, _anchor=f"observacion-{moved['number']}")


@release.post("/autoservicio/liberacion/<release_id>/visto")
@for_staff
def look(release_id: str) -> Page:
    """Note that one went through what was sent."""
    try:
        call("edomex_release_look", id=release_id, number=request.form.get("number", ""))
    except (tk.ValidationError, tk.NotAuthorized) as error:
        status, errors = explained(error)
        return release_page(release_id, status, step="visto", errors={"": [" ".join(errors[field]) for field in errors]})
    tk.h.flash_success("Anotado. La próxima vez verá aquí lo que cambie desde este envío.")
    return see_other("edomex_release.show", release_id=release_id)


def _place(form: Mapping[str, str]) -> Data:
    """What was chosen from the list, which is a row of it once a row is written."""
    kind, _, name = form.get("place", "").partition(":")
    parts = {part: form.get(part, "").strip() for part in ("row", "column")}
    if kind == Anchor.RESOURCE:
        return {"anchor": str(Anchor.ROW if parts["row"] else Anchor.RESOURCE), "resource_id": name, **parts}
    return {"anchor": kind, **({"field": name} if kind == Anchor.FIELD else {}), **parts}
