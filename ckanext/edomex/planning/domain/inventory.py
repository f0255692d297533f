"""What a row of the inventory holds, and what has to be true of it. A row is plain data: field → value."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType
from typing import Any, cast

from ckanext.edomex.domain.texts import plain
from ckanext.edomex.planning.domain import fields
from ckanext.edomex.planning.domain.fields import Reader, WrongError

Values = dict[str, Any]


class Decision(StrEnum):
    """What an agency has decided on what it holds."""

    UNDECIDED = "por_decidir"
    OPEN = "abrir"
    OPEN_IN_PART = "abrir_en_parte"
    CLOSED = "no_abrir"


DECISIONS: Mapping[str, str] = MappingProxyType({
    Decision.UNDECIDED: "Por decidir",
    Decision.OPEN: "Se abre",
    Decision.OPEN_IN_PART: "Se abre sin los datos protegidos",
    Decision.CLOSED: "No se abre",
})
_NEEDED: Mapping[str, str] = MappingProxyType({
    "name": "Falta el nombre del conjunto.",
    "responsible": "Falta el área o el cargo responsable; nunca el nombre de una persona.",
})
#: Decisions by which a row goes into an opening plan.
TO_OPEN = frozenset({Decision.OPEN, Decision.OPEN_IN_PART})
#: As long as a dataset's title and unit may be: a row becomes one.
LONGEST_NAME = 200
#: Resources of one row: more is another row.
MOST_RESOURCES = 200
RESOURCE_FIELDS: Mapping[str, tuple[str, Reader]] = MappingProxyType({
    "name": ("Nombre del recurso", fields.text(300, needed="Falta el nombre del recurso.")),
    "about": ("Qué es", fields.text(5000)),
    "system": ("Dónde se alberga", fields.text(300)),
    "responsible": ("Área que lo genera", fields.text(300)),
})  # fmt: skip
#: What a resource says of its own only where it differs from its row.
INHERITED = ("system", "responsible")


@dataclass(frozen=True, kw_only=True)
class Field:
    """A field of the row: what people call it, how it is read, what stands there where nothing was said."""

    label: str
    read: Reader
    blank: Callable[[], Any] = str


def fields_of(frequencies: Mapping[str, str]) -> Mapping[str, Field]:
    """The fields, in the order of the form.

    Args:
        frequencies: code → label of the vocabulary of frequencies.
    """
    ground = fields.text(2000)
    return {
        "name": Field(label="Nombre del conjunto", read=fields.text(LONGEST_NAME, needed=_NEEDED["name"])),
        "description": Field(label="Descripción", read=fields.text(5000)),
        "responsible": Field(
            label="Responsable", read=fields.text(LONGEST_NAME, needed=_NEEDED["responsible"])
        ),
        "system": Field(label="Sistema o plataforma donde se alberga", read=fields.text(300)),
        "personal": Field(label="Tiene datos personales", read=fields.yes_no, blank=bool),
        "personal_ground": Field(label="Fundamento de los datos personales", read=ground),
        "reserved": Field(label="Tiene información reservada", read=fields.yes_no, blank=bool),
        "reserved_ground": Field(label="Fundamento de la reserva", read=ground),
        "expected": Field(label="Fecha estimada de publicación", read=fields.month_or_day),
        "frequency": Field(label="Frecuencia de actualización", read=fields.frequency(frequencies)),
        "decision": Field(label="Decisión", read=decision, blank=lambda: Decision.UNDECIDED.value),
        "resources": Field(label="Recursos", read=resources, blank=list),
    }  # fmt: skip


_decision = fields.code_of(DECISIONS)


def decision(value: Any) -> str:
    """A decision by its code or its words; none is «por decidir»."""
    return _decision(value) or Decision.UNDECIDED


def resources(value: Any) -> list[dict[str, str]]:
    """The list of resources; those of which nothing is said are left out.

    Raises:
        WrongError: no list, too many, one without a name or two with the same.
    """
    if not isinstance(value, list):
        raise WrongError("Los recursos deben ser una lista.")
    given = cast("list[Any]", value)
    if len(given) > MOST_RESOURCES:
        raise WrongError(f"Tiene {len(given)} recursos; caben {MOST_RESOURCES}. Sepárelos en dos conjuntos.")
    found: list[dict[str, str]] = []
    for number, one in enumerate(given, start=1):
        said: Mapping[str, Any] = cast("Mapping[str, Any]", one) if isinstance(one, Mapping) else {}
        if any(str(said.get(name) or "").strip() for name in RESOURCE_FIELDS):
            found.append(_resource(said, number))
    names = [plain(each["name"]) for each in found]
    twice = next((each["name"] for at, each in enumerate(found) if plain(each["name"]) in names[:at]), None)
    if twice:
        raise WrongError(f"El recurso «{twice}» está dos veces; deje uno o cámbiele el nombre.")
    return found


def _resource(said: Mapping[str, Any], number: int) -> dict[str, str]:
    read: dict[str, str] = {}
    for name, (label, reader) in RESOURCE_FIELDS.items():
        try:
            read[name] = reader(said.get(name))
        except WrongError as error:
            raise WrongError(f"Recurso {number}, {label.lower()}: {error}") from None
    return read


def read(given: Mapping[str, Any], known: Mapping[str, Field]) -> tuple[Values, dict[str, str]]:
    """What was given, in one form, and what is wrong with it by field; unknown keys are passed over."""
    values: Values = {}
    errors: dict[str, str] = {}
    for name, field in known.items():
        if name in given:
            try:
                values[name] = field.read(given[name])
            except WrongError as error:
                errors[name] = str(error)
    return values, errors


def blank(known: Mapping[str, Field]) -> Values:
    """A row of which nothing has been said."""
    return {name: field.blank() for name, field in known.items()}


def faults(values: Mapping[str, Any]) -> dict[str, str]:
    """What cannot be true of a whole row, by the field that has to change."""
    found: dict[str, str] = {}
    for name, message in _NEEDED.items():
        if not values[name]:
            found[name] = message
    for kind, said in (("personal", "datos personales"), ("reserved", "información reservada")):
        if values[kind] and not values[f"{kind}_ground"]:
            found[f"{kind}_ground"] = f"Tiene {said}: escriba el fundamento legal (ley, artículo y fracción)."
    guarded = values["personal"] or values["reserved"]
    if values["decision"] == Decision.OPEN and guarded:
        found["decision"] = f"Tiene datos protegidos: elija «{DECISIONS[Decision.OPEN_IN_PART]}» o «{DECISIONS[Decision.CLOSED]}»."
    if values["decision"] == Decision.CLOSED and not guarded:
        found["decision"] = "Para no abrirlo debe tener datos personales o información reservada, con su fundamento."
    if values["decision"] in TO_OPEN and not values["expected"]:
        found["expected"] = "Se va a abrir: escriba la fecha estimada de publicación."
    return found


def settled(values: Mapping[str, Any]) -> Values:
    """A row in its one form: grounds only where they ground something, and of a resource only what is not its row's."""
    found = dict(values)
    for kind in ("personal", "reserved"):
        if not found[kind]:
            found[f"{kind}_ground"] = ""
    listed = [dict(each) for each in cast("Sequence[Mapping[str, str]]", found["resources"])]
    for name in INHERITED:
        # What the first resource says is the row's own, where the row says nothing.
        found[name] = found[name] or (listed[0].get(name) or "" if listed else "")
        said = {each.get(name) or found[name] for each in listed}
        if len(said) == 1:
            found[name] = said.pop()
        for each in listed:
            each[name] = "" if each.get(name) == found[name] else each.get(name) or ""
    found["resources"] = listed
    return found


def key_of(name: str) -> str:
    """How two names of one agency are compared: without case, accents or doubled spaces."""
    return plain(name)


def changes(before: Mapping[str, Any], after: Mapping[str, Any], names: Iterable[str]) -> dict[str, list[Any]]:
    """Field → what it was and what it is, of those that differ."""
    return {name: [before.get(name), after.get(name)] for name in names if before.get(name) != after.get(name)}
