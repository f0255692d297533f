"""Observations of a review: where they are, where they stand, and who moves them, as one frozen table.

An observation is in one place of what was sent: the whole, a field, a file or link, or a row of a table. Answers are
events: nobody writes over what somebody else said.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType
from typing import Any

from ckanext.edomex.release.domain.content import RESOURCES
from ckanext.edomex.release.domain.errors import FieldError, MoveForbiddenError
from ckanext.edomex.release.domain.lifecycle import LABELS as RELEASE_LABELS
from ckanext.edomex.release.domain.lifecycle import Role
from ckanext.edomex.release.domain.lifecycle import State as ReleaseState


class State(StrEnum):
    """Where an observation stands."""

    OPEN = "open"
    ANSWERED = "answered"
    RESOLVED = "resolved"
    WITHDRAWN = "withdrawn"


class Anchor(StrEnum):
    """What an observation is about."""

    DATASET = "dataset"
    FIELD = "field"
    RESOURCE = "resource"
    ROW = "row"


@dataclass(frozen=True, kw_only=True)
class Move:
    """One row of the table."""

    sources: frozenset[State]
    target: State
    role: Role
    #: States of the release in which it is made.
    releases: frozenset[ReleaseState]
    #: Something has to be said with it.
    needs_text: bool = False


R, S = ReleaseState, State
#: What a reviewer sees and has not decided on.
_REVIEWED = frozenset({R.IN_REVIEW, R.CHANGES_REQUESTED, R.FAILED})
_UNDECIDED = _REVIEWED | {R.DRAFT}
TRANSITIONS = MappingProxyType({
    "answer": Move(
        sources=frozenset({S.OPEN, S.ANSWERED}), target=S.ANSWERED, role=Role.EDITOR, releases=_UNDECIDED, needs_text=True
    ),
    "resolve": Move(sources=frozenset({S.OPEN, S.ANSWERED}), target=S.RESOLVED, role=Role.REVIEWER, releases=_REVIEWED),
    "reopen": Move(
        sources=frozenset({S.ANSWERED, S.RESOLVED, S.WITHDRAWN}), target=S.OPEN, role=Role.REVIEWER, releases=_REVIEWED,
        needs_text=True,
    ),
    "withdraw": Move(sources=frozenset({S.OPEN, S.ANSWERED}), target=S.WITHDRAWN, role=Role.REVIEWER, releases=_REVIEWED),
})  # fmt: skip
#: States of the release in which observations are written: only then is what they point at fixed.
WRITTEN_IN = frozenset({R.IN_REVIEW})
#: What has to be settled before a release is approved.
PENDING = frozenset({S.OPEN, S.ANSWERED})
#: Of one release; more are a conversation to be had, not a list.
MOST = 300

LABELS = MappingProxyType({
    S.OPEN: "Por atender",
    S.ANSWERED: "Contestada",
    S.RESOLVED: "Resuelta",
    S.WITHDRAWN: "Retirada",
})
#: Each move as a person would name it, in «no se puede …».
MOVE_NAMES = MappingProxyType({
    "answer": "contestar", "resolve": "dar por resuelta", "reopen": "abrir de nuevo", "withdraw": "retirar",
})  # fmt: skip
#: Formats that have rows, as CKAN writes them.
TABULAR = frozenset({"CSV", "TSV", "XLS", "XLSX", "ODS", "DBF"})
#: PostgreSQL's largest whole number of eight bytes.
LAST_ROW = 2**63 - 1


def allowed(state: State, release: ReleaseState) -> list[str]:
    """Names of the moves that lead out of a state while its release is in one, in the table's order."""
    return [name for name, move in TRANSITIONS.items() if state in move.sources and release in move.releases]


def after(state: State, name: str, release: ReleaseState) -> State:
    """The state that a move leads to. MoveForbiddenError where the table has no such row."""
    options = allowed(state, release)
    if name not in options:
        can = ", ".join(MOVE_NAMES[option] for option in options)
        hint = f"Ahora se puede: {can}." if can else "Ahora no hay pasos posibles."
        explanation = (
            f"La observación está en «{LABELS[state]}» y la liberación en «{RELEASE_LABELS[release]}»: "
            f"así no se puede {MOVE_NAMES[name]}. {hint}"
        )
        raise MoveForbiddenError(state, name, options, explanation)
    return TRANSITIONS[name].target


def summary(numbers: Sequence[int]) -> str:
    """«la observación 2», «las observaciones 1, 2 y 5»."""
    if len(numbers) == 1:
        return f"la observación {numbers[0]}"
    *most, last = [str(number) for number in numbers]
    return f"las observaciones {', '.join(most)} y {last}"


@dataclass(frozen=True, kw_only=True)
class Place:
    """Where an observation is; what its anchor does not need is None."""

    anchor: Anchor
    field: str | None = None
    resource_id: str | None = None
    row: int | None = None
    column: str | None = None


@dataclass(frozen=True, kw_only=True)
class Fields:
    """Names of the fields that the schema has."""

    dataset: Collection[str]
    resource: Collection[str]


#: Anchor → (what it needs, what it may have besides).
_PARTS: Mapping[Anchor, tuple[frozenset[str], frozenset[str]]] = MappingProxyType({
    Anchor.DATASET: (frozenset(), frozenset()),
    Anchor.FIELD: (frozenset({"field"}), frozenset({"resource_id"})),
    Anchor.RESOURCE: (frozenset({"resource_id"}), frozenset({"column"})),
    Anchor.ROW: (frozenset({"resource_id", "row"}), frozenset({"column"})),
})
_MISSING = MappingProxyType({
    "field": "Diga de qué campo es la observación.",
    "resource_id": "Diga de qué archivo o enlace es la observación.",
    "row": "Escriba el número de la fila, contando desde 1 después del encabezado.",
})


def check_place(place: Place, content: Sequence[Any], fields: Fields) -> None:
    """FieldError where the place is not in what was sent.

    Args:
        place: where somebody wants to write.
        content: the canonical content that was sent (`content.py`).
        fields: names that the schema has.
    """
    needed, besides = _PARTS[place.anchor]
    given = {name for name in ("field", "resource_id", "row", "column") if getattr(place, name) is not None}
    for name in sorted(needed - given):
        raise FieldError(name, _MISSING[name])
    for name in sorted(given - needed - besides):
        raise FieldError(name, "Este dato no corresponde a lo que se eligió; quítelo o elija otro lugar.")
    resource = _resource(place, content[RESOURCES] or [])
    if place.field is not None and place.field not in (fields.resource if resource else fields.dataset):
        raise FieldError("field", "Ese campo no existe; elija uno de los de la ficha.")
    if resource and (place.row is not None or place.column is not None):
        _check_cell(place, resource)


def _resource(place: Place, resources: Iterable[Mapping[str, Any]]) -> Mapping[str, Any] | None:
    if place.resource_id is None:
        return None
    found = next((each for each in resources if each["id"] == place.resource_id), None)
    if found is None:
        raise FieldError("resource_id", "Ese archivo o enlace no está en lo que se envió; elija uno de los del conjunto.")
    return found


def _check_cell(place: Place, resource: Mapping[str, Any]) -> None:
    if str(resource.get("format") or "").upper() not in TABULAR:
        name = "row" if place.row is not None else "column"
        raise FieldError(name, "Ese recurso no es una tabla, así que no tiene filas ni columnas.")
    if place.row is not None and not 1 <= place.row <= LAST_ROW:
        raise FieldError("row", "El número de la fila empieza en 1, que es la primera después del encabezado.")
