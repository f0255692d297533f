"""What is asked of a dataset, and from when on: one list, which the schema's YAML holds and this compares with a dataset."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any


class Stage(StrEnum):
    """How far a dataset has to be described. Those before `documentation` are rows of an inventory, not datasets."""

    DOCUMENTATION = "documentation"
    READY = "ready"
    PUBLISHED = "published"


@dataclass(frozen=True, kw_only=True)
class Asked:
    """A field of the schema that is asked from a stage on."""

    name: str
    label: str
    stage: Stage
    #: Where the dataset has it, if not at its own name.
    reads: str
    #: Who fills it if nobody does: `agency`, `portal`, `system`; empty where a person has to.
    filled_by: str = ""
    #: A condition of `CONDITIONS`, or empty.
    asked_if: str = ""


@dataclass(frozen=True, kw_only=True)
class Gap:
    """What is missing or wrong: the field, `resources-N-name` for one of a file, and a sentence."""

    field: str
    message: str

    def as_dict(self) -> dict[str, str]:
        """As the action shows it."""
        return {"field": self.field, "message": self.message}


def asked(fields: Iterable[Mapping[str, Any]]) -> list[Asked]:
    """The fields of a schema that are asked at some stage."""
    return [
        Asked(
            name=field["field_name"], label=field["label"], stage=Stage(field["stage"]), reads=field.get("reads", field["field_name"]),
            filled_by=field.get("filled_by", ""), asked_if=field.get("asked_if", ""),
        )
        for field in fields
        if "stage" in field
    ]  # fmt: skip


def missing(dataset: Mapping[str, Any], of_dataset: Sequence[Asked], of_resource: Sequence[Asked], stage: Stage) -> list[Gap]:
    """What a dataset still lacks at a stage, in the order of the form.

    Args:
        dataset: as `package_show` gives it; `needs_ground` says that its access level wants a reason.
        of_dataset: fields asked of it.
        of_resource: fields asked of each of its files and links.
        stage: how far it should be.
    """
    due = [each for each in _due(of_dataset, stage) if _lacks(dataset, each)]
    found = [Gap(field=each.name, message=f"Falta: {each.label.lower()}.") for each in due]
    if stage == Stage.DOCUMENTATION:
        return found
    resources: list[Mapping[str, Any]] = dataset.get("resources") or []
    if not any(resource.get("role") != "documento" for resource in resources):
        found.append(Gap(field="resources", message="Falta al menos un archivo o enlace con los datos."))
    for number, resource in enumerate(resources):
        found += [
            Gap(field=f"resources-{number}-{each.name}", message=f"Falta: {each.label.lower()}, en el recurso {number + 1}.")
            for each in _due(of_resource, stage)
            if _lacks(resource, each)
        ]
    return found


def is_empty(value: Any) -> bool:
    """Whether a value says nothing. `False` and zero say something."""
    return value is None or (isinstance(value, str) and not value.strip()) or value in ([], {})


def _due(fields: Sequence[Asked], stage: Stage) -> Iterable[Asked]:
    order = list(Stage)
    return (each for each in fields if order.index(each.stage) <= order.index(stage))


def _lacks(thing: Mapping[str, Any], each: Asked) -> bool:
    return is_empty(thing.get(each.reads)) and (not each.asked_if or bool(thing.get(each.asked_if)))
