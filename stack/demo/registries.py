"""Invented registries with a row for each thing or event: facilities, works, reports."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from functools import lru_cache
from typing import Any

from .chance import Chance, rounded
from .places import draw_locality, draw_point
from .writing import Row


@dataclass(frozen=True)
class Field:
    """One or more columns of a registry; which of the options count depends on the kind."""

    kind: str
    column: str = ""
    pattern: str = ""
    """For ``serial``: the text, with ``{n}`` and the columns before it."""
    values: Sequence[str | int] = ()
    weights: Sequence[float] = ()
    detail: str = "municipality"
    """For ``place``: down to the ``municipality``, the ``locality`` or a ``point``."""
    low: float = 0
    high: float = 1
    decimals: int = 0
    skew: int = 1
    of: str = ""
    """For ``part`` and ``later``: the column to which it relates."""
    first: str = ""
    last: str = ""


@dataclass(frozen=True)
class Turn:
    """What a field may know of the row it adds to: its number among how many, and what stands there already."""

    n: int
    count: int
    seed: str
    within: str
    row: Row


def _serial(field: Field, turn: Turn, _chance: Chance) -> Row:
    return {field.column: field.pattern.format(n=turn.n, **turn.row)}


def _choice(field: Field, _turn: Turn, chance: Chance) -> Row:
    return {field.column: chance.pick(field.values, field.weights)}


def _number(field: Field, _turn: Turn, chance: Chance) -> Row:
    return {field.column: chance.number(field.low, field.high, field.decimals, field.skew)}


def _part(field: Field, turn: Turn, chance: Chance) -> Row:
    share = chance.uniform(field.low, field.high)
    return {field.column: rounded(float(turn.row[field.of]) * share, field.decimals)}


def _place(field: Field, turn: Turn, chance: Chance) -> Row:
    locality = draw_locality(chance, turn.within)
    cells: Row = {"cvegeo": locality.municipality.cvegeo, "municipio": locality.municipality.name}
    if field.detail != "municipality":
        cells |= {"cvegeo_localidad": locality.cvegeo, "localidad": locality.name}
    if field.detail == "point":
        cells["longitud"], cells["latitud"] = draw_point(chance, locality)
    return cells


def _date(field: Field, _turn: Turn, chance: Chance) -> Row:
    first, last = date.fromisoformat(field.first), date.fromisoformat(field.last)
    return {field.column: (first + timedelta(days=int(chance.number(0, (last - first).days)))).isoformat()}


@lru_cache(maxsize=8)
def _rising(seed: str, count: int) -> tuple[float, ...]:
    chance = Chance(seed)
    return tuple(sorted(chance.uniform(0, 1) for _ in range(count)))


def _rising_date(field: Field, turn: Turn, _chance: Chance) -> Row:
    """Dates that never go back from row to row: for events numbered as they come."""
    first, last = date.fromisoformat(field.first), date.fromisoformat(field.last)
    elapsed = _rising(f"{turn.seed}/{field.column}", turn.count)[turn.n - 1]
    return {field.column: (first + timedelta(days=int(elapsed * ((last - first).days + 1)))).isoformat()}


def _later(field: Field, turn: Turn, chance: Chance) -> Row:
    start = date.fromisoformat(str(turn.row[field.of]))
    return {field.column: (start + timedelta(days=int(chance.number(field.low, field.high)))).isoformat()}


FIELDS: dict[str, Callable[[Field, Turn, Chance], Row]] = {
    "serial": _serial,
    "choice": _choice,
    "number": _number,
    "part": _part,
    "place": _place,
    "date": _date,
    "rising_date": _rising_date,
    "later": _later,
}


def build_registry(spec: Mapping[str, Any], dataset: str, file: str) -> list[Row]:
    """The ``count`` rows that *spec* describes, its ``fields`` filled from left to right, all ``within`` a place."""
    fields = [Field(**field) for field in spec["fields"]]
    seed = f"{dataset}/{file}"
    chance = Chance(seed)
    rows: list[Row] = []
    for n in range(1, spec["count"] + 1):
        turn = Turn(n, spec["count"], seed, spec.get("within", "15"), {})
        for field in fields:
            turn.row.update(FIELDS[field.kind](field, turn, chance))
        rows.append(turn.row)
    return rows
