"""What templates ask of releases: the one of a dataset, what is next to do, and words for states and moves."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime
from typing import Any

from ckan.plugins import toolkit as tk

from ckanext.edomex.adapters.callers import call, may_use
from ckanext.edomex.domain.clock import MONTHS, local
from ckanext.edomex.release.domain import observations
from ckanext.edomex.release.domain.lifecycle import EVENT_NAMES, KIND_NAMES, LABELS, OPEN, Kind, State
from ckanext.edomex.release.domain.months import WEEKDAYS
from ckanext.edomex.release.logic import places

Data = dict[str, Any]
PUBLIC = "capacity:public +dataset_type:dataset"

#: How each event of an observation reads.
_SAID = {
    "create": "Anotada", "answer": "Contestada por la dependencia", "resolve": "Resuelta", "reopen": "Abierta de nuevo",
    "withdraw": "Retirada",
}  # fmt: skip
#: Alarms of the engine, gravest first, as `edomex_release_status` names them; what to do is in docs/operations.md.
_ALARMS = {
    "no_loop": "Ningún proceso de publicación está activo: nada se publicará solo. Inicie al menos uno.",
    "overdue": "Hay liberaciones cuya hora ya pasó y no han salido.",
    "file_missing": "Faltan archivos en el almacenamiento; recupérelos del respaldo.",
    "outbox_dead": "Hay tareas abandonadas después de muchos intentos.",
    "outbox_old": "Hay tareas que esperan desde hace más de cinco minutos; revise el buscador.",
    "problems_ahead": "El ensayo de alguna publicación próxima encontró problemas.",
    "failed": "Hay liberaciones que no se pudieron publicar; su dependencia tiene que enviarlas otra vez.",
}
#: State of a release, or of a dataset without one → what its agency has to do, the button, and its place in the list.
_TASKS: dict[str, tuple[str, str, int]] = {
    State.CHANGES_REQUESTED: ("Corrija lo que se pide y envíelo de nuevo.", "correct", 0),
    State.FAILED: ("Revise el contenido y envíelo de nuevo a revisión.", "submit", 1),
    "incomplete": ("Falta terminar el registro: agregue el archivo o el enlace.", "finish", 2),
    "no_file": ("Falta agregar al menos un archivo o un enlace.", "add_file", 3),
    State.DRAFT: ("Cambió después del envío; falta enviarlo otra vez a revisión.", "submit", 4),
    State.CANCELLED: ("La publicación anterior se canceló; puede enviarlo otra vez a revisión.", "submit", 5),
    "unsent": ("Falta enviarlo a revisión.", "submit", 6),
    "edition": ("Cambie lo que haga falta y envíe la edición a revisión.", "correct", 6),
    State.IN_REVIEW: ("Está en manos del equipo revisor; por ahora no tiene que hacer nada.", "view", 7),
    State.SCHEDULED: ("Se publicará solo en la fecha aprobada; no tiene que hacer nada.", "view", 8),
}
_OWN_LABELS = {"edition": "Edición abierta", "incomplete": "Registro incompleto", "no_file": "Sin archivos", "unsent": "Sin enviar"}


def edomex_release_label(state: str) -> str:
    """A state in words; nothing for no state."""
    return _OWN_LABELS.get(state) or (LABELS[State(state)] if state in list(State) else "")


def edomex_release_kind(kind: str) -> str:
    """A kind of release in words."""
    return KIND_NAMES[Kind(kind)] if kind in list(Kind) else kind


def edomex_observation_label(state: str) -> str:
    """A state of an observation in words."""
    return observations.LABELS[observations.State(state)] if state in list(observations.State) else state


def edomex_observation_event(move: str) -> str:
    """What happened to an observation, in words."""
    return _SAID.get(move, move)


def edomex_observation_fields() -> dict[str, str]:
    """Names and labels of the fields of a dataset that an observation may be about."""
    return dict(places.schema_labels()[0])


def edomex_observation_address(observation: Data, dataset: Data, edit: bool) -> str:  # noqa: FBT001  # a template's argument
    """Where the place of an observation is: the field in its form for who corrects it, what everybody will see for others."""
    resource, field = observation["resource_id"], observation["field"]
    if resource:
        page = tk.url_for(f"dataset_resource.{'edit' if edit else 'read'}", id=dataset["name"], resource_id=resource)
        return f"{page}#field-{field}" if edit and field else page
    if edit and field:
        place = tk.h.edomex_field_place(field)
        return f"{tk.url_for('dataset.scheming_edit_page', id=dataset['name'], page=place['page'])}#{place['mark']}"
    return tk.url_for("dataset.edit" if edit else "dataset.read", id=dataset["name"])


def edomex_observation_pending(dataset_id: str) -> Data | None:
    """What is still to be answered of a dataset, for the pages on which it is corrected: `{release_id, observations}`."""
    release = edomex_release_of(dataset_id)
    if release is None or release["draft_id"] != dataset_id or release["state"] not in OPEN:
        return None
    found = call("edomex_observation_list", release_id=release["id"])
    left = [each for each in found if each["state"] in observations.PENDING]
    return {"release_id": release["id"], "observations": left} if left else None


def edomex_release_alarm(name: str) -> str:
    """An alarm of the engine in words."""
    return _ALARMS.get(name, name)


def edomex_release_open_states() -> list[str]:
    """States of a release that is under way."""
    return sorted(OPEN)


def edomex_release_event(move: str) -> str:
    """An event of the history in words."""
    return EVENT_NAMES.get(move, move)


def edomex_release_task(dataset: Data, release: Data | None) -> Data:
    """What comes next for a dataset that is not public: `{state, label, next, step, rank}`.

    `step` is one of `submit`, `correct`, `add_file`, `finish`, `view`; `rank` orders the most urgent first.
    """
    state = release["state"] if release else "unsent"
    if release and (release["kind"], state, release["submitted_by"]) == ("edition", State.DRAFT, None):
        state = "edition"
    if state in {"unsent", State.CANCELLED, State.DRAFT}:
        if dataset.get("state") == "draft":
            state = "incomplete"
        elif not (dataset.get("resources") or dataset.get("res_url")):
            state = "no_file"
    text, step, rank = _TASKS.get(state, ("", "view", 9))
    return {"state": state, "label": edomex_release_label(state), "next": text, "step": step, "rank": rank}


def edomex_release_of(dataset_id: str) -> Data | None:
    """The release that matters now of a dataset: the one under way, else the public one, else the last cancelled.

    Nothing for who may not know of it.
    """
    if not tk.current_user.is_authenticated:
        return None
    try:
        found = call("edomex_release_list", dataset_id=dataset_id)
    except (tk.NotAuthorized, tk.ObjectNotFound):
        return None
    ranks = {**dict.fromkeys(OPEN, 0), State.RELEASED: 1}
    return min(found, key=lambda release: ranks.get(State(release["state"]), 2), default=None)


def edomex_release_under_way(dataset_id: str) -> Data | None:
    """The edition or withdrawal of a public dataset that is under way, for who may know of it."""
    found = edomex_release_of(dataset_id)
    return found if found is not None and found["state"] in OPEN else None


def edomex_release_published_at(dataset: Data) -> str | None:
    """When a public dataset was released, as everybody may know it; nothing if it is not public."""
    if dataset.get("private") or dataset.get("state") != "active":
        return None
    return call("edomex_release_published_at", dataset_id=dataset["id"])


def edomex_release_may(action: str, **data: Any) -> bool:
    """Whether the caller may use an action of releases: `edomex_release_may("approve")`."""
    return may_use(f"edomex_release_{action}", **data)


def edomex_release_is_staff() -> bool:
    """Whether somebody is logged in; the portal gives accounts to staff only."""
    return bool(tk.current_user.is_authenticated)


def edomex_release_upcoming(limit: int = 5) -> list[Data]:
    """The next entries of the public calendar."""
    wanted = {"from": datetime.now(UTC).isoformat(), "status": "upcoming", "limit": limit}
    return call("edomex_calendar_list", **wanted)


def edomex_release_newest(limit: int = 5) -> list[Data]:
    """The public datasets released last."""
    search = {"fq": PUBLIC, "sort": "metadata_modified desc", "rows": limit, "facet": "false"}
    return call("package_search", **search)["results"]


def edomex_release_counts() -> Data:
    """How many public datasets, agencies and themes there are."""
    search = {"fq": PUBLIC, "rows": 0, "facet": "false"}
    return {
        "datasets": call("package_search", **search)["count"],
        "agencies": len(call("organization_list")),
        "themes": len(call("group_list")),
    }


def edomex_release_time(value: str) -> str:
    """«09:30» in the state's zone."""
    return f"{local(datetime.fromisoformat(value)):%H:%M}"


