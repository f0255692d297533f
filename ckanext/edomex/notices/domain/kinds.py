"""What can be told, to whom, and how urgently: one table, read by whoever tells, by the page of preferences and by the documents."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType

from ckanext.edomex.notices.domain.people import As


class Delivery(StrEnum):
    """How somebody is told. The inbox has it in any case."""

    NOW = "now"
    DIGEST = "digest"
    PORTAL = "portal"


#: The first is the most urgent.
URGENCY = (Delivery.NOW, Delivery.DIGEST, Delivery.PORTAL)
DELIVERY_NAMES: Mapping[Delivery, str] = MappingProxyType({
    Delivery.NOW: "Correo en el momento",
    Delivery.DIGEST: "Resumen diario por correo",
    Delivery.PORTAL: "Solo en el portal",
})


@dataclass(frozen=True, kw_only=True)
class Topic:
    """What a person chooses for: several kinds that one wants or does not want together."""

    name: str
    help: str
    #: Whoever is concerned has to know at once: there is nothing to choose.
    fixed: bool = False


TOPICS: Mapping[str, Topic] = MappingProxyType({
    "trouble": Topic(
        name="Problemas", fixed=True,
        help="Una publicación programada que no saldrá, no salió o perdió su aprobación. Se avisa siempre en el momento.",
    ),
    "review": Topic(name="Por revisar", help="Conjuntos, planes, retiros y fuentes que esperan su decisión."),
    "answers": Topic(name="Respuestas de la revisión", help="Observaciones y aprobaciones de lo que envió o pidió su dependencia."),
    "dates": Topic(name="Fechas", help="Cambios de fecha y cancelaciones."),
    "reminders": Topic(
        name="Recordatorios",
        help="Lo que vence: fechas comprometidas en el plan, actualizaciones según la periodicidad, y el ciclo anual del plan.",
    ),
    "published": Topic(name="Publicaciones y retiros", help="Conjuntos que ya son públicos o dejaron de serlo."),
})


@dataclass(frozen=True, kw_only=True)
class Kind:
    """One kind of notice: its topic, and how each of those concerned is told unless they chose otherwise."""

    topic: str
    concerned: Mapping[As, Delivery]

    @property
    def fixed(self) -> bool:
        """Whether nobody can choose to be told later."""
        return TOPICS[self.topic].fixed


def _kind(topic: str, *, now: str = "", digest: str = "", portal: str = "") -> Kind:
    told = {Delivery.NOW: now, Delivery.DIGEST: digest, Delivery.PORTAL: portal}
    return Kind(topic=topic, concerned=MappingProxyType({As(who): how for how, people in told.items() for who in people.split()}))


KINDS: Mapping[str, Kind] = MappingProxyType({
    "submitted": _kind("review", digest="reviewer"),
    "returned": _kind("answers", now="submitter", digest="admin", portal="editor"),
    "answered": _kind("review", digest="author"),
    "approved": _kind("answers", now="submitter", digest="admin", portal="editor"),
    "rescheduled": _kind("dates", now="submitter admin", digest="approver", portal="editor"),
    "cancelled": _kind("dates", now="submitter admin", digest="approver", portal="editor"),
    "released": _kind("published", now="submitter approver", digest="admin", portal="editor"),
    "problem": _kind("trouble", now="submitter approver admin operator"),
    "failed": _kind("trouble", now="submitter approver admin operator", portal="unit"),
    "voided": _kind("trouble", now="submitter approver", portal="admin"),
    "withdrawal_proposed": _kind("review", now="manager"),
    "withdrawn": _kind("published", now="submitter admin", digest="editor"),
    "plan_submitted": _kind("review", digest="reviewer"),
    "plan_returned": _kind("answers", now="submitter admin", portal="editor"),
    "plan_approved": _kind("answers", now="submitter admin", portal="editor"),
    "source_tried": _kind("review", digest="reviewer"),
    "source_approved": _kind("answers", digest="admin", portal="editor"),
    "source_held": _kind("review", digest="admin editor"),
    # The later, the more people: who registers, then the enlace, then the state's unit.
    "promise_before": _kind("reminders", digest="editor"),
    "promise_today": _kind("reminders", digest="editor admin"),
    "promise_after": _kind("reminders", digest="editor admin unit"),
    "update_before": _kind("reminders", digest="editor"),
    "update_today": _kind("reminders", digest="editor admin"),
    "update_after": _kind("reminders", digest="editor admin", portal="unit"),
    "plan_update": _kind("reminders", digest="admin", portal="editor"),
    "plan_update_late": _kind("reminders", now="admin", digest="unit"),
    "plan_report": _kind("reminders", now="admin", digest="unit"),
    "plan_review": _kind("reminders", digest="admin"),
})
#: Move of a release → kind; what is not here concerns nobody beyond its page.
_MOVES: Mapping[str, str] = MappingProxyType({
    "submit": "submitted", "request_changes": "returned", "approve": "approved", "reschedule": "rescheduled", "cancel": "cancelled",
    "release": "released", "fail": "failed", "propose": "withdrawal_proposed", "confirm": "withdrawn",
})  # fmt: skip
_PLAN_MOVES: Mapping[str, str] = MappingProxyType({"submit": "plan_submitted", "return": "plan_returned", "approve": "plan_approved"})
_SOURCE_MOVES: Mapping[str, str] = MappingProxyType({"tried": "source_tried", "approved": "source_approved", "held": "source_held"})


def of_release(move: str, from_state: str | None) -> str | None:
    """The kind of notice that a move of a release asks for. An edit matters where a date had been approved."""
    if move == "edit":
        return "voided" if from_state == "scheduled" else None
    return _MOVES.get(move)


def of_plan(move: str) -> str | None:
    """The kind of notice that a move of an opening plan asks for."""
    return _PLAN_MOVES.get(move)


def of_source(move: str) -> str | None:
    """The kind of notice that a move of a harvest source asks for."""
    return _SOURCE_MOVES.get(move)
