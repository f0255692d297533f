"""The states of a release and the moves between them, as one frozen table.

Source: the states of ONS's release practice, as noted in docs/adr/0003-states-are-a-table.md.
`mermaid()` draws the diagram of docs/architecture.md from the same table.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType

from ckanext.edomex.release.domain.errors import MoveForbiddenError


class State(StrEnum):
    """Where a release stands."""

    DRAFT = "draft"
    IN_REVIEW = "in_review"
    CHANGES_REQUESTED = "changes_requested"
    SCHEDULED = "scheduled"
    RELEASED = "released"
    CANCELLED = "cancelled"
    FAILED = "failed"
    #: A newer edition took its place.
    SUPERSEDED = "superseded"
    #: What it had made public was withdrawn.
    WITHDRAWN = "withdrawn"


class Kind(StrEnum):
    """What a release does to a dataset."""

    FIRST = "first"
    EDITION = "edition"
    WITHDRAWAL = "withdrawal"


class Calendar(StrEnum):
    """What the public calendar says of a release."""

    PROVISIONAL = "provisional"
    CONFIRMED = "confirmed"
    DONE = "done"
    CANCELLED = "cancelled"


class Role(StrEnum):
    """Who may make a move."""

    EDITOR = "editor"
    REVIEWER = "reviewer"
    MANAGER = "manager"
    #: Whoever changes content: the move is a consequence, not a request.
    WRITER = "writer"
    #: The release engine.
    CLOCK = "clock"

    @property
    def is_human(self) -> bool:
        """Whether somebody asks for this role's moves."""
        return self not in {Role.WRITER, Role.CLOCK}


@dataclass(frozen=True, kw_only=True)
class Move:
    """One row of the table."""

    sources: frozenset[State]
    target: State
    role: Role
    #: A reason has to be given, and is kept.
    needs_reason: bool = False
    #: Kinds of release that know this move.
    kinds: frozenset[Kind]


PUBLICATIONS = frozenset({Kind.FIRST, Kind.EDITION})
WITHDRAWALS = frozenset({Kind.WITHDRAWAL})


def _move(
    sources: set[State], target: State, role: Role, *, reason: bool = False, kinds: frozenset[Kind] = PUBLICATIONS
) -> Move:
    return Move(sources=frozenset(sources), target=target, role=role, needs_reason=reason, kinds=kinds)


S = State
TRANSITIONS = MappingProxyType({
    "submit": _move({S.DRAFT, S.CHANGES_REQUESTED, S.FAILED}, S.IN_REVIEW, Role.EDITOR),
    "request_changes": _move({S.IN_REVIEW}, S.CHANGES_REQUESTED, Role.REVIEWER, reason=True),
    "approve": _move({S.IN_REVIEW}, S.SCHEDULED, Role.REVIEWER),
    "edit": _move({S.IN_REVIEW, S.SCHEDULED}, S.DRAFT, Role.WRITER),
    "reschedule": _move({S.SCHEDULED}, S.SCHEDULED, Role.MANAGER, reason=True),
    "cancel": _move(
        {S.DRAFT, S.IN_REVIEW, S.CHANGES_REQUESTED, S.SCHEDULED, S.FAILED}, S.CANCELLED, Role.MANAGER, reason=True,
        kinds=PUBLICATIONS | WITHDRAWALS,
    ),
    "discard": _move({S.DRAFT, S.CHANGES_REQUESTED, S.FAILED}, S.CANCELLED, Role.EDITOR, kinds=frozenset({Kind.EDITION})),
    "release": _move({S.SCHEDULED}, S.RELEASED, Role.CLOCK),
    "fail": _move({S.SCHEDULED}, S.FAILED, Role.CLOCK, reason=True),
    "supersede": _move({S.RELEASED}, S.SUPERSEDED, Role.CLOCK),
    "propose": _move({S.DRAFT}, S.IN_REVIEW, Role.MANAGER, reason=True, kinds=WITHDRAWALS),
    "confirm": _move({S.IN_REVIEW}, S.RELEASED, Role.MANAGER, kinds=WITHDRAWALS),
    "withdraw": _move({S.RELEASED}, S.WITHDRAWN, Role.CLOCK, reason=True),
})

