"""Validators of the schemas: CKAN's side of the rules in `domain/`."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from ckan import model
from ckan.lib import munge
from ckan.plugins import toolkit as tk
from ckanext.scheming.validation import scheming_validator

from ckanext.edomex.adapters.groups import agency_of, chain_above, extra_of
from ckanext.edomex.adapters.vocabularies import choices, formats
from ckanext.edomex.domain import days, places, texts
from ckanext.edomex.domain.texts import plain

Key = tuple[Any, ...]
Flat = dict[Key, Any]
Errors = dict[Key, list[str]]
Validator = Callable[..., Any]
#: A field, or a schema, as its YAML says it.
Field = dict[str, Any]

#: More than this in one list is no description any more.
MOST_PLACES = 125
MOST_RELATED = 50
#: Names in a sentence that says what there is to choose from.
SOME = 8
#: Characters of a format that no vocabulary knows.
LONGEST_FORMAT = 100
#: Fields of the schema that are rows of fields.
REPEATED = frozenset({"documentation", "dictionary"})


def edomex_close_ranks(key: Key, data: Flat, errors: Errors, context: Any) -> None:
    """Drop rows of repeated fields that were left empty, and number the rest anew: a form always has some to spare."""
    rows: dict[Key, dict[Any, Flat]] = {}
    for flat in [flat for flat in data if REPEATED.intersection(flat[:-2])]:
        *place, number, name = flat
        rows.setdefault(tuple(place), {}).setdefault(number, {})[name] = data.pop(flat)
    for place, numbered in rows.items():
        kept = [row for _, row in sorted(numbered.items()) if any(value not in (None, "", tk.missing) for value in row.values())]
        for number, row in enumerate(kept):
            data.update({(*place, number, name): value for name, value in row.items()})


@scheming_validator
def edomex_text(field: Field, _schema: Field) -> Validator:
    """A text in one form; one that is longer than the field's `longest`, or hides something, is refused."""
    longest: int = field["longest"]

    def validate(value: Any) -> Any:
        if not isinstance(value, str):
            return value
        text = texts.cleaned(value)
        if fault := texts.fault_of(text, longest):
            raise tk.Invalid(fault)
        return text

    return validate


def edomex_day(value: Any) -> Any:
    """A day, month or year, however it is written; kept as ISO 8601."""
    try:
        return days.parsed(value.isoformat() if hasattr(value, "isoformat") else str(value))
    except days.DayError as error:
        raise tk.Invalid(str(error)) from None


def edomex_not_before(other: str) -> Validator:
    """A day that does not come before that of another field."""

    def validate(key: Key, data: Flat, errors: Errors, context: Any) -> None:
        both = data.get((*key[:-1], other)), data.get(key)
        if tk.missing in both or not all(both):
            return
        try:
            # Fields are looked at in the order of their names: the other one may still be as it was written.
            start, end = (edomex_day(each) for each in both)
        except tk.Invalid:
            return
        if days.last_day(end) < days.first_day(start):
            errors[key].append(f"Termina ({end}) antes de empezar ({start}); revise las dos fechas.")

    return validate


@scheming_validator
def edomex_code(field: Field, _schema: Field) -> Validator:
    """A code of the field's `vocabulary`, or of its own `choices`, or its label."""
    known = choices(field["vocabulary"]) if "vocabulary" in field else {each["value"]: each["label"] for each in field["choices"]}

    def validate(value: Any) -> Any:
        if not value:
            return value
        if code := _code_of(value, known):
            return code
        raise tk.Invalid(f"«{str(value)[:60]}» no está en la lista; elija uno de: {_some(known.values())}.")

    return validate


def edomex_list(key: Key, data: Flat, errors: Errors, context: Any) -> None:
    """Several values, sent as a list, as one, or one per line; kept as JSON, without repetitions."""
    value = data.get(key)
    if value is tk.missing or value in (None, "", []):
        del data[key]
        raise tk.StopOnError
    if isinstance(value, str):
        value = _loaded(value)
    if not isinstance(value, list) or not all(isinstance(each, str) for each in value):
        errors[key].append("Envíe una lista de textos.")
        raise tk.StopOnError
    kept = list(dict.fromkeys(filter(None, (each.strip() for each in value))))
    if not kept:
        del data[key]
        raise tk.StopOnError
    data[key] = json.dumps(kept, ensure_ascii=False)


def edomex_places(value: Any) -> Any:
    """Each is the key of the state, of one of its municipalities or localities; the name of a municipality will do."""
    found = json.loads(value)
    if len(found) > MOST_PLACES:
        raise tk.Invalid(f"Son más lugares ({len(found)}) que municipios hay; elija todo el estado.")
    keys = list(dict.fromkeys(_key_of_place(each) for each in found))
    return json.dumps(keys)


def edomex_bbox(value: str) -> str:
    """Four degrees."""
    return _place(places.rectangle, value)


def edomex_geometry(value: Any) -> str:
    """A GeoJSON geometry, as text or as an object."""
    return _place(places.geometry, value if isinstance(value, str) else json.dumps(value))


def edomex_address(value: str) -> str:
    """An http or https address."""
    text = texts.cleaned(value)
    if not texts.is_address(text):
        raise tk.Invalid("Escriba una dirección completa, como https://dependencia.example.org/pagina.")
    return text


