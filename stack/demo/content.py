"""From the specification of one resource to its rows and its bytes."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from .census import TABLES
from .places import LIMITS
from .registries import build_registry
from .tables import build_table
from .writing import Row, as_csv, as_points

ROWS: dict[str, Callable[[Mapping[str, Any], str, str], list[Row]]] = {
    "census": lambda spec, _dataset, _file: TABLES[spec["table"]](),
    "table": build_table,
    "registry": build_registry,
}

WRITERS: dict[str, Callable[[Sequence[Row]], bytes]] = {"CSV": as_csv, "GeoJSON": as_points}


def render(spec: Mapping[str, Any], dataset: str) -> bytes:
    """The bytes of the file that *spec* describes; a file that is ``same_as`` another holds the same rows."""
    if spec["shape"] == "limits":
        return LIMITS.read_bytes()
    rows = ROWS[spec["shape"]](spec, dataset, spec.get("same_as", spec["filename"]))
    return WRITERS[spec["format"]](rows)


def _filled(value: Any, words: Mapping[str, Any]) -> Any:
    """The same specification with each ``{word}`` filled in wherever it stands."""
    if isinstance(value, str):
        for word, text in words.items():
            value = value.replace(f"{{{word}}}", str(text))
        return value
    if isinstance(value, list):
        return [_filled(item, words) for item in value]
    if isinstance(value, dict):
        return {name: _filled(item, words) for name, item in value.items()}
    return value


def expand(resources: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """The specifications in full: one for each set of words in ``each``, a ``same_as`` completed from its sibling."""
    full: dict[str, dict[str, Any]] = {}
    for raw in resources:
        spec = {**full.get(raw.get("same_as", ""), {}), **raw}
        for words in spec.pop("each", [{}]):
            one = _filled(spec, words)
            full[one["filename"]] = one
    return list(full.values())
