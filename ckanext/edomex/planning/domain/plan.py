"""Opening plans: their states, their fields, and what a plan must have before it is sent. Lines follow the inventory."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType
from typing import Any

from ckanext.edomex.domain import days
from ckanext.edomex.domain.tabular import unguarded
from ckanext.edomex.domain.texts import is_personal_mailbox
from ckanext.edomex.planning.domain import fields
from ckanext.edomex.planning.domain.errors import MoveForbiddenError
from ckanext.edomex.planning.domain.fields import WrongError
from ckanext.edomex.planning.domain.inventory import TO_OPEN, Field


class State(StrEnum):
    """Where a plan stands."""

    DRAFT = "draft"
    SUBMITTED = "submitted"
    APPROVED = "approved"


def sha256(content: Mapping[str, Any]) -> str:
    """The hash of a plan's content: of its JSON without spaces, keys in order, in UTF-8."""
    return hashlib.sha256(json.dumps(content, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode()).hexdigest()


#: Move of an event → what happened, for people.
EVENT_NAMES: Mapping[str, str] = MappingProxyType({
    "create": "Se registró", "update": "Se cambió", "import": "Llegó en una tabla", "delete": "Se quitó del inventario",
    "derive": "Entró al plan", "drop_line": "Salió del plan", "submit": "Se envió a aprobación", "approve": "Se aprobó",
    "return": "Se devolvió con observaciones", "reopen": "Se abrió de nuevo", "draft": "Se hizo su conjunto de datos",
    "publish": "Se preparó su publicación", "document_add": "Se agregó un documento", "document_remove": "Se quitó un documento",
})  # fmt: skip
LABELS: Mapping[str, str] = MappingProxyType({
    State.DRAFT: "Borrador", State.SUBMITTED: "Enviado", State.APPROVED: "Aprobado",
})  # fmt: skip
#: Move → from which state, to which.
TRANSITIONS: Mapping[str, tuple[State, State]] = MappingProxyType({
    "submit": (State.DRAFT, State.SUBMITTED),
    "return": (State.SUBMITTED, State.DRAFT),
    "approve": (State.SUBMITTED, State.APPROVED),
    "reopen": (State.APPROVED, State.DRAFT),
})
#: Where the agency may change the plan and its lines.
EDITABLE = frozenset({State.DRAFT})
PRIORITIES: Mapping[str, str] = MappingProxyType({"alta": "Alta", "media": "Media", "baja": "Baja"})
DOCUMENTS: Mapping[str, str] = MappingProxyType({
    "oficio": "Oficio", "enlace": "Designación del enlace", "administrador": "Designación del administrador de datos", "otro": "Otro",
})  # fmt: skip
FIRST_YEAR, LAST_YEAR = 2015, 2099


def mail(value: Any) -> str:
    """An institution's mailbox, or nothing."""
    written = str(value or "").strip()
    if written and ("@" not in written or " " in written or "." not in written.rsplit("@", 1)[-1]):
        raise WrongError("Escriba un correo, como datos@dependencia.example.org.")
    if written and is_personal_mailbox(written):
        raise WrongError("Use el correo oficial, no uno personal.")
    return fields.text(200)(written)


#: What a plan says beside its lines: the vision, and the officials that ADELA's table names.
PLAN_FIELDS: Mapping[str, Field] = MappingProxyType({
    "vision": Field(label="Visión institucional de datos abiertos", read=fields.text(5000)),
    "liaison_name": Field(label="Persona designada como enlace", read=fields.text(200)),
    "liaison_post": Field(label="Cargo del enlace", read=fields.text(200)),
    "liaison_mail": Field(label="Correo oficial del enlace", read=mail),
    "admin_name": Field(label="Persona designada como administradora de datos", read=fields.text(200)),
    "admin_post": Field(label="Cargo de quien administra los datos", read=fields.text(200)),
    "admin_mail": Field(label="Correo oficial de quien administra los datos", read=mail),
})
#: What a line says of its own; an empty date or post is the inventory's.
LINE_FIELDS: Mapping[str, Field] = MappingProxyType({
    "committed": Field(label="Fecha comprometida", read=fields.month_or_day),
    "responsible": Field(label="Cargo responsable", read=fields.text(200)),
    "priority": Field(label="Prioridad", read=fields.code_of(PRIORITIES), blank=lambda: "media"),
    "audience": Field(label="Población objetivo o sector de uso", read=fields.text(1000)),
    "importance": Field(label="Importancia", read=fields.text(1000)),
    "format": Field(label="Formato", read=fields.text(100), blank=lambda: "CSV"),
    "legal_basis": Field(label="Fundamento", read=fields.text(2000)),
    "notes": Field(label="Observaciones", read=fields.text(2000)),
})


def after(state: str, move: str) -> State:
    """The state that a move leads to.

    Raises:
        MoveForbiddenError: the state does not allow it.
    """
    begins, ends = TRANSITIONS[move]
    if state != begins:
        allowed = [name for name, (first, _) in TRANSITIONS.items() if first == state]
        raise MoveForbiddenError(state, allowed, f"El plan está «{LABELS[state].lower()}» y así no se puede hacer esto.")
    return ends


def check_editable(state: str) -> None:
    """MoveForbiddenError where the agency may not change the plan."""
    if state not in EDITABLE:
        allowed = [name for name, (first, _) in TRANSITIONS.items() if first == state]
        remedy = "espere la revisión" if state == State.SUBMITTED else "ábralo de nuevo, con un motivo"
        raise MoveForbiddenError(state, allowed, f"El plan está «{LABELS[state].lower()}»: para cambiarlo, {remedy}.")


def belongs(item: Mapping[str, Any], year: int) -> bool:
    """Whether a row of the inventory has a line in the plan of a year."""
    return item["decision"] in TO_OPEN and str(item["expected"]).startswith(f"{year}-")


def may_leave(committed: str, dataset_id: str | None) -> bool:
    """Whether a line may go by itself: one with a promise or a dataset of its own is somebody's work, and is asked about."""
    return not committed and dataset_id is None


@dataclass(frozen=True, kw_only=True)
class Line:
    """A line as it counts: what the inventory says of the row, with what the line says of its own."""

    id: str
    item: Mapping[str, Any]
    own: Mapping[str, Any]

    @property
    def committed(self) -> str:
        """The promised month or day."""
        return self.own["committed"] or self.item["expected"]

    @property
    def responsible(self) -> str:
        """The post that answers for it."""
        return self.own["responsible"] or self.item["responsible"]

    def content(self) -> dict[str, Any]:
        """All of it as plain data, to be kept with an approval."""
        names = ("name", "description", "frequency", "resources")
        return {
            "line": self.id, **{name: self.item[name] for name in names},
            **self.own, "committed": self.committed, "responsible": self.responsible,
        }  # fmt: skip


def faults(head: Mapping[str, Any], lines: Sequence[Line], year: int) -> dict[str, str]:
    """What keeps a plan from being sent, by field; `lines` for what is wrong with lines."""
    found: dict[str, str] = {}
    for name in ("vision", "liaison_post", "liaison_mail"):
        if not head[name]:
            found[name] = f"Falta: {PLAN_FIELDS[name].label.lower()}."
    wrong = list(_wrong_lines(lines, year))
    if not lines:
        wrong = ["El plan no tiene conjuntos: en el inventario, decida cuáles se abren y escriba su fecha."]
    if wrong:
        found["lines"] = " ".join(wrong[:20])
    return found


def _wrong_lines(lines: Sequence[Line], year: int) -> Iterator[str]:
    for line in lines:
        if line.item["decision"] not in TO_OPEN:
            yield f"«{line.item['name']}»: el inventario ya no dice que se abre."
        elif not line.committed.startswith(f"{year}-"):
            yield f"«{line.item['name']}»: su fecha ({line.committed or 'ninguna'}) no es de {year}."


def last_day(committed: str) -> str:
    """The day by which a promise is kept: a month's is its last."""
    return days.last_day(committed) if committed else ""


ADELA = (
    "Visión institucional de datos abiertos", "Funcionario designado como Enlace", "Título del funcionario designado como Enlace",
    "Correo oficial del funcionario designado como Enalce", "Funcionario designado como Administrador",
    "Titulo del Funcionario designado como Administrador", "Correo oficial del funcioanrio designado como Administrador",
    "Conjuntos de datos priorizados", "Descripción de los conjuntos", "Periodicidad de la actualización",
    "Fecha tentativa de publicación (AAAA-MM-DD)",
)  # fmt: skip
#: The federal table's; the year stands in one of them.
PNDA = (
    "Conjunto de datos", "Descripción del conjunto de datos", "Recurso de datos", "Descripción del recurso de datos",
    "Área que genera el recurso de datos", "Periodicidad de publicación", "Fecha publicación {year}",
    "Población objetivo o sector de uso", "Importancia del recurso", "Formato del recurso", "fundamento", "Observaciones",
)  # fmt: skip
PNDA_DATE = 6
_MONTH_OR_DAY = re.compile(r"\d{4}-\d{2}(-\d{2})?")
LAYOUTS = ("pnda", "adela")
#: Name of the table in the plan's own dataset.
FILE = "Plan de apertura (12 columnas)"


def written(content: Mapping[str, Any], layout: str, frequencies: Mapping[str, str]) -> Iterator[list[str]]:
    """A plan as the rows of a table, header first.

    Args:
        content: `{year, head, lines}`, as an approval keeps it.
        layout: `pnda`, the federal 12 columns of today, a row for each resource; `adela`, the 11 of ADELA, a row for each line,
            with its spelling.
        frequencies: code → label.
    """
    if layout == "adela":
        yield list(ADELA)
        head = [str(content["head"][name]) for name in PLAN_FIELDS]
        for line in content["lines"]:
            yield [*head, line["name"], line["description"], line["frequency"], last_day(line["committed"])]
        return
    yield [name.format(year=content["year"]) for name in PNDA]
    for line in content["lines"]:
        resources: list[dict[str, str]] = line["resources"] or [{}]
        for resource in resources:
            yield [
                line["name"], line["description"], resource.get("name") or line["name"], resource.get("about") or line["description"],
                resource.get("responsible") or line["responsible"], frequencies.get(line["frequency"], line["frequency"]),
                line["committed"], line["audience"], line["importance"], line["format"], line["legal_basis"], line["notes"],
            ]  # fmt: skip


@dataclass(frozen=True, kw_only=True)
class Promise:
    """A dataset that a published plan promises: for a month, or a day of it."""

    title: str
    committed: str

    @property
    def month(self) -> str:
        """As `2027-03`."""
        return self.committed[:7]


def promises_of(rows: Sequence[Sequence[str]]) -> Iterator[Promise]:
    """Each dataset of a published table (`PNDA`) once, with its promised month or day; what has neither is passed over."""
    seen: set[str] = set()
    for row in rows[1:]:
        title, committed = unguarded(row[0]), row[PNDA_DATE] if len(row) > PNDA_DATE else ""
        if title and title not in seen and _MONTH_OR_DAY.fullmatch(committed):
            seen.add(title)
            yield Promise(title=title, committed=committed)