def edomex_institutional(value: str) -> str:
    """A mailbox of an office."""
    if value and texts.is_personal_mailbox(value):
        raise tk.Invalid("Ese buzón es de un servicio para personas; escriba el institucional de la unidad.")
    return value


def edomex_related(value: Any) -> Any:
    """Names of datasets or addresses, a few."""
    found = json.loads(value)
    if len(found) > MOST_RELATED:
        raise tk.Invalid(f"Caben {MOST_RELATED} conjuntos relacionados; elija los más cercanos.")
    for each in found:
        if not (texts.is_address(each) or munge.munge_name(each) == each):
            raise tk.Invalid(f"«{each[:60]}» no es un identificador ni una dirección.")
    return value


def edomex_link(key: Key, data: Flat, errors: Errors, context: Any) -> None:
    """Where a file is to be had: an address, unless the portal keeps it."""
    value = data.get(key)
    if not value or value is tk.missing or data.get((*key[:-1], "url_type")) not in (None, "", tk.missing):
        return
    # Addresses of files are copied with the spaces of their names.
    data[key] = texts.cleaned(str(value)).replace(" ", "%20")
    if not texts.is_link(data[key]):
        errors[key].append("Escriba la dirección completa del archivo, como https://dependencia.example.org/tabla.csv.")


def edomex_format(value: Any) -> Any:
    """The format's own name, where the vocabulary knows it by another."""
    text = texts.cleaned(str(value or ""))
    if fault := texts.fault_of(text, LONGEST_FORMAT):
        raise tk.Invalid(fault)
    return formats().get(text.lstrip(".").upper()) or text


def edomex_from_agency(field: str) -> Validator:
    """What the dataset's agency says on its page, for a new dataset that says nothing."""

    def fill(key: Key, data: Flat, errors: Errors, context: Any) -> None:
        if data.get(key) in (tk.missing, None) and not _exists(context):
            data[key] = _of_agency(data, field) or data.get(key)

    return fill


def edomex_default_places(key: Key, data: Flat, errors: Errors, context: Any) -> None:
    """A new dataset of a municipality is about it, if it does not say otherwise."""
    if data.get(key) in (tk.missing, None) and not _exists(context):
        cvegeo = _of_agency(data, "cvegeo")
        data[key] = [cvegeo] if cvegeo else data.get(key)


def edomex_only_for(other: str, wanted: str) -> Validator:
    """A field that makes sense with one value of another."""

    def validate(key: Key, data: Flat, errors: Errors, context: Any) -> None:
        known = choices("tipos-de-organizacion")
        # The other field may still be its label: fields are looked at in the order of their names.
        if data.get(key) not in (tk.missing, None, "") and _code_of(data.get((*key[:-1], other)), known) != wanted:
            errors[key].append(f"Solo tiene sentido si el tipo es {known.get(wanted, wanted)}.")

    return validate


def _code_of(value: Any, known: Mapping[str, str]) -> str | None:
    """The code that a code or a label means."""
    if isinstance(value, str) and value in known:
        return value
    wanted = plain(str(value))
    return next((code for code, label in known.items() if wanted in {plain(label), plain(code)}), None)


def edomex_parent(key: Key, data: Flat, errors: Errors, context: Any) -> None:
    """Another agency, by its name or id; never one that belongs to this one."""
    value = data.get(key)
    if not value or value is tk.missing:
        return
    parent, itself = agency_of(str(value)), context.get("group")
    if parent is None:
        errors[key].append(f"No existe la dependencia «{str(value)[:60]}».")
    elif itself is not None and itself.id in {parent.id, *(each.id for each in chain_above(parent))}:
        errors[key].append(f"«{parent.title or parent.name}» es esta misma dependencia o depende de ella; elija otra.")
    else:
        data[key] = parent.id


def _key_of_place(text: str) -> str:
    """The key that a key, a name, or a part of only one name means."""
    municipalities = choices("municipios-edomex")
    if places.name_of(text, municipalities):
        return text
    wanted = plain(text)
    named = {plain(name): key for key, name in municipalities.items()} | {plain(places.STATE_NAME): places.STATE}
    if wanted in named:
        return named[wanted]
    near = [key for name, key in named.items() if wanted in name] if wanted else []
    if len(near) == 1:
        return near[0]
    if near:
        raise tk.Invalid(f"«{text[:60]}» puede ser {_some(municipalities.get(key, places.STATE_NAME) for key in near)}; escriba uno.")
    raise tk.Invalid(f"«{text[:60]}» no es un municipio ni una clave del INEGI en el estado: 15 es todo el estado, 15106 es Toluca.")


def _exists(context: Any) -> bool:
    """Whether the dataset is changed, not made; a new one may come with its own id."""
    return context.get("package") is not None


def _of_agency(data: Flat, field: str) -> str | None:
    agency = model.Group.get(data.get(("owner_org",)) or "")
    return extra_of(agency, field) if agency else None


def _loaded(text: str) -> Any:
    if text.lstrip().startswith("["):
        try:
            return json.loads(text)
        except (ValueError, RecursionError):
            return None
    return text.splitlines()


def _place(rule: Callable[[str], str], value: str) -> str:
    try:
        return rule(value)
    except places.PlaceError as error:
        raise tk.Invalid(str(error)) from None


def _some(known: Iterable[str]) -> str:
    listed = list(known)
    return ", ".join(listed[:SOME]) + (" …" if len(listed) > SOME else "")
