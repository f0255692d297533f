"""Changing what is public: the page that opens an edition, and the one that proposes a withdrawal."""

from __future__ import annotations

from http import HTTPStatus

from ckan.plugins import toolkit as tk
from flask import Response, request

from ckanext.edomex.adapters.callers import NO_PAGE, call
from ckanext.edomex.adapters.pages import Page, in_one, see_other
from ckanext.edomex.release.views.frame import Data, explained, for_staff, release

#: Stock pages that would change a dataset, and the argument that names it. For a public one they lead to its edition.
EDITORS = {
    "dataset.edit": "id",
    "dataset.scheming_edit": "id",
    "dataset.scheming_edit_page": "id",
    "dataset.scheming_new_page": "id",
    "dataset.resources": "id",
    "dataset_resource.new": "id",
    "dataset_resource.edit": "id",
    "dataset.delete": "id",
}


@release.before_app_request
def lead_to_edition() -> Response | None:
    """A form that could only be refused is not shown."""
    name = EDITORS.get(request.endpoint or "")
    if name is None or request.method != "GET" or not tk.current_user.is_authenticated:
        return None
    try:
        dataset = call("package_show", id=(request.view_args or {})[name])
    except (tk.ObjectNotFound, tk.NotAuthorized):
        return None
    if dataset["private"] or dataset["state"] != "active" or dataset["type"] != "dataset":
        return None
    return tk.redirect_to("edomex_release.edition", dataset_id=dataset["id"])


@release.get("/autoservicio/conjunto/<dataset_id>/edicion")
@for_staff
def edition(dataset_id: str) -> Page:
    """What an edition is, the one that is under way, and the button that opens one."""
    return _page("edomex_release/edition.html", dataset_id)


@release.post("/autoservicio/conjunto/<dataset_id>/edicion")
@for_staff
def open_edition(dataset_id: str) -> Page:
    """Open the edition and go on in its form."""
    try:
        opened = call("edomex_release_edition_open", dataset_id=dataset_id)
    except (tk.ValidationError, tk.NotAuthorized) as error:
        status, errors = explained(error)
        return _page("edomex_release/edition.html", dataset_id, status, errors=errors)
    tk.h.flash_success("La edición está abierta. Cambie lo que haga falta y envíela a revisión; lo público sigue como está.")
    return see_other("dataset.read", id=opened["draft_id"])


@release.post("/autoservicio/liberacion/<release_id>/descartar")
@for_staff
def discard_edition(release_id: str) -> Page:
    """Give the edition up."""
    try:
        gone = call("edomex_release_edition_discard", id=release_id)
    except (tk.ValidationError, tk.NotAuthorized) as error:
        tk.h.flash_error(in_one(explained(error)[1]))
        return see_other("edomex_release.show", release_id=release_id)
    tk.h.flash_success("La edición se descartó. El conjunto público sigue como estaba.")
    return see_other("dataset.read", id=gone["dataset_id"])


@release.get("/autoservicio/conjunto/<dataset_id>/retiro")
@for_staff
def withdrawal(dataset_id: str) -> Page:
    """What a withdrawal does, and the form that proposes one."""
    return _page("edomex_release/withdrawal.html", dataset_id)


@release.post("/autoservicio/conjunto/<dataset_id>/retiro")
@for_staff
def propose_withdrawal(dataset_id: str) -> Page:
    """Propose it; what is wrong comes back with the form."""
    given = {name: request.form.get(name, "") for name in ("reason", "legal_ground")}
    try:
        proposed = call("edomex_release_withdraw", dataset_id=dataset_id, **given)
    except (tk.ValidationError, tk.NotAuthorized) as error:
        status, errors = explained(error)
        return _page("edomex_release/withdrawal.html", dataset_id, status, errors=errors, values=given)
    tk.h.flash_success("El retiro está propuesto. El conjunto sigue público hasta que otra persona lo confirme.")
    return see_other("edomex_release.show", release_id=proposed["id"])


def _page(
    template: str, dataset_id: str, status: int = HTTPStatus.OK, *, errors: Data | None = None, values: Data | None = None
) -> Page:
    try:
        dataset = call("package_show", id=dataset_id)
        releases = call("edomex_release_list", dataset_id=dataset["id"])
    except (tk.ObjectNotFound, tk.NotAuthorized):
        return tk.abort(HTTPStatus.NOT_FOUND, NO_PAGE)
    states = tk.h.edomex_release_open_states()
    open_ones = [each for each in releases if each["state"] in states and each["dataset_id"] == dataset["id"]]
    shown = {"dataset": dataset, "open": open_ones, "errors": errors or {}, "values": values or {}}
    return tk.render(template, shown), status