def edomex_release_waiting(seconds: int) -> str:
    """«3 días», «5 horas», «menos de una hora»."""
    for unit, name in ((86_400, "día"), (3_600, "hora")):
        if seconds >= unit:
            count = seconds // unit
            return f"{count} {name}{'s' if count > 1 else ''}"
    return "menos de una hora"


def edomex_release_share(record: Data) -> str:
    """«87 % de 30», or that there was nothing to keep yet."""
    return f"{100 * record['share']:.0f} % de {record['due']}" if record["due"] else "sin fechas cumplidas todavía"


def edomex_release_weekday(day: date) -> str:
    """«miércoles»."""
    return WEEKDAYS[day.weekday()]


def edomex_release_day(value: str) -> str:
    """«miércoles 3 de marzo de 2027» for an instant, in the state's zone."""
    day = local(datetime.fromisoformat(value))
    return f"{WEEKDAYS[day.weekday()]} {day.day} de {MONTHS[day.month - 1]} de {day.year}"


#: What CKAN calls organizations and groups, in the portal's words, by CKAN's name for the place.
_WORDS = {
    "organization": {
        **dict.fromkeys(("breadcrumb", "page title", "facet label", "main nav", "content tab"), "Dependencias"),
        **dict.fromkeys(("default label", "form label"), "Dependencia"),
        "add link": "Agregar una dependencia",
        "search placeholder": "Buscar dependencias",
        "no description": "Esta dependencia no tiene descripción.",
    },
    "group": {
        **dict.fromkeys(("breadcrumb", "page title", "facet label", "main nav", "content tab"), "Temas"),
        **dict.fromkeys(("default label", "form label"), "Tema"),
        "add link": "Agregar un tema",
        "search placeholder": "Buscar temas",
        "no any objects": "Todavía no hay temas.",
        "no associated label": "Este conjunto no está en ningún tema.",
    },
    "package": {
        "add link": "Registrar un conjunto de datos",
        "search placeholder": "Buscar datos",
        "no description": "Este conjunto no tiene descripción.",
        "view label": "Ver el conjunto",
    },
}


@tk.chained_helper
def humanize_entity_type(
    next_helper: Callable[..., str | None], entity_type: str, object_type: str, purpose: str
) -> str | None:
    """The portal's word for a kind of thing in a place, or CKAN's own."""
    return _WORDS.get(entity_type, {}).get(purpose) or next_helper(entity_type, object_type, purpose)