#: States in which a dataset has a release under way; it has at most one such.
OPEN = frozenset({S.DRAFT, S.IN_REVIEW, S.CHANGES_REQUESTED, S.SCHEDULED, S.FAILED})
#: States in which reviewers see the dataset though it is not of their agency.
UNDER_REVIEW = frozenset({S.IN_REVIEW, S.CHANGES_REQUESTED, S.SCHEDULED, S.FAILED})

LABELS = MappingProxyType({
    S.DRAFT: "Borrador",
    S.IN_REVIEW: "En revisión",
    S.CHANGES_REQUESTED: "Con observaciones",
    S.SCHEDULED: "Programado",
    S.RELEASED: "Publicado",
    S.CANCELLED: "Cancelado",
    S.FAILED: "No se pudo publicar",
    S.SUPERSEDED: "Reemplazado por una edición",
    S.WITHDRAWN: "Retirado",
})
KIND_NAMES = MappingProxyType({
    Kind.FIRST: "Primera publicación",
    Kind.EDITION: "Nueva edición",
    Kind.WITHDRAWAL: "Retiro",
})

#: Each move as a person would name it, in «no se puede …».
MOVE_NAMES = MappingProxyType({
    "submit": "enviar a revisión",
    "request_changes": "pedir cambios",
    "approve": "aprobar",
    "edit": "editar",
    "reschedule": "cambiar la fecha",
    "cancel": "cancelar",
    "discard": "descartar la edición",
    "release": "publicar",
    "fail": "marcar como fallida",
    "supersede": "reemplazar por una edición",
    "propose": "proponer el retiro",
    "confirm": "confirmar el retiro",
    "withdraw": "retirar",
})

#: How each event of the history reads.
EVENT_NAMES = MappingProxyType({
    "submit": "Enviado a revisión",
    "request_changes": "Devuelto con observaciones",
    "approve": "Aprobado",
    "edit": "Contenido cambiado después del envío",
    "reschedule": "Fecha cambiada",
    "cancel": "Cancelado",
    "release": "Publicado",
    "fail": "No se pudo publicar",
    "discard": "Edición descartada",
    "supersede": "Reemplazado por una edición",
    "propose": "Retiro propuesto",
    "confirm": "Retiro confirmado",
    "withdraw": "Retirado",
    "adopt": "Ya era público",
})


def allowed(state: State, kind: Kind = Kind.FIRST) -> list[str]:
    """Names of the moves that lead out of a state for a kind of release, in the table's order."""
    return [name for name, move in TRANSITIONS.items() if state in move.sources and kind in move.kinds]


def after(state: State, name: str, kind: Kind = Kind.FIRST) -> State:
    """The state that a move leads to. MoveForbiddenError where the table has no such row."""
    move = TRANSITIONS[name]
    options = allowed(state, kind)
    if name not in options:
        human = [MOVE_NAMES[other] for other in options if TRANSITIONS[other].role.is_human]
        hint = f"Desde ese estado se puede: {', '.join(human)}." if human else "Desde ese estado ya no hay pasos."
        explanation = f"La liberación está en «{LABELS[state]}» y así no se puede {MOVE_NAMES[name]}. {hint}"
        raise MoveForbiddenError(state, name, options, explanation)
    return move.target


def mermaid() -> str:
    """The table as a Mermaid state diagram."""
    lines = ["stateDiagram-v2", "    [*] --> draft"]
    for name, move in TRANSITIONS.items():
        lines += [f"    {source} --> {move.target}: {name} ({move.role})" for source in sorted(move.sources)]
    return "\n".join(lines)
