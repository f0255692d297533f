"""What a schema's YAML says of its fields: which a table or another portal may fill in, which hold codes of a vocabulary."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from ckanext.edomex.domain.vocabularies import SPECS

Field = Mapping[str, Any]
#: Fields of the form alone: themes and keywords are sent as CKAN's own lists.
FORM_ONLY = frozenset({"theme", "tag_string"})


@dataclass(frozen=True, kw_only=True)
class Coded:
    """A field whose values are codes of a vocabulary; those of one subfield, where it has rows."""

    name: str
    vocabulary: str
    subfield: str = ""


def fillable(schema: Mapping[str, Any]) -> tuple[list[str], list[str]]:
    """Names of a dataset schema's fields, of a dataset and of a resource, that a table or another portal may fill in."""
    of_dataset, of_resource = ([str(each["field_name"]) for each in schema[part]] for part in ("dataset_fields", "resource_fields"))
    return [*(name for name in of_dataset if name not in FORM_ONLY), "groups"], of_resource


def coded(fields: Iterable[Field]) -> Iterator[Coded]:
    """The fields and subfields that take nothing but codes of a vocabulary."""
    for each in fields:
        name = str(each["field_name"])
        if _is_closed(each):
            yield Coded(name=name, vocabulary=each["vocabulary"])
        for subfield in each.get("repeating_subfields", ()):
            if _is_closed(subfield):
                yield Coded(name=name, vocabulary=subfield["vocabulary"], subfield=str(subfield["field_name"]))


def _is_closed(field: Field) -> bool:
    return "vocabulary" in field and not SPECS[field["vocabulary"]].is_open
