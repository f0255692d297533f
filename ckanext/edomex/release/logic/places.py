"""Places of a dataset that an observation may be in: which there are, and what people call them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NamedTuple

from ckan.plugins import toolkit as tk

from ckanext.edomex.adapters import tables
from ckanext.edomex.release.domain.content import RESOURCES
from ckanext.edomex.release.domain.errors import FieldError
from ckanext.edomex.release.domain.observations import Anchor, Fields, Place, check_place
from ckanext.edomex.release.model import Observation

Labels = Mapping[str, str]


class Words(NamedTuple):
    """What fields and resources are called, each in the order in which the dataset has them."""

    fields: Labels
    resource_fields: Labels
    resources: Labels
    #: Ids of those that are in it now.
    present: frozenset[str]


def schema_labels() -> tuple[Labels, Labels]:
    """Names and labels of the fields of a dataset, and of its files and links, as the form has them."""
    schema = tk.h.scheming_get_dataset_schema("dataset")
    found = [
        {each["field_name"]: str(each.get("label") or each["field_name"]) for each in schema[part] if _is_filled_in(each)}
        for part in ("dataset_fields", "resource_fields")
    ]
    return found[0], found[1]


def _is_filled_in(field: Mapping[str, Any]) -> bool:
    return field.get("form_snippet", "") is not None


def check(place: Place, content: Sequence[Any]) -> None:
    """FieldError where the place is not in what was sent, or beyond the end of its table."""
    fields, resource_fields = schema_labels()
    check_place(place, content, Fields(dataset=fields, resource=resource_fields))
    if place.row is not None and place.resource_id is not None and tables.has_row(place.resource_id, place.row) is False:
        raise FieldError("row", "El archivo no tiene tantas filas; escriba el número de una que exista.")


def words(contents: Iterable[Sequence[Any]]) -> Words:
    """What the places are called, from the contents that were sent, the newest last: what is gone keeps its last name."""
    fields, resource_fields = schema_labels()
    names: dict[str, str] = {}
    current: list[Mapping[str, Any]] = []
    for content in contents:
        current = content[RESOURCES] or []
        names |= {each["id"]: each.get("name") or str(each.get("url") or "").rsplit("/", 1)[-1] or "sin título" for each in current}
    order = [each["id"] for each in current]
    ordered = {resource_id: names[resource_id] for resource_id in [*order, *(each for each in names if each not in set(order))]}
    return Words(fields, resource_fields, ordered, frozenset(order))


def spoken(observation: Observation, known: Words) -> str:
    """«Campo «Descripción»», «Archivo «Pozos», fila 3, columna «clave»»."""
    if observation.anchor == Anchor.DATASET:
        return "Todo el conjunto"
    parts: list[str] = []
    if observation.resource_id:
        parts.append(f"Archivo «{known.resources.get(observation.resource_id, 'sin título')}»")
    if observation.field:
        labels = known.resource_fields if observation.resource_id else known.fields
        parts.append(f"campo «{labels.get(observation.field, observation.field)}»")
    if observation.row_number:
        parts.append(f"fila {observation.row_number}")
    if observation.column_name:
        parts.append(f"columna «{observation.column_name}»")
    sentence = ", ".join(parts)
    return sentence[:1].upper() + sentence[1:]


def order(observation: Observation, known: Words) -> tuple[int, int, int, int]:
    """Where an observation comes in the list: as one reads the dataset from its top."""
    fields, resources = list(known.fields), list(known.resources)
    if observation.anchor == Anchor.DATASET:
        return (0, 0, 0, observation.number)
    if observation.resource_id is None:
        place = fields.index(str(observation.field)) if observation.field in known.fields else len(fields)
        return (1, place, 0, observation.number)
    place = resources.index(observation.resource_id) if observation.resource_id in known.resources else len(resources)
    return (2, place, observation.row_number or 0, observation.number)
