"""How many of anything a description may have, and what must be rows: anything else is a mistake, or an attack."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from types import MappingProxyType
from typing import Any, cast

#: List of a dataset → most items, and what people call them.
MOST: Mapping[str, tuple[int, str]] = MappingProxyType({
    "tags": (50, "palabras clave"),
    "resources": (500, "archivos o enlaces"),
    "groups": (22, "temas"),
    "extras": (100, "datos adicionales"),
    "documentation": (50, "documentos"),
})
#: Columns of a data dictionary.
MOST_COLUMNS = 2000


def exceeded(dataset: Mapping[str, Any]) -> dict[str, list[str]]:
    """Lists of a dataset that are too long, or are none, with a sentence for each.

    Args:
        dataset: as it is sent to `package_create`; nothing of it has been looked at yet.
    """
    found: dict[str, list[str]] = {}
    for name, (most, called) in MOST.items():
        count = _count(dataset.get(name))
        if name == "tags":
            count = max(count, str(dataset.get("tag_string") or "").count(",") + 1)
        if count > most:
            found[name] = [f"Tiene {count} {called}; caben {most}."]
    if not _are_rows(dataset.get("documentation")):
        found["documentation"] = ["Envíe una lista de documentos, cada uno con title y url."]
    dictionaries = list(_dictionaries(dataset.get("resources")))
    if "resources" not in found and not all(map(_are_rows, dictionaries)):
        found["resources"] = ["Envíe cada diccionario como una lista de columnas, cada una con name, type y meaning."]
    if "resources" not in found and any(_count(columns) > MOST_COLUMNS for columns in dictionaries):
        found["resources"] = [f"Un diccionario tiene más de {MOST_COLUMNS} columnas."]
    return found


def _are_rows(value: Any) -> bool:
    """Whether it is nothing, or rows of fields; CKAN's validation ends in an error of its own for anything else."""
    rows = cast("list[Any]", value) if isinstance(value, list) else []
    return not value or (bool(rows) and all(isinstance(each, dict) for each in rows))


def _dictionaries(resources: Any) -> Iterator[Any]:
    if isinstance(resources, list):
        for resource in cast("list[Any]", resources):
            if isinstance(resource, dict):
                yield cast("dict[str, Any]", resource).get("dictionary")


def _count(value: Any) -> int:
    return len(cast("list[Any]", value)) if isinstance(value, list) else 0
