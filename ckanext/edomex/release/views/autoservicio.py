"""Pages of the Autoservicio. They render; actions decide."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from http import HTTPStatus
from typing import NamedTuple

from ckan.plugins import toolkit as tk
from flask import request

from ckanext.edomex.adapters.callers import NO_PAGE, call, may_use
from ckanext.edomex.adapters.pages import Page, in_one, see_other
from ckanext.edomex.release.domain.errors import FieldError
from ckanext.edomex.release.domain.lifecycle import OPEN, PUBLICATIONS, State
from ckanext.edomex.release.domain.observations import PENDING, WRITTEN_IN
from ckanext.edomex.release.domain.schedule import FIELD, local_instant
from ckanext.edomex.release.views.frame import Data, address_base, explained, for_staff, release

#: Rows of one page of the task list.
ROWS = 50
#: Updates that are due, of the start page; the oldest stand first.
SHOWN_UPDATES = 10
#: As many as CKAN gives at once.
ALL = 1000


@release.get("/autoservicio")
@for_staff
def start() -> Page:
    """What each has to do next: an agency's people, and who reviews."""
    agencies = call("organization_list_for_user", permission="update_dataset")
    tasks = _tasks([agency["id"] for agency in agencies])
    page = max(request.args.get("pagina", 1, type=int), 1)
    shown = {
        "agencies": {agency["name"]: agency["title"] for agency in agencies},
        "tasks": tasks[(page - 1) * ROWS : page * ROWS],
        "total": len(tasks),
        "page": page,
        "pages": -(-len(tasks) // ROWS),
        "dataset_base": address_base("dataset.read", id="-"),
        "release_base": address_base("edomex_release.show", release_id="-"),
        "boards": call("edomex_release_board")["agencies"],
        "updates": call("edomex_update_due_list", limit=SHOWN_UPDATES),
        "queue": _queue() if tk.h.edomex_release_may("approve") else None,
    }
    return tk.render("edomex_release/start.html", shown)


@release.get("/autoservicio/liberacion/<release_id>")
@for_staff
def show(release_id: str) -> Page:
    """One release: where it stands, how it came there, and the steps that the caller may take."""
    return release_page(release_id)


@release.post("/autoservicio/liberacion/<release_id>/<step>")
@for_staff
def take(release_id: str, step: str) -> Page:
    """Take one step of a release; what is wrong comes back with the form."""
    if step not in STEPS:
        return tk.abort(HTTPStatus.NOT_FOUND, NO_PAGE)
    move = STEPS[step]
    try:
        call(f"edomex_release_{move.action}", id=release_id, **move.read(request.form))
    except (FieldError, tk.ValidationError, tk.NotAuthorized) as error:
        status, errors = explained(error)
        return release_page(release_id, status, step=step, errors=errors)
    tk.h.flash_success(move.done)
    if move.hides:
        return see_other("edomex_release.start")
    return see_other("edomex_release.show", release_id=release_id)


@release.post("/autoservicio/conjunto/<dataset_id>/enviar")
@for_staff
def submit(dataset_id: str) -> Page:
    """Send a dataset to review, from wherever its button is."""
    try:
        sent = call("edomex_release_submit", dataset_id=dataset_id)
    except (tk.ValidationError, tk.NotAuthorized) as error:
        tk.h.flash_error(in_one(explained(error)[1]))
    else:
        tk.h.flash_success("Enviado a revisión. Aquí verá las observaciones o la fecha que apruebe el equipo.")
        if request.form.get("volver") == "liberacion":
            return see_other("edomex_release.show", release_id=sent["id"])
    if request.form.get("volver") == "conjunto":
        return see_other("dataset.read", id=dataset_id)
    return see_other("edomex_release.start")


class Move(NamedTuple):
    """A form of the release page: the action's name, how its fields are read, and what to say when done."""

    action: str
    read: Callable[[Mapping[str, str]], Data]
    done: str
    #: Whether who took this step may no longer see the release.
    hides: bool = False


def _approval(form: Mapping[str, str]) -> Data:
    when = {"now": "now", "slot": form.get("slot", "")}.get(form.get("when", "")) or instant_of(form)
    chosen = {name: bool(form.get(name)) for name in ("announced", "confirm")}
    return {FIELD: when, "reason": form.get("reason", "").strip(), "submission": form.get("submission", ""), **chosen}


def instant_of(form: Mapping[str, str]) -> str:
    """The date and time that a person wrote, both in the state's zone. FieldError for what is missing or wrong."""
    date, time = form.get("date", "").strip(), form.get("time", "").strip()
    if not date:
        raise FieldError("date", "Escriba la fecha de publicación.")
    if not time:
        raise FieldError("time", "Escriba la hora de publicación.")
    try:
        moment = local_instant(datetime.fromisoformat(f"{date}T{time}").replace(tzinfo=None))
    except (ValueError, OverflowError):
        raise FieldError("date", "No se entiende la fecha; escríbala como 2027-03-01 y la hora como 09:30.") from None
    if moment < datetime.now(UTC):
        raise FieldError("date", f"La fecha ({tk.h.edomex_date(moment)}) ya pasó; elija una futura.")
    return moment.isoformat()


STEPS = {
    "pedir-cambios": Move(
        "request_changes", lambda form: {"note": form.get("note", "").strip()}, "Las observaciones ya las ve la dependencia."
    ),
    "aprobar": Move("approve", _approval, "Aprobado. Se publicará solo en la fecha indicada."),
    "cambiar-fecha": Move(
        "reschedule",
        lambda form: {FIELD: instant_of(form), "reason": form.get("reason", ""), "confirm": bool(form.get("confirm"))},
        "La fecha cambió; el motivo ya se ve en el calendario público.",
    ),
    "cancelar": Move(
        "cancel",
        lambda form: {"reason": form.get("reason", "")},
        "La publicación se canceló. El conjunto sigue sin ser público y la dependencia puede enviarlo otra vez.",
        hides=True,
    ),
    "confirmar-retiro": Move(
        "withdraw_confirm", lambda _form: {}, "El conjunto está retirado. En su dirección queda la nota con el motivo."
    ),
}
#: States in which it is asked what changed.
_COMPARED = OPEN - {State.SCHEDULED}
#: Moves whose permission has another name.
_PERMISSIONS = {"confirm": "withdraw_confirm", "discard": "edition_discard"}


def release_page(release_id: str, status: int = HTTPStatus.OK, *, step: str = "", errors: Data | None = None) -> Page:
    """The page of a release, with what was typed into the form of this step and what is wrong with it."""
    try:
        found = call("edomex_release_show", id=release_id)
        dataset = _dataset_of(found)
    except (tk.ObjectNotFound, tk.NotAuthorized):
        return tk.abort(HTTPStatus.NOT_FOUND, NO_PAGE)
    about = {"id": release_id, "dataset_id": found["draft_id"]}
    may = {move for move in found["allowed"] if tk.h.edomex_release_may(_PERMISSIONS.get(move, move), **about)}
    own = bool(may & {"approve", "confirm"}) and found["submitted_by"] == tk.current_user.name
    shown = {"release": found, "dataset": dataset, "own": own}
    shown |= {"step": step, "errors": errors or {}, "values": request.form, "slot": _slot(dataset) if "approve" in may else None}
    return tk.render("edomex_release/release.html", {**shown, **_review(found, dataset, may, own=own)}), status


def _review(found: Data, dataset: Data, may: set[str], *, own: bool) -> Data:
    """The observations, and what the caller may do with them."""
    observations, changes = list[Data](), None
    with contextlib.suppress(tk.ObjectNotFound):
        observations = call("edomex_observation_list", release_id=found["id"])
        if found["state"] in _COMPARED and found["kind"] in PUBLICATIONS:
            changes = call("edomex_release_changes", id=found["id"])
    settle = {"answer"} if observations and may_use("edomex_observation_answer", id=observations[0]["id"]) else set[str]()
    if may_use("edomex_observation_resolve"):
        settle |= {"reopen"} if own else {"reopen", "resolve", "withdraw"}
    written = found["state"] in WRITTEN_IN and found["kind"] in PUBLICATIONS and may_use("edomex_observation_create")
    return {
        "observations": observations, "observations_left": sum(each["state"] in PENDING for each in observations),
        "may": {*(may - {"approve", "confirm"} if own else may), *({"observe", "look"} if written else ())}, "may_settle": settle,
        "changes": changes,
        "may_correct": bool(dataset.get("private")) and found["state"] in OPEN and may_use("package_update", id=dataset["id"]),
    }  # fmt: skip


def _slot(dataset: Data) -> str | None:
    """The next usual moment of the dataset's agency."""
    try:
        return call("edomex_schedule_show", agency=dataset["owner_org"])["next_slot"]
    except (KeyError, tk.ObjectNotFound):
        return None


def _dataset_of(found: Data) -> Data:
    """The dataset that is being released; of an edition that is over, the public one that it went into."""
    for dataset_id in dict.fromkeys((found["draft_id"], found["dataset_id"])):
        with contextlib.suppress(tk.ObjectNotFound):
            return call("package_show", id=dataset_id)
    # Withdrawn: who decided on it sees what was decided, and no more of the dataset than anybody.
    return {"id": found["dataset_id"], "name": found["dataset_id"], "title": "Conjunto retirado"}


def _tasks(agencies: list[str]) -> list[Data]:
    """The agencies' datasets that are not public, with what is next for each; the most urgent first."""
    if not agencies:
        return []
    owners = " OR ".join(f'"{agency}"' for agency in agencies)
    found = _search(f"capacity:private +owner_org:({owners})")
    releases = {each["draft_id"]: each for state in (State.CANCELLED, *sorted(OPEN)) for each in _in_state(state)}
    rows = [{"dataset": dataset, "release": releases.get(dataset["id"])} for dataset in found]
    rows = [{**row, "task": tk.h.edomex_release_task(row["dataset"], row["release"])} for row in rows]
    return sorted(rows, key=lambda row: row["task"]["rank"])


def _queue() -> list[Data]:
    """What waits for who reviews, then what failed, then what is on its way: `{state, total, rows, page, pages}` each."""
    page = max(request.args.get("cola", 1, type=int), 1)
    return [_waiting(State.IN_REVIEW, page), _waiting(State.FAILED, 1), _waiting(State.SCHEDULED, 1)]


def _waiting(state: State, page: int) -> Data:
    found = call("edomex_release_queue", state=str(state), limit=ROWS, offset=(page - 1) * ROWS)
    return {"state": state, "page": page, "pages": -(-found["total"] // ROWS), **found}


def _search(query: str) -> list[Data]:
    fields = "id,name,title,state,organization,res_url"
    search = {"fq": f"{query} +dataset_type:dataset", "fl": fields, "rows": ALL, "sort": "metadata_modified desc"}
    return call("package_search", **search, include_private=True, include_drafts=True, facet="false")["results"]


def _in_state(state: State) -> list[Data]:
    return call("edomex_release_list", state=str(state), limit=ALL)
